import type { ProofCrypto, TreeHasher } from '@pactgate/proof';
import type { Instant } from '../kernel/time.ts';
import { decodeState, encodeState, type SequencerState } from './edge.ts';
import { grow } from './growth.ts';
import { type Bound, leafOf } from './leaves.ts';
import type { LedgerStore, QueuedRow } from './ports.ts';

/** Rows of one batch: as many as commit in about 10 ms. */
export const batchRows = 2_048;

export interface SequencerParts<Tx> {
  readonly store: LedgerStore<Tx>;
  readonly crypto: Pick<ProofCrypto, 'sha256'>;
  readonly hasher: TreeHasher;
  /** The newest cosigned checkpoint of the log, if any. */
  readonly bound: (log: string) => Bound | undefined;
}

/** What one run appended; `oldest` is the event time of its oldest row, from which the outbox lag is told. */
export interface Sequenced {
  readonly from: number;
  readonly size: number;
  readonly rows: readonly QueuedRow[];
  readonly oldest: Instant;
}

/**
 * The one writer of a log: turns outbox rows into entries, in batches, by compare-and-swap. A second sequencer of the
 * same log loses the swap and reads the head again; neither can fork it.
 */
export interface Sequencer {
  readonly log: string;
  /** Sequences one batch; undefined when the outbox is empty. At most one call at a time. */
  run(): Promise<Sequenced | undefined>;
  /** State after the last run. */
  state(): SequencerState;
}

const later = (a: Instant, b: Instant): Instant => (a > b ? a : b);

/** Opens the sequencer of a log at its committed head. */
export async function openSequencer<Tx>(parts: SequencerParts<Tx>, log: string): Promise<Sequencer> {
  let state = await headOf(parts.store, log);
  return {
    log,
    state: () => state,
    run: async () => {
      const rows = await parts.store.takeOutbox(log, batchRows);
      const oldest = rows[0]?.time;
      if (oldest === undefined) return undefined;
      const next = await append(parts, log, state, rows);
      if (!next) {
        state = await headOf(parts.store, log);
        return { from: state.edge.size, size: state.edge.size, rows: [], oldest };
      }
      const from = state.edge.size;
      state = next;
      return { from, size: next.edge.size, rows, oldest };
    },
  };
}

/** Committed state of a log from its store. */
export async function headOf<Tx>(store: LedgerStore<Tx>, log: string): Promise<SequencerState> {
  const head = await store.head(log);
  if (!head) throw new Error(`no log ${log}`);
  return decodeState(head.size, head.edge);
}

async function append<Tx>(
  parts: SequencerParts<Tx>,
  log: string,
  state: SequencerState,
  rows: readonly QueuedRow[],
): Promise<SequencerState | undefined> {
  const bound = parts.bound(log);
  let lastTime = state.lastTime;
  const leaves = rows.map((row) => {
    const leaf = leafOf(parts.crypto, row, bound ? { lastTime, bound } : { lastTime });
    lastTime = later(lastTime, row.time);
    return leaf;
  });
  const { edge, tiles } = grow(
    parts.hasher,
    state.edge,
    leaves.map((leaf) => parts.hasher.leaf(leaf)),
  );
  const next = { edge, lastTime };
  const outcome = await parts.store.appendEntries({
    log,
    expectedSize: state.edge.size,
    newSize: edge.size,
    entries: rows.map((row, i) => ({ pos: row.pos, leaf: leaves[i] ?? new Uint8Array(0) })),
    tiles,
    edge: encodeState(next),
  });
  return outcome === 'appended' ? next : undefined;
}
