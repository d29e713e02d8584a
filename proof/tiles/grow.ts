import { concatBytes } from '../bytes.ts';
import { demand } from '../error.ts';
import { demandEdge, type Edge, emptyEdge, pushLeaf } from '../merkle/edge.ts';
import { hashSize, type TreeHasher } from '../merkle/hasher.ts';
import { isCount } from '../merkle/range.ts';
import { tileLayout } from './layout.ts';
import { type Tile, tileWidth } from './path.ts';

/** A tile with its hashes. */
export interface TileBytes {
  readonly tile: Tile;
  readonly bytes: Uint8Array;
}

/** What a log needs in order to grow: its right edge and its partial tiles, everything else is immutable already. */
export interface LogTree {
  readonly edge: Edge;
  /** By level, without gaps: the hashes of the partial tile, `floor(size / 256^level) mod 256` of them, so maybe none. */
  readonly partials: readonly Uint8Array[];
}

export const emptyLogTree: LogTree = { edge: emptyEdge, partials: [] };

/** Checks a tree from storage: edge and partial tiles as long as the size says (`bad-argument`). */
export function demandLogTree({ edge, partials }: LogTree): void {
  demandEdge(edge);
  const layout = tileLayout(edge.size);
  demand(partials.length === layout.length, 'bad-argument', `size ${edge.size} has ${layout.length} tile levels`);
  for (const { level, partial } of layout) {
    demand(partials[level]?.length === partial * hashSize, 'bad-argument', `partial tile of level ${level} is off`);
  }
}

/**
 * Appends leaf hashes: the tree after, and the tiles that became full on the way. The tree given is not changed.
 *
 * Costs one node hash per leaf on average; tile hashes are the edge's own, computed once. `bad-argument` when the tree
 * and its size disagree.
 */
export function growTree(
  hasher: TreeHasher,
  tree: LogTree,
  leafHashes: readonly Uint8Array[],
): { readonly tree: LogTree; readonly full: readonly TileBytes[] } {
  demandLogTree(tree);
  demand(isCount(tree.edge.size + leafHashes.length), 'bad-argument', 'the tree is full');
  const full: TileBytes[] = [];
  const open: Uint8Array[][] = tree.partials.map((bytes) => [bytes]);
  const held = tree.partials.map((bytes) => bytes.length / hashSize);
  const done = tileLayout(tree.edge.size).map((level) => level.full);
  const edge = { size: tree.edge.size, hashes: [...tree.edge.hashes] };

  const addToTile = (level: number, hash: Uint8Array): void => {
    const parts = (open[level] ??= []);
    parts.push(hash);
    const width = (held[level] ?? 0) + 1;
    held[level] = width % tileWidth;
    if (width < tileWidth) return;
    const index = done[level] ?? 0;
    full.push({ tile: { level, index, width }, bytes: concatBytes(parts) });
    done[level] = index + 1;
    open[level] = [];
  };
  const onComplete = (level: number, hash: Uint8Array): void => {
    if (level % 8 === 0) addToTile(level / 8, hash);
  };
  for (const leafHash of leafHashes) {
    demand(leafHash.length === hashSize, 'bad-argument', 'leaf hash is not of 32 bytes');
    pushLeaf(hasher, edge, leafHash, onComplete);
    edge.size++;
  }
  return { tree: { edge, partials: open.map((parts) => concatBytes(parts)) }, full };
}

/** The partial tiles of a tree, as a checkpoint of its size needs them. */
export function partialTilesOf({ edge, partials }: LogTree): readonly TileBytes[] {
  return tileLayout(edge.size)
    .filter(({ partial }) => partial > 0)
    .map(({ level, full, partial }) => ({
      tile: { level, index: full, width: partial },
      bytes: partials[level] ?? new Uint8Array(0),
    }));
}
