import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { decodeUtf8, encodeUtf8 } from './bytes.ts';
import { canonicalText } from './jcs.ts';
import { encodeLeaf, type Leaf, leafTime, parseBound, parseLeaf, parseSource } from './leaf.ts';

const leaf: Leaf = {
  b: '70000:pcPCqjB7brIm',
  cm: 'EJHGryqQM6JswPV31pGjOwM6pt9dFtBYjNxyEh1NEvM',
  d: ['B2.2.6', 'A3.1.3'],
  i: '01890a5d-ac96-774b-bcce-b302099a8057',
  k: 'authz.decide',
  n: 1,
  o: 'deny',
  s: 'gw-1:18234',
  t: '2026-03-02T07:19:25.123Z',
  v: 1,
};
const text = decodeUtf8(encodeLeaf(leaf));

test('design 3: the example leaf, in its bytes', () => {
  assert.equal(
    text,
    '{"b":"70000:pcPCqjB7brIm","cm":"EJHGryqQM6JswPV31pGjOwM6pt9dFtBYjNxyEh1NEvM","d":["B2.2.6","A3.1.3"],"i":"01890a5d-ac96-774b-bcce-b302099a8057","k":"authz.decide","n":1,"o":"deny","s":"gw-1:18234","t":"2026-03-02T07:19:25.123Z","v":1}',
  );
  assert.deepEqual(parseLeaf(encodeUtf8(text)), leaf);
  assert.deepEqual(parseSource(leaf.s), { source: 'gw-1', sequence: 18_234 });
  assert.deepEqual(parseBound('70000:pcPCqjB7brIm'), { size: 70_000, rootPrefix: 'pcPCqjB7brIm' });
  assert.equal(leafTime(leaf), Date.UTC(2026, 2, 2, 7, 19, 25, 123));
});

test('design 3: one member wrong', () => {
  const hash = leaf.cm;
  const rows: readonly (readonly [string, Partial<Leaf>])[] = [
    ['UUIDv4', { i: '01890a5d-ac96-474b-bcce-b302099a8057' }],
    ['upper-case id', { i: leaf.i.toUpperCase() }],
    ['wrong variant', { i: '01890a5d-ac96-774b-ccce-b302099a8057' }],
    ['time without milliseconds', { t: '2026-03-02T07:19:25Z' }],
    ['time with an offset', { t: '2026-03-02T07:19:25.123+00:00' }],
    ['31 April', { t: '2026-04-31T07:19:25.123Z' }],
    ['29 February of a common year', { t: '2026-02-29T07:19:25.123Z' }],
    ['24:00', { t: '2026-03-02T24:00:00.000Z' }],
    ['leap second', { t: '2026-06-30T23:59:60.000Z' }],
    ['kind with capitals', { k: 'authz.Decide' }],
    ['kind of 65 characters', { k: 'k'.repeat(65) }],
    ['outcome with a space', { o: 'not ok' }],
    ['source without number', { s: 'gw-1' }],
    ['sequence 0', { s: 'gw-1:0' }],
    ['sequence with a zero before it', { s: 'gw-1:01' }],
    ['sequence of 2^53', { s: 'gw-1:9007199254740992' }],
    ['source with a colon', { s: 'a:b:1' }],
    ['n of 0', { n: 0 }],
    ['n with a fraction', { n: 1.5 }],
    ['cm of 42 characters', { cm: hash.slice(1) }],
    ['cm with spare bits', { cm: `${hash.slice(0, -1)}N` }],
    ['m with padding', { m: `${hash}=` }],
    ['bound without root', { b: '70000' }],
    ['bound with base64url', { b: '70000:pcPCqjB7br-_' }],
    ['bound with a zero before it', { b: '070000:pcPCqjB7brIm' }],
    ['sub-duty of no clause', { d: ['C2.2.6'] }],
    ['sub-duty twice', { d: ['B2.2.6', 'B2.2.6'] }],
    ['61 sub-duties', { d: Array.from({ length: 61 }, (_, i) => `B2.2.${i + 1}`) }],
    ['no flags in a list of flags', { q: [] }],
    ['flag twice', { q: ['clock', 'clock'] }],
    ['flag with a space', { q: ['a b'] }],
  ];
  for (const [name, over] of rows) {
    assert.throws(() => encodeLeaf({ ...leaf, ...over }), { code: 'bad-leaf' }, name);
    const bytes = encodeUtf8(canonicalText({ ...leaf, ...over }));
    assert.throws(() => parseLeaf(bytes), { code: 'bad-leaf' }, name);
  }
});

test('design 3: bytes that are no leaf', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['empty', ''],
    ['no object', '[]'],
    ['null', 'null'],
    ['space', text.replace(',', ', ')],
    ['newline at the end', `${text}\n`],
    ['another order', text.replace(/^\{("b":[^,]+),("cm":[^,]+)/, '{$2,$1')],
    ['another member', text.replace('"v":1', '"u":1,"v":1')],
    ['a member twice', text.replace('"v":1', '"v":1,"v":1')],
    ['needless escape', text.replace('deny', '\\u0064eny')],
    ['number in another form', text.replace('"n":1', '"n":1.0')],
    ['version 2', text.replace('"v":1', '"v":2')],
    ['version as text', text.replace('"v":1', '"v":"1"')],
    ['no cm', text.replace(/"cm":"[^"]+",/, '')],
    ['d not a list', text.replace('["B2.2.6","A3.1.3"]', '"B2.2.6"')],
    ['d of numbers', text.replace('["B2.2.6","A3.1.3"]', '[1]')],
    ['n as text', text.replace('"n":1', '"n":"1"')],
    ['b null', text.replace('"70000:pcPCqjB7brIm"', 'null')],
    ['byte order mark', `\ufeff${text}`],
  ];
  for (const [name, changed] of rows) {
    assert.notEqual(changed, text, name);
    assert.throws(() => parseLeaf(encodeUtf8(changed)), { code: 'bad-leaf' }, name);
  }
  assert.throws(() => parseLeaf(Uint8Array.of(0xff)), { code: 'bad-leaf' });
  assert.throws(() => parseLeaf(new Uint8Array(4097)), { code: 'too-large' });
});

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('base64url'));
const leaves: fc.Arbitrary<Leaf> = fc.record(
  {
    v: fc.constant(1 as const),
    i: fc.uuid({ version: 7 }),
    t: fc
      .date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
      .map((d) => d.toISOString()),
    k: fc.constantFrom('authz.decide', 'ota.install.result', 'eval.result', 'probe.ota.badsig'),
    d: fc.uniqueArray(fc.constantFrom('B2.1.1', 'A3.6.2', 'B2.3.4'), { maxLength: 3 }),
    o: fc.constantFrom('deny', 'met', 'not-implemented'),
    s: fc.tuple(fc.constantFrom('gw-1', 'a.b/c_d'), fc.integer({ min: 1 })).map(([name, n]) => `${name}:${n}`),
    n: fc.integer({ min: 1 }),
    cm: hash,
    m: hash,
    b: fc.tuple(fc.maxSafeNat(), hash).map(([n, h]) => `${n}:${h.replaceAll(/[-_]/g, '+').slice(0, 12)}`),
    q: fc.uniqueArray(fc.constantFrom('clock', 'late'), { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: ['v', 'i', 't', 'k', 'd', 'o', 's', 'n', 'cm'], noNullPrototype: true },
);

test('RFC 8785: law: a leaf is canonical JSON and reads back', () => {
  fc.assert(
    fc.property(leaves, (one) => {
      const bytes = encodeLeaf(one);
      // A leaf is a JSON object: its optional members are absent, never undefined.
      assert.equal(
        decodeUtf8(bytes),
        canonicalText(JSON.parse(JSON.stringify(one)) as Parameters<typeof canonicalText>[0]),
      );
      assert.deepEqual(parseLeaf(bytes), one);
    }),
  );
});
