import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeliveryResult, DownlinkMessage } from '../../../flow/gateway-port.ts';
import { Bench, type FakeWire, subscribeOf, turns } from '../../testing/fake-wire.ts';
import type { ConnectPacket, Packet, Version } from '../codec/packet.ts';

const target = { party: 'acme', device: 'dev-1' };
const command = (id: string, fields: Partial<DownlinkMessage> = {}): DownlinkMessage => ({
  topic: `dn/cmd/${id}`,
  payload: Buffer.from(id),
  qos: 1,
  ...fields,
});
const puback = (packetId: number, reasonCode = 0): Packet => ({ type: 'puback', packetId, reasonCode, properties: {} });
const ignore = (): void => undefined;
const publishes = (wire: FakeWire): Extract<Packet, { type: 'publish' }>[] =>
  wire.take().filter((packet) => packet.type === 'publish');

async function subscribed(bench: Bench, version: Version, fields: Partial<ConnectPacket> = {}): Promise<FakeWire> {
  const wire = await bench.open('dev-1', version, fields);
  wire.feed(subscribeOf(1, 'v1/me/dn/#'));
  await turns();
  wire.take();
  return wire;
}

for (const version of [4, 5] as const) {
  test(`A3.6.2 version ${version}: a command reaches the subscribed device and is delivered by its PUBACK`, async () => {
    const bench = new Bench();
    const wire = await subscribed(bench, version);
    const results: DeliveryResult[] = [];
    const message = command('c1', {
      expiresAt: bench.clock + 30_500,
      responseTopic: 'v1/me/up/cmd/c1/result',
      correlation: Buffer.from('c1'),
    });
    assert.equal(
      bench.engine.deliver(target, message, (result) => results.push(result)),
      'sent',
    );
    await turns();
    const [publish] = publishes(wire);
    assert.equal(publish?.topic, 'v1/me/dn/cmd/c1');
    assert.equal(publish.qos, 1);
    if (version === 5) {
      const { correlationData, ...rest } = publish.properties;
      assert.deepEqual(rest, { messageExpiryInterval: 31, responseTopic: 'v1/me/up/cmd/c1/result' });
      assert.equal(Buffer.from(correlationData ?? []).toString(), 'c1');
    } else assert.deepEqual(publish.properties, {});
    assert.deepEqual(results, []);
    wire.feed(puback(publish.packetId));
    wire.feed(puback(publish.packetId)); // a second one means nothing
    assert.deepEqual(results, ['acknowledged']);
  });

  test(`A3.6.2 version ${version}: what a device may not receive now is not sent, whatever it subscribed to`, async () => {
    const bench = new Bench();
    const wire = await subscribed(bench, version);
    const session = bench.admission.sessions.at(-1);
    session?.denied.set('v1/me/dn/cmd/c1', 'access/level');
    assert.equal(bench.engine.deliver(target, command('c1'), ignore), 'unsubscribed');
    assert.equal(bench.engine.deliver(target, command('c2'), ignore), 'sent');
    session?.denied.clear();
    assert.equal(bench.engine.deliver(target, command('c1'), ignore), 'sent');
    await turns();
    assert.deepEqual(
      publishes(wire).map(({ topic }) => topic),
      ['v1/me/dn/cmd/c2', 'v1/me/dn/cmd/c1'],
    );
  });

  test(`version ${version}: SUBACK has one code per filter, in order [MQTT-3.8.4-6]`, async () => {
    const bench = new Bench();
    const wire = await bench.open('dev-1', version);
    wire.take();
    const filters = [
      'v1/me/dn/#',
      '#',
      'v1/me/up/#',
      'v1/me/dn/cmd/+',
      '+/me/dn/#',
      'v1/me/dn/1/2/3/4/5/6',
      'v1/me/dn/a',
      'v1/me/dn/b',
      'v1/me/dn/c',
    ];
    wire.feed(subscribeOf(9, ...filters));
    await turns();
    const [suback] = wire.take();
    const no = (code: number): number => (version === 5 ? code : 0x80);
    assert.deepEqual(suback?.type === 'suback' && suback.reasonCodes, [
      1,
      no(0x87),
      no(0x87),
      1,
      no(0x87),
      no(0x8f),
      1,
      1,
      no(0x97),
    ]);
    assert.equal(bench.downlink.woken.length, 1);
  });

  test(`version ${version}: UNSUBSCRIBE ends delivery [MQTT-3.10.4-1]`, async () => {
    const bench = new Bench();
    const wire = await subscribed(bench, version);
    wire.feed({ type: 'unsubscribe', packetId: 2, filters: ['v1/me/dn/#', 'x'], properties: {} });
    await turns();
    const [unsuback] = wire.take();
    assert.deepEqual(unsuback?.type === 'unsuback' && unsuback.reasonCodes, version === 5 ? [0, 0x11] : []);
    assert.equal(bench.engine.deliver(target, command('c1'), ignore), 'unsubscribed');
  });

  test(`[MQTT-4.4.0-1] version ${version}: after a resumption unacknowledged messages come again, same ids, DUP set`, async () => {
    const bench = new Bench();
    const kept = { cleanStart: false, properties: version === 5 ? { sessionExpiryInterval: 600 } : {} };
    const wire = await subscribed(bench, version, kept);
    const results: string[] = [];
    for (const id of ['c1', 'c2', 'c3'])
      bench.engine.deliver(target, command(id, id === 'c3' ? { expiresAt: bench.clock + 5_000 } : {}), (r) =>
        results.push(`${id} ${r}`),
      );
    await turns();
    const sent = publishes(wire);
    wire.feed(puback(sent[0]?.packetId ?? 0));
    wire.destroy();
    await turns();
    assert.equal(bench.engine.deliver(target, command('c4'), ignore), 'offline');
    await bench.pass(6);
    const again = await bench.open('dev-1', version, kept);
    const repeated = publishes(again);
    assert.deepEqual(
      repeated.map(({ topic, dup, packetId }) => [topic, dup, packetId]),
      [['v1/me/dn/cmd/c2', true, sent[1]?.packetId]],
    );
    assert.deepEqual(results, ['c1 acknowledged', 'c3 lost']);
    again.feed(puback(sent[1]?.packetId ?? 0));
    assert.deepEqual(results.at(-1), 'c2 acknowledged');
  });

  test(`version ${version}: what a session loses with its end is told`, async () => {
    const bench = new Bench();
    const wire = await subscribed(bench, version);
    const results: DeliveryResult[] = [];
    bench.engine.deliver(target, command('c1'), (result) => results.push(result));
    wire.destroy();
    await turns();
    assert.deepEqual(results, ['lost']);
  });
}

test('E18 the window of the client is never exceeded; room wakes the flow', async () => {
  const bench = new Bench();
  const wire = await subscribed(bench, 5, { properties: { receiveMaximum: 2 } });
  const outcomes = ['a', 'b', 'c'].map((id) => bench.engine.deliver(target, command(id), ignore));
  assert.deepEqual(outcomes, ['sent', 'sent', 'busy']);
  await turns();
  const woken = bench.downlink.woken.length;
  wire.feed(puback(publishes(wire)[0]?.packetId ?? 0));
  assert.equal(bench.downlink.woken.length, woken + 1);
  assert.equal(bench.engine.deliver(target, command('c'), ignore), 'sent');
});

test("outbound: offline, unsubscribed, expired, over the client's Maximum Packet Size, QoS 0", async () => {
  const bench = new Bench();
  const results: DeliveryResult[] = [];
  const send = (message: DownlinkMessage): string => bench.engine.deliver(target, message, (r) => results.push(r));
  assert.equal(send(command('a')), 'offline');
  const wire = await bench.open('dev-1', 5, { properties: { maximumPacketSize: 60 } });
  assert.equal(send(command('a')), 'unsubscribed');
  wire.feed(subscribeOf(1, 'v1/me/dn/cmd/+'));
  await turns();
  wire.take();
  assert.equal(send(command('a', { topic: 'dn/config' })), 'unsubscribed');
  assert.equal(send(command('a', { expiresAt: bench.clock })), 'expired');
  assert.equal(send(command('a', { payload: Buffer.alloc(60) })), 'sent');
  assert.equal(send(command('a', { qos: 0 })), 'sent');
  await turns();
  assert.deepEqual(results, ['refused', 'acknowledged']);
  assert.deepEqual(
    publishes(wire).map(({ qos }) => qos),
    [0],
  );
});

test('[MQTT-3.3.4-3] E11 overlapping subscriptions: one copy with all identifiers; E17 outbound aliases', async () => {
  const bench = new Bench();
  const wire = await bench.open('dev-1', 5, { properties: { topicAliasMaximum: 1 } });
  for (const [i, filter] of ['v1/me/dn/#', 'v1/me/dn/config'].entries())
    wire.feed({ ...subscribeOf(i + 1, filter), properties: { subscriptionIdentifiers: [i + 7] } } as Packet); // a SUBSCRIBE stays one
  await turns();
  wire.take();
  for (const topic of ['dn/config', 'dn/config', 'dn/policy'])
    bench.engine.deliver(target, command('x', { topic, qos: 0 }), ignore);
  await turns();
  const [first, second, third] = publishes(wire);
  assert.deepEqual(
    [first?.topic, first?.properties],
    ['v1/me/dn/config', { subscriptionIdentifiers: [7, 8], topicAlias: 1 }],
  );
  assert.deepEqual([second?.topic, second?.properties.topicAlias], ['', 1]);
  assert.deepEqual([third?.topic, third?.properties], ['v1/me/dn/policy', { subscriptionIdentifiers: [7] }]);
});

test('a subscription whose right went is not served any more', async () => {
  const bench = new Bench();
  await subscribed(bench, 5);
  const [session] = bench.admission.sessions;
  assert.ok(session);
  session.denied.set('v1/me/dn/#', 'access/denied');
  assert.equal(bench.engine.deliver(target, command('a'), ignore), 'sent'); // same epoch: not asked again
  session.epoch++;
  assert.equal(bench.engine.deliver(target, command('b'), ignore), 'unsubscribed');
});

test('two client ids of one device: the first acknowledgement counts, once', async () => {
  const bench = new Bench();
  const one = await subscribed(bench, 5);
  const two = await bench.open('dev-1:b', 5);
  two.feed(subscribeOf(1, 'v1/me/dn/#'));
  await turns();
  two.take();
  const results: DeliveryResult[] = [];
  bench.engine.deliver(target, command('a'), (result) => results.push(result));
  await turns();
  one.feed(puback(publishes(one)[0]?.packetId ?? 0, 0x80));
  assert.deepEqual(results, []);
  two.feed(puback(publishes(two)[0]?.packetId ?? 0));
  assert.deepEqual(results, ['acknowledged']);
});

test('A3.6.2 kick: by device, serial, key, party; a selector without fields cuts nobody', async () => {
  const bench = new Bench();
  const wires = [await bench.open('dev-1', 5), await bench.open('dev-1:b', 4), await bench.open('dev-2', 5)];
  for (const wire of wires) wire.take();
  assert.equal(bench.engine.kick({}, 'device/isolated'), 0);
  assert.equal(bench.engine.kick({ party: 'acme', device: 'dev' }, 'device/isolated'), 0);
  assert.equal(bench.engine.kick({ serial: '9999' }, 'channel/certificate-revoked'), 0);
  assert.equal(bench.engine.kick({ device: 'dev-1', serial: '4001' }, 'device/isolated'), 2);
  assert.deepEqual(
    wires.map(({ destroyed }) => destroyed),
    [true, true, false],
  );
  const [last] = wires[0]?.take() ?? [];
  assert.equal(last?.type === 'disconnect' && last.reasonCode, 0x98);
  assert.equal(bench.engine.kick({ spki: 'dev-2'.padEnd(64, '0') }, 'channel/certificate-revoked'), 1);
  await bench.open('dev-3', 4);
  assert.equal(bench.engine.kick({ party: 'acme' }, 'agreement/not-in-force'), 1);
  assert.equal(bench.engine.sessions().length, 0);
  await turns();
  assert.equal(bench.engine.size, 0);
});

test('drain: 0x8B to all, no wills, then nothing is left', async () => {
  const bench = new Bench();
  const will = { topic: 'v1/me/up/state', payload: Buffer.from('x'), qos: 0, retain: false, properties: {} } as const;
  const wires = [await bench.open('dev-1', 5, { will }), await bench.open('dev-2', 4, { will })];
  for (const wire of wires) wire.take();
  await bench.engine.drain(0, () => 0.5);
  assert.deepEqual(
    wires.map(({ destroyed }) => destroyed),
    [true, true],
  );
  const [last] = wires[0]?.take() ?? [];
  assert.equal(last?.type === 'disconnect' && last.reasonCode, 0x8b);
  assert.deepEqual(bench.uplink.stored, []);
  assert.equal(bench.admission.sessions[0]?.ended?.reason, 'shutdown');
});
