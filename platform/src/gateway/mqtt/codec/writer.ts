/**
 * Builds one packet front to back in a scratch buffer; a length of variable size is filled in by {@link close} and
 * {@link packet}. What is written comes from our own code: a text or binary over 65,535 octets is a bug and throws.
 */
export class Writer {
  private bytes = Buffer.allocUnsafe(1024);
  private at = 0;
  /** Where the properties being written start; one level is all MQTT needs. */
  private mark = 0;

  private room(n: number): void {
    if (this.at + n <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.at + n));
    this.bytes.copy(grown, 0, 0, this.at);
    this.bytes = grown;
  }

  u8(value: number): this {
    this.room(1);
    this.bytes[this.at++] = value;
    return this;
  }

  u16(value: number): this {
    this.room(2);
    this.at = this.bytes.writeUInt16BE(value, this.at);
    return this;
  }

  u32(value: number): this {
    this.room(4);
    this.at = this.bytes.writeUInt32BE(value, this.at);
    return this;
  }

  varint(value: number): this {
    if (value > 268_435_455) throw new RangeError('variable byte integer over its maximum');
    let rest = value;
    do {
      const octet = rest & 0x7f;
      rest >>>= 7;
      this.u8(rest > 0 ? octet | 0x80 : octet);
    } while (rest > 0);
    return this;
  }

  text(value: string): this {
    const length = Buffer.byteLength(value);
    if (length > 65_535) throw new RangeError('text over 65,535 octets');
    this.u16(length).room(length);
    this.at += this.bytes.write(value, this.at, 'utf8');
    return this;
  }

  binary(value: Uint8Array): this {
    if (value.length > 65_535) throw new RangeError('binary over 65,535 octets');
    return this.u16(value.length).raw(value);
  }

  raw(value: Uint8Array): this {
    this.room(value.length);
    this.bytes.set(value, this.at);
    this.at += value.length;
    return this;
  }

  /** Starts a part whose length stands before it as a variable byte integer. */
  open(): void {
    this.mark = this.at;
  }

  close(): void {
    const length = this.at - this.mark;
    const size = length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : 4;
    this.room(size);
    this.bytes.copyWithin(this.mark + size, this.mark, this.at);
    this.at = this.mark;
    this.varint(length);
    this.at += length;
  }

  /** The finished packet under this first byte, as a buffer of its own; the writer is empty again. */
  packet(first: number): Buffer {
    const body = this.at;
    this.mark = 0;
    this.close();
    const out = Buffer.allocUnsafe(this.at + 1);
    out[0] = first;
    this.bytes.copy(out, 1, 0, this.at);
    this.at = 0;
    if (body > 65_536) this.bytes = Buffer.allocUnsafe(1024);
    return out;
  }

  /** Drops what an exception left behind. */
  reset(): void {
    this.at = 0;
  }
}
