import { parseCheckpoint } from '../checkpoint.ts';
import type { ProofCrypto } from '../crypto.ts';
import { treeHasher } from '../merkle/hasher.ts';
import { parseNote } from '../note/note.ts';
import { entryTilesOf } from '../tiles/layout.ts';
import { entriesPath, tilePath } from '../tiles/path.ts';
import { type TileReader, VerifiedLog } from '../tiles/reader.ts';

/** A reader that notes what it hands out. */
function recording(source: TileReader, tiles: Map<string, Uint8Array>): TileReader {
  const note = (path: string, bytes: Uint8Array | undefined): Uint8Array | undefined => {
    if (bytes !== undefined) tiles.set(path, bytes);
    return bytes;
  };
  return {
    readTile: async (tile) => note(tilePath(tile), await source.readTile(tile)),
    readEntries: async (entries) => note(entriesPath(entries), await source.readEntries(entries)),
  };
}

/**
 * Collects the tiles and entry bundles that prove the entries `[from, to)` under a checkpoint, for a bundle: exactly
 * what a verifier will read, because it is read the same way, and checked on the way (`missing`, `bad-tile`).
 * Entries come in bundles of 256, so neighbours of the range come along.
 */
export async function gatherLog(
  crypto: Pick<ProofCrypto, 'sha256'>,
  source: TileReader,
  checkpoint: Uint8Array,
  range: { readonly from: number; readonly to: number },
): Promise<ReadonlyMap<string, Uint8Array>> {
  const head = parseCheckpoint(parseNote(checkpoint).text);
  const tiles = new Map<string, Uint8Array>();
  const log = new VerifiedLog(treeHasher(crypto), recording(source, tiles), head);
  await log.verifyHead();
  for (const entries of entryTilesOf(head.size, range.from, range.to)) await log.entries(entries);
  return tiles;
}
