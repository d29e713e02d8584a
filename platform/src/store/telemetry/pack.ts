import type { Sample } from '../../duties/data/index.ts';

/**
 * Samples of one commit in one buffer, which moves to the writing worker without a copy. Little-endian; per sample:
 *
 *     u32 device | u32 channel | f64 at | f64 received | u32 body length | u32 sealed length + 1 (0 = none) |
 *     u32 numbers length | body | sealed | numbers
 *
 * `numbers` is what the column of that name holds: (u32 field, f64 value) for each.
 */
const headSize = 36;
const pairSize = 12;

const initialSize = 256 * 1024;

export interface PackedBatch {
  readonly buffer: ArrayBuffer;
  readonly length: number;
  readonly count: number;
}

/** Collects samples; grows by doubling. Mutable: the hot path. */
export class Packer {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;
  #count = 0;

  /** @param buffer of an earlier batch that came back, to be used again */
  constructor(buffer: ArrayBuffer = new ArrayBuffer(initialSize)) {
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }

  get count(): number {
    return this.#count;
  }
  get length(): number {
    return this.#length;
  }

  add(sample: Sample): void {
    const { body, sealed, fields, values } = sample;
    const pairs = fields?.length ?? 0;
    const size = packedSize(sample);
    if (this.#length + size > this.#bytes.length) this.#grow(this.#length + size);
    const view = this.#view;
    let at = this.#length;
    view.setUint32(at, sample.device, true);
    view.setUint32(at + 4, sample.channel, true);
    view.setFloat64(at + 8, sample.at, true);
    view.setFloat64(at + 16, sample.received, true);
    view.setUint32(at + 24, body.length, true);
    view.setUint32(at + 28, sealed ? sealed.length + 1 : 0, true);
    view.setUint32(at + 32, pairs * pairSize, true);
    at += headSize;
    this.#bytes.set(body, at);
    at += body.length;
    if (sealed) {
      this.#bytes.set(sealed, at);
      at += sealed.length;
    }
    for (let i = 0; i < pairs; i++, at += pairSize) {
      view.setUint32(at, fields?.[i] ?? 0, true);
      view.setFloat64(at + 4, values?.[i] ?? 0, true);
    }
    this.#length = at;
    this.#count++;
  }

  finish(): PackedBatch {
    return { buffer: this.#bytes.buffer, length: this.#length, count: this.#count };
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

export const packedSize = ({ body, sealed, fields }: Sample): number =>
  headSize + body.length + (sealed?.length ?? 0) + (fields?.length ?? 0) * pairSize;

/** One sample as it lies in the buffer; the byte arrays are views of it. */
export interface PackedSample {
  readonly device: number;
  readonly channel: number;
  readonly at: number;
  readonly received: number;
  readonly body: Uint8Array;
  readonly sealed: Uint8Array | null;
  readonly numbers: Uint8Array | null;
}

/** The samples of a batch, in order. */
export function* unpack({ buffer, count }: PackedBatch): Generator<PackedSample> {
  const view = new DataView(buffer);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const bodyLength = view.getUint32(at + 24, true);
    const sealedLength = view.getUint32(at + 28, true);
    const numbersLength = view.getUint32(at + 32, true);
    const body = at + headSize;
    const sealed = body + bodyLength;
    const numbers = sealed + Math.max(0, sealedLength - 1);
    yield {
      device: view.getUint32(at, true),
      channel: view.getUint32(at + 4, true),
      at: view.getFloat64(at + 8, true),
      received: view.getFloat64(at + 16, true),
      body: new Uint8Array(buffer, body, bodyLength),
      sealed: sealedLength === 0 ? null : new Uint8Array(buffer, sealed, sealedLength - 1),
      numbers: numbersLength === 0 ? null : new Uint8Array(buffer, numbers, numbersLength),
    };
    at = numbers + numbersLength;
  }
}

/** Calls `each` for the (field, value) pairs of a `numbers` column. */
export function eachNumber(numbers: Uint8Array, each: (field: number, value: number) => void): void {
  const view = new DataView(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  for (let at = 0; at + pairSize <= numbers.length; at += pairSize)
    each(view.getUint32(at, true), view.getFloat64(at + 4, true));
}
