import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { recordBodies } from '@pactgate/protocol';
import { Compile } from 'typebox/compile';
import { instant } from '../../kernel/time.ts';
import { hashCode, makeCode, parseCode } from './code.ts';
import { isClean, scanKeys } from './scan.ts';
import { now, spkiA, spkiB } from './testing/samples.ts';

const body = Compile(recordBodies['device.id.scan']);
const name = (n: number): string => `d_${String(n).padStart(16, '0')}`;
const soon = instant(now + 1);
for (const [title, keys, shared, multiple, clean] of [
  ['no keys', [], 0, 0, true],
  [
    'one key each',
    [
      { device: name(1), spki: spkiA },
      { device: name(2), spki: spkiB },
    ],
    0,
    0,
    true,
  ],
  [
    'a key of two devices',
    [
      { device: name(1), spki: spkiA },
      { device: name(2), spki: spkiA },
    ],
    1,
    0,
    false,
  ],
  [
    'two keys of a device',
    [
      { device: name(1), spki: spkiA },
      { device: name(1), spki: spkiB },
    ],
    0,
    1,
    false,
  ],
  [
    'two keys in an overlap',
    [
      { device: name(1), spki: spkiA },
      { device: name(1), spki: spkiB, overlapUntil: soon },
    ],
    0,
    1,
    true,
  ],
  [
    'two keys, overlap just over',
    [
      { device: name(1), spki: spkiA },
      { device: name(1), spki: spkiB, overlapUntil: now },
    ],
    0,
    1,
    false,
  ],
  [
    'one key in two certificates',
    [
      { device: name(1), spki: spkiA },
      { device: name(1), spki: spkiA, overlapUntil: soon },
    ],
    0,
    0,
    true,
  ],
] as const)
  test(`B2.2.1 scan: ${title}`, () => {
    const scan = scanKeys(9, keys, now);
    assert.deepEqual([scan.shared.length, scan.multiple.length, isClean(scan)], [shared, multiple, clean]);
    assert.ok(body.Check(scan));
  });
test('B2.2.1 scan: lists are cut to what a record holds', () => {
  const many = Array.from({ length: 40_000 }, (_, n) => ({
    device: name(n),
    spki: (n % 400).toString(16).padStart(64, '0'),
  }));
  const scan = scanKeys(40_000, many, now);
  assert.equal(scan.liveKeys, 400);
  assert.equal(scan.shared.length, 256);
  assert.ok(body.Check(scan));
});

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
test('B2.2.3 code: 160 random bits in 32 letters that can be read out', () => {
  assert.equal(
    makeCode((n) => new Uint8Array(n)),
    '0'.repeat(32),
  );
  assert.equal(
    makeCode((n) => new Uint8Array(n).fill(255)),
    'Z'.repeat(32),
  );
  assert.equal(
    makeCode((n) => Uint8Array.from({ length: n }, (_, at) => at)),
    '000G40R40M30E209185GR38E1W8124GK',
  );
  const codes = new Set(Array.from({ length: 1_000 }, () => makeCode((n) => randomBytes(n))));
  assert.equal(codes.size, 1_000);
  for (const code of codes) assert.equal(parseCode(code), code);
});
for (const [typed, want] of [
  ['abcd-efgh-jkmn-pqrs-tvwx-yz01-2345-6789', 'ABCDEFGHJKMNPQRSTVWXYZ0123456789'],
  ['oooooooollllllllIIIIIIII00000000', '00000000111111111111111100000000'],
  ['', undefined],
  ['U'.repeat(32), undefined],
  ['A'.repeat(31), undefined],
  ['A'.repeat(33), undefined],
  ['-'.repeat(65), undefined],
  ['Ａ'.repeat(32), undefined],
] as const)
  test(`B2.2.3 code as typed: ${typed.slice(0, 12)}`, () => assert.equal(parseCode(typed), want));
test('B2.2.3 code: what is stored is its SHA-256', () => {
  // NIST FIPS 180-4 example "abc"
  assert.equal(hashCode(sha256, 'abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
