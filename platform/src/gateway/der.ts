/** One element of a DER encoding: where its content lies. */
export interface Element {
  /** Identifier octet; only low tag numbers (below 31) have one octet. */
  readonly tag: number;
  /** Low or high tag number. */
  readonly number: number;
  readonly start: number;
  readonly end: number;
}

/** Tag number of an identifier that goes on in further octets, and where the length stands; undefined: over 3 octets. */
function highTag(bytes: Uint8Array, at: number): { readonly number: number; readonly at: number } | undefined {
  let number = 0;
  for (let i = 1; i <= 3; i++) {
    const octet = bytes[at + i];
    if (octet === undefined) return undefined;
    number = (number << 7) | (octet & 0x7f);
    if (octet < 0x80) return { number, at: at + i + 1 };
  }
  return undefined;
}

/** Length octets at `at`: the length and where the content starts; undefined: indefinite or over 4 octets. */
function lengthAt(bytes: Uint8Array, at: number): { readonly length: number; readonly start: number } | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  if (first < 0x80) return { length: first, start: at + 1 };
  const octets = first & 0x7f;
  if (octets === 0 || octets > 4) return undefined;
  let length = 0;
  for (let i = 1; i <= octets; i++) length = length * 256 + (bytes[at + i] ?? 0);
  return { length, start: at + 1 + octets };
}

/** Reads the element at `at` that ends by `limit`; undefined: not DER as we know it. */
export function elementAt(bytes: Uint8Array, at: number, limit: number): Element | undefined {
  const tag = bytes[at];
  if (tag === undefined || at >= limit) return undefined;
  const id = (tag & 0x1f) === 0x1f ? highTag(bytes, at) : { number: tag & 0x1f, at: at + 1 };
  const size = id && lengthAt(bytes, id.at);
  if (id === undefined || size === undefined || size.start + size.length > limit) return undefined;
  return { tag, number: id.number, start: size.start, end: size.start + size.length };
}

/** The elements inside one, at most 64; stops at the first that is not DER. */
export function children(bytes: Uint8Array, parent: Element): Element[] {
  const out: Element[] = [];
  for (let at = parent.start; at < parent.end && out.length < 64; ) {
    const element = elementAt(bytes, at, parent.end);
    if (element === undefined) break;
    out.push(element);
    at = element.end;
  }
  return out;
}
