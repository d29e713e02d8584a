import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '@pactgate/protocol';
import * as fc from 'fast-check';
import { openSealed, type SealPlace, samplePlace, seal, sealOverhead } from '../../duties/data/index.ts';
import { instant } from '../../kernel/time.ts';
import { nodeSealCrypto as crypto } from './seal-crypto.ts';

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const dataKey = { kid: crypto.fresh(8), key: crypto.fresh(32) };
const find = (kid: Uint8Array): Uint8Array | undefined =>
  Buffer.compare(kid, dataKey.kid) === 0 ? dataKey.key : undefined;
const place = samplePlace(
  { agreement: 'agr-1', party: 'acme' },
  { device: 7, channel: 2, at: instant(5), received: instant('2026-11-22T23:59:59.999Z') },
);
const isProblem = (code: string) => (thrown: unknown) => thrown instanceof Problem && thrown.code === code;

// NIST SP 800-38D, test case 16 of the GCM specification (256-bit key, AAD of 20 octets).
test('A3.3.4 open: test case 16 of the GCM specification', () => {
  const key = hex('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308');
  const iv = 'cafebabefacedbaddecaf888';
  const aad = hex('feedfacedeadbeeffeedfacedeadbeefabaddad2');
  const ciphertext =
    '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662';
  const plaintext =
    'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39';
  const opened = crypto.open(key, hex(`${iv}${ciphertext}76fc6ece0f4e1768cddf8853bb2d551b`), aad);
  assert.deepEqual(Buffer.from(opened ?? []).toString('hex'), plaintext);
  assert.equal(crypto.open(key, hex(`${iv}${ciphertext}76fc6ece0f4e1768cddf8853bb2d551c`), aad), undefined);
});
// RFC 5649 section 6 has vectors for 192-bit keys only; the length rule and the refusals are checked here.
test('A3.3.4 wrap: 40 octets for a key, opened by the same key alone (RFC 5649)', () => {
  const [kek, other, key] = [crypto.fresh(32), crypto.fresh(32), crypto.fresh(32)];
  const wrapped = crypto.wrap(kek, key);
  assert.equal(wrapped.length, 40);
  assert.deepEqual(Buffer.from(crypto.unwrap(kek, wrapped) ?? []), Buffer.from(key));
  assert.equal(crypto.unwrap(other, wrapped), undefined);
  for (let i = 0; i < wrapped.length; i++) {
    const bent = wrapped.slice();
    bent[i] = (bent[i] ?? 0) ^ 1;
    assert.equal(crypto.unwrap(kek, bent), undefined);
  }
});

test('A3.3.4 a group has the format 01 | kid | iv | ciphertext | tag and opens in its place', () => {
  const plaintext = new TextEncoder().encode('secret');
  const group = seal(crypto, dataKey, place, plaintext);
  assert.equal(group.length, plaintext.length + sealOverhead);
  assert.equal(sealOverhead, 37);
  assert.equal(group[0], 1);
  assert.deepEqual(Buffer.from(group.subarray(1, 9)), Buffer.from(dataKey.kid));
  assert.deepEqual(Buffer.from(openSealed(crypto, find, place, group)), Buffer.from(plaintext));
  assert.equal(place.table, 'sample/2026-11-22');
});
for (const change of [
  { agreement: 'agr-2' },
  { party: 'other' },
  { table: 'sample/2026-11-23' },
  { column: 'body' },
  { row: '7/2/5/6' },
])
  test(`A3.3.4 a group moved to another ${Object.keys(change)[0]} does not open`, () => {
    const group = seal(crypto, dataKey, place, new Uint8Array(8));
    assert.throws(() => openSealed(crypto, find, { ...place, ...change }, group), isProblem('data/sealed-damaged'));
  });
test('A3.3.4 without its key a group does not open, and what is no group is said to be damaged', () => {
  const group = seal(crypto, dataKey, place, new Uint8Array(8));
  assert.throws(() => openSealed(crypto, () => undefined, place, group), isProblem('data/key-unavailable'));
  assert.throws(() => openSealed(crypto, () => crypto.fresh(32), place, group), isProblem('data/sealed-damaged'));
  assert.throws(() => openSealed(crypto, find, place, group.subarray(0, 36)), isProblem('data/sealed-damaged'));
  assert.throws(
    () => openSealed(crypto, find, place, Uint8Array.of(2, ...group.subarray(1))),
    isProblem('data/sealed-damaged'),
  );
});
test('A3.3.4 a place with NUL in a part is refused: it could read as another', () => {
  assert.throws(() => seal(crypto, dataKey, { ...place, row: '1\0' }, new Uint8Array(1)), RangeError);
});
test('A3.3.4 no IV comes twice in three refills of the pool', () => {
  const seen = new Set<string>();
  for (let i = 0; i < 3_000; i++)
    seen.add(Buffer.from(seal(crypto, dataKey, place, new Uint8Array(0)).subarray(9, 21)).toString('hex'));
  assert.equal(seen.size, 3_000);
});

const part = fc.string({ maxLength: 6 }).filter((text) => !text.includes('\0'));
const places: fc.Arbitrary<SealPlace> = fc.record({
  agreement: part,
  party: part,
  table: part,
  column: part,
  row: part,
});
test('law: a seal opens only under its own place', () => {
  fc.assert(
    fc.property(places, places, fc.uint8Array({ maxLength: 64 }), (own, other, plaintext) => {
      const group = seal(crypto, dataKey, own, plaintext);
      assert.deepEqual(Buffer.from(openSealed(crypto, find, own, group)), Buffer.from(plaintext));
      const same = Object.entries(own).every(([name, value]) =>
        Object.entries(other).some(([n, v]) => n === name && v === value),
      );
      if (!same) assert.throws(() => openSealed(crypto, find, other, group), isProblem('data/sealed-damaged'));
    }),
    { numRuns: 200 },
  );
});
test('law: any changed octet is noticed', () => {
  const group = seal(crypto, dataKey, place, new TextEncoder().encode('a reading'));
  for (let i = 0; i < group.length; i++) {
    const bent = group.slice();
    bent[i] = (bent[i] ?? 0) ^ 0x80;
    assert.throws(() => openSealed(crypto, find, place, bent), Problem);
  }
});
