import { tilesFromMap } from '../bundle/bundle.ts';
import type { RecordOpening } from '../bundle/record.ts';
import { formatCheckpoint } from '../checkpoint.ts';
import { commit } from '../commitment.ts';
import { cosignText, type NoteSigner, signText, type UnixSeconds } from '../cosign.ts';
import { webProofCrypto } from '../crypto.ts';
import type { JsonObject } from '../json.ts';
import { encodeLeaf, type Leaf } from '../leaf.ts';
import { edgeRoot } from '../merkle/edge.ts';
import { treeHasher } from '../merkle/hasher.ts';
import { formatNote } from '../note/note.ts';
import { encodeEntries } from '../tiles/entries.ts';
import { emptyLogTree, growTree, type LogTree, partialTilesOf, type TileBytes } from '../tiles/grow.ts';
import { entryTilesOf } from '../tiles/layout.ts';
import { entriesPath, tilePath, tileWidth } from '../tiles/path.ts';
import type { TileReader } from '../tiles/reader.ts';

export const hasher = treeHasher(webProofCrypto);

/** A log in memory: everything a server would have stored at this size. */
export interface TestLog {
  readonly entries: readonly Uint8Array[];
  readonly tree: LogTree;
  readonly root: Uint8Array;
  readonly tiles: ReadonlyMap<string, Uint8Array>;
  readonly reader: TileReader;
}

/** Builds a log of entries in batches, as a sequencer does. */
export function makeLog(entries: readonly Uint8Array[], batch = 100): TestLog {
  let tree = emptyLogTree;
  const full: TileBytes[] = [];
  for (let at = 0; at < entries.length; at += batch) {
    const hashes = entries.slice(at, at + batch).map((entry) => hasher.leaf(entry));
    const grown = growTree(hasher, tree, hashes);
    tree = grown.tree;
    full.push(...grown.full);
  }
  const tiles = new Map([...full, ...partialTilesOf(tree)].map(({ tile, bytes }) => [tilePath(tile), bytes]));
  for (const bundle of entryTilesOf(entries.length, 0, entries.length)) {
    const from = bundle.index * tileWidth;
    tiles.set(entriesPath(bundle), encodeEntries(entries.slice(from, from + bundle.width)));
  }
  return { entries, tree, root: edgeRoot(hasher, tree.edge), tiles, reader: tilesFromMap(tiles) };
}

/** Signed and, with a witness, cosigned checkpoint note of a log. */
export async function checkpointOf(
  log: Pick<TestLog, 'entries' | 'root'>,
  signer: NoteSigner,
  witness?: { readonly signer: NoteSigner; readonly time: UnixSeconds },
): Promise<Uint8Array<ArrayBuffer>> {
  const text = formatCheckpoint({ origin: signer.key.name, size: log.entries.length, root: log.root });
  const signatures = [await signText(text, signer)];
  if (witness !== undefined) signatures.push(await cosignText(text, witness.signer, witness.time));
  return formatNote({ text, signatures });
}

/** A record with a plain body: the leaf, and what opens it. */
export function makeRecord(
  index: number,
  body: JsonObject,
  over: Partial<Leaf> = {},
): { readonly entry: Uint8Array; readonly leaf: Leaf; readonly opening: RecordOpening } {
  const salt = new Uint8Array(32).fill((index % 255) + 1);
  const leaf: Leaf = {
    v: 1,
    i: `01890a5d-ac96-774b-bcce-${index.toString(16).padStart(12, '0')}`,
    t: '2026-03-02T07:19:25.123Z',
    k: 'authz.decide',
    d: ['B2.2.6'],
    o: 'deny',
    s: `gw-1:${index + 1}`,
    n: 1,
    cm: commit(webProofCrypto, salt, body),
    ...over,
  };
  return { entry: encodeLeaf(leaf), leaf, opening: { index, salt, body, disclosures: [] } };
}
