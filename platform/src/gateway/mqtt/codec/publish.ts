import type { Cursor } from './cursor.ts';
import { type Fault, faults } from './faults.ts';
import type { DecoderLimits } from './limits.ts';
import { noProperties, type Properties, type PublishPacket, type Qos, type Version } from './packet.ts';
import { readProperties } from './properties.ts';
import { isTopicName } from './topics.ts';

/** A PUBLISH as it lies in the receive buffer. One object per decoder, overwritten by the next packet. */
export class InboundPublish implements PublishPacket {
  readonly type = 'publish';
  dup = false;
  qos: Qos = 0;
  retain = false;
  topic = '';
  packetId = 0;
  properties: Properties = noProperties;
  bytes: Buffer = empty;
  start = 0;
  end = 0;
  readonly version: Version;
  readonly limits: DecoderLimits;

  constructor(version: Version, limits: DecoderLimits) {
    this.version = version;
    this.limits = limits;
  }

  /** View of the receive buffer, valid until the decoder's next packet. */
  get payload(): Uint8Array {
    return this.bytes.subarray(this.start, this.end);
  }
}
const empty = Buffer.alloc(0);

/** Faults of the first octet of a PUBLISH (section 3.3.1). */
export function publishFlagsFault(first: number): Fault | undefined {
  const qos = (first >> 1) & 3;
  if (qos === 3) return faults.qos3;
  return qos === 0 && (first & 8) !== 0 ? faults.dupQos0 : undefined;
}

/**
 * Whether the octets at `start` are exactly this ASCII text: devices repeat their topic, and comparing is cheaper than
 * decoding. `text` was accepted before, so its octets need no second check.
 */
function sameAscii(bytes: Buffer, start: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f || bytes[start + i] !== code) return false;
  }
  return true;
}

function readTopic(c: Cursor, packet: InboundPublish): void {
  const length = ((c.bytes[c.at] ?? 0) << 8) | (c.bytes[c.at + 1] ?? 0);
  const known = packet.topic;
  if (length === known.length && length > 0 && c.at + 2 + length <= c.end && sameAscii(c.bytes, c.at + 2, known)) {
    c.at += 2 + length;
    return;
  }
  const topic = c.text();
  if (!isTopicName(topic)) c.fail(faults.wildcardTopic);
  packet.topic = topic;
}

function checkProperties(c: Cursor, packet: InboundPublish): void {
  const { topicAlias, subscriptionIdentifiers } = packet.properties;
  if (topicAlias !== undefined && topicAlias > packet.limits.topicAliasMaximum) c.fail(faults.topicAlias);
  if (subscriptionIdentifiers !== undefined && packet.limits.role === 'server') c.fail(faults.clientSubscriptionId);
}

/** Reads the body of a PUBLISH into `packet` (section 3.3); faults stay in the cursor. */
export function readPublish(c: Cursor, first: number, packet: InboundPublish): void {
  readTopic(c, packet);
  const qos = (first >> 1) & 3;
  packet.dup = (first & 8) !== 0;
  packet.qos = qos as Qos; // 3 was refused with the first octet
  packet.retain = (first & 1) !== 0;
  packet.packetId = qos === 0 ? 0 : c.packetId();
  packet.properties = noProperties;
  if (packet.version === 5) {
    if (c.bytes[c.at] === 0 && c.at < c.end) c.at++;
    else {
      packet.properties = readProperties(c, 'publish');
      checkProperties(c, packet);
    }
  }
  if (packet.topic === '' && packet.properties.topicAlias === undefined) c.fail(faults.emptyTopic);
  packet.bytes = c.bytes;
  packet.start = c.at;
  packet.end = c.end;
  c.at = c.end;
}
