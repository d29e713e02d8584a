/** One name of a {@link NameTable} with what it stands for. */
export interface NameEntry<T> {
  readonly bytes: Uint8Array;
  readonly value: T;
  /** In JSON its octets stand as they are: no quote, backslash or control character. */
  readonly plain: boolean;
  /** Next entry of the same hash. */
  chain: NameEntry<T> | undefined;
  /** Entry that came after this one last time: devices send their fields in one order. A guess, never trusted. */
  follow: NameEntry<T> | undefined;
}

/** Undeclared names remembered of one object. */
const maxRemembered = 64;

/** Step of the rolling hash over UTF-8 octets; 30 bits, so that it stays a small integer. */
export const hashStep = (hash: number, octet: number): number => (Math.imul(hash, 31) + octet) & 0x3fff_ffff;

const utf8 = new TextEncoder();

/**
 * Names of one level, looked up by their octets without making a string. Keys come from party B's manifest and are
 * compared octet by octet, so a name sent by a hostile device (`__proto__`, a chosen collision) finds nothing.
 */
export class NameTable<T> {
  readonly #byHash = new Map<number, NameEntry<T>>();
  readonly #undeclared = new Map<number, { readonly bytes: Uint8Array; readonly path: string }>();
  /** Guess for the first name of an object. */
  first: NameEntry<T> | undefined;

  constructor(names: ReadonlyMap<string, T>) {
    for (const [name, value] of names) this.#add(utf8.encode(name), value);
  }

  #add(bytes: Uint8Array, value: T): void {
    let hash = 0;
    for (const octet of bytes) hash = hashStep(hash, octet);
    const plain = bytes.every((octet) => octet >= 0x20 && octet !== 0x22 && octet !== 0x5c);
    const entry: NameEntry<T> = { bytes, value, plain, chain: this.#byHash.get(hash), follow: undefined };
    this.#byHash.set(hash, entry);
    this.first ??= entry;
  }

  /** Path under which an undeclared name was counted before; undefined: not remembered. */
  undeclared(hash: number, text: Uint8Array, from: number, to: number): string | undefined {
    const known = this.#undeclared.get(hash);
    return known !== undefined && isAt(known.bytes, text, from, to) ? known.path : undefined;
  }

  /** Remembers the path of an undeclared name: devices repeat them. Bounded; names are hostile, so none pushes another out. */
  remember(hash: number, bytes: Uint8Array, path: string): void {
    if (this.#undeclared.size < maxRemembered && bytes.length <= 64) this.#undeclared.set(hash, { bytes, path });
  }

  /** The entry whose octets are `text[from..to)`; `hash` is theirs. */
  find(hash: number, text: Uint8Array, from: number, to: number): NameEntry<T> | undefined {
    let entry = this.#byHash.get(hash);
    while (entry !== undefined && !isAt(entry.bytes, text, from, to)) entry = entry.chain;
    return entry;
  }
}

function isAt(bytes: Uint8Array, text: Uint8Array, from: number, to: number): boolean {
  const n = bytes.length;
  if (to - from !== n) return false;
  for (let i = 0; i < n; i++) if (bytes[i] !== text[from + i]) return false;
  return true;
}
