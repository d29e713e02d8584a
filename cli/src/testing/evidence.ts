import { draftDocument } from '@pactgate/agreement';
import {
  agreedPolicy,
  type BundleLog,
  buildBundle,
  canonicalBytes,
  commit,
  cosignText,
  edgeRoot,
  emptyLogTree,
  encodeEntries,
  encodeJws,
  encodeLeaf,
  entriesPath,
  entryTilesOf,
  formatCheckpoint,
  formatJws,
  formatNote,
  formatVkey,
  growTree,
  type JsonValue,
  type NoteSigner,
  partialTilesOf,
  type RecordOpening,
  sha256,
  signJws,
  signText,
  tilePath,
  treeHasher,
} from '@pactgate/proof';
import { documentTypes } from '@pactgate/protocol';
import type { PartyKeys } from '../party-keys.ts';

const hasher = treeHasher({ sha256 });
export const agreementId = '01890a5d-ac96-774b-bcce-b302099a8057';
export const rootSha256 = '0f'.repeat(32);

/** A log of whole bundles of at most 256 entries, as a platform would serve it. */
export interface TestLog {
  readonly checkpoint: Uint8Array;
  readonly tiles: ReadonlyMap<string, Uint8Array>;
  readonly records: readonly RecordOpening[];
}

/** Builds a log of `count` records, signed, and cosigned where a witness is given. `mark` makes another history. */
export async function makeLog(
  signer: NoteSigner,
  count: number,
  { witness, at = 0, mark = '' }: { readonly witness?: NoteSigner; readonly at?: number; readonly mark?: string } = {},
): Promise<TestLog> {
  const made = Array.from({ length: count }, (_, index) => {
    const salt = new Uint8Array(32).fill(index + 1);
    const body = { seen: index, mark };
    const leaf = {
      v: 1,
      i: `0199c1a2-7b3c-7d4e-8f50-${index.toString(16).padStart(12, '0')}`,
      t: '2026-03-02T07:19:25.123Z',
      k: 'command.deliver',
      d: ['A3.6.2'],
      o: 'delivered',
      s: `flow:${index + 1}`,
      n: 1,
      cm: commit({ sha256 }, salt, body),
    } as const;
    return { entry: encodeLeaf(leaf), record: { index, salt, body, disclosures: [] } };
  });
  const entries = made.map(({ entry }) => entry);
  const hashes = entries.map((entry) => hasher.leaf(entry));
  const { tree, full } = growTree(hasher, emptyLogTree, hashes);
  const tiles = new Map([...full, ...partialTilesOf(tree)].map(({ tile, bytes }) => [tilePath(tile), bytes]));
  for (const bundle of entryTilesOf(count, 0, count)) {
    const from = bundle.index * 256;
    tiles.set(entriesPath(bundle), encodeEntries(entries.slice(from, from + bundle.width)));
  }
  const text = formatCheckpoint({ origin: signer.key.name, size: count, root: edgeRoot(hasher, tree.edge) });
  const own = await signText(text, signer);
  const cosigned = witness === undefined ? [] : [await cosignText(text, witness, at)];
  return {
    checkpoint: formatNote({ text, signatures: [own, ...cosigned] }),
    tiles,
    records: made.map(({ record }) => record),
  };
}

/** The document of two invented parties that names these keys; RFC 8785 bytes. */
export function documentBytes(
  platform: Pick<PartyKeys, 'jwk'>,
  party: Pick<PartyKeys, 'thumbprint' | 'vkey'>,
  logs: readonly NoteSigner[],
  root = rootSha256,
): Uint8Array {
  const document = draftDocument({
    id: agreementId,
    draftedAt: '2026-03-02T07:19:25.123Z',
    partyA: {
      name: 'Example Platform',
      representative: 'Wang',
      address: '1 Example Road',
      register: { kind: 'uscc', number: '91350100M000100Y43' },
      contactEmail: 'a@platform.example',
    },
    partyB: {
      name: 'Example Pumps',
      representative: 'Zhang',
      address: '2 Example Road',
      register: { kind: 'other', registerName: 'Example register', number: '12345' },
      contactEmail: 'b@pumps.example',
    },
    anchors: {
      rootSha256: root,
      signingKey: platform.jwk,
      logs: logs.map(({ key }) => formatVkey(key)),
      witness: party.vkey,
      partyBThumbprint: party.thumbprint,
    },
  });
  return canonicalBytes(JSON.parse(JSON.stringify(document)) as JsonValue); // plain data without undefined
}

/** An evidence bundle with both signatures under the document. */
export async function makeBundle(
  document: Uint8Array,
  parties: readonly [PartyKeys, PartyKeys],
  keys: { readonly logs: readonly string[]; readonly witness: string },
  logs: readonly TestLog[],
): Promise<Uint8Array> {
  const input = { payload: document, typ: documentTypes.agreement };
  const lines = await Promise.all(parties.map(({ jwk, sign }) => signJws({ sha256 }, input, jwk, sign)));
  const parts: readonly BundleLog[] = logs.map((log) => ({ ...log, proofs: new Map() }));
  return buildBundle(
    { sha256 },
    {
      policy: agreedPolicy({ sha256 }, keys),
      agreement: document,
      signatures: encodeJws(formatJws(document, lines)),
      logs: parts,
    },
  );
}
