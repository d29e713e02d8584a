import { edgeRoot, encodeBase64, parseCheckpoint, parseNote, type TreeHasher } from '@pactgate/proof';
import type { Instant } from '../kernel/time.ts';
import { crossing } from './leaves.ts';
import type { HighWaterFile, LedgerStore, LogEntry } from './ports.ts';
import { headOf } from './sequencer.ts';

/** Why a log must not be signed on: the store is not the one that was signed before. */
export interface Refusal {
  readonly why: 'older-than-served' | 'root-differs' | 'clock-behind';
  readonly detail: string;
}

export interface StartCheck<Tx> {
  readonly store: LedgerStore<Tx>;
  readonly highWater: HighWaterFile;
  readonly hasher: TreeHasher;
  readonly now: Instant;
}

/**
 * Checks one log at start, before its signer runs (ledger-and-evidence section 4): the head against the high-water
 * mark, the stored checkpoint against the edge, the newest entry against the clock. Undefined: it may be signed.
 */
export async function checkAtStart<Tx>(parts: StartCheck<Tx>, log: LogEntry): Promise<Refusal | undefined> {
  const state = await headOf(parts.store, log.id);
  const mark = await parts.highWater.read(log.id);
  if (mark && state.edge.size < mark.size)
    return {
      why: 'older-than-served',
      detail: `${log.origin}: the database ends at ${state.edge.size}, ${mark.size} entries were served before`,
    };
  const newest = await parts.store.checkpoint(log.id);
  const checkpoint = newest && parseCheckpoint(parseNote(new TextEncoder().encode(newest.note)).text);
  if (checkpoint && checkpoint.size === state.edge.size) {
    const root = encodeBase64(edgeRoot(parts.hasher, state.edge));
    if (root !== encodeBase64(checkpoint.root))
      return { why: 'root-differs', detail: `${log.origin}: the tree of ${checkpoint.size} entries has another root` };
  }
  if (mark && checkpoint?.size === mark.size && encodeBase64(checkpoint.root) !== mark.root)
    return {
      why: 'root-differs',
      detail: `${log.origin}: the checkpoint of ${mark.size} entries is not the served one`,
    };
  if (state.lastTime > parts.now + crossing)
    return { why: 'clock-behind', detail: `${log.origin}: newest entry ${new Date(state.lastTime).toISOString()}` };
  return undefined;
}
