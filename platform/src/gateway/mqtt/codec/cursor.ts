import { type Fault, faults } from './faults.ts';
import { isMqttText } from './utf8.ts';

/** Reads the fields of one packet. The first fault sticks; every read after it returns a neutral value. */
export class Cursor {
  bytes: Buffer = Buffer.alloc(0);
  at = 0;
  end = 0;
  fault: Fault | undefined = undefined;

  open(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.fault = undefined;
  }

  fail(fault: Fault): void {
    this.fault ??= fault;
    this.at = this.end;
  }

  /** Whether `n` more octets are there; if not, the packet is truncated. */
  private has(n: number): boolean {
    if (this.at + n <= this.end) return true;
    this.fail(faults.truncated);
    return false;
  }

  u8(): number {
    if (!this.has(1)) return 0;
    return this.bytes[this.at++] ?? 0;
  }

  u16(): number {
    if (!this.has(2)) return 0;
    const value = ((this.bytes[this.at] ?? 0) << 8) | (this.bytes[this.at + 1] ?? 0);
    this.at += 2;
    return value;
  }

  u32(): number {
    if (!this.has(4)) return 0;
    const value = this.bytes.readUInt32BE(this.at);
    this.at += 4;
    return value;
  }

  /** Variable Byte Integer, at most 4 octets, shortest form [MQTT-1.5.5-1]. */
  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      if (!this.has(1)) return 0;
      const octet = this.bytes[this.at++] ?? 0;
      value |= (octet & 0x7f) << shift;
      if (octet >= 0x80) continue;
      if (octet === 0 && shift > 0) break;
      return value;
    }
    this.fail(faults.varint);
    return 0;
  }

  /** UTF-8 Encoded String, section 1.5.4. */
  text(): string {
    const length = this.u16();
    if (length === 0 || !this.has(length)) return '';
    const start = this.at;
    this.at += length;
    if (isMqttText(this.bytes, start, this.at)) return this.bytes.toString('utf8', start, this.at);
    this.fail(faults.utf8);
    return '';
  }

  /** Binary Data, section 1.5.6; copied, because it outlives the receive buffer. */
  binary(): Uint8Array {
    const length = this.u16();
    if (!this.has(length)) return new Uint8Array(0);
    const value = new Uint8Array(length);
    value.set(this.bytes.subarray(this.at, this.at + length));
    this.at += length;
    return value;
  }

  packetId(): number {
    const id = this.u16();
    if (id === 0) this.fail(faults.packetId);
    return id;
  }
}
