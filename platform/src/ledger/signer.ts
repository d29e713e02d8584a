import {
  edgeRoot,
  encodeBase64,
  formatCheckpoint,
  formatNote,
  type NoteSigner,
  signText,
  type TreeHasher,
} from '@pactgate/proof';
import type { SequencerState } from './edge.ts';
import type { HighWaterFile, LedgerStore, LogEntry, StoredCheckpoint } from './ports.ts';

export interface SignerParts<Tx> {
  readonly store: LedgerStore<Tx>;
  readonly highWater: HighWaterFile;
  readonly hasher: TreeHasher;
  /** The log's own key; its name is the log's origin. */
  readonly keyOf: (log: LogEntry) => NoteSigner;
}

/**
 * Signs the committed head of a log and stores the checkpoint; only what this returned may be served.
 *
 * The high-water mark is written before the checkpoint can be seen by anybody: a database that is later found behind it
 * is an old copy, and nothing is signed on it again. Undefined: nothing grew, or another signer was first.
 */
export async function publish<Tx>(
  parts: SignerParts<Tx>,
  log: LogEntry,
  state: SequencerState,
  previous: number | undefined,
): Promise<StoredCheckpoint | undefined> {
  const { size } = state.edge;
  if (previous !== undefined && size <= previous) return undefined;
  const root = edgeRoot(parts.hasher, state.edge);
  const text = formatCheckpoint({ origin: log.origin, size, root });
  const signature = await signText(text, parts.keyOf(log));
  const note = new TextDecoder().decode(formatNote({ text, signatures: [signature] }));
  await parts.highWater.write(log.id, { size, root: encodeBase64(root) });
  const outcome = await parts.store.storeCheckpoint(log.id, { size, note }, previous);
  return outcome === 'stored' ? { size, note } : undefined;
}
