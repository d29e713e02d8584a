import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProblemCode } from '@pactgate/protocol';
import * as fc from 'fast-check';
import type { PartyId } from '../../kernel/ids.ts';
import { days, type Instant, instant, later } from '../../kernel/time.ts';
import { type IdentityRecord, judgeCertificate, type PeerFacts } from './admit.ts';
import { certificateStates, deviceStates } from './ports.ts';
import { IdentityRegistry } from './registry.ts';
import { certificate, device, now, peer, record, spkiB } from './testing/samples.ts';

type Change = { peer?: Partial<PeerFacts>; record?: Partial<IdentityRecord> | null; at?: Instant };
const cert = (change: Partial<typeof certificate>): Change => ({
  record: { certificate: { ...certificate, ...change } },
});
const dev = (change: Partial<typeof device>): Change => ({ record: { device: { ...device, ...change } } });
const end = certificate.notAfter;
const rows: readonly (readonly [string, Change, ProblemCode | 'admitted'])[] = [
  ['as it should be', {}, 'admitted'],
  ['not in the store', { record: null }, 'channel/certificate-unknown'],
  ['same serial, other certificate', { peer: { fingerprint: 'e'.repeat(64) } }, 'channel/certificate-unknown'],
  ['same serial, other key', { peer: { spki: spkiB } }, 'channel/certificate-unknown'],
  ['never signed', cert({ state: 'issuing' }), 'channel/certificate-unknown'],
  ['void', cert({ state: 'void' }), 'channel/certificate-unknown'],
  ['superseded', cert({ state: 'superseded' }), 'channel/certificate-superseded'],
  ['revoked', cert({ state: 'revoked' }), 'channel/certificate-revoked'],
  ['issuer no longer trusted', { record: { issuerTrusted: false } }, 'channel/certificate-revoked'],
  ['chain that does not verify', { peer: { authorized: false } }, 'channel/certificate-unknown'],
  ['last millisecond', { at: instant(end - 1) }, 'admitted'],
  ['at its end', { at: end }, 'channel/certificate-expired'],
  ['past its end although authorized (resumed)', { at: later(end, days(1)) }, 'channel/certificate-expired'],
  ['first millisecond', { at: certificate.notBefore }, 'admitted'],
  ['before its time', { at: instant(certificate.notBefore - 1) }, 'channel/certificate-expired'],
  ['revoked and past its end', { ...cert({ state: 'revoked' }), at: end }, 'channel/certificate-revoked'],
  ['candidate in its overlap', cert({ state: 'candidate', overlapUntil: instant(now + 1) }), 'admitted'],
  [
    'candidate at the end of its overlap',
    cert({ state: 'candidate', overlapUntil: now }),
    'channel/certificate-superseded',
  ],
  ['live long after its overlap', cert({ overlapUntil: instant(now - days(1)) }), 'admitted'],
  ['no agreement in force', { record: { party: {} } }, 'agreement/not-in-force'],
  ['another agreement in force', { record: { party: { agreement: 'ag-2' } } }, 'agreement/not-in-force'],
  ['registered', dev({ state: 'registered' }), 'device/state'],
  ['pending', dev({ state: 'pending' }), 'device/state'],
  ['suspended', dev({ state: 'suspended' }), 'device/state'],
  ['retired', dev({ state: 'retired' }), 'device/state'],
  ['level 3', dev({ level: 3 }), 'admitted'],
  ['level 4', dev({ level: 4 }), 'device/isolated'],
  ['level 5', dev({ level: 5 }), 'device/isolated'],
  ['suspected clone', dev({ clone: 'suspected' }), 'admitted'],
];
const judge = (change: Change): ProblemCode | 'admitted' => {
  const known = change.record === null ? undefined : { ...record, ...change.record };
  const result = judgeCertificate({ ...peer, ...change.peer }, known, change.at ?? now);
  return result.ok ? 'admitted' : result.error;
};
for (const [name, change, want] of rows) test(`B2.2.4 gate: ${name}: ${want}`, () => assert.equal(judge(change), want));
test('B2.2.4 gate: a device that is gone is unknown', () => {
  const { device: _, ...gone } = record;
  assert.deepEqual(judgeCertificate(peer, gone, now), { ok: false, error: 'device/unknown' });
});
test('B2.2.5 gate: a candidate is admitted as what it proves', () => {
  const candidate = { ...certificate, state: 'candidate', overlapUntil: later(now, days(1)) } as const;
  const result = judgeCertificate(peer, { ...record, certificate: candidate }, now);
  assert.ok(result.ok && result.value.proves);
});
test('law A3.1.1: whoever is admitted is live or candidate, in time, active, below level 4, under its agreement', () => {
  const any = fc.record({
    state: fc.constantFrom(...certificateStates),
    deviceState: fc.constantFrom(...deviceStates),
    level: fc.constantFrom(0, 1, 2, 3, 4, 5),
    at: fc.integer({ min: -10, max: 10 }).map((n) => instant(now + n * days(1))),
    agreement: fc.constantFrom('ag-1', 'ag-2', undefined),
    authorized: fc.boolean(),
    trusted: fc.boolean(),
    spki: fc.constantFrom(peer.spki, spkiB),
  });
  fc.assert(
    fc.property(any, ({ state, deviceState, level, at, agreement, authorized, trusted, spki }) => {
      const known: IdentityRecord = {
        certificate: { ...certificate, state },
        device: { ...device, state: deviceState, level },
        party: agreement === undefined ? {} : { agreement },
        issuerTrusted: trusted,
      };
      const { ok } = judgeCertificate({ ...peer, authorized, spki }, known, at);
      const good =
        (state === 'live' || state === 'candidate') &&
        deviceState === 'active' &&
        level < 4 &&
        at >= certificate.notBefore &&
        at < certificate.notAfter &&
        agreement === 'ag-1' &&
        authorized &&
        trusted &&
        spki === peer.spki;
      assert.equal(ok, good);
    }),
    { numRuns: 2_000 },
  );
});

const registry = (): IdentityRegistry => {
  const made = new IdentityRegistry();
  made.putDevice(device);
  made.putCertificate(certificate);
  made.setParty('acme', { agreement: 'ag-1' });
  made.trustIssuer('ca-1');
  return made;
};
const codeOf = (from: IdentityRegistry): ProblemCode | 'admitted' => {
  const result = from.admit(peer, now);
  return result.ok ? 'admitted' : result.error;
};
for (const [name, change, want] of [
  ['as loaded', () => {}, 'admitted'],
  ['serial denied', (r) => r.deny(certificate.serial), 'channel/certificate-revoked'],
  ['key denied', (r) => r.deny(peer.spki), 'channel/certificate-revoked'],
  ['denied and allowed again', (r) => (r.deny(peer.spki), r.allow(peer.spki)), 'admitted'],
  ['CA distrusted', (r) => r.distrustIssuer('ca-1'), 'channel/certificate-revoked'],
  ['agreement ended', (r) => r.setParty('acme', {}), 'agreement/not-in-force'],
  ['certificate void', (r) => r.putCertificate({ ...certificate, state: 'void' }), 'channel/certificate-unknown'],
  ['certificate revoked', (r) => r.putCertificate({ ...certificate, state: 'revoked' }), 'channel/certificate-revoked'],
  ['device isolated', (r) => r.putDevice({ ...device, level: 4 }), 'device/isolated'],
  ['pruned within the grace', (r) => r.prune(instant(certificate.notAfter + days(1) - 1), days(1)), 'admitted'],
  [
    'pruned at the end of the grace',
    (r) => r.prune(later(certificate.notAfter, days(1)), days(1)),
    'channel/certificate-unknown',
  ],
] as const satisfies readonly (readonly [string, (r: IdentityRegistry) => unknown, ProblemCode | 'admitted'])[])
  test(`A3.1.1 registry: ${name}: ${want}`, () => {
    const made = registry();
    change(made);
    assert.equal(codeOf(made), want);
  });
test('A3.1.1 registry: a superseded certificate is forgotten at its end', () => {
  const made = registry();
  made.putCertificate({ ...certificate, state: 'superseded' });
  assert.deepEqual(
    [made.prune(instant(certificate.notAfter - 1), days(400)), made.prune(certificate.notAfter, days(400))],
    [0, 1],
  );
});
test('A3.1.1 an empty registry admits nobody', () => {
  assert.equal(codeOf(new IdentityRegistry()), 'channel/certificate-unknown');
});
test('B2.2.1 devices of one id under two agreements are two devices', () => {
  const made = registry();
  made.putDevice({ ...device, agreement: 'ag-2', party: 'beta' as PartyId, level: 4 });
  assert.equal(codeOf(made), 'admitted');
});
