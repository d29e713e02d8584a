import type { Cursor } from './cursor.ts';
import { faults } from './faults.ts';
import {
  type AckPacket,
  type AckType,
  type ConnackPacket,
  type ConnectPacket,
  type DisconnectPacket,
  noProperties,
  type Qos,
  type Role,
  type SubackPacket,
  type SubscribePacket,
  type SubscriptionRequest,
  type UnsubscribePacket,
  type Version,
  type Will,
} from './packet.ts';
import { readProperties } from './properties.ts';
import { ackReasons, authReasons, connackReasons, disconnectReasons, subackReasons } from './reason.ts';
import { isShared, isTopicFilter, isTopicName } from './topics.ts';

/**
 * Protocol name and level (sections 3.1.2.1, 3.1.2.2). An unknown level stays in the cursor as a fault; the version
 * returned is then the one to answer in.
 */
export function readVersion(c: Cursor, allowMqtt31: boolean): Version {
  const name = c.text();
  const level = c.u8();
  if (c.fault !== undefined) return 4;
  if (name === 'MQIsdp' && level === 3) {
    if (!allowMqtt31) c.fail(faults.protocolVersion);
    return 3;
  }
  if (name !== 'MQTT') {
    c.fail(faults.protocolName);
    return 4;
  }
  if (level === 4 || level === 5) return level;
  c.fail(faults.protocolVersion);
  return level > 5 ? 5 : 4;
}

const usernameFlag = 0x80;
const passwordFlag = 0x40;
const willRetainFlag = 0x20;
const willFlag = 0x04;
const cleanFlag = 0x02;

function checkConnectFlags(c: Cursor, flags: number, version: Version): void {
  const willBits = flags & 0x38;
  const bad =
    (flags & 1) !== 0 ||
    ((flags & willFlag) === 0 && willBits !== 0) ||
    (flags & 0x18) === 0x18 ||
    (version < 5 && (flags & passwordFlag) !== 0 && (flags & usernameFlag) === 0);
  if (bad) c.fail(faults.connectFlags);
}

function readWill(c: Cursor, flags: number, version: Version): Will {
  const properties = version === 5 ? readProperties(c, 'will') : noProperties;
  const topic = c.text();
  if (c.fault === undefined && topic === '') c.fail(faults.emptyTopic);
  if (!isTopicName(topic)) c.fail(faults.wildcardTopic);
  const qos = ((flags >> 3) & 3) as Qos; // 3 was refused with the flags
  return { topic, payload: c.binary(), qos, retain: (flags & willRetainFlag) !== 0, properties };
}

/** CONNECT after protocol name and level (section 3.1). */
export function readConnect(c: Cursor, version: Version): ConnectPacket {
  const flags = c.u8();
  checkConnectFlags(c, flags, version);
  const keepAlive = c.u16();
  const properties = version === 5 ? readProperties(c, 'connect') : noProperties;
  const clientId = c.text();
  const will = (flags & willFlag) === 0 ? undefined : readWill(c, flags, version);
  const username = (flags & usernameFlag) === 0 ? undefined : c.text();
  const password = (flags & passwordFlag) === 0 ? undefined : c.binary();
  return {
    type: 'connect',
    version,
    cleanStart: (flags & cleanFlag) !== 0,
    keepAlive,
    clientId,
    ...(will && { will }),
    ...(username !== undefined && { username }),
    ...(password && { password }),
    properties,
  };
}

export function readConnack(c: Cursor, version: Version): ConnackPacket {
  const flags = c.u8();
  if (flags > 1) c.fail(faults.flags); // [MQTT-3.2.2-1]
  const reasonCode = c.u8();
  const legal = version === 5 ? connackReasons.has(reasonCode) : reasonCode <= 5;
  if (!legal) c.fail(faults.reasonCode);
  const properties = version === 5 ? readProperties(c, 'connack') : noProperties;
  return { type: 'connack', sessionPresent: flags === 1, reasonCode, properties };
}

/** PUBACK, PUBREC, PUBREL, PUBCOMP; in MQTT 5 the reason code and then the properties may be left out (3.4.2). */
export function readAck(c: Cursor, type: AckType, version: Version): AckPacket {
  const packetId = c.packetId();
  if (version < 5 || c.at === c.end) return { type, packetId, reasonCode: 0, properties: noProperties };
  const reasonCode = c.u8();
  if (!ackReasons[type].has(reasonCode)) c.fail(faults.reasonCode);
  const properties = c.at === c.end ? noProperties : readProperties(c, type);
  return { type, packetId, reasonCode, properties };
}

function readOptions(c: Cursor, filter: string, version: Version): SubscriptionRequest {
  const options = c.u8();
  const qos = options & 3;
  if ((options & (version === 5 ? 0xc0 : 0xfc)) !== 0) c.fail(faults.optionBits);
  if (qos === 3) c.fail(faults.subscribeQos);
  const retainHandling = (options >> 4) & 3;
  if (retainHandling === 3) c.fail(faults.retainHandling);
  const noLocal = (options & 4) !== 0;
  if (noLocal && isShared(filter)) c.fail(faults.noLocalShared);
  return {
    filter,
    qos: qos as Qos, // 3 is a fault above, and then nobody sees the packet
    noLocal,
    retainAsPublished: (options & 8) !== 0,
    retainHandling: retainHandling as 0 | 1 | 2, // same
  };
}

function readFilter(c: Cursor, version: Version): string {
  const filter = c.text();
  if (c.fault === undefined && !isTopicFilter(filter, version === 5)) c.fail(faults.filter);
  return filter;
}

export function readSubscribe(c: Cursor, version: Version): SubscribePacket {
  const packetId = c.packetId();
  const properties = version === 5 ? readProperties(c, 'subscribe') : noProperties;
  if (c.at === c.end) c.fail(faults.noFilter);
  const subscriptions: SubscriptionRequest[] = [];
  while (c.at < c.end) {
    const filter = readFilter(c, version);
    subscriptions.push(readOptions(c, filter, version));
  }
  return { type: 'subscribe', packetId, subscriptions, properties };
}

export function readUnsubscribe(c: Cursor, version: Version): UnsubscribePacket {
  const packetId = c.packetId();
  const properties = version === 5 ? readProperties(c, 'unsubscribe') : noProperties;
  if (c.at === c.end) c.fail(faults.noFilter);
  const filters: string[] = [];
  while (c.at < c.end) filters.push(readFilter(c, version));
  return { type: 'unsubscribe', packetId, filters, properties };
}

export function readSuback(c: Cursor, type: 'suback' | 'unsuback', version: Version): SubackPacket {
  const packetId = c.packetId();
  const properties = version === 5 ? readProperties(c, type) : noProperties;
  const reasonCodes: number[] = [];
  if (version < 5 && type === 'unsuback') return { type, packetId, reasonCodes, properties };
  while (c.at < c.end) {
    const code = c.u8();
    const legal = version === 5 ? subackReasons[type].has(code) : code <= 2 || code === 0x80;
    if (!legal) c.fail(faults.reasonCode);
    reasonCodes.push(code);
  }
  return { type, packetId, reasonCodes, properties };
}

/** DISCONNECT and AUTH (sections 3.14, 3.15): everything may be left out when it is success. */
export function readDisconnect(c: Cursor, type: 'disconnect' | 'auth', version: Version, role: Role): DisconnectPacket {
  if (version < 5 || c.at === c.end) return { type, reasonCode: 0, properties: noProperties };
  const reasonCode = c.u8();
  const legal = type === 'auth' ? authReasons : disconnectReasons[role];
  if (!legal.has(reasonCode)) c.fail(faults.reasonCode);
  const properties = c.at === c.end ? noProperties : readProperties(c, type);
  if (role === 'client' && properties.sessionExpiryInterval !== undefined) c.fail(faults.serverExpiry);
  return { type, reasonCode, properties };
}
