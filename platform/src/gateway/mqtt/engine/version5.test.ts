import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bench, publishOf, turns } from '../../testing/fake-wire.ts';
import type { Packet, Will } from '../codec/packet.ts';

const state = 'v1/me/up/state';
const telemetry = 'v1/me/up/telemetry/a';
const will: Will = { topic: state, payload: Buffer.from('"gone"'), qos: 1, retain: false, properties: {} };
const reasonOf = (packet: Packet | undefined): number | undefined =>
  packet && 'reasonCode' in packet ? packet.reasonCode : undefined;
const aliased = (topic: string, topicAlias: number): Packet =>
  ({ ...publishOf(topic, 0), properties: { topicAlias } }) as Packet; // a PUBLISH stays one

test('[MQTT-3.3.4-9] MQTT 5: one publish over Receive Maximum is a DISCONNECT 0x93', async () => {
  const bench = new Bench();
  bench.uplink.manual = true;
  const wire = await bench.open('dev-1', 5);
  wire.take();
  for (let id = 1; id <= 20; id++) wire.feed(publishOf(telemetry, 1, id));
  await turns();
  assert.equal(wire.destroyed, false);
  wire.feed(publishOf(telemetry, 1, 21));
  assert.equal(reasonOf(wire.take().at(-1)), 0x93);
  assert.equal(bench.records.refusals[0]?.code, 'mqtt/receive-maximum');
});

test('[MQTT-3.3.2-7] MQTT 5 topic aliases: set, use, replace, unknown', async () => {
  const bench = new Bench();
  const wire = await bench.open('dev-1', 5);
  wire.feed(aliased(telemetry, 10), aliased('', 10), aliased(state, 10), aliased('', 10));
  assert.deepEqual(
    bench.uplink.stored.map(({ topic }) => topic),
    [telemetry, telemetry, state, state],
  );
  wire.take();
  wire.feed(aliased('', 9));
  assert.equal(reasonOf(wire.take()[0]), 0x82);
});

test('MQTT 5: retained publish 0x9A, QoS above the maximum 0x9B, AUTH 0x82, authentication method 0x8C', async () => {
  const bench = new Bench({ maximumQos: 1 });
  const last = async (packet: Packet): Promise<number | undefined> => {
    const wire = await bench.open('dev-1', 5);
    wire.feed(packet);
    await turns();
    return reasonOf(wire.take().at(-1));
  };
  assert.equal(await last({ ...publishOf(telemetry, 0), retain: true } as Packet), 0x9a);
  assert.equal(await last(publishOf(telemetry, 2, 1)), 0x9b);
  assert.equal(await last({ type: 'auth', reasonCode: 0x18, properties: { authenticationMethod: 'x' } }), 0x82);
  const method = await bench.open('dev-1', 5, { properties: { authenticationMethod: 'x' } });
  assert.equal(reasonOf(method.take()[0]), 0x8c);
});

test('[MQTT-3.14.2-2] MQTT 5 DISCONNECT: session expiry may fall, not rise from 0', async () => {
  const bench = new Bench();
  const wire = await bench.open('dev-1', 5);
  wire.take();
  wire.feed({ type: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 5 } });
  assert.equal(reasonOf(wire.take()[0]), 0x82);
  const kept = await bench.open('dev-1', 5, { properties: { sessionExpiryInterval: 60 } });
  kept.feed({ type: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 0 } });
  await turns();
  const again = await bench.open('dev-1', 5, { cleanStart: false });
  const [connack] = again.take();
  assert.equal(connack?.type === 'connack' && connack.sessionPresent, false);
});

test('MQTT 5 CONNACK names every limit, and only what differs', async () => {
  const bench = new Bench();
  const asked = { sessionExpiryInterval: 0xffff_ffff };
  const wire = await bench.open('', 5, { keepAlive: 2_000, properties: asked });
  const [connack] = wire.take();
  assert.deepEqual(connack?.type === 'connack' && connack.properties, {
    topicAliasMaximum: 10,
    receiveMaximum: 20,
    sessionExpiryInterval: 604_800,
    assignedClientIdentifier: ':0',
    serverKeepAlive: 1_160,
    retainAvailable: 0,
    maximumPacketSize: 65_536,
    sharedSubscriptionAvailable: 0,
  });
});

test('[MQTT-3.1.3-9] MQTT 5 will delay: sent when it runs out, at session end, or not at all after a resumption', async () => {
  const bench = new Bench();
  const delayed: Will = { ...will, properties: { willDelayInterval: 10 } };
  const fields = (sessionExpiryInterval: number): object => ({
    will: delayed,
    cleanStart: false,
    properties: { sessionExpiryInterval },
  });
  (await bench.open('dev-1', 5, fields(60))).destroy();
  await turns();
  await bench.pass(9);
  assert.equal(bench.uplink.stored.length, 0);
  await bench.pass(1);
  assert.equal(bench.uplink.stored.length, 1);
  (await bench.open('dev-1', 5, fields(5))).destroy();
  await turns();
  await bench.pass(5);
  assert.equal(bench.uplink.stored.length, 2); // the session ended first
  (await bench.open('dev-1', 5, fields(60))).destroy();
  await turns();
  await bench.open('dev-1', 5, { ...fields(60), will: delayed });
  await bench.pass(12);
  assert.equal(bench.uplink.stored.length, 2);
});
