import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ManifestField } from '@pactgate/protocol';
import * as fc from 'fast-check';
import { type CborValue, decodeCbor } from './cbor.ts';
import { type CompiledChannel, compileManifest, pathNames } from './compile.ts';
import { MessageWriter } from './message-writer.ts';
import { field, manifestOf } from './testing/sample-manifest.ts';
import { countForeign, minimise } from './uplink.ts';

const out = new MessageWriter();
const channelOf = (fields: readonly ManifestField[], maxBytes: number): CompiledChannel => {
  const channels = { env: { media: 'json' as const, maxBytes, maxPerMinute: 60 } };
  const channel = compileManifest(manifestOf(fields, { channels })).channels.get('env');
  assert.ok(channel);
  return channel;
};
const send = (payload: string, channel: CompiledChannel): string | undefined =>
  minimise(channel, new TextEncoder().encode(payload), out);

/** The manifest read plainly: parse, walk, compare. What the compiled one must equal. */
function isTextOf({ type, maxLength, values }: ManifestField, x: string): boolean {
  if (type === 'enum') return (values ?? []).includes(x);
  return type === 'string' && !x.includes('\0') && Array.from(x).length <= (maxLength ?? Infinity);
}
function isNumberOf({ type, range }: ManifestField, x: number): boolean {
  if (x < (range?.min ?? -Infinity) || x > (range?.max ?? Infinity)) return false;
  return type === 'number' || (type === 'integer' && Number.isSafeInteger(x));
}
function isOf(f: ManifestField, x: unknown): boolean {
  if (typeof x === 'string') return isTextOf(f, x);
  if (typeof x === 'number') return isNumberOf(f, x);
  return f.type === 'boolean' && typeof x === 'boolean';
}
function read(f: ManifestField, message: object): CborValue {
  let x: unknown = message;
  for (const name of pathNames(f.path)) {
    if (typeof x !== 'object' || x === null || Array.isArray(x) || !Object.hasOwn(x, name)) return undefined;
    x = (x as Record<string, unknown>)[name];
  }
  if (!isOf(f, x)) return undefined;
  return typeof x === 'number' ? x + 0 : (x as CborValue);
}
const isSecret = (f: ManifestField): boolean => f.class === 'sensitive';
const bodyOf = (fields: readonly ManifestField[], message: object): CborValue => [
  3,
  ...fields.filter((f) => !isSecret(f)).map((f) => read(f, message)),
];
const secretOf = (fields: readonly ManifestField[], message: object): Map<string, CborValue> =>
  new Map(
    fields
      .filter(isSecret)
      .map((f) => [f.path, read(f, message)] as const)
      .filter(([, value]) => value !== undefined),
  );
function isObject(text: string): boolean {
  try {
    let wellFormed = true;
    const parsed: unknown = JSON.parse(text, (key, value: unknown) => {
      wellFormed &&= key.isWellFormed() && (typeof value !== 'string' || value.isWellFormed());
      return value;
    });
    return wellFormed && typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
  } catch {
    return false;
  }
}
const names = ['a', 'b', 'c', '__proto__', 'é', 'q"', '/', '~'];
const path = fc
  .array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''));
const anyField = fc
  .record({
    path,
    type: fc.constantFrom('boolean', 'integer', 'number', 'string', 'enum'),
    sealed: fc.boolean(),
    max: fc.integer({ min: 0, max: 20 }),
  })
  .map(({ path: at, type, sealed, max }) =>
    field(at, type, {
      ...(type === 'enum' ? { values: ['x', 'é"', ''] } : {}),
      ...(type === 'string' ? { maxLength: max } : {}),
      ...(type === 'number' ? { range: { min: -max, max } } : {}),
      class: sealed ? 'sensitive' : 'internal',
    }),
  );
const fields = fc
  .uniqueArray(anyField, { selector: (f) => f.path, minLength: 1, maxLength: 8 })
  .filter((list) => list.every((f) => list.every((g) => f === g || !g.path.startsWith(`${f.path}/`))));
const leaf = fc.oneof(
  fc.boolean(),
  fc.constant(null),
  fc.integer({ min: -30, max: 30 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
  fc.string({ unit: 'grapheme', maxLength: 24 }),
  fc.constantFrom('x', 'é"', '', 'a\0'),
);
const value = fc.dictionary(
  fc.constantFrom(...names),
  fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }), fc.dictionary(fc.constantFrom(...names), leaf)),
);
test('law: compiled equals the plain interpreter; nothing undeclared is ever in a row', () => {
  fc.assert(
    fc.property(fields, value, fc.integer({ min: 0, max: 2 }), (list, message, indent) => {
      const channel = channelOf(list, 65_536);
      assert.equal(send(JSON.stringify(message, null, indent), channel), undefined);
      assert.deepEqual(decodeCbor(out.body.done()), bodyOf(list, message));
      const secret = secretOf(list, message);
      if (secret.size > 0) assert.deepEqual(decodeCbor(out.secret.done()), secret);
      else assert.equal(out.secret.length, 0);
      assert.equal(countForeign(channel, out.body.done()), 0);
    }),
    { numRuns: 400 },
  );
});
test('law: what is read is exactly what JSON.parse reads, of any text', () => {
  const channel = channelOf([field('/zz', 'integer')], 65_536);
  const parts =
    '{ } [ ] , : " "a" 1 -0 1e5 0.5 . true null \\ \\n \\u00 \\u00e9 \\ud83d\\ude00 \\udc00 é {"a":1} {"b":[ 01';
  const token = fc.constantFrom(' ', '"', ...parts.split(' '));
  fc.assert(
    fc.property(fc.array(token, { maxLength: 14 }), (tokens) => {
      for (const text of [tokens.join(''), `{"a":${tokens.join('')}}`])
        assert.equal(send(text, channel) === undefined, isObject(text), text);
    }),
    { numRuns: 3_000 },
  );
});
test('law: numbers are read as the language reads them', () => {
  const channel = channelOf([field('/n', 'number')], 65_536);
  const digits = fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.constantFrom('0', '7', '120', '9007199254740993', '123456789012345', '99999999999999999999'),
      fc.constantFrom('', '.5', '.10', '.000001', '.123456789012345678'),
      fc.constantFrom('', 'e0', 'E+3', 'e-7', 'e-300'),
    )
    .map((parts) => parts.join(''));
  const number = fc.oneof(
    digits,
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => JSON.stringify(x)),
  );
  fc.assert(
    fc.property(number, (text) => {
      assert.equal(send(`{"n":${text}}`, channel), undefined);
      assert.deepEqual(decodeCbor(out.body.done()), [3, Number(text) + 0]);
    }),
    { numRuns: 1_000 },
  );
});
