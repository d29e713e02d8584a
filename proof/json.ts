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
 * Parses JSON that people may lay out and escape as they like, refusing what two readers could take for different
 * values (`bad-json`): a member given twice in one object, and a number that a double cannot hold.
 */
export function parseJsonOnce(text: string): JsonValue {
  const value = parseJson(text);
  const objects: Set<string>[] = [];
  // Only for text that is JSON: a text before a colon is a member's name, and braces outside texts are objects.
  for (const [token, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}]|-?\d[\d.eE+-]*/g)) {
    if (token === '{') objects.push(new Set());
    else if (token === '}') objects.pop();
    else if (colon !== undefined) demandNew(objects.at(-1), JSON.parse(token.slice(0, -colon.length)));
    else if (!token.startsWith('"')) demandExact(token);
  }
  return value;
}

function demandNew(names: Set<string> | undefined, name: unknown): void {
  demand(
    typeof name === 'string' && names?.has(name) === false,
    'bad-json',
    `a member is given twice: ${String(name)}`,
  );
  names?.add(name);
}

function demandExact(token: string): void {
  const value = Number(token);
  const whole = /^-?\d+$/.test(token);
  // Either what the digits say is what a double holds, or they are how a double of this size is written.
  const exact = Number.isFinite(value) && (!whole || String(value) === token || BigInt(token) === BigInt(value));
  demand(exact, 'bad-json', `a number that is not exact in every reader: ${token.slice(0, 40)}`);
}
