import { decodeUtf8, encodeUtf8 } from './bytes.ts';
import { demand } from './error.ts';
import { type JsonObject, type JsonValue, maxJsonDepth, parseJson } from './json.ts';

function quote(text: string): string {
  demand(text.isWellFormed(), 'bad-json', 'string holds a lone surrogate');
  // ECMAScript's own quoting is the one RFC 8785 section 3.2.2.2 prescribes.
  return JSON.stringify(text);
}

function writeObject(value: JsonObject, depth: number): string {
  // Array.prototype.sort compares UTF-16 code units: the order of section 3.2.3.
  const members = Object.keys(value)
    .toSorted()
    .map((name) => {
      const member = value[name];
      demand(member !== undefined, 'bad-json', `member ${name} is undefined`);
      return `${quote(name)}:${write(member, depth)}`;
    });
  return `{${members.join(',')}}`;
}

function write(value: JsonValue, depth: number): string {
  demand(depth <= maxJsonDepth, 'bad-json', `nested deeper than ${maxJsonDepth}`);
  if (value === null) return 'null';
  if (Array.isArray(value)) {
    const items: readonly JsonValue[] = value;
    // Array.from, not map: map skips holes and would write nothing for them.
    return `[${Array.from(items, (item) => write(item, depth + 1)).join(',')}]`;
  }
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'number') {
    demand(Number.isFinite(value), 'bad-json', 'number is not finite');
    // Section 3.2.2.3: ECMAScript's Number to String; JSON.stringify also turns -0 into 0.
    return JSON.stringify(value);
  }
  // Typed callers end here with objects only; undefined, functions, symbols and big integers of others are refused.
  demand(typeof value === 'object', 'bad-json', `${typeof value} has no JSON form`);
  const prototype: unknown = Object.getPrototypeOf(value);
  demand(prototype === Object.prototype || prototype === null, 'bad-json', 'not a plain object');
  // Arrays are gone, and the lines above leave plain objects.
  return writeObject(value as JsonObject, depth + 1);
}

/**
 * Canonical JSON text (RFC 8785). Refuses what has no single form (`bad-json`): NaN, infinities, undefined, lone
 * surrogates, objects with a class of their own, nesting beyond {@link maxJsonDepth}.
 */
export function canonicalText(value: JsonValue): string {
  return write(value, 0);
}

/** Canonical JSON (RFC 8785) as UTF-8: the bytes that are hashed and signed. */
export function canonicalBytes(value: JsonValue): Uint8Array<ArrayBuffer> {
  return encodeUtf8(canonicalText(value));
}

/** Reads JSON bytes that must already be canonical: white space, member order, a duplicate member are `bad-json`. */
export function parseCanonical(bytes: Uint8Array): JsonValue {
  const text = decodeUtf8(bytes);
  const value = parseJson(text);
  demand(canonicalText(value) === text, 'bad-json', 'not canonical JSON (RFC 8785)');
  return value;
}
