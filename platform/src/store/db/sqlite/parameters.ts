import type { SqlValue } from './messages.ts';

/**
 * Checks the parameters of a statement. `node:sqlite` would turn undefined and NaN into null and true into 1 without
 * a word, and a number beyond 2^53 into another one: here each throws `TypeError` before anything is sent.
 */
export function checkedParameters(parameters: readonly unknown[]): readonly SqlValue[] {
  return parameters.map((value, place) => {
    if (isSqlValue(value)) return value;
    throw new TypeError(
      `parameter ${place + 1} is ${describe(value)}: only text, finite number, bigint, bytes and null`,
    );
  });
}

function isSqlValue(value: unknown): value is SqlValue {
  if (value === null || value instanceof Uint8Array) return true;
  if (typeof value === 'number') return Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  return typeof value === 'string' || typeof value === 'bigint';
}

function describe(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return value instanceof Date ? 'a Date' : `of type ${typeof value}`;
}
