import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Route, routes } from '@pactgate/protocol/api';
import { Compile } from 'typebox/schema';
import { openApiDocument } from './openapi.ts';

type Json = Record<string, unknown>;
const document = JSON.parse(JSON.stringify(openApiDocument('1.2.3'))) as Json & {
  paths: Record<string, Record<string, Json>>;
};

/** Every object of the document with its place. */
function* objects(value: unknown, place = '#'): Generator<[string, Json]> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield [place, value as Json];
  for (const [name, member] of Object.entries(value)) yield* objects(member, `${place}/${name.replaceAll('/', '~1')}`);
}
const at = (pointer: string): unknown =>
  pointer
    .slice(2)
    .split('/')
    .reduce<unknown>((value, name) => (value as Json | undefined)?.[name.replaceAll('~1', '/')], document);

for (const [name, route] of Object.entries(routes) as [string, Route][]) {
  test(`OpenAPI: ${name}`, () => {
    const path = route.path.replaceAll(/:([a-z]+)/gi, '{$1}');
    const operation = document.paths[path]?.[route.method.toLowerCase()];
    assert.ok(operation, `${route.method} ${path}`);
    assert.equal(operation['operationId'], name);
    assert.deepEqual(operation['x-roles'], route.access);
    assert.equal('requestBody' in operation, route.body !== undefined);
    const parameters = operation['parameters'] as { name: string; in: string; required: boolean }[];
    const inPath = parameters.filter((p) => p.in === 'path' && p.required).map((p) => `{${p.name}}`);
    assert.deepEqual(inPath, path.match(/\{[a-z]+\}/g) ?? []);
    const inQuery = parameters.filter((p) => p.in === 'query').map((p) => p.name);
    assert.deepEqual(inQuery, Object.keys(route.query?.properties ?? {}));
    assert.equal(operation['security'] !== undefined, true);
  });
}

test('OpenAPI: nothing but the routes, operation ids are unique', () => {
  const ids = Object.values(document.paths).flatMap((item) => Object.values(item).map((o) => o['operationId']));
  assert.deepEqual(new Set(ids), new Set(Object.keys(routes)));
  assert.equal(ids.length, Object.keys(routes).length);
  assert.equal(document['openapi'], '3.1.0');
});

test('OpenAPI: every reference leads somewhere', () => {
  let seen = 0;
  for (const [place, { $ref }] of objects(document)) {
    if ($ref === undefined) continue;
    seen++;
    assert.ok(
      typeof $ref === 'string' && $ref.startsWith('#/') && at($ref) !== undefined,
      `${place}: ${JSON.stringify($ref)}`,
    );
  }
  assert.ok(seen > 0);
});

const types = new Set<unknown>(['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']);
/** What compiling alone would not notice: words that are not of the vocabulary. */
function checkWords(place: string, { type, pattern, required, properties = {} }: Json): void {
  assert.ok(type === undefined || typeof type === 'object' || types.has(type), `${place}: ${JSON.stringify(type)}`);
  if (typeof pattern === 'string') assert.doesNotThrow(() => new RegExp(pattern, 'u'), place);
  if (!Array.isArray(required)) return;
  for (const name of required)
    assert.ok(Object.hasOwn(properties as Json, String(name)), `${place} requires ${String(name)}`);
}

test('OpenAPI: every schema is JSON Schema 2020-12 and compiles', () => {
  let seen = 0;
  for (const [place, { schema }] of objects(document)) {
    // Not a property that is called schema.
    if (typeof schema !== 'object' || schema === null || '$ref' in schema || place.endsWith('/properties')) continue;
    seen++;
    assert.doesNotThrow(() => Compile(schema), place);
    for (const [inner, part] of objects(schema, `${place}/schema`))
      if (!inner.endsWith('/properties')) checkWords(inner, part);
  }
  assert.ok(seen > 100);
});

test('OpenAPI: a document of another version of the table would be noticed', () => {
  assert.equal((document['info'] as Json)['version'], '1.2.3');
});
