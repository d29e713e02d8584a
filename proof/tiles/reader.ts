import { equalBytes } from '../bytes.ts';
import { demand } from '../error.ts';
import { hashSize, type TreeHasher } from '../merkle/hasher.ts';
import type { NodeId } from '../merkle/range.ts';
import { type HashReader, rootAt, rootOfLeaves } from '../merkle/tree.ts';
import { decodeEntries } from './entries.ts';
import { entryTileOf, nodeInTile, tileAt } from './layout.ts';
import { type EntryTile, type Tile, tileWidth } from './path.ts';

/**
 * Where tiles come from: files, a database, HTTP. Nothing it answers is trusted.
 *
 * `undefined` means that the resource is not there; a failure of transport rejects. Resources are immutable, so a
 * caller may ask again, and may ask for several at once. Bounds on time and size are the implementation's.
 */
export interface TileReader {
  readonly readTile: (tile: Tile) => Promise<Uint8Array | undefined>;
  readonly readEntries: (entries: EntryTile) => Promise<Uint8Array | undefined>;
}

/** A size and its root: what a checkpoint states about a log. */
export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** Full tiles kept after verification: 1,024 of 8 KiB. */
const maxKeptTiles = 1024;

/** Hashes `[from, to)` of a tile, as views. */
export const hashesIn = (tile: Uint8Array, from: number, to: number): readonly Uint8Array[] =>
  Array.from({ length: to - from }, (_, i) => tile.subarray((from + i) * hashSize, (from + i + 1) * hashSize));

/** Promises by key. A failed one is forgotten: it must not stay as the answer. */
class Kept {
  readonly #max: number;
  readonly #entries = new Map<string, Promise<Uint8Array>>();

  constructor(max: number) {
    this.#max = max;
  }

  get(key: string, load: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    if (this.#entries.size >= this.#max) this.#dropOldest();
    const loading = load();
    this.#entries.set(key, loading);
    loading.catch(() => this.#entries.delete(key));
    return loading;
  }

  clear(): void {
    this.#entries.clear();
  }

  #dropOldest(): void {
    for (const key of [...this.#entries.keys()].slice(0, Math.ceil(this.#max / 2))) this.#entries.delete(key);
  }
}

/**
 * A log read through untrusted tiles, every hash and entry proven against one tree head.
 *
 * A full tile counts only once its root is the hash that its parent tile holds; the partial tiles of the size, which
 * no tile covers, count once they join to the head's root. A partial tile that is gone is cut from the full one, as a
 * log may drop it. Errors: `missing`, `bad-tile`.
 */
export class VerifiedLog implements HashReader {
  readonly head: TreeHead;
  readonly #hasher: TreeHasher;
  readonly #tiles: TileReader;
  readonly #full = new Kept(maxKeptTiles);
  /** Fetched once for good: what was checked against the root is what is used. At most 7 levels. */
  readonly #partial = new Kept(maxKeptTiles);
  #headCheck: Promise<void> | undefined;

  constructor(hasher: TreeHasher, tiles: TileReader, head: TreeHead) {
    this.#hasher = hasher;
    this.#tiles = tiles;
    this.head = head;
  }

  /** Proves the head's own partial tiles: they lead to the root. */
  verifyHead(): Promise<void> {
    if (this.#headCheck !== undefined) return this.#headCheck;
    const checking = this.#checkHead();
    this.#headCheck = checking;
    checking.catch(() => {
      this.#headCheck = undefined;
      this.#partial.clear();
    });
    return checking;
  }

  read(nodes: readonly NodeId[]): Promise<readonly Uint8Array[]> {
    return Promise.all(nodes.map((node) => this.#node(node, (level, index) => this.#provenTile(level, index))));
  }

  /** Hashes of a bundle's entries, proven. */
  async leafHashes({ index, width }: EntryTile): Promise<readonly Uint8Array[]> {
    const tile = await this.#provenTile(0, index);
    demand(tile.length === width * hashSize, 'bad-argument', 'bundle and tile have different widths');
    return hashesIn(tile, 0, width);
  }

  /** The entries of a bundle, each proven to be a leaf of this tree. */
  async entries(wanted: EntryTile): Promise<readonly Uint8Array[]> {
    const hashes = await this.leafHashes(wanted);
    const found = await this.#fetchEntries(wanted);
    for (const [i, entry] of found.entries()) {
      const hash = hashes[i];
      const same = hash !== undefined && equalBytes(this.#hasher.leaf(entry), hash);
      demand(same, 'bad-tile', `entry ${wanted.index * tileWidth + i} is not the leaf of this tree`);
    }
    return found;
  }

  /** One entry, proven. */
  async entry(index: number): Promise<Uint8Array> {
    const { entries, offset } = entryTileOf(this.head.size, index);
    const entry = (await this.entries(entries))[offset];
    demand(entry !== undefined, 'missing', `entry ${index} is missing`);
    return entry;
  }

  async #checkHead(): Promise<void> {
    const reader: HashReader = {
      read: (nodes) =>
        Promise.all(nodes.map((node) => this.#node(node, (level, index) => this.#edgeTile(level, index)))),
    };
    const root = await rootAt(this.#hasher, reader, this.head.size);
    demand(equalBytes(root, this.head.root), 'bad-tile', 'the tiles lead to another root');
  }

  async #node(node: NodeId, tileOf: (level: number, index: number) => Promise<Uint8Array>): Promise<Uint8Array> {
    const { tileLevel, tileIndex, from, to } = nodeInTile(node);
    const tile = await tileOf(tileLevel, tileIndex);
    demand(to * hashSize <= tile.length, 'bad-argument', 'no such node in a tree of this size');
    return rootOfLeaves(this.#hasher, hashesIn(tile, from, to));
  }

  #tileAt(level: number, index: number): Tile {
    const tile = tileAt(this.head.size, level, index);
    demand(tile !== undefined, 'bad-argument', `a log of size ${this.head.size} has no tile ${level}/${index}`);
    return tile;
  }

  #edgeTile(level: number, index: number): Promise<Uint8Array> {
    return this.#partial.get(`${level}/${index}`, () => this.#fetchTile(this.#tileAt(level, index)));
  }

  async #provenTile(level: number, index: number): Promise<Uint8Array> {
    if (this.#tileAt(level, index).width === tileWidth) {
      return this.#full.get(`${level}/${index}`, () => this.#proveFull(level, index));
    }
    await this.verifyHead();
    return this.#edgeTile(level, index);
  }

  async #proveFull(level: number, index: number): Promise<Uint8Array> {
    const parent = await this.#provenTile(level + 1, Math.floor(index / tileWidth));
    const bytes = await this.#fetchTile({ level, index, width: tileWidth });
    const [wanted] = hashesIn(parent, index % tileWidth, (index % tileWidth) + 1);
    const root = rootOfLeaves(this.#hasher, hashesIn(bytes, 0, tileWidth));
    demand(wanted !== undefined && equalBytes(root, wanted), 'bad-tile', `tile ${level}/${index} is not of this tree`);
    return bytes;
  }

  async #fetchTile(tile: Tile): Promise<Uint8Array> {
    let bytes = await this.#tiles.readTile(tile);
    if (bytes === undefined && tile.width < tileWidth) {
      const full = await this.#tiles.readTile({ ...tile, width: tileWidth });
      bytes = full?.length === tileWidth * hashSize ? full.subarray(0, tile.width * hashSize) : full;
    }
    demand(bytes !== undefined, 'missing', `tile ${tile.level}/${tile.index} is missing`);
    demand(bytes.length === tile.width * hashSize, 'bad-tile', `tile ${tile.level}/${tile.index} has a wrong length`);
    return bytes;
  }

  async #fetchEntries(wanted: EntryTile): Promise<readonly Uint8Array[]> {
    const bytes = await this.#tiles.readEntries(wanted);
    if (bytes !== undefined) return decodeEntries(bytes, wanted.width);
    const full = wanted.width < tileWidth ? await this.#tiles.readEntries({ ...wanted, width: tileWidth }) : undefined;
    demand(full !== undefined, 'missing', `entry bundle ${wanted.index} is missing`);
    return decodeEntries(full, tileWidth).slice(0, wanted.width);
  }
}
