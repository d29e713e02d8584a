/** Tags of what is wrapped here (X.690). */
export const tags = { integer: 0x02, bitString: 0x03, oid: 0x06, sequence: 0x30, set: 0x31, context0: 0xa0 } as const;

/** One DER element around parts that are encoded already: wrapping needs no parser, and none may change the bytes. */
export function wrap(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  const head = length < 0x80 ? [tag, length] : [tag, 0x80 | octets.length, ...octets];
  return Buffer.concat([Uint8Array.from(head), ...parts]);
}

export interface Element {
  readonly tag: number;
  /** Tag, length and content, as sent. */
  readonly whole: Uint8Array;
  readonly content: Uint8Array;
}

/** Octets of content and of the head before it; undefined for an indefinite, padded or overlong length. */
function lengthAt(bytes: Uint8Array, at: number): { readonly length: number; readonly head: number } | undefined {
  const first = bytes[at];
  if (first === undefined || first === 0x80 || first > 0x83) return undefined;
  if (first < 0x80) return { length: first, head: 2 };
  const octets = bytes.subarray(at + 1, at + 1 + (first & 0x7f));
  const length = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const shortest = octets.length === 1 ? 0x80 : 256 ** (octets.length - 1);
  return length < shortest ? undefined : { length, head: 2 + octets.length };
}

/**
 * The elements that fill `bytes` exactly, in strict DER up to 16 MiB and with one-octet tags; undefined for anything
 * else. The libraries let a child run past its parent: what is signed must be cut out by this instead.
 */
export function elements(bytes: Uint8Array, most: number): readonly Element[] | undefined {
  const list: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] ?? 0;
    const size = lengthAt(bytes, at + 1);
    if (!size || (tag & 0x1f) === 0x1f || list.length === most) return undefined;
    const end = at + size.head + size.length;
    if (end > bytes.length) return undefined;
    list.push({ tag, whole: bytes.subarray(at, end), content: bytes.subarray(at + size.head, end) });
    at = end;
  }
  return list;
}
