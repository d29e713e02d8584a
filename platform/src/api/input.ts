import { Problem } from '@pactgate/protocol';
import type { TObject, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

/** Deepest JSON value accepted; ours need 6, an SBOM about 12. */
const maxDepth = 48;

/** Shape of each path parameter by name; a value of another shape names nothing that exists. */
export const paramPatterns: Readonly<Record<string, RegExp>> = {
  agreement: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  command: /^[0-9a-f-]{36}$/,
  device: /^[A-Za-z0-9_-]{1,64}$/,
  incident: /^[0-9a-f-]{36}$/,
  index: /^(?:0|[1-9][0-9]{0,15})$/,
  log: /^[0-9a-f]{64}$/,
  model: /^[A-Za-z0-9_-]{1,64}$/,
  party: /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
  person: /^[A-Za-z0-9_-]{1,64}$/,
  row: /^[AB][1-9][0-9]?\.[1-9][0-9]?\.[1-9][0-9]?$/,
  token: /^[A-Za-z0-9_-]{1,64}$/,
};

/** Refuses parameters that cannot name anything, before they reach a path or SQL; unknown names are refused too. */
export function checkParams(params: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(params)) {
    if (Object.hasOwn(paramPatterns, name) && paramPatterns[name]?.test(value)) continue;
    throw new Problem(name === 'log' || name === 'index' ? 'ledger/not-found' : 'request/not-found', `bad ${name}`);
  }
}

/** Queries that must not be used; the router's parser may not throw, or one request would end the process. */
const faulty = new WeakSet<object>();

/**
 * A query string as own members of an object without prototype. Never throws: {@link demandQuery} refuses what two
 * readers could read differently, before any route sees it.
 */
export function parseQuery(text: string): Record<string, string> {
  const query: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of new URLSearchParams(text)) {
    // oxlint-disable-next-line no-control-regex -- these are what is refused
    if (Object.hasOwn(query, name) || /[\u0000-\u001f\u007f\ufffd]/.test(name + value)) faulty.add(query);
    query[name] = value;
  }
  return query;
}

/** Refuses a query in which a name comes twice, or with control characters or text that is no UTF-8. */
export function demandQuery(query: unknown): void {
  if (typeof query === 'object' && query !== null && faulty.has(query))
    throw new Problem('request/invalid', 'query: a name twice, or characters that are not text');
}

const number = /^-?(?:0|[1-9][0-9]{0,15})(?:\.[0-9]{1,9})?$/;

/** Texts of a query as the types of its schema; what does not read as a number stays text and fails the check. */
function coerce(schema: TObject, query: Readonly<Record<string, string>>): Record<string, unknown> {
  const typed = Object.create(null) as Record<string, unknown>; // `__proto__` is a name like any other here
  for (const [name, text] of Object.entries(query)) {
    const known = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    const type = known && 'type' in known ? known.type : undefined;
    const numeric = (type === 'integer' || type === 'number') && number.test(text);
    if (type === 'boolean' && (text === 'true' || text === 'false')) typed[name] = text === 'true';
    else typed[name] = numeric ? Number(text) : text;
  }
  return typed;
}

/** Text that a database or a canonicaliser refuses: U+0000 and lone surrogates. */
const isPlainText = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

/** Refuses what no schema expresses: depth, U+0000, lone surrogates, in names too. Bounded by the body limit. */
export function inspectJson(value: unknown, depth = 0): void {
  if (typeof value === 'string' && !isPlainText(value)) throw new Problem('request/invalid', 'characters of the body');
  if (typeof value !== 'object' || value === null) return;
  if (depth > maxDepth) throw new Problem('request/invalid', 'the body is nested too deeply');
  for (const [name, member] of Object.entries(value)) {
    if (!isPlainText(name)) throw new Problem('request/invalid', 'characters of the body');
    inspectJson(member, depth + 1);
  }
}

/** Compiled check of one route's input; throws `request/invalid` with the place of the first fault, never its value. */
export type Check = (value: unknown) => void;

export function makeCheck(schema: TSchema, part: 'query' | 'body' | 'answer'): Check {
  const validator = Compile(schema);
  return (value) => {
    if (validator.Check(value)) return;
    const [fault] = validator.Errors(value);
    const place = (fault?.instancePath ?? '').slice(0, 120);
    throw new Problem('request/invalid', `${part}${place}: ${(fault?.message ?? 'not of its schema').slice(0, 120)}`);
  };
}

/** Check and coercion of a query; a route without a schema takes no parameters. */
export function makeQueryCheck(
  schema: TObject | undefined,
): (query: Record<string, string>) => Record<string, unknown> {
  if (!schema) {
    return (query) => {
      if (Object.keys(query).length > 0) throw new Problem('request/invalid', 'query: takes no parameters');
      return {};
    };
  }
  const check = makeCheck(schema, 'query');
  return (query) => {
    const typed = coerce(schema, query);
    check(typed);
    return typed;
  };
}

/** Check of a body; a route without a schema takes none (an empty object passes: some clients always send one). */
export function makeBodyCheck(schema: TSchema | undefined): Check {
  if (schema) return makeCheck(schema, 'body');
  return (body) => {
    if (body === undefined || body === null) return;
    if (typeof body === 'object' && !Array.isArray(body) && Object.keys(body).length === 0) return;
    throw new Problem('request/invalid', 'body: takes none');
  };
}
