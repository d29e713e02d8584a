import { parseDecimal } from '../bytes.ts';
import { demand, ProofError } from '../error.ts';
import { isCount } from '../merkle/range.ts';

/** Hashes in a full tile, entries in a full bundle. */
export const tileWidth = 256;
/** Levels whose tiles can exist in a tree of fewer than 2^53 entries. */
export const maxTileLevel = 63;

/** A tile of hashes: `width` of them from `index * 256` on, each the root of a full tile one level below. */
export interface Tile {
  readonly level: number;
  readonly index: number;
  /** 1 to 256; 256 is a full tile. */
  readonly width: number;
}

/** A bundle of log entries; index and width as in the level 0 tile that holds their hashes. */
export interface EntryTile {
  readonly index: number;
  readonly width: number;
}

/** Index in 3-digit groups, all but the last with `x`: 1234067 is `x001/x234/067` (C2SP tlog-tiles). */
export function formatTileIndex(index: number): string {
  demand(isCount(index), 'bad-path', 'tile index is not a count');
  let path = String(index % 1000).padStart(3, '0');
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`;
  }
  return path;
}

/** Reads {@link formatTileIndex} back; every other spelling is `bad-path`. */
export function parseTileIndex(path: string): number {
  demand(/^(x[0-9]{3}\/){0,5}[0-9]{3}$/.test(path), 'bad-path', 'not a tile index');
  const index = Number(path.replaceAll(/[x/]/g, ''));
  demand(isCount(index) && formatTileIndex(index) === path, 'bad-path', 'tile index has surplus zeros');
  return index;
}

const suffix = (width: number): string => {
  demand(Number.isInteger(width) && width >= 1 && width <= tileWidth, 'bad-path', 'tile width is not 1 to 256');
  return width === tileWidth ? '' : `.p/${width}`;
};

/** `tile/<L>/<N>[.p/<W>]` */
export function tilePath({ level, index, width }: Tile): string {
  demand(isCount(level) && level <= maxTileLevel, 'bad-path', 'tile level is not 0 to 63');
  return `tile/${level}/${formatTileIndex(index)}${suffix(width)}`;
}

/** `tile/entries/<N>[.p/<W>]` */
export function entriesPath({ index, width }: EntryTile): string {
  return `tile/entries/${formatTileIndex(index)}${suffix(width)}`;
}

export type LogPath =
  | { readonly kind: 'tile'; readonly tile: Tile }
  | { readonly kind: 'entries'; readonly entries: EntryTile };

/** Reads a path below a log's prefix; the caller is the Internet, so one spelling per resource, else `bad-path`. */
export function parseLogPath(path: string): LogPath {
  // 53 bits need at most 6 groups; the pattern bounds the work before anything is read.
  const match = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/.exec(path);
  const [, first, digits, partial] = match ?? [];
  if (first === undefined || digits === undefined) throw new ProofError('bad-path', 'not a tile path');
  const index = parseTileIndex(digits);
  const width = partial === undefined ? tileWidth : (parseDecimal(partial) ?? 0);
  demand(width >= 1 && (partial === undefined || width < tileWidth), 'bad-path', 'partial width is not 1 to 255');
  if (first === 'entries') return { kind: 'entries', entries: { index, width } };
  const level = parseDecimal(first);
  demand(level !== undefined && level <= maxTileLevel, 'bad-path', 'tile level is not 0 to 63');
  return { kind: 'tile', tile: { level, index, width } };
}
