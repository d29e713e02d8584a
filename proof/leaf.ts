import { decodeUtf8, encodeUtf8, parseDecimal } from './bytes.ts';
import { demand, ProofError } from './error.ts';
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from './json.ts';

/**
 * A leaf of a log: the public face of one record. It holds no personal data and no device id; what happened to whom
 * is in the body, which only the commitment `cm` ties to the leaf.
 */
export interface Leaf {
  /** Lower time bound: size and first 12 base64 characters of the root of the newest cosigned checkpoint. Absent before there is one. */
  readonly b?: string;
  /** Commitment to the body, 43 characters: see `commitment.ts`. */
  readonly cm: string;
  /** Sub-duties this is evidence of, `B2.2.6`; may be empty. */
  readonly d: readonly string[];
  /** Record id: UUIDv7. */
  readonly i: string;
  /** Kind, as in the catalogue: `authz.decide`. */
  readonly k: string;
  /** Root of the archived segment, for aggregates: 43 characters of base64url. */
  readonly m?: string;
  /** Events covered: 1, or more for an aggregate. */
  readonly n: number;
  /** Outcome, one lower-case word: `deny`. */
  readonly o: string;
  /** Flags, such as `clock` when `t` runs back against the log's running maximum. Absent when there are none. */
  readonly q?: readonly string[];
  /** Source and its gap-free sequence in this log, from 1: `gw-1:18234`. */
  readonly s: string;
  /** Event time, UTC in milliseconds: `2026-03-02T07:19:25.123Z`. */
  readonly t: string;
  readonly v: 1;
}

/** Largest leaf in bytes. */
export const maxLeafSize = 4096;
/** Most sub-duties and most flags of a leaf. */
const maxDuties = 60;
const maxFlags = 8;

const patterns = {
  b: /^(?:0|[1-9][0-9]{0,15}):[A-Za-z0-9+/]{12}$/,
  hash: /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/,
  duty: /^[AB][1-9]\.[1-9][0-9]?\.[1-9][0-9]?$/,
  uuid7: /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  kind: /^[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*$/,
  word: /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/,
  source: /^([A-Za-z0-9][A-Za-z0-9._/-]{0,63}):([1-9][0-9]{0,15})$/,
  time: /^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z$/,
};

const unique = (items: readonly string[]): boolean => new Set(items).size === items.length;
const isShort = (text: string, pattern: RegExp): boolean => text.length <= 64 && pattern.test(text);

/** Milliseconds since 1970 of a leaf's time, or undefined for a day or hour that does not exist. */
function parseTime(text: string): number | undefined {
  if (!patterns.time.test(text)) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return undefined;
  // Date.parse turns 24:00 and, in some engines, 31 April into another day.
  return new Date(ms).toISOString() === text ? ms : undefined;
}

function demandLists({ d, q }: Leaf): void {
  demand(d.length <= maxDuties && unique(d), 'bad-leaf', 'd: too many, or one given twice');
  demand(
    d.every((duty) => patterns.duty.test(duty)),
    'bad-leaf',
    'd: not ids of sub-duties',
  );
  if (q === undefined) return;
  demand(q.length > 0 && q.length <= maxFlags && unique(q), 'bad-leaf', 'q: none, too many, or one given twice');
  demand(
    q.every((flag) => isShort(flag, patterns.word)),
    'bad-leaf',
    'q: not lower-case words',
  );
}

function demandLeaf(leaf: Leaf): void {
  const { v, i, t, k, o, s, n, m, b, cm } = leaf;
  demand(v === 1, 'bad-leaf', 'v: not 1');
  demand(patterns.uuid7.test(i), 'bad-leaf', 'i: not a lower-case UUIDv7');
  demand(parseTime(t) !== undefined, 'bad-leaf', 't: not a UTC time in milliseconds');
  demand(isShort(k, patterns.kind), 'bad-leaf', 'k: not a kind');
  demand(isShort(o, patterns.word), 'bad-leaf', 'o: not a lower-case word');
  parseSource(s);
  demand(Number.isSafeInteger(n) && n >= 1, 'bad-leaf', 'n: not a count from 1');
  demand(patterns.hash.test(cm), 'bad-leaf', 'cm: not 32 bytes of base64url');
  demand(m === undefined || patterns.hash.test(m), 'bad-leaf', 'm: not 32 bytes of base64url');
  if (b !== undefined) parseBound(b);
  demandLists(leaf);
}

/** Source name and sequence of a leaf's `s` (`bad-leaf`). */
export function parseSource(s: string): { readonly source: string; readonly sequence: number } {
  const [, source, digits] = patterns.source.exec(s) ?? [];
  const sequence = parseDecimal(digits ?? '');
  demand(source !== undefined && sequence !== undefined, 'bad-leaf', 's: not source:sequence');
  return { source, sequence };
}

/** Size and root prefix of a leaf's `b` (`bad-leaf`). */
export function parseBound(b: string): { readonly size: number; readonly rootPrefix: string } {
  const [digits = '', rootPrefix = ''] = b.split(':');
  const size = parseDecimal(digits);
  demand(patterns.b.test(b) && size !== undefined, 'bad-leaf', 'b: not size:root');
  return { size, rootPrefix };
}

/** Event time of a leaf in milliseconds since 1970. */
export function leafTime(leaf: Leaf): number {
  const ms = parseTime(leaf.t);
  demand(ms !== undefined, 'bad-leaf', 't: not a UTC time in milliseconds');
  return ms;
}

/**
 * Leaf bytes: canonical JSON (RFC 8785), checked. Refuses what {@link parseLeaf} would refuse (`bad-leaf`) and more
 * than 4,096 bytes (`too-large`), so that no log holds a leaf its readers reject.
 */
export function encodeLeaf(leaf: Leaf): Uint8Array<ArrayBuffer> {
  demandLeaf(leaf);
  const { b, cm, d, i, k, m, n, o, q, s, t, v } = leaf;
  // Written in canonical order, with plain ASCII values only, so JSON.stringify gives RFC 8785; undefined drops out.
  const bytes = encodeUtf8(JSON.stringify({ b, cm, d, i, k, m, n, o, q, s, t, v }));
  demand(bytes.length <= maxLeafSize, 'too-large', 'leaf is larger than 4,096 bytes');
  return bytes;
}

const isTexts = (value: JsonValue | undefined): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');
const demandText = (members: JsonObject, name: string): string => {
  const value = members[name];
  demand(typeof value === 'string', 'bad-leaf', `${name}: not text`);
  return value;
};

function readLeaf(members: JsonObject): Leaf {
  const { b, d, m, n, q, v } = members;
  demand(v === 1, 'bad-leaf', 'v: not 1');
  demand(typeof n === 'number', 'bad-leaf', 'n: not a number');
  demand(isTexts(d), 'bad-leaf', 'd: not a list of texts');
  demand(q === undefined || isTexts(q), 'bad-leaf', 'q: not a list of texts');
  const [cm = '', i = '', k = '', o = '', s = '', t = ''] = ['cm', 'i', 'k', 'o', 's', 't'].map((name) =>
    demandText(members, name),
  );
  return {
    ...(b === undefined ? {} : { b: demandText(members, 'b') }),
    ...(m === undefined ? {} : { m: demandText(members, 'm') }),
    ...(q === undefined ? {} : { q }),
    cm,
    d,
    i,
    k,
    n,
    o,
    s,
    t,
    v,
  };
}

/**
 * Reads leaf bytes. One record has one spelling: white space, another member, another order, a duplicate or a needless
 * escape is `bad-leaf`, because the bytes read must be the bytes {@link encodeLeaf} writes. `too-large` above 4,096.
 */
export function parseLeaf(bytes: Uint8Array): Leaf {
  demand(bytes.length <= maxLeafSize, 'too-large', 'leaf is larger than 4,096 bytes');
  let value: JsonValue;
  let text: string;
  try {
    text = decodeUtf8(bytes);
    value = parseJson(text);
  } catch (cause) {
    throw new ProofError('bad-leaf', 'not JSON in UTF-8', { cause });
  }
  demand(isJsonObject(value), 'bad-leaf', 'not an object');
  const leaf = readLeaf(value);
  demand(decodeUtf8(encodeLeaf(leaf)) === text, 'bad-leaf', 'not in canonical form, or has other members');
  return leaf;
}
