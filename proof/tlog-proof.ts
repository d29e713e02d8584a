import { decodeBase64, decodeUtf8, encodeBase64, encodeUtf8, parseDecimal } from './bytes.ts';
import { openCheckpoint, type VerifiedCheckpoint } from './checkpoint.ts';
import type { ProofCrypto } from './crypto.ts';
import { demand, ProofError } from './error.ts';
import { hashSize, treeHasher } from './merkle/hasher.ts';
import { isCount } from './merkle/range.ts';
import { maxProofLength, verifyInclusion } from './merkle/verify.ts';
import { maxNoteSize, parseNote } from './note/note.ts';
import type { Policy } from './policy.ts';

/** An entry's offline proof (C2SP tlog-proof): index, path, and the checkpoint it leads to, unverified. */
export interface TlogProof {
  readonly index: number;
  readonly path: readonly Uint8Array[];
  /** The cosigned checkpoint, verbatim. */
  readonly checkpoint: Uint8Array;
  /** For the reader's convenience (record id, salt). Nothing authenticates it. */
  readonly extra?: Uint8Array;
}

const header = 'c2sp.org/tlog-proof@v1';
/** Longest extra data, and with note and path the longest proof. */
const maxExtra = 4096;
const maxProofSize = maxNoteSize + 16_384;

export function formatTlogProof({ index, path, checkpoint, extra }: TlogProof): string {
  demand(isCount(index), 'bad-proof', 'index is not a count');
  demand(path.length <= maxProofLength, 'bad-proof', 'path is too long');
  demand(
    path.every((hash) => hash.length === hashSize),
    'bad-proof',
    'a hash is not of 32 bytes',
  );
  demand((extra?.length ?? 1) > 0 && (extra?.length ?? 0) <= maxExtra, 'bad-proof', 'extra data is empty or too long');
  parseNote(checkpoint);
  const lines = [
    header,
    ...(extra === undefined ? [] : [`extra ${encodeBase64(extra)}`]),
    `index ${index}`,
    ...path.map((hash) => encodeBase64(hash)),
  ];
  return `${lines.join('\n')}\n\n${decodeUtf8(checkpoint)}`;
}

const decode = (encoded: string): Uint8Array => {
  try {
    return decodeBase64(encoded);
  } catch (cause) {
    throw new ProofError('bad-proof', 'not canonical base64', { cause });
  }
};

/** Reads a proof; `bad-proof` for anything but the one spelling. The checkpoint stays as it is, unverified. */
export function parseTlogProof(text: string): TlogProof {
  demand(text.length <= maxProofSize, 'too-large', 'proof is too large');
  const at = text.indexOf('\n\n');
  demand(at >= 0, 'bad-proof', 'no empty line before the checkpoint');
  const [first, ...lines] = text.slice(0, at).split('\n');
  demand(first === header, 'bad-proof', `does not begin with ${header}`);
  const extraLine = lines[0]?.startsWith('extra ') ? lines.shift() : undefined;
  const index = parseDecimal(/^index (.*)$/.exec(lines.shift() ?? '')?.[1] ?? '');
  demand(index !== undefined, 'bad-proof', 'no index');
  demand(lines.length <= maxProofLength, 'bad-proof', 'path is too long');
  const path = lines.map((line) => decode(line));
  demand(
    path.every((hash) => hash.length === hashSize),
    'bad-proof',
    'a hash is not of 32 bytes',
  );
  const proof = { index, path, checkpoint: encodeUtf8(text.slice(at + 2)) };
  if (extraLine === undefined) return proof;
  const extra = decode(extraLine.slice('extra '.length));
  demand(extra.length > 0 && extra.length <= maxExtra, 'bad-proof', 'extra data is empty or too long');
  return { ...proof, extra };
}

/**
 * Verifies that `entry` is in a log of the policy, at the proof's index, under a checkpoint with the policy's quorum.
 * Errors: those of {@link openCheckpoint}, and `bad-proof`.
 */
export async function verifyTlogProof(
  crypto: ProofCrypto,
  proof: TlogProof,
  entry: Uint8Array,
  policy: Policy,
): Promise<VerifiedCheckpoint> {
  const opened = await openCheckpoint(crypto, proof.checkpoint, policy);
  const hasher = treeHasher(crypto);
  const { size, root } = opened.checkpoint;
  verifyInclusion(hasher, proof.path, { index: proof.index, size, leafHash: hasher.leaf(entry), root });
  return opened;
}
