import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { encodeHex, encodeUtf8 } from '../bytes.ts';
import { webProofCrypto } from '../crypto.ts';
import { appendLeaf, demandEdge, edgeRoot, emptyEdge } from './edge.ts';
import { treeHasher } from './hasher.ts';
import { splitPoint, subtreesOf } from './range.ts';
import { type HashReader, proveConsistency, proveInclusion, rootAt, rootOfLeaves } from './tree.ts';
import { verifyConsistency, verifyInclusion } from './verify.ts';

const hasher = treeHasher({ sha256: (bytes) => createHash('sha256').update(bytes).digest() });
const maxSize = 131;
const leaves = Array.from({ length: maxSize }, (_, i) => hasher.leaf(encodeUtf8(`entry ${i}`)));

// RFC 6962 section 2.1 as it is written there: recursive, slow, and independent of the code under test.
const split = (n: number): number => 2 ** (Math.ceil(Math.log2(n)) - 1);
function mth(d: readonly Uint8Array[]): Uint8Array {
  const [only] = d;
  if (only === undefined) return hasher.empty;
  if (d.length === 1) return only;
  const k = split(d.length);
  return hasher.node(mth(d.slice(0, k)), mth(d.slice(k)));
}
function path(m: number, d: readonly Uint8Array[]): Uint8Array[] {
  if (d.length === 1) return [];
  const k = split(d.length);
  return m < k ? [...path(m, d.slice(0, k)), mth(d.slice(k))] : [...path(m - k, d.slice(k)), mth(d.slice(0, k))];
}
function subproof(m: number, d: readonly Uint8Array[], whole: boolean): Uint8Array[] {
  if (m === d.length) return whole ? [] : [mth(d)];
  const k = split(d.length);
  if (m <= k) return [...subproof(m, d.slice(0, k), whole), mth(d.slice(k))];
  return [...subproof(m - k, d.slice(k), false), mth(d.slice(0, k))];
}
const roots = Array.from({ length: maxSize + 1 }, (_, n) => mth(leaves.slice(0, n)));
const root = (n: number): Uint8Array => roots[n] ?? hasher.empty;
const leaf = (i: number): Uint8Array => leaves[i] ?? hasher.empty;
const known = new Map<string, Uint8Array>();
const subtree = (level: number, index: number): Uint8Array => {
  const key = `${level}/${index}`;
  const hash = known.get(key) ?? mth(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level));
  known.set(key, hash);
  return hash;
};
const reader: HashReader = {
  read: (nodes) => Promise.resolve(nodes.map(({ level, index }) => subtree(level, index))),
};

test('RFC 6962 2.1: root of every size up to 131, from the list and from the right edge', () => {
  let edge = emptyEdge;
  for (let n = 0; n <= maxSize; n++) {
    assert.deepEqual(rootOfLeaves(hasher, leaves.slice(0, n)), root(n));
    assert.deepEqual(edgeRoot(hasher, edge), root(n));
    demandEdge(edge);
    if (n < maxSize) edge = appendLeaf(hasher, edge, leaf(n));
  }
});

test('RFC 6962 2.1: root of any size from a reader', async () => {
  for (let n = 0; n <= maxSize; n++) assert.deepEqual(await rootAt(hasher, reader, n), root(n));
});

test('RFC 6962 2.1.1: inclusion proof of every entry of every size, made and verified', async () => {
  for (let size = 1; size <= maxSize; size++) {
    for (let index = 0; index < size; index += size > 24 ? 11 : 1) {
      const proof = await proveInclusion(hasher, reader, { index, size });
      assert.deepEqual(proof, path(index, leaves.slice(0, size)));
      verifyInclusion(hasher, proof, { index, size, leafHash: leaf(index), root: root(size) });
    }
  }
});

test('RFC 6962 2.1.2: consistency proof of every pair of sizes, made and verified', async () => {
  for (let newSize = 1; newSize <= maxSize; newSize++) {
    for (let oldSize = 1; oldSize <= newSize; oldSize += newSize > 24 ? 11 : 1) {
      const proof = await proveConsistency(hasher, reader, { oldSize, newSize });
      assert.deepEqual(proof, subproof(oldSize, leaves.slice(0, newSize), true));
      verifyConsistency(hasher, proof, { oldSize, newSize, oldRoot: root(oldSize), newRoot: root(newSize) });
    }
  }
});

const size = fc.integer({ min: 1, max: maxSize });
const flip = (hash: Uint8Array, bit: number): Uint8Array =>
  hash.map((byte, i) => (i === Math.floor(bit / 8) ? byte ^ (1 << (bit % 8)) : byte));

test('RFC 9162 2.1.3.2: law: no other index, size, leaf, root or altered proof verifies', async () => {
  const one = fc.record({ size, at: fc.nat(), bit: fc.nat(255), pick: fc.nat() });
  await fc.assert(
    fc.asyncProperty(one, async ({ size: n, at, bit, pick }) => {
      const index = at % n;
      const proof = await proveInclusion(hasher, reader, { index, size: n });
      const claim = { index, size: n, leafHash: leaf(index), root: root(n) };
      const refused = (p: readonly Uint8Array[], c: typeof claim): void =>
        assert.throws(() => verifyInclusion(hasher, p, c), { code: 'bad-proof' });
      if (n > 1) refused(proof, { ...claim, index: (index + 1) % n });
      refused(proof, { ...claim, leafHash: flip(claim.leafHash, bit) });
      refused(proof, { ...claim, root: flip(claim.root, bit) });
      refused([...proof, leaf(0)], claim);
      if (proof.length === 0) return;
      refused(proof.slice(1), claim);
      refused(proof.slice(0, -1), claim);
      refused(
        proof.map((hash, i) => (i === pick % proof.length ? flip(hash, bit) : hash)),
        claim,
      );
    }),
    { numRuns: 200 },
  );
});

test('RFC 9162 2.1.4.2: law: no other size, root or altered proof verifies', async () => {
  const two = fc.record({ a: size, b: size, bit: fc.nat(255), pick: fc.nat() });
  await fc.assert(
    fc.asyncProperty(two, async ({ a, b, bit, pick }) => {
      const oldSize = Math.min(a, b);
      const newSize = Math.max(a, b);
      const proof = await proveConsistency(hasher, reader, { oldSize, newSize });
      const claim = { oldSize, newSize, oldRoot: root(oldSize), newRoot: root(newSize) };
      const refused = (p: readonly Uint8Array[], c: typeof claim): void =>
        assert.throws(() => verifyConsistency(hasher, p, c), { code: 'bad-proof' });
      refused(proof, { ...claim, oldRoot: flip(claim.oldRoot, bit) });
      refused(proof, { ...claim, newRoot: flip(claim.newRoot, bit) });
      refused([...proof, leaf(0)], claim);
      if (proof.length === 0) return;
      refused(proof.slice(1), claim);
      refused(
        proof.map((hash, i) => (i === pick % proof.length ? flip(hash, bit) : hash)),
        claim,
      );
    }),
    { numRuns: 200 },
  );
});

test('traps: sizes, indexes and hashes that no proof may carry', () => {
  const claim = { index: 0, size: 1, leafHash: leaf(0), root: leaf(0) };
  const inclusion = (over: Partial<typeof claim>, proof: readonly Uint8Array[] = []): (() => void) => {
    return () => verifyInclusion(hasher, proof, { ...claim, ...over });
  };
  assert.doesNotThrow(inclusion({}));
  for (const [name, run] of [
    ['index = size', inclusion({ index: 1 })],
    ['negative index', inclusion({ index: -1 })],
    ['size 0', inclusion({ size: 0 })],
    ['size beyond 2^53', inclusion({ size: 2 ** 53 })],
    ['fraction', inclusion({ index: 0.5 })],
    ['leaf hash of 31 bytes', inclusion({ leafHash: leaf(0).subarray(1) })],
    ['root of 33 bytes', inclusion({ root: new Uint8Array(33) })],
    ['proof hash of 31 bytes', inclusion({ size: 2 }, [leaf(1).subarray(1)])],
  ] as const) {
    assert.throws(run, { code: 'bad-proof' }, name);
  }
  const sizes = { oldSize: 2, newSize: 2, oldRoot: root(2), newRoot: root(2) };
  const consistency = (over: Partial<typeof sizes>, proof: readonly Uint8Array[] = []): (() => void) => {
    return () => verifyConsistency(hasher, proof, { ...sizes, ...over });
  };
  assert.doesNotThrow(consistency({}));
  for (const [name, run] of [
    ['old size 0', consistency({ oldSize: 0, oldRoot: hasher.empty })],
    ['both sizes 0', consistency({ oldSize: 0, newSize: 0, oldRoot: hasher.empty, newRoot: hasher.empty })],
    ['old above new', consistency({ oldSize: 3 })],
    ['equal sizes, another root', consistency({ newRoot: root(3) })],
    ['equal sizes, a proof', consistency({}, [leaf(0)])],
    ['growth without a proof', consistency({ newSize: 3, newRoot: root(3) })],
  ] as const) {
    assert.throws(run, { code: 'bad-proof' }, name);
  }
});

test('traps: sizes above 2^32 split and decompose exactly', () => {
  const n = 2 ** 40 + 2 ** 33 + 5;
  assert.equal(splitPoint(n), 2 ** 40);
  assert.equal(splitPoint(2 ** 40), 2 ** 39);
  const levels = subtreesOf({ start: 0, end: n }).map(({ level }) => level);
  assert.deepEqual(levels, [40, 33, 2, 0]);
});

test('traps: a proof in a tree of 2^40 + 1 entries verifies', () => {
  // All subtrees equal: a tree of this size without its entries.
  const levels = [leaf(0)];
  for (let i = 0; i < 40; i++) levels.push(hasher.node(levels[i] ?? leaf(0), levels[i] ?? leaf(0)));
  const whole = levels[40] ?? leaf(0);
  const big = hasher.node(whole, leaf(1));
  const claim = { size: 2 ** 40 + 1, root: big };
  verifyInclusion(hasher, [whole], { ...claim, index: 2 ** 40, leafHash: leaf(1) });
  const inner = [...levels.slice(0, 40), leaf(1)];
  verifyInclusion(hasher, inner, { ...claim, index: 2 ** 33 + 7, leafHash: leaf(0) });
  assert.throws(() => verifyInclusion(hasher, [whole], { ...claim, index: 0, leafHash: leaf(1) }), {
    code: 'bad-proof',
  });
  verifyConsistency(hasher, [leaf(1)], { oldSize: 2 ** 40, newSize: 2 ** 40 + 1, oldRoot: whole, newRoot: big });
});

test('FIPS 180-4: own SHA-256 agrees with the platform for every length up to 300 and for large input', () => {
  for (const length of [...Array.from({ length: 301 }, (_, i) => i), 65_536, 100_001]) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 31 + length) % 256);
    const want = createHash('sha256').update(bytes).digest('hex');
    assert.equal(encodeHex(webProofCrypto.sha256(bytes)), want, `length ${length}`);
  }
  assert.equal(
    encodeHex(webProofCrypto.sha256(encodeUtf8('abc'))),
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});
