import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Consumer, consumers, type ManifestField, type Role, roleNames, type Transform } from '@pactgate/protocol';
import * as fc from 'fast-check';
import { CborError } from './cbor.ts';
import { type CompiledField, compileManifest } from './compile.ts';
import { applyTransform, bodyVersion, isClearFor, maskText, type ShownValue, transformOf, viewFor } from './mask.ts';
import { MessageWriter } from './message-writer.ts';
import { field, manifestOf } from './testing/sample-manifest.ts';
import { minimise } from './uplink.ts';

for (const [text, keep, want] of [
  ['13800138000', [3, 4], '138****8000'],
  ['13800138000', [4, 3], '1380****000'],
  ['13800138000', [4, 4], '***'],
  ['123456789', [3, 3], '123***789'],
  ['12345678', [3, 3], '***'],
  ['123', [1, 1], '1*3'],
  ['12', [1, 1], '***'],
  ['', [0, 0], '***'],
  ['张三丰', [1, 0], '张**'],
  ['😀😀😀', [1, 1], '😀*😀'],
  ['abc', [0, 0], '***'],
] as const)
  test(`B2.4.4 mask keeps ${keep.join('+')} of "${text}"`, () => assert.equal(maskText(text, keep), want));

const general: readonly { name: string; value: number | string | readonly number[]; rule: Transform; want: unknown }[] =
  [
    { name: 'step down', value: 27.9, rule: { generalise: { step: 5 } }, want: 25 },
    { name: 'step at its border', value: 25, rule: { generalise: { step: 5 } }, want: 25 },
    { name: 'step below zero', value: -0.1, rule: { generalise: { step: 5 } }, want: -5 },
    { name: 'step of a tenth', value: 0.37, rule: { generalise: { step: 0.1 } }, want: 0.3 },
    {
      name: 'hour of a number',
      value: 1763802599999,
      rule: { generalise: { time: 'hour' } },
      want: '2025-11-22T09:00:00Z',
    },
    {
      name: 'day of a text',
      value: '2026-11-22T01:00:00+08:00',
      rule: { generalise: { time: 'day' } },
      want: '2026-11-21',
    },
    { name: 'month', value: '2026-11-22T10:00:00Z', rule: { generalise: { time: 'month' } }, want: '2026-11' },
    {
      name: 'two decimals of a position',
      value: [116.4567, 39.9051],
      rule: { generalise: { decimals: 2 } },
      want: [116.46, 39.91],
    },
    { name: 'value table', value: 'x', rule: { generalise: { table: { x: 'X' } } }, want: 'X' },
    { name: 'value outside the table', value: 'y', rule: { generalise: { table: { x: 'X' } } }, want: undefined },
    {
      name: 'value called constructor',
      value: 'constructor',
      rule: { generalise: { table: { x: 'X' } } },
      want: undefined,
    },
    { name: 'rule that does not fit', value: 'y', rule: { generalise: { step: 1 } }, want: undefined },
    { name: 'mask of a number', value: 5, rule: { mask: { keep: [1, 1] } }, want: undefined },
  ];
for (const { name, value, rule, want } of general)
  test(`B2.4.4 generalise: ${name}`, () => assert.deepEqual(applyTransform(value, rule), want));

const classed = (name: ManifestField['class']): ManifestField =>
  field(`/${name}`, 'string', { class: name, personal: name === 'personal' });
const manifest = compileManifest(
  manifestOf([
    classed('public'),
    classed('internal'),
    classed('sensitive'),
    classed('personal'),
    field('/phone', 'string', {
      class: 'personal',
      personal: true,
      consumers: { 'b.admin': 'clear', 'a.operator': { mask: { keep: [3, 4] } } },
    }),
    field('/hidden', 'integer', { consumers: { 'a.auditor': 'drop' } }),
  ]),
);
const out = new MessageWriter();
const env = manifest.channels.get('env');
assert.ok(env);
const message = { public: 'p', internal: 'i', sensitive: 's', personal: 'u', phone: '13800138000', hidden: 1 };
assert.equal(minimise(env, new TextEncoder().encode(JSON.stringify(message)), out), undefined);
const row = { body: out.body.done().slice(), secret: out.secret.done().slice() };
const seenBy = (role: Role): Readonly<Record<string, ShownValue>> | undefined =>
  viewFor(role, manifest).get('env')?.read(row);

for (const [role, want] of [
  ['a.admin', { '/public': 'p', '/internal': 'i', '/hidden': 1 }],
  ['a.operator', { '/public': 'p', '/internal': 'i', '/phone': '138****8000', '/hidden': 1 }],
  ['a.security', { '/public': 'p', '/internal': 'i', '/hidden': 1 }],
  ['a.auditor', { '/public': 'p', '/internal': 'i' }],
  ['b.admin', { '/public': 'p', '/internal': 'i', '/phone': '13800138000', '/hidden': 1 }],
  ['b.engineer', { '/public': 'p', '/internal': 'i', '/hidden': 1 }],
] as const)
  test(`B2.4.4 what ${role} sees`, () => assert.deepEqual(seenBy(role), want));

test('B2.4.4 the sealed group is opened only for a role that is shown something of it', () => {
  const needing = roleNames.filter((role) => viewFor(role, manifest).get('env')?.needsSecret);
  assert.deepEqual(needing, ['a.operator', 'b.admin']);
  assert.deepEqual(viewFor('b.admin', manifest).get('env')?.read({ body: row.body }), {
    '/public': 'p',
    '/internal': 'i',
    '/hidden': 1,
  });
});
test('B2.4.4 only a clear field may be charted', () => {
  const phone = env.fields.find(({ path }) => path === '/phone');
  assert.ok(phone);
  assert.deepEqual([isClearFor(phone, 'b.admin'), isClearFor(phone, 'a.operator')], [true, false]);
});
test('a row of another manifest version is not read by this one', () => {
  const later = compileManifest(manifestOf([field('/public', 'string')], { version: 4 }));
  assert.equal(bodyVersion(row.body), 3);
  for (const damaged of [[], [0x80], [0xa0], [0x81], [0x81, 0x61, 0x61]])
    assert.throws(() => bodyVersion(Uint8Array.from(damaged)), CborError);
  assert.throws(() => viewFor('b.admin', later).get('env')?.read(row), CborError);
});

const transforms: fc.Arbitrary<Transform> = fc.oneof(
  fc.constantFrom<Transform>('clear', 'drop'),
  fc.tuple(fc.nat(6), fc.nat(6)).map(([a, b]): Transform => ({ mask: { keep: [a, b] } })),
  fc.constant<Transform>({ generalise: { table: { x: 'X' } } }),
);
test('law: no consumer sees more than its transform, and nothing that is not declared', () => {
  const consumerRules = fc.dictionary(fc.constantFrom<Consumer>(...consumers), transforms);
  const one = fc.record({
    class: fc.constantFrom('public', 'internal', 'sensitive', 'personal'),
    rules: consumerRules,
  });
  fc.assert(
    fc.property(
      fc.array(one, { minLength: 1, maxLength: 5 }),
      fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { minLength: 5, maxLength: 5 }),
      fc.constantFrom(...roleNames),
      (list, texts, role) => {
        const fields = list.map(({ class: name, rules }, i) =>
          field(`/f${i}`, 'string', { class: name, personal: name === 'personal', consumers: rules }),
        );
        const compiled = compileManifest(manifestOf(fields));
        const channel = compiled.channels.get('env');
        assert.ok(channel);
        const payload = JSON.stringify({ ...Object.fromEntries(texts.map((t, i) => [`f${i}`, t])), extra: 'never' });
        assert.equal(minimise(channel, new TextEncoder().encode(payload), out), undefined);
        const stored = { body: out.body.done(), ...(out.secret.length > 0 ? { secret: out.secret.done() } : {}) };
        const shown = viewFor(role, compiled).get('env')?.read(stored) ?? {};
        assert.ok(!('/extra' in shown));
        for (const [path, value] of Object.entries(shown)) {
          const declared: CompiledField | undefined = channel.fields.find((f) => f.path === path);
          assert.ok(declared);
          const transform = transformOf(declared, role);
          const text = texts[Number(path.slice(2))] ?? '';
          if (transform === 'clear') assert.equal(value, text);
          else {
            assert.notEqual(transform, 'drop');
            if (typeof transform === 'object' && 'mask' in transform)
              assert.equal(value, maskText(text, transform.mask.keep));
            else assert.equal(value, 'X');
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});
test('law: a masked text hides at least a third of its characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(64), fc.nat(64), (text, first, last) => {
      const chars = Array.from(text);
      const masked = maskText(text, [first, last]);
      if (masked === '***') return;
      const hidden = Array.from(masked).length - first - last;
      assert.equal(Array.from(masked).length, chars.length);
      assert.ok(hidden * 3 >= chars.length);
    }),
  );
});
