import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '@pactgate/protocol';
import { type Route, routes } from '@pactgate/protocol/api';
import * as fc from 'fast-check';
import { Type } from 'typebox';
import {
  checkParams,
  demandQuery,
  inspectJson,
  makeBodyCheck,
  makeQueryCheck,
  paramPatterns,
  parseQuery,
} from './input.ts';

const refused = (run: () => unknown): void => {
  assert.throws(run, (error) => error instanceof Problem && error.code === 'request/invalid');
};

test('every path parameter of the table has a pattern', () => {
  for (const { path } of Object.values(routes) as Route[])
    for (const [, name = ''] of path.matchAll(/:([a-z]+)/gi)) assert.ok(paramPatterns[name], `${name} of ${path}`);
});

const params: readonly { name: string; value: string; ok: boolean }[] = [
  { name: 'device', value: 'pump-7', ok: true },
  { name: 'device', value: 'a'.repeat(64), ok: true },
  { name: 'device', value: 'a'.repeat(65), ok: false },
  { name: 'device', value: '../../etc/passwd', ok: false },
  { name: 'device', value: "x' or 1=1", ok: false },
  { name: 'device', value: 'pump\n', ok: false },
  { name: 'agreement', value: '01890a5d-ac96-774b-bcce-b302099a8057', ok: true },
  { name: 'agreement', value: '01890A5D-AC96-774B-BCCE-B302099A8057', ok: false },
  { name: 'index', value: '0', ok: true },
  { name: 'index', value: '01', ok: false },
  { name: 'index', value: '-1', ok: false },
  { name: 'log', value: 'a'.repeat(63), ok: false },
  { name: 'row', value: 'B2.4.1', ok: true },
  { name: 'row', value: 'C2.4.1', ok: false },
  { name: 'constructor', value: 'x', ok: false },
];
for (const { name, value, ok } of params)
  test(`parameter ${name}=${value.slice(0, 20)} ${ok ? 'passes' : 'names nothing'}`, () => {
    if (ok) checkParams({ [name]: value });
    else
      assert.throws(
        () => checkParams({ [name]: value }),
        (e) => e instanceof Problem && e.code.endsWith('/not-found'),
      );
  });

test('a query has no prototype and no second value', () => {
  assert.equal(Object.getPrototypeOf(parseQuery('a=1')), null);
  assert.deepEqual(Object.entries(parseQuery('__proto__=1&a=2')), [
    ['__proto__', '1'],
    ['a', '2'],
  ]);
  for (const text of ['a=1&a=2', 'a=%00', 'a%0d=1', 'a=%ff', '__proto__=1&__proto__=2'])
    refused(() => demandQuery(parseQuery(text)));
  demandQuery(parseQuery('a=1&b=%E4%B8%AD'));
});

const Query = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
    word: Type.Optional(Type.String({ maxLength: 5 })),
  },
  { additionalProperties: false },
);
const check = makeQueryCheck(Query);
const queries: readonly { text: string; want: object | undefined }[] = [
  { text: '', want: {} },
  { text: 'limit=500', want: { limit: 500 } },
  { text: 'limit=501', want: undefined },
  { text: 'limit=0', want: undefined },
  { text: 'limit=5.5', want: undefined },
  { text: 'limit=1e2', want: undefined },
  { text: 'limit=0x10', want: undefined },
  { text: 'limit= 5', want: undefined },
  { text: 'limit=', want: undefined },
  { text: 'limit=99999999999999999999', want: undefined },
  { text: 'word=12345', want: { word: '12345' } },
  { text: 'other=1', want: undefined },
  { text: '__proto__=1', want: undefined },
];
for (const { text, want } of queries)
  test(`query "${text}" ${want ? 'passes' : 'is refused'}`, () => {
    if (want) assert.deepEqual({ ...check(parseQuery(text)) }, want);
    else refused(() => check(parseQuery(text)));
  });

test('a route without schema takes neither query nor body', () => {
  refused(() => makeQueryCheck(undefined)(parseQuery('a=1')));
  refused(() => makeBodyCheck(undefined)({ a: 1 }));
  refused(() => makeBodyCheck(undefined)([]));
  makeBodyCheck(undefined)({});
  makeBodyCheck(undefined)(undefined);
});

test('operator objects do not pass where a text is asked for', () => {
  const body = makeBodyCheck(Type.Object({ name: Type.String() }, { additionalProperties: false }));
  refused(() => body({ name: { $ne: null } }));
  refused(() => body(undefined));
  refused(() => body({ name: 'a', extra: 1 }));
});

test('U+0000, lone surrogates and deep nesting are refused, in names too', () => {
  refused(() => inspectJson({ a: 'x\0' }));
  refused(() => inspectJson({ 'a\0': 1 }));
  refused(() => inspectJson(['\ud800']));
  let deep: unknown = 'x';
  for (let i = 0; i < 60; i++) deep = [deep];
  refused(() => inspectJson(deep));
});

test('law: whatever JSON is, inspection refuses it or leaves it alone', () => {
  fc.assert(
    fc.property(fc.json({ stringUnit: 'binary' }), (text) => {
      const value: unknown = JSON.parse(text);
      try {
        inspectJson(value);
      } catch (error) {
        assert.ok(error instanceof Problem && error.code === 'request/invalid');
      }
    }),
  );
});
test('law: parsing a query never throws, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const value of Object.values(parseQuery(text))) assert.equal(typeof value, 'string');
    }),
  );
});
