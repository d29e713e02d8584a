import {
  type Checkpoint,
  encodeBase64,
  encodeUtf8,
  type NoteKey,
  type ProofCrypto,
  parseCheckpoint,
  parseNote,
  parseVkey,
  rootAt,
  type TreeHasher,
  verifyNote,
} from '@pactgate/proof';
import { Problem } from '@pactgate/protocol';
import { type Clock, type Duration, type Instant, instant, since } from '../kernel/time.ts';
import { acceptCosignature, type LedgerStore, type LogEntry, storedHashes } from '../ledger/index.ts';
import type { AgreementStore } from '../parties/ports.ts';
import type { Ledger } from './ledger.ts';
import type { Recorder } from './recorder.ts';

export interface WitnessingParts<Tx> {
  readonly store: LedgerStore<Tx>;
  readonly agreements: AgreementStore<Tx>;
  readonly ledger: Ledger;
  readonly recorder: Recorder<Tx>;
  readonly crypto: ProofCrypto;
  readonly hasher: TreeHasher;
  readonly clock: Clock;
  /** Least time between two records of one log's cosignatures: each would grow the platform log again. */
  readonly recordEvery: Duration;
  /** An incident of the ledger itself: both parties must be told. */
  readonly alarm: (agreement: string | undefined, why: string) => Promise<void>;
  /** A witness told its clock; the answer to `clock.check`. */
  readonly clockSeen: (theirs: Instant, ours: Instant) => void;
}

export interface Witnessing {
  /** Takes a cosignature a party's witness posted; `ledger/behind` when our checkpoint is older than what it saw. */
  accept(
    log: LogEntry,
    party: string,
    posted: { readonly size: number; readonly line: string; readonly now?: number },
  ): Promise<{ readonly accepted: boolean; readonly recorded: number }>;
  /** Takes a report of two histories: checks that it is one, stops the signer, records and tells. */
  conflict(log: LogEntry, party: string, notes: { readonly seen: string; readonly served: string }): Promise<void>;
}

/** What witnesses of the device parties send (ledger-and-evidence section 5, pull). */
export function makeWitnessing<Tx>(parts: WitnessingParts<Tx>): Witnessing {
  const recordedAt = new Map<string, Instant>();
  return {
    accept: async (log, party, posted) => {
      const at = parts.clock.now();
      if (posted.now !== undefined) parts.clockSeen(instant(posted.now), at);
      const outcome = await acceptCosignature(parts, log, await witnessesOf(parts, party), posted);
      if (outcome === 'unknown-witness') throw new Problem('auth/forbidden', 'the agreement names another witness key');
      if (outcome === 'bad-signature')
        throw new Problem('request/invalid', 'the cosignature does not hold over this checkpoint');
      if (outcome === 'unknown-size')
        throw new Problem('ledger/not-found', `no checkpoint of size ${posted.size} is kept`);
      await bound(parts, log);
      const last = recordedAt.get(`${log.id} ${party}`);
      if (last === undefined || since(last, at) >= parts.recordEvery) {
        recordedAt.set(`${log.id} ${party}`, at);
        await parts.recorder.record([
          {
            kind: 'ledger.cosign',
            outcome: 'accepted',
            body: { origin: log.origin, size: posted.size, witness: party, cosignedAt: at, refused: false },
          },
        ]);
      }
      return { accepted: true, recorded: posted.size };
    },
    conflict: (log, party, notes) => conflict(parts, log, party, notes),
  };
}

async function witnessesOf<Tx>(parts: WitnessingParts<Tx>, party: string): Promise<readonly NoteKey[]> {
  const keys = await parts.agreements.keys(party);
  return keys.flatMap((key) => (key.use === 'witness' ? [parseVkey(parts.crypto, key.vkey)] : []));
}

/** The newest cosigned checkpoint becomes the lower time bound of the next leaves. */
async function bound<Tx>(parts: WitnessingParts<Tx>, log: LogEntry): Promise<void> {
  const newest = await parts.store.newestCosigned(log.id);
  if (!newest) return;
  const { size, root } = parseCheckpoint(parseNote(encodeUtf8(newest.note)).text);
  parts.ledger.bound(log.id, { size, root: encodeBase64(root) });
}

async function conflict<Tx>(
  parts: WitnessingParts<Tx>,
  log: LogEntry,
  party: string,
  notes: { readonly seen: string; readonly served: string },
): Promise<void> {
  const seen = await signedHead(parts, log, notes.seen);
  const served = await signedHead(parts, log, notes.served);
  const rollback = served.size < seen.size;
  await mustContradict(parts, log, { seen, rollback });
  const why = rollback
    ? `the witness of ${party} has cosigned ${seen.size} entries, the log shows ${served.size}`
    : `the first ${seen.size} entries have another root than the witness of ${party} cosigned`;
  parts.ledger.hold(log.id, { why: rollback ? 'older-than-served' : 'root-differs', detail: why });
  await parts.recorder.record([
    {
      kind: 'ledger.conflict',
      outcome: rollback ? 'rollback' : 'fork',
      body: {
        origin: log.origin,
        size: seen.size,
        witness: party,
        ours: encodeBase64(served.root),
        theirs: encodeBase64(seen.root),
        why,
      },
    },
  ]);
  await parts.alarm(log.agreement, why);
}

/** A checkpoint with this log's own signature: else anybody could stop the ledger with a made-up note. */
async function signedHead<Tx>({ crypto }: WitnessingParts<Tx>, log: LogEntry, text: string): Promise<Checkpoint> {
  const note = parseNote(encodeUtf8(text));
  await verifyNote(crypto, note, [parseVkey(crypto, log.vkey)]);
  return parseCheckpoint(note.text);
}

/**
 * A longer log must still begin with what was cosigned: our own tree tells, whatever the two notes say. A shorter one
 * is a rollback unless the tree has all of it today, so that the note was only read late.
 */
async function mustContradict<Tx>(
  parts: WitnessingParts<Tx>,
  log: LogEntry,
  { seen, rollback }: { readonly seen: Checkpoint; readonly rollback: boolean },
): Promise<void> {
  const kept = await beginsWith(parts, log, seen);
  if (!kept) return;
  if (!rollback) throw new Problem('request/invalid', 'the two notes do not contradict each other');
  const current = await parts.store.checkpoint(log.id);
  if (current && current.size >= seen.size)
    throw new Problem('request/conflict', `the log shows ${current.size} entries now: the older note was read late`);
}

/** Whether our tree of that size has the root a checkpoint of ours states; false too when we have not so many entries. */
async function beginsWith<Tx>(
  parts: WitnessingParts<Tx>,
  log: LogEntry,
  { size, root }: { readonly size: number; readonly root: Uint8Array },
): Promise<boolean> {
  const head = await parts.store.head(log.id);
  if (!head || head.size < size) return false;
  const reader = storedHashes(parts.hasher, (level, index, width) => parts.store.tile(log.id, level, index, width));
  return encodeBase64(await rootAt(parts.hasher, reader, size)) === encodeBase64(root);
}
