import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { makeImpostor } from '../sim/foreign.ts';
import { connectPacket, openWire, publishPacket, subscribePacket, type WireEvent } from '../sim/wire.ts';
import { type Found, recordsOf } from '../tools/live/records.ts';
import { connectJs, connectWire, demandSoon, endOf, reading, telemetryTopic, tlsOf } from './clients.ts';
import { type Enrolled, enrol, est, shell } from './devices.ts';
import { type PartySide, type Ready, readyPlatform } from './platform.ts';

/** Devices that are not honest, and what is done to them; everything recorded (rows B2.2.1-6, B2.3.2, A3.1.3, A3.6.2). */

let ready: Ready;
let party: PartySide;
let platformLog: string;
before(async () => {
  ready = await readyPlatform();
  [party] = ready.parties;
  const { items } = await ready.admin.client.call('logs', {});
  platformLog = items.find(({ kind }) => kind === 'platform')?.id ?? '';
});
after(() => ready.stop());

const params = (device: string): { agreement: string; device: string } => ({ agreement: party.agreement, device });
const codeOfConnack = ({ kind, ...rest }: WireEvent): number =>
  kind === 'packet' && 'reason' in rest ? rest.reason : -1;

async function pseudonymOf(device: string): Promise<string> {
  return (await party.admin.client.call('device', { params: params(device) })).summary.pseudonym;
}
/** The newest record of the party's log (or the platform's) that fits; waits until it is published. */
function recorded(what: string, fits: (record: Found) => boolean, log = party.log): Promise<Found> {
  const { client } = log === party.log ? party.admin : ready.admin;
  return demandSoon(what, async () => (await recordsOf(client, log)).find(fits));
}
/** The refusal of a device with this code, as its page shows it. */
function refusal(device: string, code: string) {
  return demandSoon(`refusal ${code}`, async () => {
    const { items } = await party.engineer.client.call('refusals', { params: params(device) });
    return items.find((item) => item.code === code);
  });
}
const isClosed = (events: readonly WireEvent[]): boolean => events.at(-1)?.kind === 'closed';

test('A3.6.2 isolation cuts the live session within 2 s, refuses the next, and release lets it in again', async () => {
  const device = await enrol(ready, party, 'isolated');
  const client = await connectJs(ready, device);
  const cut = endOf(client);
  const ordered = performance.now();
  const order = await ready.admin.client.call('isolate', {
    params: params(device.id),
    body: { level: 4, reason: 'test of containment' },
  });
  const reason = await cut;
  assert.ok(performance.now() - ordered < 2_000, 'within 2 s');
  assert.equal(reason, 0x98);
  assert.deepEqual([order.level, order.previous, order.connectionsCut], [4, 0, 1]);
  assert.ok(order.commitToCutMs < 1_000, `${order.commitToCutMs} ms from commit to closed socket`);
  await assert.rejects(connectJs(ready, device), { code: 0x8a });
  const shown = await refusal(device.id, 'device/isolated');
  assert.match(shown.next.zh, /\p{Script=Han}/u);
  assert.match(shown.next.en, /device page/);
  const renewal = await est(ready, device, {
    operation: 'simplereenroll',
    with: ['--cert', 'device.pem', '--key', 'device.key'],
    out: 'never.pem',
  });
  assert.equal(renewal.status, 403);
  await ready.admin.client.call('isolate', {
    params: params(device.id),
    body: { level: 0, reason: 'test is over' },
  });
  await (await connectJs(ready, device)).endAsync();
  const pseudonym = await pseudonymOf(device.id);
  await recorded('the refused session', ({ kind, body }) => kind === 'session.reject' && body['device'] === pseudonym);
});

test('A3.6.2 level 3 keeps the lifeline: version and reports go on, telemetry does not', async () => {
  const device = await enrol(ready, party, 'update-only');
  const client = await connectJs(ready, device);
  await ready.admin.client.call('isolate', { params: params(device.id), body: { level: 3, reason: 'old firmware' } });
  const again = client.connected ? client : await connectJs(ready, device);
  await again.publishAsync('v1/me/up/version', JSON.stringify({ v: 1, firmware: '2.1.3' }), { qos: 1 });
  await assert.rejects(again.publishAsync(telemetryTopic, reading(), { qos: 1 }), { code: 0x87 });
  assert.equal((await refusal(device.id, 'access/level')).action, 'publish');
  await again.endAsync();
});

test('B2.2.5 a revoked certificate: live session cut, the next refused, its resumed TLS session too', async () => {
  const device = await enrol(ready, party, 'revoked');
  const tickets: Buffer[] = [];
  const first = tls.connect({ host: '127.0.0.1', port: ready.platform.mqttPort, ...tlsOf(device) });
  first.on('session', (ticket) => tickets.push(ticket));
  await once(first, 'secureConnect');
  first.write(connectPacket('revoked'));
  await once(first, 'data');
  const session = await demandSoon('a TLS ticket', () => tickets.at(-1));
  first.on('error', () => undefined); // the cut
  const gone = once(first, 'close');
  const earlier = await resume(device, session);
  assert.deepEqual(earlier, { connack: 0, resumed: true }, 'with the ticket it comes in while nothing is revoked');
  const body = { reason: 'key was lost' };
  assert.deepEqual((await party.admin.client.call('revoke', { params: params('revoked'), body })).revoked, 1);
  await gone;
  const later = await resume(device, session);
  assert.notEqual(later.connack, 0, 'the ticket of a revoked certificate');
  const { wire, connack } = await connectWire(ready, device);
  assert.notEqual(codeOfConnack(connack), 0, 'a full handshake with it');
  wire.destroy();
  await refusal('revoked', 'channel/certificate-revoked');
  const { code, stdout, stderr } = await shell(
    device,
    `base=https://localhost:${ready.platform.consolePort}
     openssl x509 -in device.pem -noout -ext crlDistributionPoints | grep -o 'https://[^ ]*' > crl.url
     curl -sS --fail --cacert root.pem "$(cat crl.url)" | openssl crl -inform DER -noout -text`,
  );
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Revoked Certificates:/);
});

/** Connects with a TLS ticket; the reason of its CONNACK, -1 when it was closed without one. */
function resume(device: Enrolled, session: Buffer): Promise<{ readonly connack: number; readonly resumed: boolean }> {
  return new Promise((resolve) => {
    const socket = tls.connect({ host: '127.0.0.1', port: ready.platform.mqttPort, ...tlsOf(device), session });
    let [connack, resumed] = [-1, false];
    socket.once('secureConnect', () => {
      resumed = socket.isSessionReused();
      socket.write(connectPacket(`${device.id}:again`));
    });
    socket.on('data', (bytes: Buffer) => {
      connack = bytes[3] ?? -1;
      socket.destroy();
    });
    socket.on('error', () => undefined); // refused at the handshake
    socket.setTimeout(5_000, () => socket.destroy());
    socket.on('close', () => resolve({ connack, resumed }));
  });
}

test('B2.2.6 the topics of another device: refused, shown in both languages, in the ledger', async () => {
  const device = await enrol(ready, party, 'reaching');
  const { wire, connack } = await connectWire(ready, device);
  assert.equal(codeOfConnack(connack), 0);
  wire.send(publishPacket(1, 'v1/other/up/telemetry/status', reading()));
  assert.equal(codeOfConnack(await wire.next()), 0x87);
  for (const filter of ['v1/other/dn/#', '#', '+/me/dn/#', '$share/g/v1/me/dn/#', '$SYS/#', 'v1/me/up/#']) {
    wire.send(subscribePacket(2, filter));
    assert.ok(codeOfConnack(await wire.next()) >= 0x80, filter);
  }
  wire.destroy();
  const shown = await refusal(device.id, 'access/topic-foreign');
  assert.match(`${shown.title.zh}${shown.cause.zh}${shown.next.zh}`, /\p{Script=Han}/u);
  assert.match(shown.next.en, /v1\/me\/up/);
  const pseudonym = await pseudonymOf(device.id);
  const record = await recorded('the denial', ({ kind, outcome, body }) => {
    return (
      kind === 'authz.decide' && outcome === 'deny' && body['device'] === pseudonym && body['action'] === 'publish'
    );
  });
  assert.equal(record.body['code'], 'access/topic-foreign');
});

test('B2.2.3 a certificate of an unknown CA, and none at all: closed before CONNACK, in the platform log', async () => {
  const impostor = makeImpostor('pactgate://acme.pactgate.local/reaching', Date.now());
  const at = { host: '127.0.0.1', port: ready.platform.mqttPort };
  const strangers = [{ cert: impostor.certificatePem, key: impostor.keyPem }, {}];
  for (const credentials of strangers) {
    const wire = await openWire({ ...at, tls: { ca: ready.server.rootPem, ...credentials } });
    wire.send(connectPacket('reaching'));
    const events = await wire.rest();
    assert.ok(isClosed(events) && events.length === 1, JSON.stringify(events));
  }
  for (const code of ['channel/certificate-unknown', 'channel/certificate-missing'])
    await recorded(code, ({ kind, body }) => kind === 'session.reject' && body['code'] === code, platformLog);
});

test('malformed packets: closed with 0x81 or 0x82, recorded under the device, and others go on', async () => {
  const [device, honest] = [await enrol(ready, party, 'nonsense'), await enrol(ready, party, 'honest')];
  const bystander = await connectJs(ready, honest);
  const octets: readonly Buffer[] = [
    Buffer.from([0x80, 6, 0, 1, 0, 0, 1, 0x61]), // SUBSCRIBE with reserved flags
    Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01]), // remaining length of five octets
    publishPacket(1, Buffer.from([0x76, 0xed, 0xa0, 0x80]), '{}'), // UTF-8 of a surrogate
    connectPacket('nonsense'), // a second CONNECT
    Buffer.from([0x00, 0x00]), // packet type 0
  ];
  for (const bytes of octets) {
    const { wire } = await connectWire(ready, device);
    wire.send(bytes);
    const events = await wire.rest();
    const [said] = events;
    assert.ok(
      said?.kind === 'packet' && [0x81, 0x82].includes(said.reason) && isClosed(events),
      JSON.stringify(events),
    );
  }
  await refusal(device.id, 'mqtt/malformed');
  const pseudonym = await pseudonymOf(device.id);
  await recorded('the refusal', ({ kind, body }) => kind === 'msg.refuse' && body['device'] === pseudonym);
  await bystander.publishAsync(telemetryTopic, reading(), { qos: 1 });
  await bystander.endAsync();
});

test('gateway 18: 256 MiB of Remaining Length before CONNECT, and CONNECT byte by byte', async () => {
  const device = await enrol(ready, party, 'slow');
  const at = { host: '127.0.0.1', port: ready.platform.mqttPort, tls: tlsOf(device) };
  const large = await openWire(at);
  large.send(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]));
  assert.ok(isClosed(await large.rest()), 'closed before anything is buffered');
  const slow = await openWire(at);
  for (const octet of connectPacket('slow')) slow.send(Buffer.from([octet]));
  assert.equal(codeOfConnack(await slow.next()), 0);
  slow.destroy();
});

test('A3.1.4 a flood is limited by the manifest and the gate, message by message, and recorded', async () => {
  const device = await enrol(ready, party, 'flooding');
  const { wire, connack } = await connectWire(ready, device);
  assert.equal(codeOfConnack(connack), 0);
  const codes = new Map<number, number>();
  for (let id = 1; id <= 400; id++) {
    wire.send(publishPacket(id, telemetryTopic, reading()));
    if (id % 20 !== 0) continue;
    for (let i = 0; i < 20; i++) {
      const code = codeOfConnack(await wire.next());
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    if (codes.has(-1)) break;
  }
  wire.destroy();
  const accepted = codes.get(0) ?? 0;
  assert.ok(accepted <= 240, `${accepted} accepted with 120 a minute agreed`);
  assert.ok((codes.get(0x97) ?? 0) > 0, JSON.stringify([...codes]));
  const pseudonym = await pseudonymOf(device.id);
  await recorded('the limit', ({ kind, body }) => {
    return (
      body['device'] === pseudonym && (kind === 'gate.limit' || (kind === 'msg.refuse' && body['code'] === 'data/rate'))
    );
  });
});

test('B2.2.1 one identity from two networks: back and forth confirms the clone, all sessions end, level 4', async () => {
  const device = await enrol(ready, party, 'cloned');
  const elsewhere = '127.0.9.1';
  const here = await connectWire(ready, device);
  const there = await connectWire(ready, device, { localAddress: elsewhere });
  assert.deepEqual([codeOfConnack(here.connack), codeOfConnack(there.connack)], [0, 0]);
  const watched = await demandSoon('the suspicion', async () => {
    const { summary } = await party.admin.client.call('device', { params: params(device.id) });
    return summary.watched ? summary : undefined;
  });
  assert.ok(watched.level <= 1, 'a suspicion only watches');
  const renewal = await est(ready, device, {
    operation: 'simplereenroll',
    with: ['--cert', 'device.pem', '--key', 'device.key'],
    out: 'never.pem',
  });
  assert.equal(renewal.status, 403, 'no copy renews itself into sole owner');
  const back = await connectWire(ready, device);
  assert.ok(isClosed(await back.wire.rest(5_000)));
  const { connack } = await connectWire(ready, device);
  assert.equal(codeOfConnack(connack), 0x8a);
  const pseudonym = await pseudonymOf(device.id);
  await recorded('the conflict', ({ kind, outcome, body }) => {
    return kind === 'device.id.conflict' && outcome === 'confirmed' && body['device'] === pseudonym;
  });
  const { items } = await party.admin.client.call('incidents', { params: { agreement: party.agreement } });
  assert.ok(items.some((incident) => incident.device === device.id && incident.type === 'clone'));
  for (const { wire } of [here, there, back]) wire.destroy();
});

test('B2.2.1 take-overs within one network, and four suffixes at once, are no clone', async () => {
  const device = await enrol(ready, party, 'restless');
  const open = [];
  for (let i = 0; i < 4; i++) open.push(await connectWire(ready, device, { localAddress: `127.0.7.${i + 1}` }));
  assert.equal(codeOfConnack((await open[0]?.wire.next()) ?? { kind: 'silence' }), 0x8e, 'session taken over');
  for (const suffix of ['a', 'b', 'c'])
    open.push(await connectWire(ready, device, { clientId: `restless:${suffix}`, localAddress: '127.0.7.9' }));
  assert.ok(open.every(({ connack }) => codeOfConnack(connack) === 0));
  const fifth = await connectWire(ready, device, { clientId: 'restless:d', localAddress: '127.0.7.9' });
  assert.equal(codeOfConnack(fifth.connack), 0x97);
  const { summary } = await party.admin.client.call('device', { params: params(device.id) });
  assert.deepEqual([summary.watched, summary.level], [false, 0]);
  for (const { wire } of [...open, fifth]) wire.destroy();
});

test('B2.2.6 client ids: of another certificate, a longer id with the same beginning, an odd suffix', async () => {
  const [device] = [await enrol(ready, party, 'dev1'), await enrol(ready, party, 'dev10')];
  for (const clientId of ['dev10', 'dev1x', 'dev1:', 'dev1:a b', 'dev1:a:b']) {
    const { wire, connack } = await connectWire(ready, device, { clientId });
    assert.equal(codeOfConnack(connack), 0x85, clientId);
    wire.destroy();
  }
  await refusal('dev1', 'access/client-id');
});

test('B2.3.2 a plaintext attempt: no answer, closed, recorded, attributed where one device alone lives', async () => {
  const device = await enrol(ready, party, 'plain');
  const home = '127.0.44.44';
  const { wire } = await connectWire(ready, device, { localAddress: home });
  const silent = async (localAddress: string): Promise<number> => {
    let octets = 0;
    const socket = net.connect({ host: '127.0.0.1', port: ready.platform.tripwirePort, localAddress });
    socket.on('data', (bytes: Buffer) => {
      octets += bytes.length;
    });
    socket.on('error', () => undefined); // closed without a word
    socket.write(connectPacket('plain'));
    await once(socket, 'close');
    return octets;
  };
  assert.equal(await silent(home), 0);
  assert.equal(await silent('127.0.55.55'), 0);
  const pseudonym = await pseudonymOf(device.id);
  const own = await recorded('the attributed hit', ({ kind, body }) => {
    return kind === 'probe.plaintext.hit' && body['device'] === pseudonym;
  });
  assert.deepEqual([own.body['attributed'], own.body['protocol']], [true, 'mqtt']);
  await recorded(
    'the hit of nobody',
    ({ kind, body }) => kind === 'probe.plaintext.hit' && body['attributed'] === false,
    platformLog,
  );
  wire.destroy();
});

test('gateway 18: a will registered before the revocation is not published after it', async () => {
  const device = await enrol(ready, party, 'willing');
  const payload = Buffer.from('{"alive":false}');
  const client = await connectJs(ready, device, { will: { topic: 'v1/me/up/state', payload, qos: 1, retain: false } });
  const closed = endOf(client);
  await party.admin.client.call('revoke', { params: params(device.id), body: { reason: 'will of the revoked' } });
  await closed;
  const pseudonym = await pseudonymOf(device.id);
  await recorded(
    'the end of its session',
    ({ kind, body }) => kind === 'session.close' && body['device'] === pseudonym,
  );
  const { summary } = await party.admin.client.call('device', { params: params(device.id) });
  assert.equal(summary.online, false);
  const bystander = await enrol(ready, party, 'will-elsewhere');
  await assert.rejects(
    connectJs(ready, bystander, { will: { topic: 'v1/me/up/version', payload, qos: 1, retain: false } }),
    { code: 0x87 },
  );
});

test('gateway 18: topics of other alphabets, and the retain flag: refused without harm', async () => {
  const device = await enrol(ready, party, 'alphabet');
  const { wire, connack } = await connectWire(ready, device);
  assert.equal(codeOfConnack(connack), 0);
  const names = ['*', '>', 'a.b', '..', 'a b', 'x'.repeat(65), '{channel}'];
  for (const [i, name] of names.entries()) {
    wire.send(publishPacket(i + 1, `v1/me/up/telemetry/${name}`, reading()));
    const answer = await wire.next();
    assert.ok(answer.kind === 'packet' && answer.reason >= 0x80, `${name}: ${JSON.stringify(answer)}`);
  }
  const retained = publishPacket(99, telemetryTopic, reading());
  retained[0] = (retained[0] ?? 0) | 0x01;
  wire.send(retained);
  assert.equal(codeOfConnack(await wire.next()), 0x9a);
  wire.destroy();
});

test('gateway 18: a stale subscription: at level 3 a command waits, after the release it comes', async () => {
  const device = await enrol(ready, party, 'stale');
  const client = await connectJs(ready, device);
  const topics: string[] = [];
  client.on('message', (topic) => topics.push(topic));
  await client.subscribeAsync('v1/me/dn/#', { qos: 1 });
  const isolate = (level: number): Promise<unknown> =>
    ready.admin.client.call('isolate', { params: params(device.id), body: { level, reason: 'rights change' } });
  await isolate(3);
  const { id } = await party.admin.client.call('sendCommand', { params: params(device.id), body: { name: 'open' } });
  // A round trip on the lifeline: whatever the platform would have sent before is here by now.
  await client.publishAsync('v1/me/up/version', JSON.stringify({ v: 1, firmware: '2.1.3' }), { qos: 1 });
  assert.deepEqual(topics, []);
  await isolate(0);
  await demandSoon('the command', () => topics.find((topic) => topic === `v1/me/dn/cmd/${id}`));
  await isolate(1);
  await client.publishAsync('v1/me/up/version', JSON.stringify({ v: 1, firmware: '2.1.3' }), { qos: 1 });
  assert.equal(topics.length, 1, 'sent once, however often it was woken');
  await client.endAsync();
});

test('gateway 18: a device that reads nothing any more is cut all the same', async () => {
  const device = await enrol(ready, party, 'paused');
  const socket = tls.connect({ host: '127.0.0.1', port: ready.platform.mqttPort, ...tlsOf(device) });
  socket.on('error', () => undefined); // the cut
  await once(socket, 'secureConnect');
  socket.write(connectPacket('paused'));
  await once(socket, 'data');
  socket.pause();
  const body = { level: 4, reason: 'does not listen' };
  const order = await ready.admin.client.call('isolate', { params: params(device.id), body });
  assert.equal(order.connectionsCut, 1);
  await demandSoon('the end of the session', async () => {
    const { items } = await party.admin.client.call('sessions', { params: params(device.id) });
    return items[0]?.closedAt;
  });
  socket.destroy();
});
