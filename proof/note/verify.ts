import { encodeUtf8 } from '../bytes.ts';
import { cosignedMessage, parseCosignature, type UnixSeconds } from '../cosign.ts';
import type { ProofCrypto } from '../crypto.ts';
import { demand, ProofError } from '../error.ts';
import { keyTypes, type NoteKey } from './key.ts';
import type { Note, NoteSignature } from './note.ts';

/** A signature that was checked and holds. */
export interface VerifiedSignature {
  readonly key: NoteKey;
  /** When the cosigner says it signed; absent for type 01, which carries no time. */
  readonly time?: UnixSeconds;
}

/** Checks one signature with the key it names; undefined when it does not hold. */
export async function verifySignature(
  crypto: ProofCrypto,
  text: string,
  line: NoteSignature,
  key: NoteKey,
): Promise<VerifiedSignature | undefined> {
  if (line.name !== key.name || line.keyId !== key.id) return undefined;
  if (key.type === keyTypes.ed25519) {
    const holds = await crypto.verifyEd25519(key.publicKey, encodeUtf8(text), line.signature);
    return holds ? { key } : undefined;
  }
  const parts = parseCosignature(line.signature);
  if (parts === undefined) return undefined;
  const holds = await crypto.verifyEd25519(key.publicKey, cosignedMessage(text, parts.time), parts.signature);
  return holds ? { key, time: parts.time } : undefined;
}

/**
 * Checks every signature whose name and key id are known and ignores the others (C2SP signed-note). One known
 * signature that fails rejects the whole note (`bad-signature`); so does having none that holds (`no-signature`).
 */
export async function verifyNote(
  crypto: ProofCrypto,
  note: Note,
  keys: readonly NoteKey[],
): Promise<readonly VerifiedSignature[]> {
  const verified: VerifiedSignature[] = [];
  for (const line of note.signatures) {
    const candidates = keys.filter((key) => key.name === line.name && key.id === line.keyId);
    for (const key of candidates) {
      const good = await verifySignature(crypto, note.text, line, key);
      if (good === undefined) throw new ProofError('bad-signature', `signature of ${key.name} does not hold`);
      verified.push(good);
    }
  }
  demand(verified.length > 0, 'no-signature', 'no signature of a known key');
  return verified;
}
