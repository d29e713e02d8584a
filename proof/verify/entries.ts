import { demand } from '../error.ts';
import { type Leaf, parseLeaf } from '../leaf.ts';
import type { EntryTile } from '../tiles/path.ts';
import { tileWidth } from '../tiles/path.ts';
import type { VerifiedLog } from '../tiles/reader.ts';
import type { Report } from './report.ts';

/** A leaf proven to be in its log. */
export interface ProvenLeaf {
  readonly index: number;
  readonly leaf: Leaf;
  readonly bytes: Uint8Array;
}

/** Leaves of one log without holes. */
export interface ProvenLeaves {
  readonly origin: string;
  /** Index of the first; leaves before it are not here. */
  readonly from: number;
  readonly leaves: readonly ProvenLeaf[];
}

/** Step 9: every entry is a leaf of the tree and reads as a record; record ids are unique; no bundle is left out between others. */
export async function checkEntries(
  report: Report,
  log: VerifiedLog,
  origin: string,
  tiles: readonly EntryTile[],
): Promise<ProvenLeaves | undefined> {
  const leaves: ProvenLeaf[] = [];
  const ids = new Set<string>();
  const text = { zh: '日志条目不成立', en: 'The entries do not hold' };
  const done = await report.attempt(
    'entries',
    text,
    async () => {
      for (const [i, tile] of tiles.entries()) {
        const before = tiles[i - 1];
        demand(before === undefined || before.index + 1 === tile.index, 'bad-bundle', 'entry bundles have a hole');
        for (const [offset, bytes] of (await log.entries(tile)).entries()) {
          const leaf = parseLeaf(bytes);
          demand(!ids.has(leaf.i), 'bad-leaf', `record id ${leaf.i} is used twice`);
          ids.add(leaf.i);
          leaves.push({ index: tile.index * tileWidth + offset, leaf, bytes });
        }
      }
      return true;
    },
    origin,
  );
  if (done === undefined) return undefined;
  const from = leaves[0]?.index ?? 0;
  report.holds('entries', rangeInWords(from, leaves.length, log.head.size), origin);
  return { origin, from, leaves };
}

function rangeInWords(from: number, count: number, size: number): { readonly zh: string; readonly en: string } {
  if (count === size) return { zh: `全部 ${size} 条记录都在树中`, en: `All ${size} records are in the tree` };
  return {
    zh: `第 ${from} 至 ${from + count - 1} 条（共 ${size} 条）记录都在树中`,
    en: `Records ${from} to ${from + count - 1} of ${size} are in the tree`,
  };
}
