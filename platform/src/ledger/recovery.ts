import { type Edge, edgeRoot, encodeBase64, parseCheckpoint, parseNote, type TreeHasher } from '@pactgate/proof';
import type { Instant } from '../kernel/time.ts';
import { crossing } from './leaves.ts';
import type { HighWater, HighWaterFile, LedgerStore, LogEntry } from './ports.ts';
import { headOf } from './sequencer.ts';

/** Why a log must not be signed on: the store is not the one that was signed before. */
export interface Refusal {
  readonly why: 'older-than-served' | 'never-served-here' | 'root-differs' | 'clock-behind';
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
 * mark, the stored checkpoint against the edge, the newest entry against the clock. Undefined: it may be signed. A
 * checkpoint without a mark is a backup in a new directory: {@link adoptServed} is how somebody answers for it.
 */
export async function checkAtStart<Tx>(parts: StartCheck<Tx>, log: LogEntry): Promise<Refusal | undefined> {
  const state = await headOf(parts.store, log.id);
  const newest = await parts.store.checkpoint(log.id);
  const stored = newest && headOfNote(newest.note);
  const faults = [
    againstMark(await parts.highWater.read(log.id), state.edge.size, stored),
    againstTree(parts.hasher, state.edge, stored),
    againstClock(state.lastTime, parts.now),
  ];
  const refusal = faults.find((fault) => fault !== undefined);
  return refusal && { why: refusal.why, detail: `${log.origin}: ${refusal.detail}` };
}

interface StoredHead {
  readonly size: number;
  /** Base64. */
  readonly root: string;
}

function headOfNote(note: string): StoredHead {
  const { size, root } = parseCheckpoint(parseNote(new TextEncoder().encode(note)).text);
  return { size, root: encodeBase64(root) };
}

function againstMark(mark: HighWater | undefined, size: number, stored: StoredHead | undefined): Refusal | undefined {
  if (!mark) {
    if (!stored) return undefined;
    const detail = `the database was brought here, nobody says whether more than ${stored.size} entries were served`;
    return { why: 'never-served-here', detail };
  }
  if (size < mark.size)
    return {
      why: 'older-than-served',
      detail: `the database ends at ${size}, ${mark.size} entries were served before`,
    };
  if (stored?.size !== mark.size || stored.root === mark.root) return undefined;
  return { why: 'root-differs', detail: `the checkpoint of ${mark.size} entries is not the served one` };
}

function againstTree(hasher: TreeHasher, edge: Edge, stored: StoredHead | undefined): Refusal | undefined {
  if (stored?.size !== edge.size || stored.root === encodeBase64(edgeRoot(hasher, edge))) return undefined;
  return { why: 'root-differs', detail: `the tree of ${stored.size} entries has another root` };
}

const againstClock = (lastTime: Instant, now: Instant): Refusal | undefined =>
  lastTime > now + crossing
    ? { why: 'clock-behind', detail: `newest entry ${new Date(lastTime).toISOString()}` }
    : undefined;

/** Takes the newest checkpoint of every log for what was served last, where no mark says otherwise. */
export async function adoptServed<Tx>(
  store: LedgerStore<Tx>,
  highWater: HighWaterFile,
): Promise<readonly { readonly origin: string; readonly size: number }[]> {
  const adopted = [];
  for (const { id, origin } of await store.logs()) {
    const newest = await store.checkpoint(id);
    if (!newest || (await highWater.read(id))) continue;
    const head = headOfNote(newest.note);
    await highWater.write(id, head);
    adopted.push({ origin, size: head.size });
  }
  return adopted;
}
