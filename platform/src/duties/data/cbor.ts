/**
 * CBOR (RFC 8949) in the one profile that telemetry rows use: definite lengths, heads in shortest form, numbers that
 * are whole as integers up to 2^53, others as 4 octets where exact and 8 otherwise, no tags, text keys. The decoder
 * refuses every other spelling, so a row has one form and a changed row is noticed.
 */
export type CborValue = number | boolean | string | Uint8Array | undefined | readonly CborValue[] | CborMap;
export type CborMap = ReadonlyMap<string, CborValue>;

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Writes rows into one reused, growing buffer. Call {@link ensure} before writes: the others check nothing. */
export class CborWriter {
  bytes: Uint8Array;
  /** Octets written since {@link reset}. */
  length = 0;
  #view: DataView;

  constructor(capacity = 4_096) {
    this.bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.bytes.buffer);
  }

  reset(): void {
    this.length = 0;
  }

  /** Makes room for `more` octets beyond what was written. */
  ensure(more: number): void {
    const need = this.length + more;
    if (need <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(need, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.#view = new DataView(grown.buffer);
  }

  /** View of what was written; valid until the next write. */
  done(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** Head of a major type (0 to 5) with its argument, 0 to 2^53: at most 9 octets. */
  head(major: number, n: number): void {
    const { bytes } = this;
    const type = major << 5;
    let at = this.length;
    if (n < 24) {
      bytes[at++] = type | n;
    } else if (n < 0x100) {
      bytes[at++] = type | 24;
      bytes[at++] = n;
    } else if (n < 0x1_0000) {
      bytes[at++] = type | 25;
      bytes[at++] = n >>> 8;
      bytes[at++] = n & 0xff;
    } else {
      at = this.#longHead(type, n);
    }
    this.length = at;
  }

  #longHead(type: number, n: number): number {
    const at = this.length;
    if (n < 0x1_0000_0000) {
      this.bytes[at] = type | 26;
      this.#view.setUint32(at + 1, n);
      return at + 5;
    }
    this.bytes[at] = type | 27;
    this.#view.setUint32(at + 1, Math.floor(n / 0x1_0000_0000));
    this.#view.setUint32(at + 5, n % 0x1_0000_0000);
    return at + 9;
  }

  /** A finite number; -0 is written as 0. At most 9 octets. */
  number(x: number): void {
    if (Number.isSafeInteger(x)) {
      if (x >= 0) this.head(0, x);
      else this.head(1, -1 - x);
      return;
    }
    const at = this.length;
    if (Math.fround(x) === x) {
      this.bytes[at] = 0xfa;
      this.#view.setFloat32(at + 1, x);
      this.length = at + 5;
    } else {
      this.bytes[at] = 0xfb;
      this.#view.setFloat64(at + 1, x);
      this.length = at + 9;
    }
  }

  boolean(value: boolean): void {
    this.bytes[this.length++] = value ? 0xf5 : 0xf4;
  }

  /** The mark of an absent field. */
  absent(): void {
    this.bytes[this.length++] = 0xf7;
  }

  /** Octets `from` to `to` of `source` as text (major 3, must be UTF-8) or bytes (major 2). */
  range(major: 2 | 3, source: Uint8Array, from: number, to: number): void {
    const n = to - from;
    this.head(major, n);
    const { bytes } = this;
    let at = this.length;
    // A loop beats `set` for the short texts telemetry consists of.
    if (n <= 32) for (let i = from; i < to; i++) bytes[at++] = source[i] ?? 0;
    else {
      bytes.set(source.subarray(from, to), at);
      at += n;
    }
    this.length = at;
  }

  /** Octets as they are: something encoded earlier. */
  raw(source: Uint8Array): void {
    this.bytes.set(source, this.length);
    this.length += source.length;
  }
}

/** A text with its head, for names that are written again and again. */
export function encodeText(text: string): Uint8Array {
  const content = utf8.encode(text);
  const writer = new CborWriter(content.length + 9);
  writer.range(3, content, 0, content.length);
  return writer.done().slice();
}

/** Bytes that are no row of ours: damaged, or written by somebody else. */
export class CborError extends Error {
  override readonly name = 'CborError';
}

/** Nesting of a row: the array or map of fields, and a position within. */
const maxDepth = 4;

class CborReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #take(n: number): number {
    const from = this.at;
    if (n > this.#bytes.length - from) throw new CborError('truncated');
    this.at = from + n;
    return from;
  }

  /** Argument of a head, in shortest form only. */
  #argument(info: number): number {
    if (info < 24) return info;
    const size = [1, 2, 4, 8][info - 24];
    if (size === undefined) throw new CborError('indefinite length or reserved head');
    const from = this.#take(size);
    const view = this.#view;
    const value =
      size === 1
        ? view.getUint8(from)
        : size === 2
          ? view.getUint16(from)
          : size === 4
            ? view.getUint32(from)
            : view.getUint32(from) * 0x1_0000_0000 + view.getUint32(from + 4);
    const least = [24, 0x100, 0x1_0000, 0x1_0000_0000][info - 24] ?? 0;
    if (value < least) throw new CborError('head not in shortest form');
    if (!Number.isSafeInteger(value)) throw new CborError('number beyond 2^53');
    return value;
  }

  #simple(info: number): CborValue {
    switch (info) {
      case 20:
        return false;
      case 21:
        return true;
      case 23:
        return undefined;
      case 26:
        return this.#float(this.#view.getFloat32(this.#take(4)));
      case 27: {
        const value = this.#view.getFloat64(this.#take(8));
        if (Math.fround(value) === value) throw new CborError('float not in shortest form');
        return this.#float(value);
      }
      default:
        throw new CborError('simple value outside the profile');
    }
  }

  #float(value: number): number {
    if (!Number.isFinite(value) || Number.isSafeInteger(value)) throw new CborError('float outside the profile');
    return value;
  }

  #text(n: number): string {
    const from = this.#take(n);
    try {
      return strictUtf8.decode(this.#bytes.subarray(from, from + n));
    } catch (cause) {
      throw new CborError('text is not UTF-8', { cause });
    }
  }

  #map(n: number, depth: number): CborMap {
    const map = new Map<string, CborValue>();
    for (let i = 0; i < n; i++) {
      const key = this.value(depth + 1);
      if (typeof key !== 'string') throw new CborError('key is not text');
      if (map.has(key)) throw new CborError('key given twice');
      map.set(key, this.value(depth + 1));
    }
    return map;
  }

  /** Number of items of an array whose head is next. */
  arrayLength(): number {
    const first = this.#bytes[this.#take(1)] ?? 0;
    if (first >> 5 !== 4) throw new CborError('not an array');
    return this.#argument(first & 0x1f);
  }

  value(depth: number): CborValue {
    if (depth > maxDepth) throw new CborError('nested too deeply');
    const first = this.#bytes[this.#take(1)] ?? 0;
    const major = first >> 5;
    const info = first & 0x1f;
    if (major === 7) return this.#simple(info);
    const n = this.#argument(info);
    switch (major) {
      case 0:
        return n;
      case 1:
        if (!Number.isSafeInteger(-1 - n)) throw new CborError('number beyond 2^53');
        return -1 - n;
      case 2: {
        const from = this.#take(n);
        return this.#bytes.slice(from, from + n);
      }
      case 3:
        return this.#text(n);
      case 4:
        // `n` is a claim: items are read one by one, so a lie ends at the last octet, not in an allocation.
        return Array.from({ length: Math.min(n, this.#bytes.length + 1) }, () => this.value(depth + 1));
      case 5:
        return this.#map(n, depth);
      default:
        throw new CborError('tags are outside the profile');
    }
  }
}

/**
 * Reads one value that fills `bytes` exactly.
 *
 * @throws CborError for anything outside the profile
 */
export function decodeCbor(bytes: Uint8Array): CborValue {
  const reader = new CborReader(bytes);
  const value = reader.value(0);
  if (reader.at !== bytes.length) throw new CborError('octets after the value');
  return value;
}

/**
 * First item of an array, without looking at the others.
 *
 * @throws CborError when it is no array, or empty
 */
export function decodeFirst(bytes: Uint8Array): CborValue {
  const reader = new CborReader(bytes);
  if (reader.arrayLength() === 0) throw new CborError('empty array');
  return reader.value(1);
}

/** Octets of the argument behind a head, by its low five bits; the argument itself below 24. */
const argumentSize = (info: number): number => (info < 24 ? 0 : info < 28 ? 1 << (info - 24) : -1);

/** Argument of the head at `at`, whose own octets end at `end`. */
function argumentAt(bytes: Uint8Array, at: number, end: number): number {
  let n = end === at + 1 ? (bytes[at] ?? 0) & 0x1f : 0;
  for (let i = at + 1; i < end; i++) n = n * 256 + (bytes[i] ?? 0);
  return n;
}

/** Where the item at `at` ends. Looks at lengths alone: what stands inside is for {@link decodeCbor} to judge. */
function endOfItem(bytes: Uint8Array, at: number, depth: number): number {
  const first = bytes[at] ?? 0xff;
  const size = argumentSize(first & 0x1f);
  if (size < 0 || depth > maxDepth) throw new CborError('indefinite length, reserved head or nested too deeply');
  let end = at + 1 + size;
  const major = first >> 5;
  if (end > bytes.length || major === 6) throw new CborError('truncated or a tag');
  if (major < 2 || major === 7) return end;
  const n = argumentAt(bytes, at, end);
  if (major < 4) return end + n;
  // A claimed number of items ends at the last octet: none is shorter than one.
  for (let i = major === 4 ? n : 2 * n; i > 0; i--) end = endOfItem(bytes, end, depth + 1);
  return end;
}

/**
 * Number of items of an array that fills `bytes` exactly; undefined: it is no array. Makes no value of them.
 *
 * @throws CborError when the items end before or behind the last octet
 */
export function countItems(bytes: Uint8Array): number | undefined {
  const first = bytes[0] ?? 0;
  if (first >> 5 !== 4) return undefined;
  if (endOfItem(bytes, 0, 0) !== bytes.length) throw new CborError('octets behind the value, or missing');
  return argumentAt(bytes, 0, 1 + argumentSize(first & 0x1f));
}

/** First item of an array that {@link countItems} counted, when it is an unsigned integer; -1: it is something else. */
export function firstUnsigned(bytes: Uint8Array): number {
  const at = 1 + argumentSize((bytes[0] ?? 0) & 0x1f);
  const first = bytes[at] ?? 0xff;
  return first >> 5 === 0 ? argumentAt(bytes, at, at + 1 + argumentSize(first & 0x1f)) : -1;
}
