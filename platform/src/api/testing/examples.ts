import { type Route, type RouteName, routes } from '@pactgate/protocol/api';
import type { Handlers } from '../context.ts';

interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly minLength?: number;
  readonly pattern?: string;
}

export const someAgreement = '01890a5d-ac96-774b-bcce-b302099a8057';
export const otherAgreement = '01890a5d-ac96-774b-bcce-b302099a8058';
const texts = [someAgreement, 'ann@example.org', 'word'];

function exampleText({ pattern, minLength = 0 }: Schema): string {
  if (pattern === undefined) return 'x'.repeat(Math.max(1, minLength));
  const text = texts.find((candidate) => new RegExp(pattern).test(candidate));
  if (text === undefined) throw new Error(`no example for ${pattern}`);
  return text;
}

const makers: Readonly<Record<string, (schema: Schema) => unknown>> = {
  object: ({ properties = {} }) =>
    Object.fromEntries(Object.entries(properties).map(([name, member]) => [name, exampleOf(member)])),
  array: ({ items, minItems = 0 }) => Array.from({ length: Math.max(1, minItems) }, () => exampleOf(items)),
  string: exampleText,
  integer: ({ minimum = 0 }) => Math.max(1, minimum),
  number: ({ minimum = 0 }) => Math.max(1, minimum),
  boolean: () => true,
};

/** A value of the schema, with every optional member: test data for any route. */
export function exampleOf(schema: unknown): unknown {
  const given = schema as Schema;
  if ('const' in given) return given.const;
  if (given.enum) return given.enum[0];
  if (given.anyOf) return exampleOf(given.anyOf[0]);
  return makers[given.type ?? '']?.(given) ?? 'anything';
}

const params: Readonly<Record<string, string>> = {
  agreement: someAgreement,
  command: someAgreement,
  incident: someAgreement,
  index: '0',
  log: 'a'.repeat(64),
  row: 'B2.4.1',
};

/** A request of the route that its schemas accept. */
export function exampleRequest(
  name: RouteName,
  agreement = someAgreement,
): { path: string; method: string; body?: unknown } {
  const route: Route = routes[name];
  const path = route.path.replaceAll(/:([a-z]+)/gi, (_, key: string) =>
    key === 'agreement' ? agreement : (params[key] ?? 'word'),
  );
  const query = route.query ? (exampleOf(route.query) as Record<string, string>) : {};
  const search = new URLSearchParams(query).toString();
  return {
    method: route.method,
    path: search ? `${path}?${search}` : path,
    ...(route.body && { body: exampleOf(route.body) }),
  };
}

/** Handlers that answer with an example of their own schema: test data, so that only the way to them is tested. */
export function exampleHandlers(): Handlers {
  const made = (Object.keys(routes) as RouteName[]).map((name) => {
    const { response }: Route = routes[name];
    const answer = typeof response === 'string' ? { body: 'example' } : exampleOf(response);
    return [name, () => answer];
  });
  return Object.fromEntries(made) as Handlers; // each answer was made from the schema of its own route
}
