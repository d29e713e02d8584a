import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import mqttPacket from 'mqtt-packet';
import { connectPacket, cut, cuts, fromClient, fromServer } from './arbitraries.test.ts';
import { clientLimits, collect, serverLimits } from './collect.ts';
import { encode, encodeWithin } from './encode.ts';
import type { Packet, Properties, Version } from './packet.ts';

const versions: readonly Version[] = [4, 5];
/** Buffers, Uint8Arrays and prototype-less objects compare by content. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, v: unknown) => (v instanceof Uint8Array ? [...v] : v)));

for (const version of versions) {
  const session = fc.tuple(connectPacket(version), fc.array(fromClient(version), { maxLength: 6 }));

  test(`law: decode(encode(p)) = p for what clients of version ${version} send`, () => {
    fc.assert(
      fc.property(session, ([connect, packets]) => {
        const sent: Packet[] = [connect, ...packets];
        const { packets: got, fault } = collect(
          sent.map((p) => encode(p, version)),
          serverLimits,
        );
        assert.equal(fault, undefined);
        assert.deepEqual(plain(got), plain(sent));
      }),
      { numRuns: 400 },
    );
  });

  test(`law: decode(encode(p)) = p for what servers of version ${version} send`, () => {
    fc.assert(
      fc.property(fc.array(fromServer(version), { maxLength: 6 }), (sent) => {
        const { packets, fault } = collect([Buffer.concat(sent.map((p) => encode(p, version)))], clientLimits, version);
        assert.equal(fault, undefined);
        assert.deepEqual(plain(packets), plain(sent));
      }),
      { numRuns: 400 },
    );
  });

  test(`law: every split of the input gives the same packets, version ${version}`, () => {
    fc.assert(
      fc.property(session, cuts, ([connect, packets], lengths) => {
        const whole = Buffer.concat([connect, ...packets].map((p) => encode(p, version)));
        const one = collect([whole], serverLimits);
        assert.deepEqual(plain(collect(cut(whole, lengths), serverLimits)), plain(one));
      }),
      { numRuns: 300 },
    );
  });

  test(`law: damaged input never throws and every split finds the same fault, version ${version}`, () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(session, damage, cuts, ([connect, packets], hits, lengths) => {
        const whole = Buffer.concat([connect, ...packets].map((p) => encode(p, version)));
        for (const [at, value] of hits) whole[at % whole.length] = value;
        const one = collect([whole], serverLimits);
        assert.deepEqual(plain(collect(cut(whole, lengths), serverLimits)), plain(one));
      }),
      { numRuns: 1000 },
    );
  });

  test(`differential: mqtt-packet reads what we write, and we read what it writes, version ${version}`, () => {
    fc.assert(
      fc.property(fc.oneof(connectPacket(version), fromClient(version)), (p) => {
        fc.pre(!mqttPacketRefuses(p));
        const ours = encode(p, version);
        const theirs = parseTheirs(ours, version);
        assert.equal(theirs.cmd, p.type);
        const again = mqttPacket.generate(theirs, { protocolVersion: version });
        const chunks = p.type === 'connect' ? [again] : [encode(helloOf(version), version), again];
        const { packets, fault } = collect(chunks, serverLimits);
        assert.equal(fault, undefined);
        assert.deepEqual(plain(packets.at(-1)), plain(p));
      }),
      { numRuns: 400 },
    );
  });
}

const helloOf = (version: Version): Packet => ({
  type: 'connect',
  version,
  cleanStart: true,
  keepAlive: 0,
  clientId: 'x',
  properties: {},
});

/** Groups user properties by name, so order and some empty ones are lost. */
const hasSeveral = (properties: Properties | undefined): boolean => (properties?.userProperties?.length ?? 0) > 1;
/** Valid packets that mqtt-packet 9 will not write, or changes. */
function mqttPacketRefuses(p: Packet): boolean {
  if ('properties' in p && hasSeveral(p.properties)) return true;
  if (p.type === 'auth') return p.reasonCode === 0; // it does not know the short form of section 3.15.2.1
  if (p.type !== 'connect') return false;
  if (hasSeveral(p.will?.properties)) return true;
  return (p.clientId === '' && !p.cleanStart) || (p.password !== undefined && p.username === undefined);
}

function parseTheirs(bytes: Buffer, version: Version): mqttPacket.Packet {
  const parser = mqttPacket.parser({ protocolVersion: version });
  const packets: mqttPacket.Packet[] = [];
  const errors: unknown[] = [];
  parser.on('packet', (packet) => packets.push(packet));
  parser.on('error', (error) => errors.push(error));
  parser.parse(bytes);
  const [packet] = packets;
  assert.deepEqual(errors, []);
  assert.ok(packet);
  return packet;
}

test('law: random bytes never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom<Version | 0>(0, 4, 5), (bytes, version) => {
      collect([Buffer.from(bytes)], clientLimits, version);
      collect([Buffer.from(bytes)], serverLimits);
    }),
    { numRuns: 2000 },
  );
});

test('encodeWithin [MQTT-3.4.2-2] [MQTT-3.4.2-3] [MQTT-3.1.2-24]: acks lose their texts, a PUBLISH is not sent', () => {
  const properties = { reasonString: 'because', userProperties: [['a', 'b']] } as const;
  const puback: Packet = { type: 'puback', packetId: 7, reasonCode: 0x87, properties };
  assert.deepEqual(encodeWithin(puback, 5, 10), Buffer.from([0x40, 3, 0, 7, 0x87]));
  assert.equal(encodeWithin(puback, 5, 100)?.length, 23);
  assert.equal(encodeWithin(puback, 5, 4), undefined);
  const publish: Packet = {
    type: 'publish',
    dup: false,
    qos: 0,
    retain: false,
    topic: 't',
    packetId: 0,
    payload: Buffer.alloc(9),
    properties: {},
  };
  assert.equal(encodeWithin(publish, 5, 15)?.length, 15);
  assert.equal(encodeWithin(publish, 5, 14), undefined);
});

test('encode: properties at their default are left out; CONNACK starts with alias and receive maximum', () => {
  const connack: Packet = {
    type: 'connack',
    sessionPresent: false,
    reasonCode: 0,
    properties: { receiveMaximum: 20, topicAliasMaximum: 10, retainAvailable: 1, maximumQos: 1, serverKeepAlive: 60 },
  };
  const want = [0x20, 14, 0, 0, 11, 0x22, 0, 10, 0x21, 0, 20, 0x13, 0, 60, 0x24, 1];
  assert.deepEqual([...encode(connack, 5)], want);
});
