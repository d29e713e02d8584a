import type { ProblemCode } from '@pactgate/protocol';
import { ackReason } from '../reasons.ts';

const idMask = 0xffff;
const qos2Bit = 1 << 16;
const doneBit = 1 << 17;

/**
 * Acknowledgements a connection owes, in the order its publishes came ([MQTT-4.6.0-2], [MQTT-4.6.0-3]): the store may
 * answer in any order, what leaves here does not. Holds at most `limit`; memory comes with the first publish.
 */
export class AckQueue {
  private ring: Uint32Array = none;
  /** Refusals by ring position; rare. */
  private refusals: Map<number, ProblemCode> | undefined = undefined;
  /** Monotonic positions, taken modulo the ring's length. */
  private head = 0;
  private tail = 0;
  /** Positive ones among those of the last {@link take}. */
  positive = 0;

  get size(): number {
    return this.tail - this.head;
  }

  push(packetId: number, qos2: boolean): void {
    if (this.size === this.ring.length) this.grow();
    this.ring[this.tail & (this.ring.length - 1)] = qos2 ? packetId | qos2Bit : packetId;
    this.tail++;
  }

  /** Notes the outcome of the oldest open publish with this id and returns its QoS; 0: there is none. */
  resolve(packetId: number, code: ProblemCode | undefined): 0 | 1 | 2 {
    const { ring } = this;
    const mask = ring.length - 1;
    for (let at = this.head; at < this.tail; at++) {
      const entry = ring[at & mask] ?? 0;
      if ((entry & idMask) !== packetId || (entry & doneBit) !== 0) continue;
      ring[at & mask] = entry | doneBit;
      if (code !== undefined) (this.refusals ??= new Map()).set(at, code);
      return (entry & qos2Bit) === 0 ? 1 : 2;
    }
    return 0;
  }

  /** How many at the front are answered. */
  get ready(): number {
    const mask = this.ring.length - 1;
    let at = this.head;
    while (at < this.tail && ((this.ring[at & mask] ?? 0) & doneBit) !== 0) at++;
    return at - this.head;
  }

  /**
   * Takes the answered ones off the front as PUBACK and PUBREC packets in one buffer. Version 5 carries reason codes,
   * with the problem code as Reason String when `explain`.
   */
  take(version5: boolean, explain: boolean): Buffer | undefined {
    const count = this.ready;
    if (count === 0) return undefined;
    this.positive = count;
    if (this.refusals === undefined || !version5) return this.takePlain(count);
    const parts: Buffer[] = [];
    for (let i = 0; i < count; i++) parts.push(this.takeOne(explain));
    return Buffer.concat(parts);
  }

  private takePlain(count: number): Buffer {
    const out = Buffer.allocUnsafe(count * 4);
    const mask = this.ring.length - 1;
    for (let at = 0; at < out.length; at += 4) {
      const entry = this.ring[this.head & mask] ?? 0;
      out[at] = (entry & qos2Bit) === 0 ? 0x40 : 0x50;
      out[at + 1] = 2;
      out[at + 2] = (entry >> 8) & 0xff;
      out[at + 3] = entry & 0xff;
      if (this.refusals !== undefined) this.refusalAtHead();
      this.head++;
    }
    return out;
  }

  private refusalAtHead(): ProblemCode | undefined {
    const code = this.refusals?.get(this.head);
    if (code === undefined) return undefined;
    this.refusals?.delete(this.head);
    this.positive--;
    if (this.refusals?.size === 0) this.refusals = undefined;
    return code;
  }

  private takeOne(explain: boolean): Buffer {
    const entry = this.ring[this.head & (this.ring.length - 1)] ?? 0;
    const code = this.refusalAtHead();
    this.head++;
    const first = (entry & qos2Bit) === 0 ? 0x40 : 0x50;
    const id = [(entry >> 8) & 0xff, entry & 0xff] as const;
    if (code === undefined) return Buffer.from([first, 2, ...id]);
    if (!explain) return Buffer.from([first, 3, ...id, ackReason(code)]);
    const text = Buffer.from(code);
    const head = [first, text.length + 7, ...id, ackReason(code), text.length + 3, 0x1f, 0, text.length];
    return Buffer.concat([Buffer.from(head), text]);
  }

  private grow(): void {
    const grown = new Uint32Array(Math.max(8, this.ring.length * 2));
    for (let at = this.head; at < this.tail; at++)
      grown[at & (grown.length - 1)] = this.ring[at & (this.ring.length - 1)] ?? 0;
    this.ring = grown;
  }
}
const none = new Uint32Array(0);
