import { Cursor } from './cursor.ts';
import {
  readAck,
  readConnack,
  readConnect,
  readDisconnect,
  readSuback,
  readSubscribe,
  readUnsubscribe,
  readVersion,
} from './decode.ts';
import { type Fault, faults } from './faults.ts';
import { beforeConnect, types, type Verdicts, verdictsFor } from './first-octet.ts';
import type { DecoderLimits } from './limits.ts';
import type { Packet, PublishPacket, Role, Version } from './packet.ts';
import { InboundPublish, readPublish } from './publish.ts';

/** What {@link Decoder} yields. */
export type Inbound = Exclude<Packet, PublishPacket> | InboundPublish;

const pingreq = { type: 'pingreq' } as const;
const pingresp = { type: 'pingresp' } as const;
const empty = Buffer.alloc(0);
/** One for the process: a body is read in one go. */
const cursor = new Cursor();

type Reader = (c: Cursor, version: Version, role: Role) => Inbound;
/** Readers of bodies by packet type; CONNECT and PUBLISH need the decoder's own state. */
const readers: readonly (Reader | undefined)[] = [
  undefined,
  undefined,
  readConnack,
  undefined,
  (c, version) => readAck(c, 'puback', version),
  (c, version) => readAck(c, 'pubrec', version),
  (c, version) => readAck(c, 'pubrel', version),
  (c, version) => readAck(c, 'pubcomp', version),
  readSubscribe,
  (c, version) => readSuback(c, 'suback', version),
  readUnsubscribe,
  (c, version) => readSuback(c, 'unsuback', version),
  () => pingreq,
  () => pingresp,
  (c, version, role) => readDisconnect(c, 'disconnect', version, role),
  (c, version, role) => readDisconnect(c, 'auth', version, role),
];

/**
 * Strict incremental decoder of one direction of one connection.
 *
 * Give it bytes with {@link push} and take packets with {@link next} until that returns `undefined`: then either more
 * bytes are needed or {@link fault} says why the rest is refused, for good. Packets and fault are the same for every
 * split of the input. Never throws. Holds at most one incomplete packet, and of that no more than twice what arrived.
 * A PUBLISH is one object that the next call overwrites, over memory that the next push releases.
 */
export class Decoder {
  /** 0 until the version is known: from CONNECT as a server, from the caller as a client. */
  version: Version | 0 = 0;
  fault: Fault | undefined = undefined;
  readonly limits: DecoderLimits;
  private chunk: Buffer = empty;
  private at = 0;
  /** Start of an incomplete packet: `held` octets. */
  private partial: Buffer = empty;
  private held = 0;
  private publish: InboundPublish | undefined = undefined;
  private verdicts: Verdicts;

  constructor(limits: DecoderLimits, version: Version | 0 = 0) {
    this.limits = limits;
    this.version = version;
    this.verdicts = limits.role === 'server' ? beforeConnect : verdictsFor('client', version === 0 ? 4 : version);
  }

  /** Octets given but not yet decoded. */
  get pending(): number {
    return this.held + this.chunk.length - this.at;
  }

  push(chunk: Buffer): void {
    if (this.at < this.chunk.length) this.chunk = Buffer.concat([this.chunk.subarray(this.at), chunk]);
    else this.chunk = chunk;
    this.at = 0;
  }

  next(): Inbound | undefined {
    if (this.fault !== undefined) return undefined;
    if (this.held > 0) return this.resume();
    const { chunk, at } = this;
    const left = chunk.length - at;
    if (left === 0) return this.release();
    const length = this.packetLength(chunk, at, left);
    if (this.fault !== undefined) return undefined;
    if (length === 0 || length > left) {
      this.hold(at, left, length);
      return this.release();
    }
    this.at = at + length;
    return this.body(chunk, at, at + length);
  }

  /** Lets go of the chunk, which pins up to 64 KiB. */
  private release(): undefined {
    this.chunk = empty;
    this.at = 0;
    return undefined;
  }

  /** Whole length of the packet that starts at `at`; 0 = its fixed header is incomplete. Sets `fault`. */
  private packetLength(bytes: Buffer, at: number, left: number): number {
    const first = bytes[at] ?? 0;
    const fault = this.verdicts[first];
    if (fault !== undefined) {
      this.fault = fault;
      return 0;
    }
    let length = 0;
    for (let i = 1; i <= 4; i++) {
      if (i >= left) return 0;
      const octet = bytes[at + i] ?? 0;
      length |= (octet & 0x7f) << (7 * (i - 1));
      if (octet >= 0x80) continue;
      if (octet === 0 && i > 1) break;
      return this.withinLimit(first, length + i + 1);
    }
    this.fault = faults.varint;
    return 0;
  }

  private withinLimit(first: number, length: number): number {
    const limit = first >> 4 === types.connect ? this.limits.maximumConnectSize : this.limits.maximumPacketSize;
    if (length <= limit) return length;
    this.fault = faults.tooLarge;
    return 0;
  }

  /** Keeps `left` octets of an incomplete packet of `length` (0 = not known yet). */
  private hold(at: number, left: number, length: number): void {
    this.grow(left, length);
    this.chunk.copy(this.partial, 0, at, at + left);
    this.held = left;
  }

  /** Room for `needed` octets: doubles, so that a length claimed but not sent costs the peer as much as us. */
  private grow(needed: number, length: number): void {
    if (this.partial.length >= needed) return;
    const target = Math.max(64, needed * 2);
    const grown = Buffer.allocUnsafeSlow(length > 0 ? Math.min(Math.max(length, needed), target) : target);
    this.partial.copy(grown, 0, 0, this.held);
    this.partial = grown;
  }

  /** Completes the held packet from the chunk, octet by octet until its length is known. */
  private resume(): Inbound | undefined {
    let length = this.packetLength(this.partial, 0, this.held);
    while (length === 0 && this.fault === undefined && this.at < this.chunk.length) {
      this.take(1, 0);
      length = this.packetLength(this.partial, 0, this.held);
    }
    if (this.fault !== undefined) return undefined;
    if (length > this.held) this.take(Math.min(length - this.held, this.chunk.length - this.at), length);
    if (length === 0 || this.held < length) return this.release();
    const bytes = this.partial;
    this.partial = empty;
    this.held = 0;
    return this.body(bytes, 0, length);
  }

  private take(n: number, length: number): void {
    this.grow(this.held + n, length);
    this.chunk.copy(this.partial, this.held, this.at, this.at + n);
    this.held += n;
    this.at += n;
  }

  /** Decodes one complete packet; skips the fixed header, which was read before. */
  private body(bytes: Buffer, start: number, end: number): Inbound | undefined {
    const first = bytes[start] ?? 0;
    let at = start + 1;
    while ((bytes[at] ?? 0) >= 0x80) at++;
    cursor.open(bytes, at + 1, end);
    const packet = this.read(first);
    if (cursor.fault === undefined && cursor.at !== cursor.end) cursor.fail(faults.trailing);
    if (cursor.fault === undefined) return packet;
    this.fault = cursor.fault;
    return undefined;
  }

  private read(first: number): Inbound | undefined {
    const type = first >> 4;
    const version = this.version === 0 ? 4 : this.version;
    if (type === types.publish) {
      this.publish ??= new InboundPublish(version, this.limits);
      readPublish(cursor, first, this.publish);
      return this.publish;
    }
    if (type === types.connect) return this.readConnect();
    return readers[type]?.(cursor, version, this.limits.role);
  }

  private readConnect(): Inbound {
    const version = readVersion(cursor, this.limits.allowMqtt31);
    // A fault before the version is known leaves no format to answer in.
    if (cursor.fault === undefined || cursor.fault === faults.protocolVersion) this.version = version;
    this.verdicts = verdictsFor('server', version);
    return readConnect(cursor, version);
  }
}
