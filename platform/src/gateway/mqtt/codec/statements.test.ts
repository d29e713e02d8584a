import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collect, serverLimits } from './collect.ts';
import { type Fault, faults } from './faults.ts';

/** A packet from its first octet and its body in hex; the length is filled in. */
const packet = (first: number, hex: string): Buffer => {
  const body = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  assert.ok(body.length < 128);
  return Buffer.concat([Buffer.from([first, body.length]), body]);
};
const raw = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const name = '0004 4d515454';
const connect4 = packet(0x10, `${name} 04 02 003c 0001 61`);
const connect5 = packet(0x10, `${name} 05 02 003c 00 0001 61`);

interface Row {
  readonly id: string;
  readonly name: string;
  readonly bytes: Buffer;
  readonly want: Fault | undefined;
}

/** After a CONNECT of MQTT 5. */
const v5: readonly Row[] = [
  { id: 'MQTT-1.5.4-1', name: 'surrogate in a topic', bytes: packet(0x30, '0003 eda080 00'), want: faults.utf8 },
  { id: 'MQTT-1.5.4-1', name: 'overlong slash', bytes: packet(0x30, '0002 c0af 00'), want: faults.utf8 },
  { id: 'MQTT-1.5.4-1', name: 'above U+10FFFF', bytes: packet(0x30, '0004 f4908080 00'), want: faults.utf8 },
  { id: 'MQTT-1.5.4-1', name: 'sequence cut by the end', bytes: packet(0x30, '0002 61c3 00'), want: faults.utf8 },
  { id: 'MQTT-1.5.4-2', name: 'U+0000', bytes: packet(0x30, '0001 00 00'), want: faults.utf8 },
  { id: '1.5.4', name: 'U+001F control', bytes: packet(0x30, '0001 1f 00'), want: faults.utf8 },
  { id: '1.5.4', name: 'U+0020 just above', bytes: packet(0x30, '0001 20 00'), want: undefined },
  { id: '1.5.4', name: 'U+007F control', bytes: packet(0x30, '0001 7f 00'), want: faults.utf8 },
  { id: '1.5.4', name: 'U+009F control', bytes: packet(0x30, '0002 c29f 00'), want: faults.utf8 },
  { id: '1.5.4', name: 'U+00A0 just above', bytes: packet(0x30, '0002 c2a0 00'), want: undefined },
  { id: '1.5.4', name: 'non-character U+FDD0', bytes: packet(0x30, '0003 efb790 00'), want: faults.utf8 },
  { id: '1.5.4', name: 'non-character U+1FFFF', bytes: packet(0x30, '0004 f09fbfbf 00'), want: faults.utf8 },
  { id: 'MQTT-1.5.4-3', name: 'U+FEFF is kept', bytes: packet(0x30, '0003 efbbbf 00'), want: undefined },
  { id: 'MQTT-1.5.5-1', name: 'length in five octets', bytes: raw('30 80808080 01'), want: faults.varint },
  { id: 'MQTT-1.5.5-1', name: 'length not in shortest form', bytes: raw('30 8400'), want: faults.varint },
  {
    id: 'MQTT-1.5.5-1',
    name: 'property length not shortest',
    bytes: packet(0x30, '0001 61 8000'),
    want: faults.varint,
  },
  { id: '2.1.2', name: 'packet type 0', bytes: raw('00 00'), want: faults.packetType },
  { id: 'MQTT-2.1.3-1', name: 'PINGREQ with flags', bytes: raw('c1 00'), want: faults.flags },
  { id: 'MQTT-3.6.1-1', name: 'PUBREL without 0010', bytes: raw('60 02 0001'), want: faults.flags },
  { id: 'MQTT-3.8.1-1', name: 'SUBSCRIBE without 0010', bytes: raw('80 02 0001'), want: faults.flags },
  { id: 'MQTT-3.10.1-1', name: 'UNSUBSCRIBE without 0010', bytes: raw('a0 02 0001'), want: faults.flags },
  { id: '2.1.4', name: 'PINGREQ with a body', bytes: raw('c0 01 00'), want: faults.trailing },
  { id: '2.1.4', name: 'packet limit, at it', bytes: raw('30 fcff03 0001'), want: undefined },
  { id: '3.1.2.11.4', name: 'packet limit, one over', bytes: raw('30 fdff03'), want: faults.tooLarge },
  { id: '3.1.2.11.4', name: '256 MiB Remaining Length', bytes: raw('30 ffffff7f'), want: faults.tooLarge },
  { id: 'MQTT-3.1.0-2', name: 'second CONNECT', bytes: connect5, want: faults.connectTwice },
  { id: '4.13', name: 'CONNACK from a client', bytes: raw('20 03 000000'), want: faults.direction },
  { id: '4.13', name: 'SUBACK from a client', bytes: raw('90 04 00010000'), want: faults.direction },
  { id: '4.13', name: 'PINGRESP from a client', bytes: raw('d0 00'), want: faults.direction },
  { id: 'MQTT-3.3.1-4', name: 'PUBLISH QoS 3', bytes: packet(0x36, '0001 61 0001 00'), want: faults.qos3 },
  { id: 'MQTT-3.3.1-2', name: 'DUP with QoS 0', bytes: packet(0x38, '0001 61 00'), want: faults.dupQos0 },
  { id: 'MQTT-3.3.2-2', name: '# in a topic', bytes: packet(0x30, '0003 612f23 00'), want: faults.wildcardTopic },
  { id: 'MQTT-3.3.2-2', name: '+ in a topic', bytes: packet(0x30, '0001 2b 00'), want: faults.wildcardTopic },
  { id: '3.3.2.1', name: 'empty topic without alias', bytes: packet(0x30, '0000 00'), want: faults.emptyTopic },
  { id: '3.3.2.1', name: 'empty topic with alias', bytes: packet(0x30, '0000 03 23000a'), want: undefined },
  { id: 'MQTT-3.3.2-8', name: 'alias 0', bytes: packet(0x30, '0001 61 03 230000'), want: faults.topicAlias },
  { id: 'MQTT-3.3.2-9', name: 'alias one over', bytes: packet(0x30, '0001 61 03 23000b'), want: faults.topicAlias },
  {
    id: 'MQTT-3.3.2-14',
    name: 'wildcard response topic',
    bytes: packet(0x30, '0001 61 04 08 0001 23'),
    want: faults.wildcardTopic,
  },
  {
    id: 'MQTT-3.3.4-6',
    name: 'subscription id from a client',
    bytes: packet(0x30, '0001 61 02 0b01'),
    want: faults.clientSubscriptionId,
  },
  { id: 'MQTT-2.2.1-3', name: 'packet id 0', bytes: packet(0x32, '0001 61 0000 00'), want: faults.packetId },
  { id: '2.2.2.2', name: 'unknown property', bytes: packet(0x30, '0001 61 02 7f00'), want: faults.propertyUnknown },
  {
    id: '2.2.2.2',
    name: 'property of another packet',
    bytes: packet(0x30, '0001 61 03 210001'),
    want: faults.propertyUnknown,
  },
  { id: '2.2.2.2', name: 'property twice', bytes: packet(0x30, '0001 61 04 0101 0101'), want: faults.propertyTwice },
  {
    id: '2.2.2.2',
    name: 'user property twice',
    bytes: packet(0x30, '0001 61 0e 26 0001 61 0001 62 26 0001 61 0001 62'),
    want: undefined,
  },
  {
    id: '2.2.2.1',
    name: 'properties past the packet',
    bytes: packet(0x30, '0001 61 05 01'),
    want: faults.propertyLength,
  },
  {
    id: '2.2.2.1',
    name: 'value past the properties',
    bytes: packet(0x30, '0001 61 02 0200 00000000'),
    want: faults.truncated,
  },
  { id: '3.3.2.3.2', name: 'payload format 2', bytes: packet(0x30, '0001 61 02 0102'), want: faults.propertyValue },
  { id: '3.3.2', name: 'topic past the packet', bytes: packet(0x30, '0005 61'), want: faults.truncated },
  { id: '3.3.2', name: 'response topic cut', bytes: packet(0x30, '0001 61 04 08 0009 61'), want: faults.truncated },
  { id: '3.4.2.1', name: 'PUBACK of length 2', bytes: raw('40 02 0001'), want: undefined },
  { id: '3.4.2.1', name: 'PUBACK of length 3', bytes: raw('40 03 0001 10'), want: undefined },
  { id: '3.4.2.1', name: 'PUBACK with a reason of PUBREL', bytes: raw('40 03 0001 92'), want: faults.reasonCode },
  { id: '3.7.2.1', name: 'PUBCOMP with a reason of PUBACK', bytes: raw('70 03 0001 10'), want: faults.reasonCode },
  { id: 'MQTT-3.8.3-2', name: 'SUBSCRIBE without filter', bytes: packet(0x82, '0001 00'), want: faults.noFilter },
  {
    id: 'MQTT-3.8.3-5',
    name: 'reserved option bit',
    bytes: packet(0x82, '0001 00 0001 61 40'),
    want: faults.optionBits,
  },
  { id: '3.8.3.1', name: 'maximum QoS 3', bytes: packet(0x82, '0001 00 0001 61 03'), want: faults.subscribeQos },
  { id: '3.8.3.1', name: 'retain handling 3', bytes: packet(0x82, '0001 00 0001 61 30'), want: faults.retainHandling },
  {
    id: 'MQTT-3.8.3-4',
    name: 'No Local on a shared one',
    bytes: packet(0x82, '0001 00 000a 2473686172652f672f61 04'),
    want: faults.noLocalShared,
  },
  {
    id: 'MQTT-4.8.2-1',
    name: '$share without a name',
    bytes: packet(0x82, '0001 00 0009 2473686172652f2f61 00'),
    want: faults.filter,
  },
  {
    id: 'MQTT-4.8.2-2',
    name: '$share without a filter',
    bytes: packet(0x82, '0001 00 0008 2473686172652f67 00'),
    want: faults.filter,
  },
  {
    id: 'MQTT-4.8.2-2',
    name: 'wildcard in the share name',
    bytes: packet(0x82, '0001 00 000a 2473686172652f2b2f61 00'),
    want: faults.filter,
  },
  { id: 'MQTT-4.7.1-1', name: '# not last', bytes: packet(0x82, '0001 00 0003 232f61 00'), want: faults.filter },
  { id: 'MQTT-4.7.1-1', name: '# not a whole level', bytes: packet(0x82, '0001 00 0002 6123 00'), want: faults.filter },
  { id: 'MQTT-4.7.1-2', name: '+ not a whole level', bytes: packet(0x82, '0001 00 0002 612b 00'), want: faults.filter },
  { id: 'MQTT-4.7.3-1', name: 'empty filter', bytes: packet(0x82, '0001 00 0000 00'), want: faults.filter },
  {
    id: '3.8.2.1.2',
    name: 'subscription id 0',
    bytes: packet(0x82, '0001 02 0b00 0001 61 00'),
    want: faults.propertyValue,
  },
  {
    id: '3.8.2.1.2',
    name: 'subscription id twice',
    bytes: packet(0x82, '0001 04 0b01 0b02 0001 61 00'),
    want: faults.propertyTwice,
  },
  { id: 'MQTT-3.10.3-2', name: 'UNSUBSCRIBE without filter', bytes: packet(0xa2, '0001 00'), want: faults.noFilter },
  { id: 'MQTT-3.14.2-1', name: 'DISCONNECT code of servers', bytes: raw('e0 01 8b'), want: faults.reasonCode },
  { id: '3.14.2.1', name: 'DISCONNECT with will', bytes: raw('e0 01 04'), want: undefined },
  { id: '3.15.2.1', name: 'AUTH of length 0', bytes: raw('f0 00'), want: undefined },
];

/** After a CONNECT of MQTT 3.1.1; statement numbers are those of 3.1.1. */
const v4: readonly Row[] = [
  { id: 'MQTT-2.2.2-2', name: 'packet type 15', bytes: raw('f0 00'), want: faults.packetType },
  { id: 'MQTT-3.8.3-4', name: 'No Local bit', bytes: packet(0x82, '0001 0001 61 04'), want: faults.optionBits },
  { id: 'MQTT-3.8.3-3', name: 'SUBSCRIBE without filter', bytes: packet(0x82, '0001'), want: faults.noFilter },
  { id: 'MQTT-4.7.3-1', name: 'empty topic', bytes: packet(0x30, '0000'), want: faults.emptyTopic },
  { id: '3.4.1', name: 'PUBACK of length 3', bytes: raw('40 03 0001 00'), want: faults.trailing },
  {
    id: '4.7',
    name: '$share is an ordinary level',
    bytes: packet(0x82, '0001 0009 2473686172652f2f61 00'),
    want: undefined,
  },
  { id: '3.14', name: 'DISCONNECT with a body', bytes: raw('e0 01 00'), want: faults.trailing },
];

const first: readonly Row[] = [
  { id: 'MQTT-3.1.0-1', name: 'PUBLISH first', bytes: packet(0x30, '0001 61 00'), want: faults.connectFirst },
  { id: 'MQTT-3.1.0-1', name: 'TLS or HTTP first', bytes: Buffer.from('GET / HTTP/1.1'), want: faults.connectFirst },
  { id: 'MQTT-2.1.3-1', name: 'CONNECT with flags', bytes: raw('11 00'), want: faults.flags },
  {
    id: 'MQTT-3.1.2-1',
    name: 'protocol name',
    bytes: packet(0x10, '0004 6d717474 04 02 003c 0001 61'),
    want: faults.protocolName,
  },
  {
    id: 'MQTT-3.1.2-2',
    name: 'level 6',
    bytes: packet(0x10, `${name} 06 02 003c 00 0001 61`),
    want: faults.protocolVersion,
  },
  {
    id: 'MQTT-3.1.2-2',
    name: 'level 3 of MQTT 3.1',
    bytes: packet(0x10, '0006 4d5149736470 03 02 003c 0001 61'),
    want: faults.protocolVersion,
  },
  {
    id: 'MQTT-3.1.2-3',
    name: 'reserved flag',
    bytes: packet(0x10, `${name} 05 03 003c 00 0001 61`),
    want: faults.connectFlags,
  },
  {
    id: 'MQTT-3.1.2-11',
    name: 'will QoS without will',
    bytes: packet(0x10, `${name} 05 0a 003c 00 0001 61`),
    want: faults.connectFlags,
  },
  {
    id: 'MQTT-3.1.2-13',
    name: 'will retain without will',
    bytes: packet(0x10, `${name} 05 22 003c 00 0001 61`),
    want: faults.connectFlags,
  },
  {
    id: 'MQTT-3.1.2-12',
    name: 'will QoS 3',
    bytes: packet(0x10, `${name} 05 1e 003c 00 0001 61 00 0001 61 0000`),
    want: faults.connectFlags,
  },
  {
    id: '3.1.1 MQTT-3.1.2-22',
    name: 'password without user name',
    bytes: packet(0x10, `${name} 04 42 003c 0001 61 0001 61`),
    want: faults.connectFlags,
  },
  {
    id: '3.1.2.9',
    name: 'the same in MQTT 5',
    bytes: packet(0x10, `${name} 05 42 003c 00 0001 61 0001 61`),
    want: undefined,
  },
  {
    id: '3.1.2.11.3',
    name: 'Receive Maximum 0',
    bytes: packet(0x10, `${name} 05 02 003c 03 210000 0001 61`),
    want: faults.propertyValue,
  },
  {
    id: '3.1.2.11.4',
    name: 'Maximum Packet Size 0',
    bytes: packet(0x10, `${name} 05 02 003c 05 2700000000 0001 61`),
    want: faults.propertyValue,
  },
  {
    id: '3.1.2.11.7',
    name: 'Request Problem Information 2',
    bytes: packet(0x10, `${name} 05 02 003c 02 1702 0001 61`),
    want: faults.propertyValue,
  },
  {
    id: '3.1.2.11.10',
    name: 'data without method',
    bytes: packet(0x10, `${name} 05 02 003c 04 16 0001 61 0001 61`),
    want: faults.authData,
  },
  {
    id: '3.1.3.2',
    name: 'will property in CONNECT',
    bytes: packet(0x10, `${name} 05 02 003c 05 1800000000 0001 61`),
    want: faults.propertyUnknown,
  },
  { id: '3.1.3', name: 'client id missing', bytes: packet(0x10, `${name} 04 02 003c`), want: faults.truncated },
  {
    id: '3.1.3',
    name: 'bytes after the client id',
    bytes: packet(0x10, `${name} 04 02 003c 0001 61 00`),
    want: faults.trailing,
  },
  {
    id: '3.1.3.3',
    name: 'wildcard in the will topic',
    bytes: packet(0x10, `${name} 04 06 003c 0001 61 0001 23 0000`),
    want: faults.wildcardTopic,
  },
  { id: '3.1', name: 'CONNECT one over its limit', bytes: raw('10 fe3f'), want: faults.tooLarge },
  { id: '3.1', name: 'CONNECT at its limit, incomplete', bytes: raw('10 fd3f 00'), want: undefined },
];

const run = (row: Row, before: Buffer): void => {
  const { packets, fault } = collect([before, row.bytes], serverLimits);
  assert.equal(fault, row.want);
  if (row.want === faults.connectTwice) assert.equal(packets.length, 1);
};
for (const row of v5) test(`[${row.id}] MQTT 5: ${row.name}`, () => run(row, connect5));
for (const row of v4) test(`[${row.id}] MQTT 3.1.1: ${row.name}`, () => run(row, connect4));
for (const row of first) test(`[${row.id}] CONNECT: ${row.name}`, () => run(row, Buffer.alloc(0)));

test('[MQTT-1.5.4-3] U+FEFF survives decoding', () => {
  const { packets } = collect([connect5, packet(0x30, '0003 efbbbf 00')], serverLimits);
  assert.equal(packets[1]?.type === 'publish' && packets[1].topic, '\ufeff');
});

test('a topic repeated in other octets is decoded again: Latin-1 is no UTF-8', () => {
  const cafe = packet(0x30, '0005 636166c3a9 00');
  const latin = packet(0x30, '0004 636166e9 00');
  const { packets, fault } = collect([connect5, cafe, cafe, latin], serverLimits);
  assert.equal(packets.length, 3);
  assert.equal(fault, faults.utf8);
});

test('a claimed length costs at most twice the octets sent', () => {
  const claim = raw('30 f0ff03 0001 61 00');
  const chunks = [connect5, ...Array.from(claim, (octet) => Buffer.from([octet]))];
  assert.equal(collect(chunks, serverLimits).fault, undefined);
});
