import { decodeBase64, encodeBase64, parseDecimal } from './bytes.ts';
import type { UnixSeconds } from './cosign.ts';
import type { ProofCrypto } from './crypto.ts';
import { demand, ProofError } from './error.ts';
import { hashSize } from './merkle/hasher.ts';
import { isCount } from './merkle/range.ts';
import { isKeyName, type NoteKey } from './note/key.ts';
import { type Note, parseNote } from './note/note.ts';
import { verifyNote } from './note/verify.ts';
import { evaluateQuorum, type Policy } from './policy.ts';

/** What a log states about itself (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** The log's name: its address without the scheme, and the name of its key. */
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/** Checkpoint text; we write no extension lines. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  demand(isKeyName(origin), 'bad-checkpoint', 'origin is empty or holds a space, plus or control character');
  demand(isCount(size), 'bad-checkpoint', 'size is not a count');
  demand(root.length === hashSize, 'bad-checkpoint', 'root is not of 32 bytes');
  return `${origin}\n${size}\n${encodeBase64(root)}\n`;
}

/**
 * Reads checkpoint text: origin, decimal size without leading zeros, canonical base64 of 32 bytes; further lines of
 * other logs' extensions are allowed and mean nothing here. `bad-checkpoint`.
 */
export function parseCheckpoint(text: string): Checkpoint {
  demand(text.endsWith('\n'), 'bad-checkpoint', 'text does not end in a newline');
  const [origin, decimal, encoded, ...extensions] = text.slice(0, -1).split('\n');
  demand(origin !== undefined && isKeyName(origin), 'bad-checkpoint', 'no valid origin');
  const size = parseDecimal(decimal ?? '');
  demand(size !== undefined, 'bad-checkpoint', 'size is not a plain decimal');
  demand(
    extensions.every((line) => line.length > 0),
    'bad-checkpoint',
    'empty extension line',
  );
  return { origin, size, root: parseRoot(encoded ?? '') };
}

function parseRoot(encoded: string): Uint8Array {
  let root: Uint8Array;
  try {
    root = decodeBase64(encoded);
  } catch (cause) {
    throw new ProofError('bad-checkpoint', 'root is not canonical base64', { cause });
  }
  demand(root.length === hashSize, 'bad-checkpoint', 'root is not of 32 bytes');
  return root;
}

/** A witness's word on a checkpoint: verified. */
export interface Cosignature {
  /** The witness's name in the policy. */
  readonly witness: string;
  readonly time: UnixSeconds;
}

/** A checkpoint whose log signature holds. */
export interface VerifiedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly note: Note;
  readonly log: NoteKey;
  readonly cosignatures: readonly Cosignature[];
  /** Whether the witnesses suffice for the policy. Without them the log's owner alone could still rewrite history. */
  readonly quorum: boolean;
}

/**
 * Parses a checkpoint note and verifies it against a policy, all but the quorum, which is told, not demanded.
 *
 * The first line picks the log and only that log's key counts, so one log of the policy cannot sign for another.
 * `unknown-log`, `no-signature`, `bad-signature` (of the log or of a known witness), `bad-note`, `bad-checkpoint`.
 */
export async function verifyCheckpoint(
  crypto: ProofCrypto,
  bytes: Uint8Array,
  policy: Policy,
): Promise<VerifiedCheckpoint> {
  const note = parseNote(bytes);
  const checkpoint = parseCheckpoint(note.text);
  const log = policy.logs.find(({ key }) => key.name === checkpoint.origin)?.key;
  demand(log !== undefined, 'unknown-log', `the policy names no log ${checkpoint.origin}`);
  const verified = await verifyNote(crypto, note, [log, ...policy.witnesses.map(({ key }) => key)]);
  demand(
    verified.some(({ key }) => key === log),
    'no-signature',
    `${checkpoint.origin} did not sign`,
  );
  const cosignatures = policy.witnesses.flatMap(({ name, key }) => {
    const times = verified.flatMap((line) => (line.key === key && line.time !== undefined ? [line.time] : []));
    return times.length === 0 ? [] : [{ witness: name, time: Math.max(...times) }];
  });
  const quorum = evaluateQuorum(policy, new Set(cosignatures.map(({ witness }) => witness)));
  return { checkpoint, note, log, cosignatures, quorum };
}

/** As {@link verifyCheckpoint}, and demands the policy's quorum (`quorum-not-met`). */
export async function openCheckpoint(
  crypto: ProofCrypto,
  bytes: Uint8Array,
  policy: Policy,
): Promise<VerifiedCheckpoint> {
  const verified = await verifyCheckpoint(crypto, bytes, policy);
  demand(verified.quorum, 'quorum-not-met', 'the cosignatures do not make the quorum of the policy');
  return verified;
}
