import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { authnProbeCases } from '@pactgate/protocol';
import { type Issued, TestAuthority } from '../../gateway/testing/certificates.ts';
import { type AuthnCase, probeAuthn } from './authn.ts';
import { mqttDoor } from './doors.ts';
import type { Guise } from './est.ts';
import type { Credentials } from './material.ts';
import { type Holes, type Known, openHoley, serialOf, spkiOf } from './testing/listener.ts';

const shown = ({ cert, key }: Issued): Credentials => ({ cert, key, spki: spkiOf(cert), notAfter: 0 });
const guise = (device: string, issued: Issued): Guise => ({ device, credentials: shown(issued) });

/** Runs the kit against a listener with these holes. */
async function probe(holes: Holes): ReturnType<typeof probeAuthn> {
  const [authority, other] = [await TestAuthority.create(), await TestAuthority.create('stranger')];
  const [good, doomed, cloned] = [
    await authority.device('good'),
    await authority.device('doomed'),
    await authority.device('clone'),
  ];
  const expired = await authority.device('expired', Date.now() - 60_000);
  const handedOut = [good, doomed, expired];
  const known: Known = {
    keys: new Map(handedOut.map(({ cert }) => [spkiOf(cert), 'live'])),
    serials: new Set(handedOut.map(({ cert }) => serialOf(cert))),
  };
  const listener = await openHoley(await authority.server(), authority.root, known, holes);
  const place = { host: '127.0.0.1', port: listener.port, roots: [authority.root] };
  try {
    return await probeAuthn(
      [mqttDoor('mqtts', place)],
      {
        good: guise('good', good),
        doomed: guise('doomed', doomed),
        expired: guise('expired', expired),
        stranger: shown(await other.device('good')),
        cloned: shown(cloned),
        revoke: async () => void known.keys.set(spkiOf(doomed.cert), 'revoked'),
        rejections: () => Promise.resolve(listener.rejections),
        pause: () => sleep(2),
      },
      'test',
    );
  } finally {
    listener.close();
  }
}

test('A3.1.1 probes: a sound listener refuses and logs every case, and lets the good one in', async () => {
  const [body] = await probe({});
  assert.equal(body?.positive, true);
  assert.deepEqual(
    body.cases.map(({ case: name, refused, logged }) => [name, refused, logged]),
    authnProbeCases.map((name) => [name, true, true]),
  );
  assert.match(body.cases.at(-1)?.response ?? '', /resumed/, 'the resumption was one');
});

const planted: readonly { readonly holes: Holes; readonly cases: readonly AuthnCase[] }[] = [
  { holes: { anonymous: true }, cases: ['no-certificate'] },
  { holes: { anybody: true }, cases: ['wrong-ca'] },
  { holes: { expired: true }, cases: ['expired'] },
  { holes: { revoked: true }, cases: ['revoked', 'resumed-after-revocation'] },
  { holes: { cloned: true }, cases: ['cloned-key'] },
  { holes: { resumed: true }, cases: ['resumed-after-revocation'] },
];
for (const { holes, cases } of planted) {
  test(`A3.1.1 probes: a listener with the hole ${Object.keys(holes).join()} is found`, async () => {
    const [body] = await probe(holes);
    assert.deepEqual(
      body?.cases.filter(({ refused }) => !refused).map((one) => one.case),
      cases,
    );
    assert.ok(
      body.cases.every(({ refused, logged }) => refused === logged),
      'what was let in left no refusal',
    );
  });
}

test('A3.1.1 probes: refusals without a trace, and a listener that refuses everybody', async () => {
  const [silent] = await probe({ silent: true });
  assert.deepEqual(
    silent?.cases.map(({ refused, logged }) => [refused, logged]),
    authnProbeCases.map(() => [true, false]),
  );
  const [closed] = await probe({ nobody: true });
  assert.equal(closed?.positive, false);
  assert.equal(
    closed.cases.some((one) => one.case === 'resumed-after-revocation'),
    false,
    'without a session nothing was resumed: the run is incomplete and says so',
  );
});
