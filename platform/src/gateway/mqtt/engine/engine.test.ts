import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bench, connectOf, type FakeWire, publishOf, subscribeOf, turns } from '../../testing/fake-wire.ts';
import type { Packet, Version, Will } from '../codec/packet.ts';

const versions: readonly Version[] = [4, 5];
const state = 'v1/me/up/state';
const telemetry = 'v1/me/up/telemetry/a';
const target = { party: 'acme', device: 'dev-1' };
const will: Will = { topic: state, payload: Buffer.from('"gone"'), qos: 1, retain: false, properties: {} };
const typesOf = (wire: FakeWire): string[] => wire.take().map((packet) => packet.type);
const reasonOf = (packet: Packet | undefined): number | undefined =>
  packet && 'reasonCode' in packet ? packet.reasonCode : undefined;

for (const version of versions) {
  const is5 = version === 5;
  const name = is5 ? 'MQTT 5' : 'MQTT 3.1.1';

  test(`[MQTT-3.1.2-24] ${name}: silence of 1.5 keep alive closes, a second less does not`, async () => {
    const bench = new Bench();
    const wire = await bench.open('dev-1', version, { keepAlive: 10 });
    await bench.pass(14);
    assert.equal(wire.destroyed, false);
    await bench.pass(1);
    assert.equal(wire.destroyed, true);
    assert.equal(reasonOf(wire.take().at(-1)), is5 ? 0x8d : 0);
    assert.equal(bench.admission.sessions[0]?.ended?.reason, 'mqtt/keep-alive');
    assert.equal(bench.records.refusals[0]?.code, 'mqtt/keep-alive');
  });

  test(`[MQTT-3.1.2-23] ${name}: PINGREQ keeps the connection`, async () => {
    const bench = new Bench();
    const wire = await bench.open('dev-1', version, { keepAlive: 10 });
    wire.take();
    for (let i = 0; i < 4; i++) {
      await bench.pass(10);
      wire.feed({ type: 'pingreq' });
    }
    await turns();
    assert.deepEqual(typesOf(wire), ['pingresp', 'pingresp', 'pingresp', 'pingresp']);
    assert.equal(wire.destroyed, false);
  });

  test(`${name}: keep alive 0 becomes the cap of 1,160 s`, async () => {
    const bench = new Bench();
    const wire = await bench.open('dev-1', version, { keepAlive: 0 });
    const [connack] = wire.take();
    if (is5) assert.equal(connack?.type === 'connack' && connack.properties.serverKeepAlive, 1_160);
    await bench.pass(1_739);
    assert.equal(wire.destroyed, false);
    await bench.pass(1);
    assert.equal(wire.destroyed, true);
  });

  test(`${name}: a CONNECT that does not come in 5 s`, async () => {
    const bench = new Bench();
    const wire = bench.attach('dev-1', version);
    wire.raw(Buffer.from([0x10, 60, 0]));
    await bench.pass(4);
    wire.raw(Buffer.from([4])); // a byte now and then does not help
    assert.equal(wire.destroyed, false);
    await bench.pass(1);
    assert.equal(wire.destroyed, true);
    assert.equal(bench.records.refusals[0]?.code, 'mqtt/connect-timeout');
  });

  test(`${name}: an admission that hangs is answered, one that comes late is closed`, async () => {
    const bench = new Bench();
    const gate = Promise.withResolvers<undefined>();
    bench.admission.gate = gate.promise;
    const wire = await bench.open('dev-1', version);
    wire.feed(publishOf(telemetry, 1, 1));
    await bench.pass(5);
    assert.equal(reasonOf(wire.take()[0]), is5 ? 0x89 : 3);
    gate.resolve(undefined);
    await turns();
    assert.equal(bench.admission.sessions[0]?.ended?.reason, 'network');
    assert.equal(bench.uplink.stored.length, 0);
  });

  test(`[MQTT-3.1.4-5] ${name}: packets sent before CONNACK wait for it`, async () => {
    const bench = new Bench();
    const wire = bench.attach('dev-1', version);
    wire.feed(connectOf(version, 'dev-1'), publishOf(telemetry, 1, 1), { type: 'pingreq' });
    assert.equal(wire.paused, true);
    await turns();
    assert.deepEqual(typesOf(wire).toSorted(), ['connack', 'pingresp', 'puback']);
    assert.equal(wire.paused, false);
  });

  test(`${name}: refusal by the flow gives its code and closes [MQTT-3.2.2-7]`, async () => {
    const bench = new Bench();
    bench.admission.refuse = 'device/isolated';
    const wire = await bench.open('dev-1', version);
    assert.equal(reasonOf(wire.take()[0]), is5 ? 0x8a : 5);
    assert.equal(wire.destroyed, true);
    assert.equal(bench.records.refusals.length, 0); // the flow records what it refuses
  });

  test(`${name}: acknowledgements of one batch leave as one write, in order`, async () => {
    const bench = new Bench();
    const wire = await bench.open('dev-1', version);
    bench.uplink.manual = true;
    wire.take();
    wire.writes.length = 0;
    for (let id = 1; id <= 10; id++) wire.feed(publishOf(telemetry, 1, id));
    await turns();
    assert.deepEqual(wire.writes, []); // nothing is acknowledged before it is stored
    bench.uplink.commit(true);
    await turns();
    assert.deepEqual(wire.writes, [40]);
    assert.deepEqual(
      wire.take().map((packet) => packet.type === 'puback' && packet.packetId),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
  });

  test(`${name}: data refused by the flow: ${is5 ? 'PUBACK 0x99' : 'acknowledged, the refusal is told elsewhere'}`, async () => {
    const bench = new Bench();
    bench.uplink.refusals.set('bad', 'data/payload-invalid');
    const wire = await bench.open('dev-1', version);
    wire.take();
    wire.feed(publishOf(telemetry, 1, 1, 'bad'));
    await turns();
    const [puback] = wire.take();
    assert.equal(reasonOf(puback), is5 ? 0x99 : 0);
    if (is5) assert.equal(puback?.type === 'puback' && puback.properties.reasonString, 'data/payload-invalid');
    assert.equal(bench.engine.counters.acknowledged, 0); // never counted as accepted
    assert.equal(wire.destroyed, false);
  });

  test(`A3.6.2 ${name}: an order given while the device connects finds it at the door`, async () => {
    const bench = new Bench();
    bench.admission.late = 'device/isolated';
    const wire = await bench.open('dev-1', version);
    assert.equal(reasonOf(wire.take()[0]), is5 ? 0x8a : 5);
    assert.equal(wire.destroyed, true);
    assert.equal(bench.admission.sessions[0]?.ended?.reason, 'device/isolated');
    assert.equal(bench.records.refusals[0]?.code, 'device/isolated');
  });

  test(`${name}: denied publish: ${is5 ? 'PUBACK 0x87' : 'closes'}, unless that would cut the lifeline`, async () => {
    const bench = new Bench();
    const wire = await bench.open('dev-1', version);
    const [session] = bench.admission.sessions;
    assert.ok(session);
    session.denialCloses = false;
    wire.take();
    wire.feed(publishOf('v1/other/up/state', 1, 1), publishOf(telemetry, 1, 2));
    await turns();
    assert.deepEqual(wire.take().map(reasonOf), [is5 ? 0x87 : 0, 0]);
    session.denialCloses = true;
    wire.feed(publishOf('v1/other/up/state', 1, 3));
    await turns();
    assert.deepEqual(wire.take().map(reasonOf), is5 ? [0x87] : []);
    assert.equal(wire.destroyed, !is5);
    assert.equal(bench.engine.counters.publishesRefused, 2);
  });

  test(`${name}: the route of the last topic is asked again when the epoch changes`, async () => {
    const bench = new Bench();
    const wire = await bench.open('dev-1', version);
    const [session] = bench.admission.sessions;
    assert.ok(session);
    session.denialCloses = false;
    wire.feed(publishOf(telemetry, 0), publishOf(telemetry, 0));
    session.denied.set(telemetry, 'access/level');
    wire.feed(publishOf(telemetry, 0));
    session.epoch++;
    wire.feed(publishOf(telemetry, 0));
    assert.equal(bench.uplink.stored.length, 3);
  });

  test(`[MQTT-4.3.3] ${name}: QoS 2 in is stored once, whatever is repeated`, async () => {
    const bench = new Bench();
    const wire = await bench.open('dev-1', version, {
      cleanStart: false,
      properties: is5 ? { sessionExpiryInterval: 60 } : {},
    });
    wire.take();
    wire.feed(publishOf(telemetry, 2, 7));
    await turns();
    wire.feed({ ...publishOf(telemetry, 2, 7), dup: true } as Packet); // a PUBLISH stays one
    await turns();
    assert.deepEqual(typesOf(wire), ['pubrec', 'pubrec']);
    wire.destroy();
    await turns();
    const again = await bench.open('dev-1', version, {
      cleanStart: false,
      properties: is5 ? { sessionExpiryInterval: 60 } : {},
    });
    again.take();
    again.feed({ ...publishOf(telemetry, 2, 7), dup: true } as Packet); // same
    again.feed({ type: 'pubrel', packetId: 7, reasonCode: 0, properties: {} });
    await turns();
    again.feed({ type: 'pubrel', packetId: 7, reasonCode: 0, properties: {} });
    await turns();
    assert.equal(bench.uplink.stored.length, 1);
    const got = again.take();
    assert.deepEqual(got.map((packet) => packet.type).toSorted(), ['pubcomp', 'pubcomp', 'pubrec']);
    assert.equal(reasonOf(got.findLast((packet) => packet.type === 'pubcomp')), is5 ? 0x92 : 0);
    again.feed(publishOf(telemetry, 2, 7));
    await turns();
    assert.equal(bench.uplink.stored.length, 2); // the id was free again
  });

  test(`[MQTT-3.1.4-3] ${name}: takeover ends the old connection before the new CONNACK`, async () => {
    const bench = new Bench();
    const old = await bench.open('dev-1', version);
    old.take();
    const next = await bench.open('dev-1', version);
    assert.equal(old.destroyed, true);
    assert.deepEqual(old.take().map(reasonOf), is5 ? [0x8e] : []);
    assert.deepEqual(typesOf(next), ['connack']);
    assert.equal(bench.admission.sessions[0]?.ended?.reason, 'takeover');
    assert.equal(bench.engine.sessions().length, 1);
    assert.deepEqual(bench.sources.bans(bench.clock), []);
  });

  test(`${name}: up to four client ids of one device side by side`, async () => {
    const bench = new Bench();
    for (const id of ['dev-1', 'dev-1:b', 'dev-1:c', 'dev-1:d'])
      assert.equal(reasonOf((await bench.open(id, version)).take()[0]), 0);
    assert.equal(reasonOf((await bench.open('dev-1:e', version)).take()[0]), is5 ? 0x97 : 3);
    assert.equal(reasonOf((await bench.open('dev-1:d', version)).take()[0]), 0); // its own successor
    assert.equal(bench.engine.sessions().length, 4);
    assert.equal(bench.records.refusals[0]?.code, 'gate/connections');
  });

  test(`[MQTT-3.2.2-2] [MQTT-3.2.2-3] ${name}: Session Present is exact`, async () => {
    const bench = new Bench();
    const kept = { cleanStart: false, properties: is5 ? { sessionExpiryInterval: 60 } : {} };
    const present = async (fields: object): Promise<unknown> => {
      const wire = await bench.open('dev-1', version, fields);
      wire.feed({ type: 'disconnect', reasonCode: 0, properties: {} });
      await turns();
      const [connack] = wire.take();
      return connack?.type === 'connack' && connack.sessionPresent;
    };
    assert.equal(await present(kept), false);
    assert.equal(await present(kept), true);
    await bench.pass(is5 ? 59 : 604_799 - 604_000);
    assert.equal(await present(kept), true);
    assert.equal(await present({ cleanStart: true, properties: {} }), false);
    assert.equal(await present(kept), false);
    if (!is5) return;
    await bench.pass(61);
    assert.equal(await present(kept), false); // expired
  });

  test(`${name}: a will is published on an abnormal end, not after DISCONNECT [MQTT-3.1.2-8] [MQTT-3.14.4-3]`, async () => {
    const bench = new Bench();
    const polite = await bench.open('dev-1', version, { will });
    polite.feed({ type: 'disconnect', reasonCode: 0, properties: {} });
    await turns();
    assert.deepEqual(bench.uplink.stored, []);
    const rude = await bench.open('dev-1', version, { will });
    rude.destroy();
    await turns();
    assert.deepEqual(bench.uplink.stored, [{ topic: state, payload: '"gone"', qos: 1, device: 'dev-1' }]);
  });

  test(`${name}: a will is authorised again when it is published`, async () => {
    const bench = new Bench();
    const wire = await bench.open('dev-1', version, { will });
    bench.admission.sessions[0]?.denied.set(state, 'access/level');
    bench.engine.kick(target, 'device/isolated');
    await turns();
    assert.equal(wire.destroyed, true);
    assert.deepEqual(bench.uplink.stored, []);
  });

  for (const [topic, retain, want] of [
    [telemetry, false, is5 ? 0x87 : 5],
    ['v1/me/dn/cmd/1', false, is5 ? 0x87 : 5],
    [state, true, is5 ? 0x9a : 5],
  ] as const)
    test(`${name}: a will on ${topic}${retain ? ' retained' : ''} is refused`, async () => {
      const bench = new Bench();
      const wire = await bench.open('dev-1', version, { will: { ...will, topic, retain } });
      assert.equal(reasonOf(wire.take()[0]), want);
      assert.equal(wire.destroyed, true);
      assert.equal(bench.records.refusals.length, 1);
    });

  test(`${name}: a flood of QoS 0 is dropped, then closed; one of QoS 1 is slowed down and loses nothing`, async () => {
    const bench = new Bench({ publishesPerSecond: 10, rateStrikes: 3 });
    const calm = await bench.open('dev-1', version);
    const flood = await bench.open('dev-2', version);
    for (let id = 1; id <= 20; id++) calm.feed(publishOf(telemetry, 1, id));
    await turns();
    calm.feed(publishOf(telemetry, 1, 21));
    await turns();
    assert.equal(calm.paused, true);
    for (let i = 0; i < 25; i++) flood.feed(publishOf(telemetry, 0));
    assert.equal(flood.paused, true);
    await bench.pass(1);
    assert.equal(calm.paused, false);
    assert.equal(bench.uplink.stored.filter(({ qos }) => qos === 1).length, 21);
    assert.deepEqual(
      bench.records.refusals.map(({ code }) => code),
      ['gate/rate', 'gate/rate'],
    );
    for (let second = 0; second < 2; second++) {
      for (let i = 0; i < 25; i++) flood.feed(publishOf(telemetry, 0));
      await bench.pass(1);
    }
    assert.equal(flood.destroyed, true);
    assert.equal(reasonOf(flood.take().at(-1)), is5 ? 0x96 : 0);
    assert.ok(bench.engine.counters.droppedQos0 > 0);
  });

  test(`${name}: while the store is behind, reading stops and keep alive with it`, async () => {
    const bench = new Bench();
    const wire = await bench.open('dev-1', version, { keepAlive: 2 });
    bench.engine.setHolding(true);
    wire.feed(publishOf(telemetry, 1, 1));
    await bench.pass(20);
    assert.equal(wire.paused, true);
    assert.equal(wire.destroyed, false);
    bench.engine.setHolding(false);
    assert.equal(wire.paused, false);
    await bench.pass(3);
    assert.equal(wire.destroyed, true);
  });

  test(`${name}: a client that reads nothing is left alone by deliveries, then closed`, async () => {
    const bench = new Bench();
    const wire = await bench.open('dev-1', version, { keepAlive: 600 });
    wire.feed(subscribeOf(1, 'v1/me/dn/#'));
    await turns();
    wire.writableLength = 65_537;
    wire.feed({ type: 'pingreq' });
    await turns();
    const message = { topic: 'dn/cmd/1', payload: Buffer.from('x'), qos: 1 } as const;
    assert.equal(
      bench.engine.deliver(target, message, () => undefined),
      'busy',
    );
    assert.equal(wire.paused, true);
    await bench.pass(29);
    assert.equal(wire.destroyed, false);
    await bench.pass(2);
    assert.equal(wire.destroyed, true);
  });
}

test('MQTT 3.1.1: more publishes in flight than we hold stop the reading, none is lost', async () => {
  const bench = new Bench({ windowBefore5: 8 });
  bench.uplink.manual = true;
  const wire = await bench.open('dev-1', 4);
  wire.take();
  wire.feed(...Array.from({ length: 20 }, (_, i) => publishOf(telemetry, 1, i + 1)));
  assert.equal(wire.paused, true);
  assert.equal(bench.uplink.stored.length, 8);
  for (let i = 0; i < 4; i++) {
    bench.uplink.commit();
    await turns();
  }
  assert.equal(bench.uplink.stored.length, 20);
  assert.equal(wire.take().length, 20);
  assert.equal(wire.paused, false);
});

test('[MQTT-3.1.3-8] of 3.1.1: an empty client id needs Clean Session; ids are bounded', async () => {
  const bench = new Bench();
  assert.equal(reasonOf((await bench.open('', 4, { cleanStart: false })).take()[0]), 2);
  assert.equal(reasonOf((await bench.open('', 4, { cleanStart: true })).take()[0]), 0);
  assert.equal(reasonOf((await bench.open('x'.repeat(129), 5)).take()[0]), 0x85);
  assert.equal(reasonOf((await bench.open('dev-1', 5)).take()[0]), 0);
});

test('session age: 0xA0 at the time the admission gave (B2.2.5)', async () => {
  const bench = new Bench();
  const wire = await bench.open('dev-1', 5, { keepAlive: 0 });
  const [session] = bench.admission.sessions;
  assert.ok(session);
  session.expiresAt = bench.clock + 10_000;
  wire.take();
  await bench.pass(1_800);
  assert.equal(reasonOf(wire.take().at(-1)), 0xa0);
  assert.equal(session.ended?.reason, 'gate/max-age');
  assert.deepEqual(bench.sources.bans(bench.clock), []);
});

test('an exception of the flow costs its connection, not the process', async () => {
  const bench = new Bench();
  const [poisoned, other] = [await bench.open('dev-1', 5), await bench.open('dev-2', 5)];
  const [session] = bench.admission.sessions;
  assert.ok(session);
  session.permitPublish = () => {
    throw new Error('bug');
  };
  session.closed = () => {
    throw new Error('another');
  };
  poisoned.take();
  poisoned.feed(publishOf(telemetry, 1, 1));
  other.feed(publishOf(telemetry, 1, 1));
  await turns();
  assert.equal(reasonOf(poisoned.take()[0]), 0x80);
  assert.equal(poisoned.destroyed, true);
  assert.deepEqual(typesOf(other), ['connack', 'puback']);
  assert.deepEqual(bench.failures.map(String), ['Error: bug', 'Error: another']);
  assert.equal(bench.engine.size, 1);
  bench.admission.gate = Promise.reject(new Error('registry'));
  const refused = await bench.open('dev-3', 5);
  assert.equal(reasonOf(refused.take()[0]), 0x80);
});

test('two late seconds in a row answer CONNECT with 0x89, one does not', async () => {
  const bench = new Bench();
  const late = (ms: number): void => {
    bench.clock += 1_000 + ms;
    bench.engine.tick(bench.clock);
  };
  const connect = async (): Promise<number | undefined> => reasonOf((await bench.open('dev-1', 5)).take()[0]);
  late(201);
  assert.equal(await connect(), 0);
  late(201);
  assert.equal(await connect(), 0x89);
  late(200);
  assert.equal(await connect(), 0);
});

test('15 malformed connections in a minute bring a ban, which is recorded (A3.1.4)', async () => {
  const bench = new Bench();
  for (let i = 0; i < 15; i++) bench.attach('dev-1', 5).raw(Buffer.from('GET / HTTP/1.1\r\n'));
  await turns();
  assert.equal(bench.records.bans.length, 1);
  assert.equal(bench.records.refusals.length, 15);
  assert.equal(bench.records.refusals[0]?.code, 'mqtt/connect-first');
});
