import { demand } from '../error.ts';
import { isCount, type NodeId } from '../merkle/range.ts';
import { type EntryTile, type Tile, tileWidth } from './path.ts';

/** What one level of a tree of a given size has: full tiles, then perhaps one partial tile of `partial` hashes. */
export interface LevelLayout {
  readonly level: number;
  readonly full: number;
  /** 0 to 255; 0 means that there is no partial tile. */
  readonly partial: number;
}

/** Tiles of a tree, level 0 first (C2SP tlog-tiles): level l holds `floor(size / 256^l)` hashes. */
export function tileLayout(size: number): readonly LevelLayout[] {
  demand(isCount(size), 'bad-argument', 'size is not a count');
  const levels: LevelLayout[] = [];
  for (let count = size, level = 0; count > 0; level++) {
    levels.push({ level, full: Math.floor(count / tileWidth), partial: count % tileWidth });
    count = Math.floor(count / tileWidth);
  }
  return levels;
}

/** Hashes at tile level `level` of a tree of `size`. */
export function hashesAtLevel(size: number, level: number): number {
  let count = size;
  for (let i = 0; i < level && count > 0; i++) count = Math.floor(count / tileWidth);
  return count;
}

/** The tile `index` of `level` as it is at `size`; undefined where there is none. */
export function tileAt(size: number, level: number, index: number): Tile | undefined {
  const width = Math.min(tileWidth, hashesAtLevel(size, level) - index * tileWidth);
  return width > 0 ? { level, index, width } : undefined;
}

/** The partial tiles of a size, the ones a checkpoint rests on. */
export function partialTiles(size: number): readonly Tile[] {
  return tileLayout(size)
    .filter(({ partial }) => partial > 0)
    .map(({ level, full, partial }) => ({ level, index: full, width: partial }));
}

/** Where entry `index` of a log of `size` entries lies: its bundle and the place in it. */
export function entryTileOf(size: number, index: number): { readonly entries: EntryTile; readonly offset: number } {
  demand(isCount(size) && isCount(index) && index < size, 'bad-argument', 'index is not below size');
  const tile = Math.floor(index / tileWidth);
  return { entries: { index: tile, width: Math.min(tileWidth, size - tile * tileWidth) }, offset: index % tileWidth };
}

/** Bundles that hold the entries `[from, to)` of a log of `size` entries. */
export function entryTilesOf(size: number, from: number, to: number): readonly EntryTile[] {
  demand(isCount(from) && isCount(to) && from <= to && to <= size, 'bad-argument', 'range is outside the log');
  const tiles: EntryTile[] = [];
  for (let at = Math.floor(from / tileWidth); at * tileWidth < to; at++) {
    tiles.push({ index: at, width: Math.min(tileWidth, size - at * tileWidth) });
  }
  return from === to ? [] : tiles;
}

/** Which hashes of which tile a complete subtree is made of. */
export function nodeInTile({ level, index }: NodeId): {
  readonly tileLevel: number;
  readonly tileIndex: number;
  readonly from: number;
  readonly to: number;
} {
  const width = 2 ** (level % 8);
  const first = index * width;
  const from = first % tileWidth;
  return { tileLevel: Math.floor(level / 8), tileIndex: Math.floor(first / tileWidth), from, to: from + width };
}
