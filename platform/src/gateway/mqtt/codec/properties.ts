import type { Cursor } from './cursor.ts';
import { faults } from './faults.ts';
import { noProperties, type PacketWithProperties, type Properties } from './packet.ts';
import { isTopicName } from './topics.ts';
import type { Writer } from './writer.ts';

type Kind = 'flag' | 'u8' | 'u16' | 'u32' | 'varint' | 'text' | 'binary' | 'pair';
interface Row {
  readonly id: number;
  readonly name: keyof Properties;
  readonly kind: Kind;
  readonly packets: readonly PacketWithProperties[];
  /** A value of 0 is a protocol error. */
  readonly nonZero?: true;
  /** Value that means the same as absence; not written. */
  readonly absent?: number;
}

const message: readonly PacketWithProperties[] = ['publish', 'will'];
const all: readonly PacketWithProperties[] = [
  ...(['connect', 'will', 'connack', 'publish', 'puback', 'pubrec', 'pubrel', 'pubcomp'] as const),
  ...(['subscribe', 'suback', 'unsubscribe', 'unsuback', 'disconnect', 'auth'] as const),
];
const answers = all.filter((p) => !['connect', 'will', 'publish', 'subscribe', 'unsubscribe'].includes(p));

/** Table 2-4 of MQTT 5.0, in the order we write them: CONNACK starts with its two maxima, else by identifier. */
const rows: readonly Row[] = [
  { id: 0x22, name: 'topicAliasMaximum', kind: 'u16', packets: ['connect', 'connack'], absent: 0 },
  { id: 0x21, name: 'receiveMaximum', kind: 'u16', packets: ['connect', 'connack'], nonZero: true, absent: 65_535 },
  { id: 0x01, name: 'payloadFormatIndicator', kind: 'flag', packets: message, absent: 0 },
  { id: 0x02, name: 'messageExpiryInterval', kind: 'u32', packets: message },
  { id: 0x03, name: 'contentType', kind: 'text', packets: message },
  { id: 0x08, name: 'responseTopic', kind: 'text', packets: message },
  { id: 0x09, name: 'correlationData', kind: 'binary', packets: message },
  { id: 0x0b, name: 'subscriptionIdentifiers', kind: 'varint', packets: ['publish', 'subscribe'], nonZero: true },
  { id: 0x11, name: 'sessionExpiryInterval', kind: 'u32', packets: ['connect', 'connack', 'disconnect'] },
  { id: 0x12, name: 'assignedClientIdentifier', kind: 'text', packets: ['connack'] },
  { id: 0x13, name: 'serverKeepAlive', kind: 'u16', packets: ['connack'] },
  { id: 0x15, name: 'authenticationMethod', kind: 'text', packets: ['connect', 'connack', 'auth'] },
  { id: 0x16, name: 'authenticationData', kind: 'binary', packets: ['connect', 'connack', 'auth'] },
  { id: 0x17, name: 'requestProblemInformation', kind: 'flag', packets: ['connect'], absent: 1 },
  { id: 0x18, name: 'willDelayInterval', kind: 'u32', packets: ['will'], absent: 0 },
  { id: 0x19, name: 'requestResponseInformation', kind: 'flag', packets: ['connect'], absent: 0 },
  { id: 0x1a, name: 'responseInformation', kind: 'text', packets: ['connack'] },
  { id: 0x1c, name: 'serverReference', kind: 'text', packets: ['connack', 'disconnect'] },
  { id: 0x1f, name: 'reasonString', kind: 'text', packets: answers },
  { id: 0x23, name: 'topicAlias', kind: 'u16', packets: ['publish'] },
  { id: 0x24, name: 'maximumQos', kind: 'flag', packets: ['connack'], absent: 2 },
  { id: 0x25, name: 'retainAvailable', kind: 'flag', packets: ['connack'], absent: 1 },
  { id: 0x26, name: 'userProperties', kind: 'pair', packets: all },
  { id: 0x27, name: 'maximumPacketSize', kind: 'u32', packets: ['connect', 'connack'], nonZero: true },
  { id: 0x28, name: 'wildcardSubscriptionAvailable', kind: 'flag', packets: ['connack'], absent: 1 },
  { id: 0x29, name: 'subscriptionIdentifiersAvailable', kind: 'flag', packets: ['connack'], absent: 1 },
  { id: 0x2a, name: 'sharedSubscriptionAvailable', kind: 'flag', packets: ['connack'], absent: 1 },
];
const byId: readonly (Row | undefined)[] = Array.from({ length: 0x2b }, (_, id) => rows.find((row) => row.id === id));

type Value = number | string | Uint8Array | number[] | [string, string][];
/** What is read so far; becomes `Properties` because every row's kind is the type of its name there. */
type Draft = Partial<Record<keyof Properties, Value>>;

function readNumber(c: Cursor, kind: 'flag' | 'u8' | 'u16' | 'u32'): number {
  if (kind === 'u16') return c.u16();
  if (kind === 'u32') return c.u32();
  const value = c.u8();
  if (kind === 'flag' && value > 1) c.fail(faults.propertyValue);
  return value;
}

/** Reads a property that may repeat: user properties everywhere, subscription identifiers in a PUBLISH. */
function readRepeatable(c: Cursor, row: Row, packet: PacketWithProperties, draft: Draft): void {
  const before = draft[row.name];
  if (row.kind === 'pair') {
    const pair: [string, string] = [c.text(), c.text()];
    if (Array.isArray(before)) (before as [string, string][]).push(pair);
    else draft[row.name] = [pair];
    return;
  }
  const id = c.varint();
  if (id === 0) c.fail(faults.propertyValue);
  if (Array.isArray(before) && packet !== 'publish') c.fail(faults.propertyTwice);
  if (Array.isArray(before)) (before as number[]).push(id);
  else draft[row.name] = [id];
}

function readValue(c: Cursor, row: Row): Value {
  if (row.kind === 'text') {
    const text = c.text();
    if (row.name === 'responseTopic' && !isTopicName(text)) c.fail(faults.wildcardTopic);
    return text;
  }
  if (row.kind === 'binary') return c.binary();
  if (row.kind === 'varint' || row.kind === 'pair') return 0; // read by readRepeatable
  const value = readNumber(c, row.kind);
  if (value === 0 && row.nonZero) c.fail(faults.propertyValue);
  return value;
}

function readOne(c: Cursor, packet: PacketWithProperties, draft: Draft): void {
  const row = byId[c.varint()];
  if (row === undefined || !row.packets.includes(packet)) {
    c.fail(faults.propertyUnknown);
    return;
  }
  if (row.kind === 'pair' || row.kind === 'varint') {
    readRepeatable(c, row, packet, draft);
    return;
  }
  if (draft[row.name] !== undefined) c.fail(faults.propertyTwice);
  const value = readValue(c, row);
  if (row.name === 'topicAlias' && value === 0) c.fail(faults.topicAlias);
  draft[row.name] = value;
}

/** Reads the property length and the properties of `packet` (section 2.2.2); the cursor keeps the first fault. */
export function readProperties(c: Cursor, packet: PacketWithProperties): Properties {
  const length = c.varint();
  if (length === 0) return noProperties;
  const outer = c.end;
  if (c.at + length > outer) {
    c.fail(faults.propertyLength);
    return noProperties;
  }
  c.end = c.at + length;
  const draft: Draft = {};
  while (c.at < c.end) readOne(c, packet, draft);
  c.end = outer;
  if (c.fault !== undefined) c.at = outer;
  else if (draft.authenticationData !== undefined && draft.authenticationMethod === undefined) c.fail(faults.authData);
  return draft as Properties;
}

function writeValue(w: Writer, row: Row, value: NonNullable<Properties[keyof Properties]>): void {
  if (typeof value === 'string') w.u8(row.id).text(value);
  else if (typeof value === 'number') {
    w.u8(row.id);
    if (row.kind === 'u16') w.u16(value);
    else if (row.kind === 'u32') w.u32(value);
    else w.u8(value);
  } else if (value instanceof Uint8Array) w.u8(row.id).binary(value);
  else
    for (const item of value) {
      w.u8(row.id);
      if (typeof item === 'number') w.varint(item);
      else w.text(item[0]).text(item[1]);
    }
}

/** Writes property length and properties in the order of the table; what equals absence is left out. */
export function writeProperties(w: Writer, packet: PacketWithProperties, properties: Properties): void {
  w.open();
  if (properties !== noProperties)
    for (const row of rows) {
      const value = properties[row.name];
      if (value !== undefined && value !== row.absent && row.packets.includes(packet)) writeValue(w, row, value);
    }
  w.close();
}
