import { demand } from '../error.ts';
import { hashSize, type TreeHasher } from './hasher.ts';
import { isCount, type NodeId, type Range, splitPoint, subtreesOf } from './range.ts';

/**
 * Source of complete subtree hashes of one log.
 *
 * Answers come in the order asked; every hash asked for exists in the tree the caller was told about. Whether they
 * are true is the reader's promise: `tileHashReader` checks them against a root, a database reader trusts its tables.
 */
export interface HashReader {
  readonly read: (nodes: readonly NodeId[]) => Promise<readonly Uint8Array[]>;
}

/** Joins the complete subtrees of a range, largest first, to its tree hash; no subtrees are the empty tree. */
export function joinSubtrees(hasher: TreeHasher, hashes: readonly Uint8Array[]): Uint8Array {
  return (
    hashes.reduceRight<Uint8Array | undefined>(
      (right, left) => (right === undefined ? left : hasher.node(left, right)),
      undefined,
    ) ?? hasher.empty
  );
}

/** `MTH` of a list of leaf hashes (RFC 6962 section 2.1). */
export function rootOfLeaves(hasher: TreeHasher, leaves: readonly Uint8Array[]): Uint8Array {
  let level = leaves;
  if (level.length === 0) return hasher.empty;
  // Joining pairs and carrying an odd last one up gives the same tree as splitting at powers of two.
  while (level.length > 1) {
    const next: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = level.slice(i, i + 2);
      if (left === undefined) break;
      next.push(right === undefined ? left : hasher.node(left, right));
    }
    level = next;
  }
  return level[0] ?? hasher.empty;
}

/** Tree hashes of several ranges with one call to the reader. */
async function readRanges(hasher: TreeHasher, reader: HashReader, ranges: readonly Range[]): Promise<Uint8Array[]> {
  const parts = ranges.map((range) => subtreesOf(range));
  const hashes = await reader.read(parts.flat());
  demand(hashes.length === parts.flat().length, 'missing', 'reader answered with another number of hashes');
  demand(
    hashes.every((hash) => hash.length === hashSize),
    'bad-proof',
    'reader answered with a hash not of 32 bytes',
  );
  let at = 0;
  return parts.map((nodes) => joinSubtrees(hasher, hashes.slice(at, (at += nodes.length))));
}

/** Root of the first `size` entries. */
export async function rootAt(hasher: TreeHasher, reader: HashReader, size: number): Promise<Uint8Array> {
  demand(isCount(size), 'bad-argument', 'size is not a count');
  const [root] = await readRanges(hasher, reader, [{ start: 0, end: size }]);
  return root ?? hasher.empty;
}

/** Siblings from the root down for entry `index` of `size` (PATH of RFC 6962 section 2.1.1, reversed). */
function pathRanges(index: number, size: number): readonly Range[] {
  const ranges: Range[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    ranges.push(index < middle ? { start: middle, end } : { start, end: middle });
    if (index < middle) end = middle;
    else start = middle;
  }
  return ranges;
}

/**
 * Inclusion proof of entry `index` in the tree of `size` entries, from the leaf's sibling up (RFC 6962 2.1.1).
 * `bad-argument` unless index < size.
 */
export async function proveInclusion(
  hasher: TreeHasher,
  reader: HashReader,
  at: { readonly index: number; readonly size: number },
): Promise<readonly Uint8Array[]> {
  demand(isCount(at.index) && isCount(at.size) && at.index < at.size, 'bad-argument', 'index is not below size');
  return (await readRanges(hasher, reader, pathRanges(at.index, at.size))).toReversed();
}

/** SUBPROOF of RFC 6962 section 2.1.2 from the root down; the last range is the old tree's rest, when it must be shown. */
function consistencyRanges(oldSize: number, newSize: number): readonly Range[] {
  const ranges: Range[] = [];
  let start = 0;
  let end = newSize;
  while (end > oldSize) {
    const middle = start + splitPoint(end - start);
    ranges.push(oldSize <= middle ? { start: middle, end } : { start, end: middle });
    if (oldSize <= middle) end = middle;
    else start = middle;
  }
  // A rest that starts at 0 is the old tree itself: the verifier has its root already.
  return start === 0 ? ranges : [...ranges, { start, end }];
}

/**
 * Proof that the tree of `newSize` entries begins with that of `oldSize` (RFC 6962 section 2.1.2). Equal sizes give an
 * empty proof. `bad-argument` for oldSize 0 (nothing to be consistent with) and oldSize > newSize.
 */
export async function proveConsistency(
  hasher: TreeHasher,
  reader: HashReader,
  sizes: { readonly oldSize: number; readonly newSize: number },
): Promise<readonly Uint8Array[]> {
  const { oldSize, newSize } = sizes;
  demand(isCount(oldSize) && isCount(newSize), 'bad-argument', 'size is not a count');
  demand(oldSize > 0 && oldSize <= newSize, 'bad-argument', 'sizes must be 0 < old <= new');
  if (oldSize === newSize) return [];
  return (await readRanges(hasher, reader, consistencyRanges(oldSize, newSize))).toReversed();
}
