import { equalBytes } from './bytes.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { cosignText, type NoteSigner, type UnixSeconds } from './cosign.ts';
import type { ProofCrypto } from './crypto.ts';
import { ProofError } from './error.ts';
import { type TreeHasher, treeHasher } from './merkle/hasher.ts';
import { proveConsistency } from './merkle/tree.ts';
import { verifyConsistency } from './merkle/verify.ts';
import type { NoteKey } from './note/key.ts';
import { formatSignatureLine, type Note, parseNote } from './note/note.ts';
import { verifyNote } from './note/verify.ts';
import { type TileReader, VerifiedLog } from './tiles/reader.ts';

/** A witness's memory of one log: the largest head it has cosigned. Losing it makes the witness blind for that log. */
export interface WitnessState {
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** When it was cosigned, seconds since 1970. */
  readonly time: UnixSeconds;
}

/**
 * Why a witness did not sign.
 *
 * `rollback`: the log shows fewer records than the witness has cosigned: an old copy was restored, or history is being
 * withheld. `fork`: same size and another root, or no growth from the remembered root: history was rewritten. Both are
 * incidents and stop the log's signer. `malformed`, `signature`, `origin`: the answer is no checkpoint of this log.
 * `tiles`: what is needed to check the growth is missing or wrong; ask again before accusing anyone.
 */
export interface WitnessConflict {
  readonly kind: 'malformed' | 'signature' | 'origin' | 'rollback' | 'fork' | 'tiles';
  readonly detail: string;
  /** What the log showed, when it could be read and its signature held. */
  readonly seen?: Checkpoint;
  readonly note?: Uint8Array;
}

export type WitnessResult =
  | {
      readonly ok: true;
      /** To be stored durably **before** the line leaves the witness. */
      readonly state: WitnessState;
      /** Cosignature line for `POST .../cosignatures`, newline included. */
      readonly line: string;
      /** False when the log has not grown: the line then renews the cosignature's time. */
      readonly grown: boolean;
    }
  | { readonly ok: false; readonly conflict: WitnessConflict };

/** What a step of a witness is given. */
export interface WitnessInput {
  readonly crypto: ProofCrypto;
  /** The log's key, from the trust anchors; its name is the origin. */
  readonly log: NoteKey;
  /** Undefined on first sight: the first checkpoint is believed, so it should be compared out of band. */
  readonly state: WitnessState | undefined;
  readonly checkpoint: Uint8Array;
  readonly tiles: TileReader;
  /** Key of type 04, used for nothing else. */
  readonly signer: NoteSigner;
  /** Seconds since 1970. */
  readonly now: UnixSeconds;
}

const refuse = (
  kind: WitnessConflict['kind'],
  detail: string,
  seen?: Checkpoint,
  note?: Uint8Array,
): WitnessResult => ({
  ok: false,
  conflict: {
    kind,
    detail,
    ...(seen === undefined ? {} : { seen }),
    ...(note === undefined ? {} : { note }),
  },
});

/** Runs a check; its refusal becomes a conflict of the given kind, other errors pass. */
async function guard<T>(kind: WitnessConflict['kind'], check: () => Promise<T>): Promise<T | WitnessConflict> {
  try {
    return await check();
  } catch (cause) {
    if (cause instanceof ProofError) return { kind, detail: cause.detail };
    throw cause;
  }
}

const isConflict = (value: object): value is WitnessConflict => 'kind' in value && 'detail' in value;

/**
 * One step of a pull witness (B's side): checks that the log's newest checkpoint continues what the witness has
 * cosigned, proving the growth from tiles itself, and cosigns it. Pure but for `tiles` and `signer`.
 *
 * The caller runs one step per log at a time, stores the state before it sends the line, and reports a `rollback` or
 * `fork` to A together with the note, which is A's own signature under the contradiction.
 */
export async function witnessCheckpoint(input: WitnessInput): Promise<WitnessResult> {
  const { crypto, log, state, checkpoint: bytes, signer } = input;
  const parsed = await guard('malformed', () => Promise.resolve().then(() => readNote(bytes)));
  if (isConflict(parsed)) return { ok: false, conflict: parsed };
  const { note, checkpoint } = parsed;
  if (checkpoint.origin !== log.name) return refuse('origin', `checkpoint of ${checkpoint.origin}`);
  const signed = await guard('signature', () => verifyNote(crypto, note, [log]));
  if (isConflict(signed)) return { ok: false, conflict: signed };

  const conflict = await judgeGrowth(input, checkpoint);
  if (conflict !== undefined) return refuse(conflict.kind, conflict.detail, checkpoint, bytes);
  // A clock set back must not make an older statement look newer than this one.
  const time = Math.max(input.now, state?.time ?? 0);
  const line = formatSignatureLine(await cosignText(note.text, signer, time));
  const { origin, size, root } = checkpoint;
  return { ok: true, state: { origin, size, root, time }, line, grown: size > (state?.size ?? -1) };
}

function readNote(bytes: Uint8Array): { readonly note: Note; readonly checkpoint: Checkpoint } {
  const note = parseNote(bytes);
  return { note, checkpoint: parseCheckpoint(note.text) };
}

/** Undefined when the checkpoint continues the state; else what is wrong. */
async function judgeGrowth(input: WitnessInput, checkpoint: Checkpoint): Promise<WitnessConflict | undefined> {
  const hasher = treeHasher(input.crypto);
  if (checkpoint.size === 0 && !equalBytes(checkpoint.root, hasher.empty)) {
    return { kind: 'fork', detail: 'size 0 without the empty root' };
  }
  const { state } = input;
  if (state === undefined || checkpoint.size > state.size) return proveGrowth(input, hasher, checkpoint);
  if (checkpoint.size < state.size) {
    return { kind: 'rollback', detail: `${state.size} records were cosigned, the log now shows ${checkpoint.size}` };
  }
  const same = equalBytes(checkpoint.root, state.root);
  return same ? undefined : { kind: 'fork', detail: `two roots for ${state.size} records` };
}

/** Proves the new head by its tiles, then that it begins with the old one; the old size is below the new. */
async function proveGrowth(
  { state, tiles }: WitnessInput,
  hasher: TreeHasher,
  checkpoint: Checkpoint,
): Promise<WitnessConflict | undefined> {
  const log = new VerifiedLog(hasher, tiles, checkpoint);
  const headed = await guard('tiles', () => log.verifyHead().then(() => ({})));
  if (isConflict(headed)) return headed;
  if (state === undefined || state.size === 0) return undefined;
  const sizes = { oldSize: state.size, newSize: checkpoint.size };
  const proof = await guard('tiles', () => proveConsistency(hasher, log, sizes));
  if (isConflict(proof)) return proof;
  const claim = { ...sizes, oldRoot: state.root, newRoot: checkpoint.root };
  const proven = await guard('fork', async () => {
    verifyConsistency(hasher, proof, claim);
    return {};
  });
  return isConflict(proven) ? proven : undefined;
}
