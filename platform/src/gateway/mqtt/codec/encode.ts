import {
  type AckPacket,
  type ConnackPacket,
  type ConnectPacket,
  type DisconnectPacket,
  noProperties,
  type Packet,
  type PacketWithProperties,
  type Properties,
  type PublishPacket,
  type SubackPacket,
  type SubscribePacket,
  type UnsubscribePacket,
  type Version,
} from './packet.ts';
import { writeProperties } from './properties.ts';
import { Writer } from './writer.ts';

const w = new Writer();

function properties(type: PacketWithProperties, values: Properties, version: Version): void {
  if (version === 5) writeProperties(w, type, values);
}

function connect(p: ConnectPacket): Buffer {
  const { will, version } = p;
  const flags =
    (p.username === undefined ? 0 : 0x80) |
    (p.password === undefined ? 0 : 0x40) |
    (will ? 0x04 | (will.qos << 3) | (will.retain ? 0x20 : 0) : 0) |
    (p.cleanStart ? 0x02 : 0);
  w.text(version === 3 ? 'MQIsdp' : 'MQTT')
    .u8(version)
    .u8(flags)
    .u16(p.keepAlive);
  properties('connect', p.properties, version);
  w.text(p.clientId);
  if (will) {
    properties('will', will.properties, version);
    w.text(will.topic).binary(will.payload);
  }
  if (p.username !== undefined) w.text(p.username);
  if (p.password !== undefined) w.binary(p.password);
  return w.packet(0x10);
}

function connack(p: ConnackPacket, version: Version): Buffer {
  w.u8(p.sessionPresent ? 1 : 0).u8(p.reasonCode);
  properties('connack', p.properties, version);
  return w.packet(0x20);
}

function publish(p: PublishPacket, version: Version): Buffer {
  w.text(p.topic);
  if (p.qos > 0) w.u16(p.packetId);
  properties('publish', p.properties, version);
  return w.raw(p.payload).packet(0x30 | (p.dup ? 8 : 0) | (p.qos << 1) | (p.retain ? 1 : 0));
}

const isEmpty = (values: Properties): boolean => Object.values(values).every((value) => value === undefined);
const ackFirst = { puback: 0x40, pubrec: 0x50, pubrel: 0x62, pubcomp: 0x70 } as const;

function ack(p: AckPacket, version: Version): Buffer {
  w.u16(p.packetId);
  const bare = isEmpty(p.properties);
  if (version === 5 && (p.reasonCode !== 0 || !bare)) w.u8(p.reasonCode);
  if (version === 5 && !bare) writeProperties(w, p.type, p.properties);
  return w.packet(ackFirst[p.type]);
}

function subscribe(p: SubscribePacket, version: Version): Buffer {
  w.u16(p.packetId);
  properties('subscribe', p.properties, version);
  for (const s of p.subscriptions) {
    const options = (s.noLocal ? 4 : 0) | (s.retainAsPublished ? 8 : 0) | (s.retainHandling << 4);
    w.text(s.filter).u8(version === 5 ? s.qos | options : s.qos);
  }
  return w.packet(0x82);
}

function unsubscribe(p: UnsubscribePacket, version: Version): Buffer {
  w.u16(p.packetId);
  properties('unsubscribe', p.properties, version);
  for (const filter of p.filters) w.text(filter);
  return w.packet(0xa2);
}

function suback(p: SubackPacket, version: Version): Buffer {
  w.u16(p.packetId);
  properties(p.type, p.properties, version);
  if (version === 5 || p.type === 'suback') for (const code of p.reasonCodes) w.u8(code);
  return w.packet(p.type === 'suback' ? 0x90 : 0xb0);
}

function disconnect(p: DisconnectPacket, version: Version): Buffer {
  const bare = isEmpty(p.properties);
  if (version === 5 && (p.reasonCode !== 0 || !bare)) w.u8(p.reasonCode);
  if (version === 5 && !bare) writeProperties(w, p.type, p.properties);
  return w.packet(p.type === 'disconnect' ? 0xe0 : 0xf0);
}

const pingreq = Buffer.from([0xc0, 0]);
const pingresp = Buffer.from([0xd0, 0]);

// oxlint-disable-next-line complexity -- one line per packet type; the switch is complete
function write(p: Packet, version: Version): Buffer {
  switch (p.type) {
    case 'connect':
      return connect(p);
    case 'connack':
      return connack(p, version);
    case 'publish':
      return publish(p, version);
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return ack(p, version);
    case 'subscribe':
      return subscribe(p, version);
    case 'unsubscribe':
      return unsubscribe(p, version);
    case 'suback':
    case 'unsuback':
      return suback(p, version);
    case 'pingreq':
      return pingreq;
    case 'pingresp':
      return pingresp;
    case 'disconnect':
    case 'auth':
      return disconnect(p, version);
  }
}

/**
 * The one encoding of a packet: properties in the order of our table, what equals absence left out, lengths in their
 * shortest form. The packet is ours and valid; a text over 65,535 octets throws `RangeError`.
 */
export function encode(packet: Packet, version: Version): Buffer {
  w.reset();
  return write(packet, version);
}

/**
 * Encodes within the peer's Maximum Packet Size: over it, every packet but PUBLISH loses Reason String and User
 * Property ([MQTT-3.4.2-2] and its like); what is still over it is not sent ([MQTT-3.1.2-24]): `undefined`.
 */
export function encodeWithin(packet: Packet, version: Version, maximum: number): Buffer | undefined {
  const whole = encode(packet, version);
  if (whole.length <= maximum) return whole;
  if (packet.type === 'publish' || !('properties' in packet)) return undefined;
  const { reasonString: _, userProperties: __, ...kept } = packet.properties;
  const short = encode({ ...packet, properties: isEmpty(kept) ? noProperties : kept }, version);
  return short.length <= maximum ? short : undefined;
}
