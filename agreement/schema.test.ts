import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsBySchema, maxFaults, type Schema } from './schema.ts';

const cases: readonly { name: string; schema: Schema; good: readonly unknown[]; bad: readonly unknown[] }[] = [
  { name: 'type', schema: { type: 'integer' }, good: [1, 0, -1], bad: [1.5, '1', null, NaN, [], 2 ** 53] },
  { name: 'type of several', schema: { type: ['number', 'string'] }, good: [0.5, 'a'], bad: [Infinity, true, {}] },
  { name: 'type object', schema: { type: 'object' }, good: [{}], bad: [[], null, 'a'] },
  { name: 'const', schema: { const: 1 }, good: [1], bad: ['1', 2] },
  { name: 'enum', schema: { enum: ['A', 'B'] }, good: ['A'], bad: ['AB', 'a'] },
  { name: 'minimum', schema: { minimum: 1 }, good: [1, 'x'], bad: [0.99] },
  { name: 'maximum', schema: { maximum: 1 }, good: [1], bad: [1.01] },
  { name: 'exclusiveMinimum', schema: { exclusiveMinimum: 0 }, good: [0.1], bad: [0] },
  { name: 'minLength counts code points', schema: { minLength: 2 }, good: ['ab', '你好'], bad: ['a', '😀'] },
  { name: 'maxLength counts code points', schema: { maxLength: 2 }, good: ['😀😀', 'ab'], bad: ['abc', '😀😀😀'] },
  { name: 'pattern', schema: { pattern: '^[a-z]+$' }, good: ['ab', 1], bad: ['a1', 'a\n'] },
  { name: 'minItems', schema: { minItems: 1 }, good: [[1]], bad: [[]] },
  { name: 'maxItems', schema: { maxItems: 1 }, good: [[1]], bad: [[1, 2]] },
  { name: 'maxProperties', schema: { maxProperties: 1 }, good: [{ a: 1 }], bad: [{ a: 1, b: 2 }] },
  { name: 'required', schema: { required: ['a'] }, good: [{ a: 0 }], bad: [{}, Object.create({ a: 1 })] },
  {
    name: 'additionalProperties false',
    schema: { properties: { a: {} }, additionalProperties: false },
    good: [{}, { a: 1 }],
    bad: [{ b: 1 }, JSON.parse('{"__proto__":1}'), { toString: 1 }],
  },
  {
    name: 'additionalProperties by schema',
    schema: { additionalProperties: { type: 'string' } },
    good: [{ a: 'b' }],
    bad: [{ a: 1 }],
  },
  { name: 'items', schema: { items: { type: 'string' } }, good: [['a'], []], bad: [['a', 1]] },
  {
    name: 'uniqueItems whatever the order of keys',
    schema: { uniqueItems: true },
    good: [
      [{ a: 1 }, { a: 2 }],
      [
        [1, 2],
        [2, 1],
      ],
    ],
    bad: [
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      ['x', 'x'],
    ],
  },
  { name: 'anyOf', schema: { anyOf: [{ type: 'null' }, { minimum: 5 }] }, good: [null, 5], bad: [4] },
  { name: 'oneOf', schema: { oneOf: [{ minimum: 1 }, { maximum: 5 }] }, good: [0, 6], bad: [3] },
  { name: '$ref', schema: { $defs: { t: { type: 'string' } }, $ref: '#/$defs/t' }, good: ['a'], bad: [1] },
];
for (const { name, schema, good, bad } of cases) {
  test(`JSON Schema 2020-12 ${name}`, () => {
    for (const value of good) assert.deepEqual(faultsBySchema(schema, value), [], JSON.stringify(value));
    for (const value of bad) assert.notDeepEqual(faultsBySchema(schema, value), [], JSON.stringify(value));
  });
}

test('a schema that uses an unknown keyword or reference is our bug and throws', () => {
  assert.throws(() => faultsBySchema({ multipleOf: 2 }, 3), /multipleOf/);
  assert.throws(() => faultsBySchema({ $ref: '#/$defs/none' }, 3), /does not define/);
});

test('faults are JSON Pointers (RFC 6901) and bounded', () => {
  const schema = { additionalProperties: false, properties: {} };
  assert.deepEqual(faultsBySchema(schema, { 'a/b~c': 1 }), [
    { path: '/a~1b~0c', fault: 'is not a field of this document' },
  ]);
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`k${index}`, 1]));
  assert.equal(faultsBySchema(schema, many).length, maxFaults);
});

test('a missing field does not hide a wrong one', () => {
  const schema = { required: ['a'], properties: { b: { type: 'string' } } };
  assert.deepEqual(
    faultsBySchema(schema, { b: 1 }).map(({ path }) => path),
    ['/a', '/b'],
  );
});
