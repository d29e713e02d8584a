import { type Edge, pushLeaf, type TreeHasher } from '@pactgate/proof';
import type { TileGrowth } from './ports.ts';

const tileWidth = 256;
const tileHeight = 8;

interface Growing {
  readonly level: number;
  readonly index: number;
  readonly from: number;
  readonly hashes: Uint8Array[];
}

const join = (parts: readonly Uint8Array[]): Uint8Array => {
  const bytes = new Uint8Array(parts.length * 32);
  parts.forEach((part, i) => bytes.set(part, i * 32));
  return bytes;
};

/**
 * Appends leaf hashes to an edge: the edge after, and by tile the hashes that became complete on the way (C2SP
 * tlog-tiles: level `l` of the tiles holds the subtree hashes of height `8 * l`).
 */
export function grow(
  hasher: TreeHasher,
  edge: Edge,
  leafHashes: readonly Uint8Array[],
): { readonly edge: Edge; readonly tiles: readonly TileGrowth[] } {
  const right = { size: edge.size, hashes: [...edge.hashes] };
  const done: Growing[] = [];
  const open: (Growing | undefined)[] = [];
  const put = (height: number, hash: Uint8Array): void => {
    if (height % tileHeight !== 0) return;
    const level = height / tileHeight;
    const position = Math.floor(right.size / 2 ** height);
    const index = Math.floor(position / tileWidth);
    const tile = open[level];
    if (tile?.index === index) {
      tile.hashes.push(hash);
      return;
    }
    const next = { level, index, from: position % tileWidth, hashes: [hash] };
    done.push(next);
    open[level] = next;
  };
  for (const hash of leafHashes) {
    pushLeaf(hasher, right, hash, put);
    right.size++;
  }
  return {
    edge: right,
    tiles: done.map(({ level, index, from, hashes }) => ({ level, index, from, hashes: join(hashes) })),
  };
}
