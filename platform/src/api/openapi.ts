import { problems } from '@pactgate/protocol';
import { type Route, type RouteName, routes } from '@pactgate/protocol/api';
import type { TSchema } from 'typebox';
import { paramPatterns } from './input.ts';

type Json = Readonly<Record<string, unknown>>;

const problemSchema: Json = {
  type: 'object',
  description: 'RFC 9457 problem document',
  required: ['type', 'status', 'code', 'title', 'detail', 'next'],
  properties: {
    type: { type: 'string', format: 'uri' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(problems) },
    title: { type: 'string' },
    detail: { type: 'string' },
    next: { type: 'string', description: 'What to do next, in the language of Accept-Language (zh, en)' },
  },
};

/** The schema as plain JSON: TypeBox keeps its own marks where JSON does not see them. */
const plain = (schema: TSchema): Json => JSON.parse(JSON.stringify(schema)) as Json;

const parameterNames = (path: string): readonly string[] =>
  [...path.matchAll(/:([a-z]+)/gi)].map(([, name = '']) => name);

function parametersOf(route: Route): readonly Json[] {
  const inPath = parameterNames(route.path).map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', pattern: paramPatterns[name]?.source ?? '^$' },
  }));
  if (!route.query) return inPath;
  const required = new Set((plain(route.query)['required'] ?? []) as readonly string[]);
  const inQuery = Object.entries(route.query.properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.has(name),
    schema: plain(schema),
  }));
  return [...inPath, ...inQuery];
}

function answersOf({ response, access }: Route): Json {
  const content =
    typeof response === 'string'
      ? { [response]: response.startsWith('text/') ? { schema: { type: 'string' } } : {} }
      : { 'application/json': { schema: plain(response) } };
  const problem = { $ref: '#/components/responses/Problem' };
  return {
    200: { description: 'Done', content },
    ...(access === 'public' ? {} : { 401: problem, 403: problem }),
    default: problem,
  };
}

const securityOf = ({ access }: Route): readonly Json[] =>
  access === 'public' ? [{}, { token: [] }, { session: [] }] : [{ token: [] }, { session: [] }];

function operationOf(name: RouteName, route: Route): Json {
  return {
    operationId: name,
    summary: route.summary.en,
    'x-summary-zh': route.summary.zh,
    'x-roles': route.access,
    security: securityOf(route),
    parameters: parametersOf(route),
    ...(route.body && {
      requestBody: { required: true, content: { 'application/json': { schema: plain(route.body) } } },
    }),
    responses: answersOf(route),
  };
}

/**
 * The OpenAPI 3.1 document of the REST API, made from the same table that the router checks by. `x-roles` of an
 * operation is its rule: `public`, `person` (anybody signed in) or roles; `b.*` reach the agreement of their party only.
 */
export function openApiDocument(version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const name of Object.keys(routes) as RouteName[]) {
    const route: Route = routes[name];
    const path = route.path.replaceAll(/:([a-z]+)/gi, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(name, route) };
  }
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: 'Pactgate',
      version,
      description: 'IoT device access platform. Times are epoch milliseconds. Refusals are problem documents.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: { Problem: problemSchema },
      responses: {
        Problem: {
          description: 'Refused',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'API token, pgk_...' },
        session: { type: 'apiKey', in: 'cookie', name: '__Host-pactgate.session_token' },
      },
    },
  };
}
