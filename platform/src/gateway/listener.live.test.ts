import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { TestAuthority } from './testing/certificates.ts';
import { type Harness, startHarness } from './testing/harness.ts';
import { RawClient, until } from './testing/raw-client.ts';

let h: Harness;
before(async () => {
  h = await startHarness({ sources: { failures: 1_000 } });
});
after(() => h.stop());

const lastRefusal = (): string | undefined => h.records.refusals.at(-1)?.code;
/** Runs an attempt and waits for the refusal it causes. */
async function refused(attempt: () => Promise<unknown>): Promise<string | undefined> {
  const count = h.records.refusals.length;
  await attempt();
  await until(() => h.records.refusals.length > count, 'a recorded refusal');
  return lastRefusal();
}

for (const [name, options, want] of [
  ['TLS 1.3, hybrid group', {}, { tls: 'TLSv1.3', group: 'X25519MLKEM768' }],
  ['TLS 1.3, classic client', { ecdhCurve: 'X25519' }, { tls: 'TLSv1.3', group: 'X25519' }],
  ['TLS 1.2, P-256', { maxVersion: 'TLSv1.2', ecdhCurve: 'P-256' }, { tls: 'TLSv1.2', group: 'P-256' }],
] as const)
  test(`B2.3.1 accepted and seen: ${name}`, async () => {
    const client = await RawClient.open(h, await h.device('dev-1'), 5, options);
    await client.hello('dev-1');
    const peer = h.admission.requests.at(-1)?.peer;
    assert.deepEqual({ tls: peer?.tls, group: peer?.group }, want);
    assert.match(peer?.suite ?? '', /GCM|CHACHA20/);
    client.end();
  });

test('B2.3.1 TLS 1.1 and CBC suites are refused and recorded', async () => {
  const device = await h.device('dev-1');
  const old = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  assert.equal(await refused(() => RawClient.open(h, device, 5, old)), 'channel/tls-too-old');
  const cbc = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256' } as const;
  assert.equal(await refused(() => RawClient.open(h, device, 5, cbc)), 'channel/weak-suite');
  assert.equal(h.records.refusals.at(-1)?.address, '127.0.0.1');
});

test('B2.2.4 no certificate, another CA, an expired one: refused and recorded with the fingerprint', async () => {
  const hostile = await TestAuthority.create('test root');
  assert.equal(await refused(() => RawClient.open(h, undefined)), 'channel/certificate-missing');
  assert.equal(h.records.refusals.at(-1)?.peer, undefined);
  assert.equal(
    await refused(async () => RawClient.open(h, await hostile.device('dev-1'))),
    'channel/certificate-unknown',
  );
  assert.match(h.records.refusals.at(-1)?.peer?.fingerprint ?? '', /^[0-9a-f]{64}$/);
  assert.equal(
    await refused(async () => RawClient.open(h, await h.device('dev-1', Date.now() - 1_000))),
    'channel/certificate-expired',
  );
  assert.equal(h.records.refusals.at(-1)?.peer?.subjectCn, 'dev-1');
});

/** A connection with its session ticket. */
async function ticketOf(issued: { cert: string; key: string }): Promise<Buffer> {
  const client = await RawClient.open(h, issued, 5, { maxVersion: 'TLSv1.2' });
  await client.hello('dev-9');
  const session = client.socket.getSession();
  client.end();
  assert.ok(session);
  return session;
}

test('fact 1: a resumed session is seen as one, and its expired certificate is refused all the same', async () => {
  const notAfter = (Math.floor(Date.now() / 1_000) + 2) * 1_000;
  const device = await h.device('dev-9', notAfter);
  const session = await ticketOf(device);
  const again = await RawClient.open(h, device, 5, { maxVersion: 'TLSv1.2', session });
  await again.hello('dev-9');
  assert.equal(h.admission.requests.at(-1)?.peer.resumed, true);
  again.end();
  await until(() => Date.now() > notAfter, 'the end of the certificate');
  assert.equal(
    await refused(() => RawClient.open(h, device, 5, { maxVersion: 'TLSv1.2', session })),
    'channel/certificate-expired',
  );
  assert.equal(h.records.refusals.at(-1)?.peer?.resumed, true);
});

test('fact 1: rotated ticket keys end every earlier session', async () => {
  const device = await h.device('dev-9');
  const session = await ticketOf(device);
  h.listener.rotateTickets();
  const again = await RawClient.open(h, device, 5, { maxVersion: 'TLSv1.2', session });
  await again.hello('dev-9');
  assert.equal(h.admission.requests.at(-1)?.peer.resumed, false);
  again.end();
});

test('B2.3.2 plaintext on the TLS port gets no answer and is recorded', async () => {
  const got: Buffer[] = [];
  const code = await refused(async () => {
    const socket = net.connect(h.port, '127.0.0.1');
    socket.on('data', (chunk: Buffer) => got.push(chunk)).on('error', () => undefined);
    socket.write(Buffer.from('101000044d5154540402003c0004646576 31'.replaceAll(' ', ''), 'hex'));
    await until(() => socket.destroyed, 'the close');
  });
  assert.ok(code === 'channel/plaintext' || code === 'channel/handshake', String(code));
  const mqtt = Buffer.concat(got).indexOf(Buffer.from([0x20, 2]));
  assert.ok(mqtt !== 0, 'no CONNACK'); // at most a TLS alert
});

test('a banned address is turned away before the handshake, and recorded', async () => {
  const own = await startHarness({ sources: { failures: 3 } });
  try {
    const hostile = await TestAuthority.create();
    for (let i = 0; i < 3; i++) await (await RawClient.open(own, await hostile.device('x'))).gone();
    assert.deepEqual(
      own.records.bans.map(({ kind, value }) => [kind, value]),
      [['address', '127.0.0.0/24']],
    );
    const socket = tls.connect({ port: own.port, host: '127.0.0.1', ca: own.authority.root });
    let reset = '';
    socket.on('error', (error) => {
      reset = error.message;
    });
    await until(() => socket.destroyed, 'the reset');
    assert.ok(reset.length > 0);
    assert.equal(own.records.refusals.at(-1)?.code, 'gate/banned');
    assert.equal(own.records.refusals.at(-1)?.stage, 'accept');
  } finally {
    await own.stop();
  }
});

test('honest clients are never banned for connecting often (fact 9)', async () => {
  const own = await startHarness({ sources: { failures: 3 } });
  try {
    const device = await own.device('dev-1');
    for (let i = 0; i < 8; i++) {
      const client = await RawClient.open(own, device, 5);
      assert.ok(await client.hello('dev-1'));
      client.send({ type: 'disconnect', reasonCode: 0, properties: {} });
      await client.gone();
    }
    assert.deepEqual(own.records.bans, []);
  } finally {
    await own.stop();
  }
});

test('renewed roots: the old CA ends for handshakes from now on, and for tickets', async () => {
  const own = await startHarness();
  try {
    const next = await TestAuthority.create('next root');
    const server = await next.server();
    const device = await own.device('dev-1');
    own.listener.renew({ ...server, ca: [next.root] });
    const client = await RawClient.open({ port: own.port, authority: next }, device, 5);
    await client.gone();
    assert.equal(own.records.refusals.at(-1)?.code, 'channel/certificate-unknown');
    const fine = await RawClient.open({ port: own.port, authority: next }, await next.device('dev-2'), 5);
    assert.ok(await fine.hello('dev-2'));
    fine.end();
  } finally {
    await own.stop();
  }
});

test('B2.2.4 an issuing CA is an anchor by itself, at the start and after a renewal; without it its devices are unknown', async () => {
  const root = await TestAuthority.create('offline root');
  const issuing = await root.subordinate('issuing CA of a party');
  const other = await root.subordinate('issuing CA of another party');
  const own = await startHarness({ authority: issuing });
  try {
    const server = await own.authority.server();
    const device = await issuing.device('dev-1');
    const admitted = async (id: string, issued: typeof device): Promise<boolean> => {
      const client = await RawClient.open({ port: own.port, authority: root }, issued, 5, {
        rejectUnauthorized: false,
      });
      const answer = await client.hello(id);
      client.end();
      return answer?.type === 'connack' && answer.reasonCode === 0;
    };
    // The root is not among the listener's CAs: with the whole chain demanded, nobody would be admitted.
    assert.equal(await admitted('dev-1', device), true);
    own.listener.renew({ ...server, ca: [issuing.root, other.root] });
    assert.equal(await admitted('dev-1', device), true);
    assert.equal(await admitted('dev-2', await other.device('dev-2')), true);
    own.listener.renew({ ...server, ca: [other.root] });
    const gone = await RawClient.open({ port: own.port, authority: root }, device, 5, { rejectUnauthorized: false });
    await gone.gone();
    assert.equal(own.records.refusals.at(-1)?.code, 'channel/certificate-unknown');
  } finally {
    await own.stop();
  }
});

test('close stops accepting at once and leaves open sessions to the engine', async () => {
  const own = await startHarness();
  const client = await RawClient.open(own, await own.device('dev-1'), 5);
  await client.hello('dev-1');
  await own.listener.close();
  const late = net.connect(own.port, '127.0.0.1');
  const failure = await new Promise<Error>((resolve) => void late.once('error', resolve));
  assert.match(failure.message, /ECONNREFUSED/);
  client.send({ type: 'pingreq' });
  assert.ok(await client.take('pingresp'));
  await own.engine.drain(50, () => 0.5);
  assert.equal((await client.take('disconnect'))?.reasonCode, 0x8b);
  await client.gone();
  assert.equal(own.engine.size, 0);
});

test('an unknown certificate gets no ticket to come back with', async () => {
  const hostile = await (await TestAuthority.create()).device('dev-1');
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const only = { minVersion: version, maxVersion: version };
    const socket = tls.connect({ port: h.port, host: '127.0.0.1', ca: h.authority.root, ...hostile, ...only });
    const tickets: Buffer[] = [];
    socket.on('session', (ticket: Buffer) => tickets.push(ticket));
    socket.on('error', () => undefined);
    await until(() => socket.destroyed, 'the close');
    assert.equal(tickets.length, 0);
  }
});

test('a taken port is an error of listen', async () => {
  await assert.rejects(startHarness({ port: h.port }), { code: 'EADDRINUSE' });
});
