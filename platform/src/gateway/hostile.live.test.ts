import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Packet, Version } from './mqtt/codec/packet.ts';
import type { Issued } from './testing/certificates.ts';
import { type Harness, startHarness } from './testing/harness.ts';
import { RawClient, until } from './testing/raw-client.ts';

let h: Harness;
let device: Issued;
before(async () => {
  h = await startHarness({ sources: { failures: 10_000 }, profile: { connectTimeout: 1_000 } });
  device = await h.device('dev-1');
});
after(() => h.stop());

const client = (version: Version): Promise<RawClient> => RawClient.open(h, device, version);
async function open(version: Version): Promise<RawClient> {
  const raw = await client(version);
  const connack = await raw.hello('dev-1');
  assert.equal(connack?.type === 'connack' && connack.reasonCode, 0);
  return raw;
}
/** After anything hostile, an honest device is served. */
async function stillServes(): Promise<void> {
  const raw = await RawClient.open(h, await h.device('dev-2'), 5);
  await raw.hello('dev-2');
  raw.publish('v1/me/up/telemetry/a', '{}', 1, 1);
  const puback = await raw.take('puback');
  assert.equal(puback?.reasonCode, 0);
  raw.end();
}
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const connectBody = '0004 4d515454 05 02 003c';

for (const [name, bytes, connack, code] of [
  ['256 MiB Remaining Length in CONNECT', hex('10 ffffff7f'), undefined, 'mqtt/packet-too-large'],
  ['256 MiB before CONNECT', hex('30 ffffff7f'), undefined, 'mqtt/connect-first'],
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), undefined, 'mqtt/connect-first'],
  ['PUBLISH before CONNECT', hex('30 03 0001 61'), undefined, 'mqtt/connect-first'],
  ['five octets of length', hex('10 8080808001'), undefined, 'mqtt/malformed'],
  ['unknown protocol name', hex('10 0d 0004 4d515458 05 02 003c 00 0000'), undefined, 'mqtt/version'],
  ['level 6', hex('10 0d 0004 4d515454 06 02 003c 00 0000'), 0x84, 'mqtt/version'],
  ['NUL in the client id', hex(`10 0e ${connectBody} 00 0001 00`), 0x81, 'mqtt/malformed'],
  ['U+D800 in the client id', hex(`10 10 ${connectBody} 00 0003 eda080`), 0x81, 'mqtt/malformed'],
  ['reserved connect flag', hex('10 0e 0004 4d515454 05 03 003c 00 0001 61'), 0x81, 'mqtt/malformed'],
  ['Receive Maximum twice', hex(`10 14 ${connectBody} 06 210001 210001 0001 61`), 0x82, 'mqtt/protocol-error'],
  ['Receive Maximum 0', hex(`10 11 ${connectBody} 03 210000 0001 61`), 0x82, 'mqtt/protocol-error'],
  ['client id of another device', hex(`10 12 ${connectBody} 00 0005 6465762d39`), 0x85, undefined],
  ['client id that only begins like ours', hex(`10 13 ${connectBody} 00 0006 6465762d3130`), 0x85, undefined],
] as const)
  test(`before admission: ${name}: ${connack === undefined ? 'closed' : `CONNACK 0x${connack.toString(16)}`}`, async () => {
    const count = h.records.refusals.length;
    const raw = await client(5);
    raw.bytes(bytes);
    const answer = await raw.take('connack');
    assert.equal(answer?.reasonCode, connack);
    await raw.gone();
    if (code !== undefined) {
      assert.equal(h.records.refusals.length, count + 1);
      assert.equal(h.records.refusals.at(-1)?.code, code);
    }
    await stillServes();
  });

test('MQTT 3.1.1 level 3 and 6: return code 1 and 0x84; malformed CONNECT: closed without answer', async () => {
  const three = await client(4);
  three.bytes(hex('10 0d 0004 4d515454 03 02 003c 0001 61'));
  assert.equal((await three.take('connack'))?.reasonCode, 1);
  const reserved = await client(4);
  reserved.bytes(hex('10 0d 0004 4d515454 04 03 003c 0001 61'));
  assert.equal(await reserved.take('connack'), undefined);
});

test('a CONNECT that dribbles in is closed in time', async () => {
  const raw = await client(5);
  raw.bytes(hex('10 c03e 0004 4d515454 05 02 003c 00 1f00')); // 8,000 octets, a client id of 7,936
  const drip = setInterval(() => raw.bytes(Buffer.from('a')), 20);
  await raw.gone();
  clearInterval(drip);
  assert.equal(h.records.refusals.at(-1)?.code, 'mqtt/connect-timeout');
});

test('a CONNECT in single bytes, fast, is admitted', async () => {
  const raw = await client(5);
  for (const octet of hex('10 12 0004 4d515454 05 02 003c 00 0005 6465762d31')) raw.bytes(Buffer.from([octet]));
  assert.equal((await raw.take('connack'))?.reasonCode, 0);
  raw.end();
});

for (const [name, bytes, reason] of [
  ['packet type 0', hex('00 00'), 0x81],
  ['second CONNECT', hex('10 0d 0004 4d515454 05 02 003c 00 0000'), 0x82],
  ['256 MiB Remaining Length', hex('30 ffffff7f'), 0x95],
  ['one octet over the maximum', hex('30 feff03'), 0x95],
  ['QoS 3', hex('36 05 0001 61 0001'), 0x81],
  ['wildcard topic', hex('30 04 0001 23 00'), 0x81],
  ['packet id 0', hex('32 06 0001 61 0000 00'), 0x82],
  ['empty topic without alias', hex('30 03 0000 00'), 0x82],
  ['alias 11', hex('30 07 0001 61 03 23000b'), 0x94],
  ['alias 0', hex('30 07 0001 61 03 230000'), 0x94],
  ['SUBSCRIBE flags', hex('80 06 0001 00 0001 61'), 0x81],
  ['SUBSCRIBE without filters', hex('82 03 0001 00'), 0x82],
  ['SUBSCRIBE $share//x', hex('82 0e 0001 00 0008 2473686172652f2f 01'), 0x81],
  ['property of another packet', hex('30 07 0001 61 03 210001'), 0x81],
  ['response topic cut short', hex('30 08 0001 61 04 08000961'), 0x81],
  ['DISCONNECT with a code of servers', hex('e0 01 8b'), 0x81],
  ['AUTH', hex('f0 00'), 0x82],
  ['SUBACK from a client', hex('90 04 0001 00 00'), 0x82],
] as const)
  test(`MQTT 5 open connection: ${name}: DISCONNECT 0x${reason.toString(16)}`, async () => {
    const count = h.records.refusals.length;
    const raw = await open(5);
    raw.bytes(bytes);
    const answer = await raw.take('disconnect');
    assert.equal(answer?.reasonCode, reason);
    await raw.gone();
    assert.equal(h.records.refusals.length, count + 1);
    assert.equal(h.records.refusals.at(-1)?.reasonCode, reason);
    assert.equal(h.records.refusals.at(-1)?.session?.device, 'dev-1');
  });

test('MQTT 3.1.1: malformed packets close without an answer', async () => {
  for (const bytes of ['f0 00', '36 05 0001 61 0001', '32 05 0001 61 0000', '30 ffffff7f', 'c1 00']) {
    const raw = await open(4);
    raw.bytes(hex(bytes));
    await raw.gone();
    assert.deepEqual(raw.received, []);
  }
  await stillServes();
});

for (const topic of [
  'v1/dev-2/up/state',
  'v1/me/dn/cmd/1',
  'v1/me/up',
  '$SYS/x',
  'v1/me/up/telemetry/a>b',
  'v1/me/up/telemetry/*',
  'v1/me/up/telemetry/..',
])
  test(`B2.2.6 publish to ${topic} is denied and nothing hangs`, async () => {
    const raw = await open(5);
    raw.publish(topic, '{}', 1, 1).publish('v1/me/up/telemetry/a', '{}', 1, 2);
    const [denied, fine] = [await raw.take('puback'), await raw.take('puback')];
    assert.ok((denied?.reasonCode ?? 0) >= 0x80);
    assert.equal(fine?.reasonCode, 0);
    raw.end();
    const old = await open(4);
    old.publish(topic, '{}', 1, 1);
    await old.gone();
  });

test('B2.2.6 subscriptions outside the own subtree are refused one by one', async () => {
  const raw = await open(5);
  const filters = ['#', '+/dn/#', 'v1/+/dn/#', '$SYS/#', '$share/g/v1/me/dn/#', 'v1/dev-2/dn/#', 'v1/me/dn/#'];
  const subscriptions = filters.map(
    (filter) => ({ filter, qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 }) as const,
  );
  raw.send({ type: 'subscribe', packetId: 1, subscriptions, properties: {} } satisfies Packet);
  assert.deepEqual((await raw.take('suback'))?.reasonCodes, [0x87, 0x87, 0x87, 0x87, 0x9e, 0x87, 1]);
  raw.end();
});

test('a takeover by another certificate is no takeover: 0x85', async () => {
  const mine = await open(5);
  const thief = await RawClient.open(h, await h.device('dev-7'), 5);
  const answer = await thief.hello('dev-1');
  assert.equal(answer?.type === 'connack' && answer.reasonCode, 0x85);
  mine.send({ type: 'pingreq' });
  assert.ok(await mine.take('pingresp'));
  mine.end();
});

test('a QoS 2 flood stays within the window', async () => {
  const raw = await open(5);
  for (let id = 1; id <= 25; id++) raw.publish('v1/me/up/telemetry/a', '{}', 2, id);
  assert.equal((await raw.take('disconnect'))?.reasonCode, 0x93);
  await stillServes();
});

test('no PUBACK when the write fails or hangs', async () => {
  h.uplink.manual = true;
  try {
    const raw = await open(5);
    const stored = h.uplink.stored.length;
    raw.publish('v1/me/up/telemetry/a', '{}', 1, 1).send({ type: 'pingreq' });
    assert.ok(await raw.take('pingresp'));
    assert.equal(h.uplink.stored.length, stored + 1);
    assert.deepEqual(raw.received, []);
    h.uplink.commit();
    assert.equal((await raw.take('puback'))?.packetId, 1);
    raw.end();
  } finally {
    h.uplink.manual = false;
  }
});

test('A3.6.2 kick: cut before the call returns, on both versions, also when the client does not read', async () => {
  const [five, four, stuck] = [await open(5), await RawClient.open(h, device, 4), await RawClient.open(h, device, 5)];
  await four.hello('dev-1:b');
  await stuck.hello('dev-1:c');
  stuck.socket.pause();
  const started = performance.now();
  assert.equal(h.engine.kick({ party: 'acme', device: 'dev-1' }, 'device/isolated'), 3);
  assert.equal(
    h.engine.sessions().some(({ session }) => session.device === 'dev-1'),
    false,
  );
  assert.ok(performance.now() - started < 100);
  assert.equal((await five.take('disconnect'))?.reasonCode, 0x98);
  await five.gone();
  await four.gone();
  stuck.socket.resume();
  await stuck.gone();
});

test('nothing of all this is left over', async () => {
  await until(() => h.engine.size === 0, 'the last socket');
  assert.equal(h.engine.sessions().length, 0);
});
