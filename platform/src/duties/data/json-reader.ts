import { hashStep, type NameEntry } from './names.ts';

/** Largest payload this reader takes, octets. */
export const maxPayload = 65_536;
/** Nesting of a payload beyond which it is refused: deeper text is an attack on recursion. */
export const maxNesting = 32;

const quote = 0x22;
const backslash = 0x5c;
const powers = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;
/** Escape letters to what they stand for (RFC 8259 section 7); 0: no such escape. */
const escapes = new Uint8Array(128);
for (const [letter, octet] of [
  ['"', 0x22],
  ['\\', 0x5c],
  ['/', 0x2f],
  ['b', 8],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
] as const)
  escapes[letter.charCodeAt(0)] = octet;

/** Leading octets whose second octet has narrower bounds than 80 to BF: no overlong form, surrogate, or code above 10FFFF. */
const oddLeads: ReadonlyMap<number, { readonly least: number; readonly most: number }> = new Map([
  [0xe0, { least: 0xa0, most: 0xbf }],
  [0xed, { least: 0x80, most: 0x9f }],
  [0xf0, { least: 0x90, most: 0xbf }],
  [0xf4, { least: 0x80, most: 0x8f }],
]);
/** Marks of a leading octet by the number of octets that follow it. */
const leads = [0, 0xc0, 0xe0, 0xf0];

const hexOf = (c: number): number => {
  if (isDigit(c)) return c - 0x30;
  const lower = c | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
};

/**
 * Reads JSON (RFC 8259, strictly) from octets, token by token, without making strings or objects: one pass checks
 * UTF-8, grammar and depth, and a declared value goes from the payload to the row directly. The payload is a hostile
 * device's. One reader serves a whole process: it is synchronous and reset by {@link load}.
 *
 * Methods that return false met something that is not JSON; the message is then refused as a whole.
 */
export class JsonReader<T> {
  /** The payload, a 0 behind it (no JSON token holds one, so loops need no bound), then unescaped texts. */
  readonly text = new Uint8Array(2 * maxPayload + 16);
  /** Next octet to read. */
  at = 0;
  /** First octet behind the payload. */
  end = 0;
  /** Last text: octets `from` to `to` of {@link text}, without escapes. */
  from = 0;
  to = 0;
  /** Code points of the last text. */
  chars = 0;
  /** The last text holds U+0000. */
  hasNul = false;
  /** Rolling hash of the last text. */
  hash = 0;
  /** The last number is in `[0]`: a typed array, so that no number is allocated. */
  readonly numbers = new Float64Array(1);
  /** Objects and arrays around the next octet. */
  depth = 0;
  /** The last name, when it is declared. */
  entry: NameEntry<T> | undefined;
  #spare = 0;
  #digits = 0;

  /** Takes a payload of at most {@link maxPayload} octets. */
  load(payload: Uint8Array): void {
    const n = payload.length;
    this.text.set(payload);
    this.text[n] = 0;
    this.at = 0;
    this.end = n;
    this.depth = 0;
    this.#spare = n + 1;
  }

  /** The next octet that is no white space, not consumed; 0 at the end. */
  peek(): number {
    const { text } = this;
    let at = this.at;
    let c = text[at] ?? 0;
    while (c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09) c = text[++at] ?? 0;
    this.at = at;
    return c;
  }

  /** Consumes white space and then `octet`. */
  take(octet: number): boolean {
    if (this.text[this.at] !== octet && this.peek() !== octet) return false;
    this.at++;
    return true;
  }

  /** Consumes a name if it is exactly `entry`'s, written without escapes; else nothing. */
  tookName(entry: NameEntry<T>): boolean {
    if (!entry.plain) return false;
    const { text, at } = this;
    const { bytes } = entry;
    const n = bytes.length;
    if (text[at] !== quote || text[at + n + 1] !== quote) return false;
    for (let i = 0; i < n; i++) if (bytes[i] !== text[at + 1 + i]) return false;
    this.at = at + n + 2;
    return true;
  }

  /** A text whose opening quote is the next octet. */
  readText(): boolean {
    const { text } = this;
    const from = this.at + 1;
    let at = from;
    let hash = 0;
    let c = text[at] ?? 0;
    while (c !== quote && c !== backslash && c >= 0x20 && c < 0x80) {
      hash = hashStep(hash, c);
      c = text[++at] ?? 0;
    }
    if (c !== quote) return this.#readOddText(from);
    this.from = from;
    this.to = at;
    this.chars = at - from;
    this.hasNul = false;
    this.hash = hash;
    this.at = at + 1;
    return true;
  }

  /** A text with escapes or beyond ASCII: copied behind the payload, never longer than what it came from. */
  #readOddText(start: number): boolean {
    const { text } = this;
    this.at = start;
    this.from = this.#spare;
    this.chars = 0;
    this.hasNul = false;
    for (;;) {
      const c = text[this.at] ?? 0;
      if (c === quote) break;
      if (c < 0x20) return false;
      const read = c === backslash ? this.#readEscape() : c < 0x80 ? this.#copy(1) : this.#readSequence(c);
      if (!read) return false;
      this.chars++;
    }
    this.at++;
    this.to = this.#spare;
    this.hash = 0;
    for (let i = this.from; i < this.to; i++) this.hash = hashStep(this.hash, text[i] ?? 0);
    return true;
  }

  #copy(octets: number): boolean {
    for (let i = 0; i < octets; i++) this.text[this.#spare++] = this.text[this.at++] ?? 0;
    return true;
  }

  /** One sequence beyond ASCII, well-formed as Unicode table 3-7 has it: no overlong form, no surrogate. */
  #readSequence(lead: number): boolean {
    const { text } = this;
    if (lead < 0xc2 || lead > 0xf4) return false;
    const octets = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    for (let i = 1; i < octets; i++) if (((text[this.at + i] ?? 0) & 0xc0) !== 0x80) return false;
    const odd = oddLeads.get(lead);
    const second = text[this.at + 1] ?? 0;
    if (odd !== undefined && (second < odd.least || second > odd.most)) return false;
    return this.#copy(octets);
  }

  #readEscape(): boolean {
    const letter = this.text[this.at + 1] ?? 0;
    if (letter === 0x75) return this.#readUnicode();
    const octet = letter < 0x80 ? (escapes[letter] ?? 0) : 0;
    if (octet === 0) return false;
    this.text[this.#spare++] = octet;
    this.at += 2;
    return true;
  }

  /** Four hexadecimal digits behind `\u` at `at`; -1 when they are none. */
  #hex4(at: number): number {
    const { text } = this;
    let value = 0;
    for (let i = at + 2; i < at + 6; i++) {
      const digit = hexOf(text[i] ?? 0);
      if (digit < 0) return -1;
      value = value * 16 + digit;
    }
    return value;
  }

  /** A `\u` escape; a lone surrogate is no text and refused (I-JSON, RFC 7493 section 2.1). */
  #readUnicode(): boolean {
    const { text } = this;
    let code = this.#hex4(this.at);
    this.at += 6;
    if (code < 0) return false;
    if (code >= 0xd800 && code < 0xe000) {
      if (code >= 0xdc00 || text[this.at] !== backslash || text[this.at + 1] !== 0x75) return false;
      const low = this.#hex4(this.at);
      if (low < 0xdc00 || low > 0xdfff) return false;
      this.at += 6;
      code = 0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    if (code === 0) this.hasNul = true;
    this.#putCode(code);
    return true;
  }

  #putCode(code: number): void {
    const { text } = this;
    if (code < 0x80) {
      text[this.#spare++] = code;
      return;
    }
    const tail = code < 0x800 ? 1 : code < 0x1_0000 ? 2 : 3;
    text[this.#spare++] = (leads[tail] ?? 0) | (code >> (6 * tail));
    for (let i = tail - 1; i >= 0; i--) text[this.#spare++] = 0x80 | ((code >> (6 * i)) & 0x3f);
  }

  /**
   * A number. Up to 15 digits with at most 22 behind the point are exact in one division; anything longer goes the
   * slow way through the language's own conversion.
   */
  readNumber(): boolean {
    const { text } = this;
    const start = this.at;
    const negative = text[start] === 0x2d;
    const first = negative ? start + 1 : start;
    let at = this.#readDigits(first, 0);
    const whole = at - first;
    if (whole === 0 || (whole > 1 && text[first] === 0x30)) return false;
    let fraction = 0;
    if (text[at] === 0x2e) {
      const point = at + 1;
      at = this.#readDigits(point, this.#digits);
      fraction = at - point;
      if (fraction === 0) return false;
    }
    if (whole + fraction > 15 || text[at] === 0x65 || text[at] === 0x45) return this.#readLongNumber(start, at);
    this.at = at;
    const value = this.#digits / (powers[fraction] ?? 1);
    this.numbers[0] = negative ? 0 - value : value;
    return true;
  }

  /** Digits from `at` on, appended to `value`; gives the octet behind them. */
  #readDigits(at: number, value: number): number {
    const { text } = this;
    let c = text[at] ?? 0;
    while (c >= 0x30 && c <= 0x39) {
      value = value * 10 + (c - 0x30);
      c = text[++at] ?? 0;
    }
    this.#digits = value;
    return at;
  }

  /** `at`: behind the digits. A value beyond the range of doubles becomes an infinity, which no field accepts. */
  #readLongNumber(start: number, at: number): boolean {
    const { text } = this;
    let end = at;
    if (((text[end] ?? 0) | 0x20) === 0x65) {
      end++;
      if (text[end] === 0x2b || text[end] === 0x2d) end++;
      const first = end;
      while (isDigit(text[end] ?? 0)) end++;
      if (end === first) return false;
    }
    this.at = end;
    this.numbers[0] = Number(utf8.decode(text.subarray(start, end))) + 0;
    return true;
  }

  /** One of `true`, `false`, `null`, whose first octet is next. */
  readLiteral(): boolean {
    const { text } = this;
    const c = text[this.at];
    const word = c === 0x74 ? 'true' : c === 0x66 ? 'false' : c === 0x6e ? 'null' : '';
    for (let i = 0; i < word.length; i++) if (text[this.at + i] !== word.charCodeAt(i)) return false;
    this.at += word.length;
    return word !== '';
  }

  /** Reads over a value of any kind, checking all of it. */
  skip(): boolean {
    const c = this.peek();
    if (c === quote) return this.readText();
    if (c === 0x7b || c === 0x5b) return this.#skipNested(c);
    return isDigit(c) || c === 0x2d ? this.readNumber() : this.readLiteral();
  }

  #skipNested(open: number): boolean {
    if (++this.depth > maxNesting) return false;
    this.at++;
    let c = this.peek();
    if (c !== open + 2) {
      for (;;) {
        if (open === 0x7b && !(this.peek() === quote && this.readText() && this.take(0x3a))) return false;
        if (!this.skip()) return false;
        c = this.peek();
        if (c !== 0x2c) break;
        this.at++;
      }
    }
    this.at++;
    this.depth--;
    // A closing mark is its opening one plus 2 in ASCII, for both kinds.
    return c === open + 2;
  }

  /** The last text as a string; for the few that must become one. */
  string(): string {
    return utf8.decode(this.text.subarray(this.from, this.to));
  }
}
