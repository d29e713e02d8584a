import path from 'node:path';
import {
  decodeUtf8,
  type NoteKey,
  type NoteSigner,
  sha256,
  type WitnessConflict,
  webProofCrypto,
  witnessCheckpoint,
} from '@pactgate/proof';
import { logIdOf } from '../commands/ledger.ts';
import { writePrivate } from '../files.ts';
import { ifThere, tilesOf } from '../live-log.ts';
import type { Session } from '../session.ts';
import { type Remembered, readMemory, writeMemory } from './state.ts';

/** What came of one log in one round. */
export type LogOutcome =
  | { readonly origin: string; readonly outcome: 'cosigned'; readonly size: number; readonly grown: boolean }
  /** No record yet, and none was ever cosigned: nothing to witness. */
  | { readonly origin: string; readonly outcome: 'empty' }
  /** The log cannot be read now, or tiles were missing: asked again next time. */
  | { readonly origin: string; readonly outcome: 'waiting'; readonly why: string }
  /** No checkpoint of this log: not signed, not an accusation. */
  | { readonly origin: string; readonly outcome: 'invalid'; readonly why: string }
  /** History was taken back or rewritten: kept, reported, never cosigned again. */
  | {
      readonly origin: string;
      readonly outcome: 'conflict';
      readonly kind: string;
      readonly why: string;
      readonly files: readonly string[];
      readonly reported: boolean;
    };

export interface WitnessParts {
  readonly session: Session;
  readonly signer: NoteSigner;
  /** Where its memory lies. */
  readonly directory: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

const isConflict = (kind: WitnessConflict['kind']): boolean => kind === 'rollback' || kind === 'fork';

/**
 * One step for one log: fetch the newest checkpoint, check that it continues what was cosigned before, store, post.
 *
 * The order matters and is never changed: state is durable **before** the cosignature leaves. A post that fails is made
 * up by the next step, which cosigns the same head again.
 */
export async function witnessLog(parts: WitnessParts, log: NoteKey): Promise<LogOutcome> {
  const { session, signer, directory, now } = parts;
  const origin = log.name;
  const id = logIdOf(origin);
  const memory = await readMemory(directory, id);
  if (memory?.conflict !== undefined) return stuck(origin, memory.conflict);
  const checkpoint = await ifThere(session.client.call('checkpoint', { params: { log: id } }));
  if (checkpoint === undefined && memory === undefined) return { origin, outcome: 'empty' };
  if (checkpoint === undefined) return { origin, outcome: 'waiting', why: 'the checkpoint is not served any more' };
  const result = await witnessCheckpoint({
    crypto: { ...webProofCrypto, sha256 },
    log,
    state: memory?.state,
    checkpoint,
    tiles: tilesOf(session, origin),
    signer,
    now: Math.floor(now() / 1_000),
  });
  if (!result.ok) return refused(parts, { id, origin, memory, served: decodeUtf8(checkpoint) }, result.conflict);
  await writeMemory(directory, id, { state: result.state, note: decodeUtf8(checkpoint) });
  const { size } = result.state;
  // Our clock as late as possible: the platform compares it with its own (A3.4.1).
  const body = { size, line: result.line.trimEnd(), now: now() };
  await session.client.call('cosign', { params: { log: id }, body });
  return { origin, outcome: 'cosigned', size, grown: result.grown };
}

const stuck = (origin: string, conflict: NonNullable<Remembered['conflict']>): LogOutcome => ({
  origin,
  outcome: 'conflict',
  kind: conflict.kind,
  why: conflict.detail,
  files: [],
  reported: true,
});

interface Refused {
  readonly id: string;
  readonly origin: string;
  readonly memory: Remembered | undefined;
  readonly served: string;
}

async function refused(
  parts: WitnessParts,
  { id, origin, memory, served }: Refused,
  { kind, detail }: WitnessConflict,
): Promise<LogOutcome> {
  if (kind === 'tiles') return { origin, outcome: 'waiting', why: detail };
  if (!isConflict(kind) || memory === undefined) return { origin, outcome: 'invalid', why: `${kind}: ${detail}` };
  const at = parts.now();
  const notes = { seen: memory.note, served };
  const files = await keepEvidence(parts.directory, id, at, notes);
  await writeMemory(parts.directory, id, { ...memory, conflict: { kind, detail, at } });
  // The report tells A's own signer to stop; that it fails changes nothing about what was found.
  const reported = await parts.session.client.call('reportConflict', { params: { log: id }, body: notes }).then(
    ({ recorded }) => recorded,
    () => false,
  );
  return { origin, outcome: 'conflict', kind, why: detail, files, reported };
}

/** Both notes, each with A's signature under it: the proof that A contradicted itself. */
async function keepEvidence(
  directory: string,
  id: string,
  at: number,
  notes: { readonly seen: string; readonly served: string },
): Promise<readonly string[]> {
  const base = path.join(directory, `conflict-${id.slice(0, 16)}-${at}`);
  const files = [`${base}.seen`, `${base}.served`];
  await writePrivate(files[0] ?? '', notes.seen);
  await writePrivate(files[1] ?? '', notes.served);
  return files;
}
