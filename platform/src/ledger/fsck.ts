import {
  commit,
  edgeRoot,
  emptyEdge,
  encodeBase64,
  type JsonObject,
  type ProofCrypto,
  parseCheckpoint,
  parseLeaf,
  parseNote,
  pushLeaf,
  type TreeHasher,
} from '@pactgate/proof';
import { type LedgerStore, type LogEntry, maxBatch } from './ports.ts';

export interface FsckParts<Tx> {
  readonly store: LedgerStore<Tx>;
  readonly hasher: TreeHasher;
  readonly crypto: Pick<ProofCrypto, 'sha256'>;
}

/** What a check of one log found; `mismatches` 0 means every byte is as it was signed. */
export interface FsckResult {
  readonly origin: string;
  readonly size: number;
  readonly mismatches: number;
  /** The first mismatch in words. */
  readonly why?: string;
}

/** Entries the tail check recomputes before the newest checkpoint. */
export const tailLength = 2_048;

/**
 * Checks a log against its newest checkpoint: `full` recomputes the root from every entry; `tail` checks the newest
 * {@link tailLength} entries against the level-0 tiles. Both check that each stored body still matches its commitment.
 */
export async function fsck<Tx>(parts: FsckParts<Tx>, log: LogEntry, scope: 'tail' | 'full'): Promise<FsckResult> {
  const newest = await parts.store.checkpoint(log.id);
  if (!newest) return { origin: log.origin, size: 0, mismatches: 0 };
  const { size, root } = parseCheckpoint(parseNote(new TextEncoder().encode(newest.note)).text);
  const from = scope === 'full' ? 0 : Math.max(0, size - tailLength);
  const faults: string[] = [];
  const right = { size: 0, hashes: [...emptyEdge.hashes] };
  for (let at = from; at < size; at += maxBatch) {
    const leaves = await parts.store.entries(log.id, at, Math.min(size, at + maxBatch));
    if (leaves.length === 0) {
      faults.push(`entries from ${at} are missing`);
      break;
    }
    for (const leaf of leaves) {
      pushLeaf(parts.hasher, right, parts.hasher.leaf(leaf));
      right.size++;
    }
    if (scope === 'tail') faults.push(...(await tailFaults(parts, log.id, at, leaves)));
  }
  if (scope === 'full' && faults.length === 0 && encodeBase64(edgeRoot(parts.hasher, right)) !== encodeBase64(root))
    faults.push(`the root of ${size} entries is not the signed one`);
  const [why] = faults;
  return { origin: log.origin, size, mismatches: faults.length, ...(why === undefined ? {} : { why }) };
}

const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

async function tailFaults<Tx>(
  parts: FsckParts<Tx>,
  log: string,
  from: number,
  leaves: readonly Uint8Array[],
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const [i, leaf] of leaves.entries()) {
    const index = from + i;
    const tile = await parts.store.tile(log, 0, Math.floor(index / 256), (index % 256) + 1);
    if (!tile || !equal(tile.subarray(tile.length - 32), parts.hasher.leaf(leaf)))
      faults.push(`entry ${index} is not the one in its tile`);
    const record = await parts.store.record(log, index);
    if (record?.body !== undefined && record.salt && !matches(parts, leaf, record.salt, record.body))
      faults.push(`body of entry ${index} does not match its commitment`);
  }
  return faults;
}

function matches<Tx>(parts: FsckParts<Tx>, leaf: Uint8Array, salt: Uint8Array, body: string): boolean {
  try {
    return parseLeaf(leaf).cm === commit(parts.crypto, salt, JSON.parse(body) as JsonObject);
  } catch {
    // A body that is no JSON any more was altered: that is the finding, not a fault of the check.
    return false;
  }
}
