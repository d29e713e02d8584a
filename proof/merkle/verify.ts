import { equalBytes } from '../bytes.ts';
import { demand } from '../error.ts';
import { hashSize, type TreeHasher } from './hasher.ts';
import { half, isCount, isOdd } from './range.ts';

/** What an inclusion proof claims. */
export interface InclusionClaim {
  readonly index: number;
  readonly size: number;
  readonly leafHash: Uint8Array;
  readonly root: Uint8Array;
}

/** What a consistency proof claims. */
export interface ConsistencyClaim {
  readonly oldSize: number;
  readonly newSize: number;
  readonly oldRoot: Uint8Array;
  readonly newRoot: Uint8Array;
}

/** Longest proof of a tree whose size fits a number. */
export const maxProofLength = 63;

function demandHashes(hashes: readonly Uint8Array[]): void {
  demand(hashes.length <= maxProofLength + 2, 'bad-proof', 'proof is too long');
  demand(
    hashes.every((hash) => hash.length === hashSize),
    'bad-proof',
    'a hash is not of 32 bytes',
  );
}

/**
 * Checks an inclusion proof (RFC 9162 section 2.1.3.2). Every number and hash is the prover's claim; anything short,
 * surplus or off is `bad-proof`.
 */
export function verifyInclusion(hasher: TreeHasher, proof: readonly Uint8Array[], claim: InclusionClaim): void {
  const { index, size, leafHash, root } = claim;
  demand(isCount(index) && isCount(size) && index < size, 'bad-proof', 'index is not below the size');
  demandHashes([...proof, leafHash, root]);
  let node = index;
  let last = size - 1;
  let hash = leafHash;
  for (const sibling of proof) {
    demand(last > 0, 'bad-proof', 'proof has surplus hashes');
    if (isOdd(node) || node === last) {
      hash = hasher.node(sibling, hash);
      // A last node without a right sibling moves up unchanged until it is a right child.
      while (!isOdd(node) && node > 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      hash = hasher.node(hash, sibling);
    }
    node = half(node);
    last = half(last);
  }
  demand(last === 0, 'bad-proof', 'proof is too short');
  demand(equalBytes(hash, root), 'bad-proof', 'proof leads to another root');
}

/**
 * Checks that the tree of `newSize` entries begins with the tree of `oldSize` (RFC 9162 section 2.1.4.2); all
 * failures are `bad-proof`. Equal sizes need an empty proof and equal roots. From size 0 nothing can be proven: a
 * caller that starts without memory must say so itself.
 */
export function verifyConsistency(hasher: TreeHasher, proof: readonly Uint8Array[], claim: ConsistencyClaim): void {
  const { oldSize, newSize, oldRoot, newRoot } = claim;
  demand(isCount(oldSize) && isCount(newSize), 'bad-proof', 'size is not a count');
  demand(oldSize > 0, 'bad-proof', 'no consistency from size 0');
  demand(oldSize <= newSize, 'bad-proof', 'the tree has shrunk');
  demandHashes([...proof, oldRoot, newRoot]);
  if (oldSize === newSize) {
    demand(proof.length === 0, 'bad-proof', 'equal sizes need an empty proof');
    demand(equalBytes(oldRoot, newRoot), 'bad-proof', 'same size, another root');
    return;
  }
  const { oldHash, newHash } = climb(hasher, proof, claim);
  demand(equalBytes(oldHash, oldRoot), 'bad-proof', 'proof leads to another old root');
  demand(equalBytes(newHash, newRoot), 'bad-proof', 'proof leads to another new root');
}

interface Climbed {
  readonly oldHash: Uint8Array;
  readonly newHash: Uint8Array;
}

/** Both roots as the proof has them, for oldSize < newSize. */
function climb(hasher: TreeHasher, proof: readonly Uint8Array[], claim: ConsistencyClaim): Climbed {
  let node = claim.oldSize - 1;
  let last = claim.newSize - 1;
  while (isOdd(node)) {
    node = half(node);
    last = half(last);
  }
  // node 0: the old size is a power of two, so the old root itself is the first hash and is not sent.
  const [first, ...rest] = node === 0 ? [claim.oldRoot, ...proof] : proof;
  demand(first !== undefined, 'bad-proof', 'proof is empty');
  let oldHash = first;
  let newHash = first;
  for (const hash of rest) {
    demand(last > 0, 'bad-proof', 'proof has surplus hashes');
    if (isOdd(node) || node === last) {
      oldHash = hasher.node(hash, oldHash);
      newHash = hasher.node(hash, newHash);
      while (!isOdd(node) && node > 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      newHash = hasher.node(newHash, hash);
    }
    node = half(node);
    last = half(last);
  }
  demand(last === 0, 'bad-proof', 'proof is too short');
  return { oldHash, newHash };
}
