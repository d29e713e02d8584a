import { demand } from '../error.ts';
import { hashSize, type TreeHasher } from './hasher.ts';
import { half, isCount, isOdd, subtreesOf } from './range.ts';
import { joinSubtrees } from './tree.ts';

/**
 * The right edge of a tree: its complete subtrees, largest first. Everything needed to append and to know the root,
 * in at most 53 hashes.
 */
export interface Edge {
  readonly size: number;
  readonly hashes: readonly Uint8Array[];
}

export const emptyEdge: Edge = { size: 0, hashes: [] };

/** Checks an edge from storage: as many hashes of 32 bytes as the size has complete subtrees (`bad-argument`). */
export function demandEdge({ size, hashes }: Edge): void {
  demand(isCount(size), 'bad-argument', 'edge size is not a count');
  const wanted = subtreesOf({ start: 0, end: size }).length;
  demand(hashes.length === wanted, 'bad-argument', `an edge of size ${size} has ${wanted} hashes`);
  demand(
    hashes.every((hash) => hash.length === hashSize),
    'bad-argument',
    'an edge hash is not of 32 bytes',
  );
}

/** Called for each subtree that an append completes, leaf first: level and hash. */
export type OnComplete = (level: number, hash: Uint8Array) => void;

/** Appends in place: `hashes` is the edge at `size`. The hot path of the sequencer, hence mutable. */
export function pushLeaf(
  hasher: TreeHasher,
  edge: { readonly size: number; readonly hashes: Uint8Array[] },
  leafHash: Uint8Array,
  onComplete?: OnComplete,
): void {
  let hash = leafHash;
  let level = 0;
  onComplete?.(0, hash);
  for (let rest = edge.size; isOdd(rest); rest = half(rest)) {
    const left = edge.hashes.pop();
    demand(left !== undefined, 'bad-argument', 'edge is shorter than its size says');
    hash = hasher.node(left, hash);
    level++;
    onComplete?.(level, hash);
  }
  edge.hashes.push(hash);
}

/** The edge with one more leaf. */
export function appendLeaf(hasher: TreeHasher, edge: Edge, leafHash: Uint8Array): Edge {
  demand(leafHash.length === hashSize, 'bad-argument', 'leaf hash is not of 32 bytes');
  demand(isCount(edge.size + 1), 'bad-argument', 'the tree is full');
  const hashes = [...edge.hashes];
  pushLeaf(hasher, { size: edge.size, hashes }, leafHash);
  return { size: edge.size + 1, hashes };
}

/** Root of the tree an edge belongs to. */
export function edgeRoot(hasher: TreeHasher, edge: Edge): Uint8Array {
  return joinSubtrees(hasher, edge.hashes);
}
