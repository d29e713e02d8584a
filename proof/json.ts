import { demand, ProofError } from './error.ts';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/** Nesting this package reads or writes: deeper text is an attack on recursion, not evidence. */
export const maxJsonDepth = 64;

/** True for an object that is neither null nor an array. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON text without the white space between its tokens. Only for text that `JSON.parse` accepts. */
function squeeze(text: string): string {
  return text.replace(/("(?:[^"\\]|\\.)*")|[ \t\r\n]+/g, '$1');
}

/** Parses JSON; a failure is `bad-json`. Duplicate members are not seen: see {@link parseJsonOnce}. */
export function parseJson(text: string): JsonValue {
  try {
    // JSON.parse returns JSON values and nothing else.
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    throw new ProofError('bad-json', 'not JSON', { cause });
  }
}

/**
 * Parses JSON that people may lay out, refusing a member given twice (`bad-json`): two readers could take different
 * ones. Works by writing the value again and comparing, so a needless escape or an unusual number is refused too.
 */
export function parseJsonOnce(text: string): JsonValue {
  const value = parseJson(text);
  demand(squeeze(text) === JSON.stringify(value), 'bad-json', 'a member is given twice, or is not in plain form');
  return value;
}
