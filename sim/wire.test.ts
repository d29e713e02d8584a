import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectPacket, packet, publishPacket, readPackets, subscribePacket, wordsOf } from './wire.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const written: readonly { name: string; bytes: Uint8Array; want: string }[] = [
  { name: 'CONNECT', bytes: connectPacket('a'), want: '100e00044d5154540502003c00000161' },
  { name: 'SUBSCRIBE', bytes: subscribePacket(1, 'x'), want: '820700010000017801' },
  { name: 'PUBLISH of QoS 1', bytes: publishPacket(2, 't', '{}'), want: '32080001740002007b7d' },
  { name: 'PUBLISH of QoS 0', bytes: publishPacket(0, 't', '{}'), want: '3006000174007b7d' },
  { name: 'a length of two octets', bytes: packet(0x30, Buffer.alloc(128)).subarray(0, 3), want: '308001' },
];
for (const { name, bytes, want } of written) test(`MQTT 5: writes ${name}`, () => assert.equal(hex(bytes), want));

const read: readonly { name: string; bytes: string; want: readonly string[] }[] = [
  { name: 'CONNACK with properties', bytes: '2006000003210014', want: ['CONNACK 0x00'] },
  { name: 'PUBACK of two octets is a success', bytes: '40020001', want: ['PUBACK 0x00'] },
  {
    name: 'DISCONNECT with a reason string behind a user property',
    bytes: 'e0138711260001610001621f0007612f746f706963',
    want: ['DISCONNECT 0x87 a/topic'],
  },
  { name: 'two packets in one chunk', bytes: '4002000140020002', want: ['PUBACK 0x00', 'PUBACK 0x00'] },
  { name: 'half a packet is waited for', bytes: '400200014002', want: ['PUBACK 0x00'] },
];
for (const { name, bytes, want } of read)
  test(`MQTT 5: reads ${name}`, () => {
    assert.deepEqual(readPackets(Buffer.from(bytes, 'hex')).events.map(wordsOf), want);
  });
