import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { encodeHex, encodeUtf8 } from './bytes.ts';
import { canonicalBytes, canonicalText, parseCanonical } from './jcs.ts';
import { type JsonValue, parseJsonOnce } from './json.ts';

test('RFC 8785 3.2.2: sample of numbers, strings and literals', () => {
  const input = `{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
    "literals": [null, true, false]
  }`;
  assert.equal(
    canonicalText(JSON.parse(input) as JsonValue),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

test('RFC 8785 3.2.3: members are sorted by UTF-16 code units', () => {
  const input = {
    '\u20ac': 'Euro Sign',
    '\r': 'Carriage Return',
    '\ufb33': 'Hebrew Letter Dalet With Dagesh',
    '1': 'One',
    '\ud83d\ude00': 'Emoji: Grinning Face',
    '\u0080': 'Control',
    '\u00f6': 'Latin Small Letter O With Diaeresis',
  };
  const values = [...canonicalText(input).matchAll(/:"([^"]+)"/g)].map(([, value]) => value);
  assert.deepEqual(values, [
    'Carriage Return',
    'One',
    'Control',
    'Latin Small Letter O With Diaeresis',
    'Euro Sign',
    'Emoji: Grinning Face',
    'Hebrew Letter Dalet With Dagesh',
  ]);
});

test('RFC 8785 3.2.4: the bytes are UTF-8', () => {
  assert.equal(encodeHex(canonicalBytes({ é: 1 })), '7b22c3a9223a317d');
});

test('RFC 8785 appendix B: numbers', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ];
  for (const [bits, want] of rows) {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, BigInt(`0x${bits}`));
    assert.equal(canonicalText(view.getFloat64(0)), want, bits);
  }
});

// Untyped callers exist: what the compiler forbids must be refused all the same.
const untyped = (value: unknown): JsonValue => value as JsonValue;
test('traps: values without a canonical form are refused', () => {
  let deep: JsonValue = 1;
  for (let i = 0; i < 70; i++) deep = [deep];
  const rows: readonly (readonly [string, JsonValue])[] = [
    ['NaN', Number.NaN],
    ['infinity', [Number.NEGATIVE_INFINITY]],
    ['undefined', untyped(undefined)],
    ['undefined member', untyped({ a: undefined })],
    ['hole', untyped(Array.from({ length: 2 }))],
    ['bigint', untyped(1n)],
    ['function', untyped(() => 1)],
    ['date', untyped(new Date(0))],
    ['map', untyped(new Map())],
    ['lone surrogate', 'a\udc00'],
    ['lone surrogate in a name', { '\ud800': 1 }],
    ['nested too deep', deep],
  ];
  for (const [name, value] of rows) assert.throws(() => canonicalText(value), { code: 'bad-json' }, name);
});

test('traps: bytes that are JSON but not canonical are refused', () => {
  for (const text of [
    '{"a": 1}',
    '{"b":1,"a":1}',
    '{"a":1,"a":1}',
    '1.0',
    '"\\u0041"',
    '1e2',
    '-0',
    ' 1',
    '1 ',
    '{a:1}',
    '',
  ]) {
    assert.throws(() => parseCanonical(encodeUtf8(text)), { code: 'bad-json' }, text);
  }
  assert.throws(() => parseCanonical(encodeUtf8('\ufeff1')), { code: 'bad-json' });
});

const json = fc.jsonValue().map((value) => value as JsonValue);
test('RFC 8785: law: canonical text reads back, and the order of members does not matter', () => {
  const reorder = (value: JsonValue): JsonValue => {
    if (Array.isArray(value)) return value.map((item: JsonValue) => reorder(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .map(([name, item]) => [name, reorder(item)] as const)
        .toReversed(),
    );
  };
  fc.assert(
    fc.property(json, (value) => {
      const bytes = canonicalBytes(value);
      assert.deepEqual(canonicalBytes(parseCanonical(bytes)), bytes);
      assert.deepEqual(canonicalBytes(reorder(value)), bytes);
    }),
  );
});

test('law: JSON as people lay it out is read, what readers could take for different values is not', () => {
  fc.assert(
    fc.property(json, fc.nat(4), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      assert.equal(JSON.stringify(parseJsonOnce(text)), JSON.stringify(value));
    }),
  );
  for (const [text, value] of [
    ['{"\\u8fd0":"\\u884c", "b" : -40.0}', { 运: '行', b: -40 }],
    ['{"10":1,"2":[{"a":"}"},{"a":"{\\"a\\":1"}],"n":1e3}', { 2: [{ a: '}' }, { a: '{"a":1' }], 10: 1, n: 1000 }],
  ] as const)
    assert.deepEqual(parseJsonOnce(text), value);
  for (const text of [
    '{"n":9007199254740993}',
    '[1e999]',
    '{"a":1,"a":2}',
    '{"a":{"b":1, "b":1}}',
    '{"a":1,"\\u0061":2}',
    '[1,]',
    '{"a":1} x',
  ]) {
    assert.throws(() => parseJsonOnce(text), { code: 'bad-json' }, text);
  }
});
