import { type NoteKey, type ProofCrypto, parseNote, parseSignatureLine, verifySignature } from '@pactgate/proof';
import type { LedgerStore, LogEntry } from './ports.ts';

export type CosignOutcome = 'added' | 'unknown-size' | 'unknown-witness' | 'bad-signature';

/**
 * Accepts a cosignature line a witness posted for the checkpoint of `size`: the key must be one of `witnesses`, the
 * signature must hold over our checkpoint's text, then it is kept.
 */
export async function acceptCosignature<Tx>(
  parts: { readonly store: LedgerStore<Tx>; readonly crypto: ProofCrypto },
  log: LogEntry,
  witnesses: readonly NoteKey[],
  posted: { readonly size: number; readonly line: string },
): Promise<CosignOutcome> {
  const signature = parseSignatureLine(`${posted.line.trim()}\n`);
  const key = witnesses.find((witness) => witness.name === signature.name && witness.id === signature.keyId);
  if (!key) return 'unknown-witness';
  const checkpoint = await parts.store.checkpointAt(log.id, posted.size);
  if (!checkpoint) return 'unknown-size';
  const { text } = parseNote(new TextEncoder().encode(checkpoint.note));
  const verified = await verifySignature(parts.crypto, text, signature, key);
  if (verified?.time === undefined) return 'bad-signature';
  return parts.store.addCosignature(log.id, {
    size: posted.size,
    cosigner: `${signature.name}+${signature.keyId}`,
    line: posted.line.trim(),
    time: verified.time,
  });
}
