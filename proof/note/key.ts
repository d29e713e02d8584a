import { concatBytes, decodeBase64, encodeBase64, encodeHex, encodeUtf8 } from '../bytes.ts';
import type { ProofCrypto } from '../crypto.ts';
import { demand, ProofError } from '../error.ts';

/** Signature types of C2SP signed-note that this package makes and checks. */
export const keyTypes = { ed25519: 1, cosignature: 4 } as const;
export type KeyType = (typeof keyTypes)[keyof typeof keyTypes];

/** A key that signs notes. Name and id together identify it; the id alone is 32 bits and proves nothing. */
export interface NoteKey {
  readonly name: string;
  /** First 4 bytes of SHA-256(name, newline, type, key), as 8 hexadecimal digits. */
  readonly id: string;
  readonly type: KeyType;
  /** 32 bytes of Ed25519. */
  readonly publicKey: Uint8Array;
}

/** Longest key name read; names are origins, which are host and path. */
export const maxNameLength = 512;

/** Key names: not empty, no Unicode space, no plus, no control character. */
export function isKeyName(name: string): boolean {
  if (name.length === 0 || name.length > maxNameLength || !name.isWellFormed()) return false;
  return !/[\p{White_Space}+\p{Cc}]/u.test(name);
}

const isKnownType = (type: number | undefined): type is KeyType =>
  type === keyTypes.ed25519 || type === keyTypes.cosignature;

/** Makes a key of its parts; the id follows from them. `bad-vkey` for a name, type or length that cannot be. */
export function noteKey(
  crypto: Pick<ProofCrypto, 'sha256'>,
  parts: { readonly name: string; readonly type: KeyType; readonly publicKey: Uint8Array },
): NoteKey {
  const { name, type, publicKey } = parts;
  demand(isKeyName(name), 'bad-vkey', 'key name is empty or holds a space, plus or control character');
  demand(publicKey.length === 32, 'bad-vkey', 'key is not of 32 bytes');
  const digest = crypto.sha256(concatBytes([encodeUtf8(`${name}\n`), Uint8Array.of(type), publicKey]));
  return { name, id: encodeHex(digest.subarray(0, 4)), type, publicKey };
}

/** `name+id+base64(type, key)`, the form in which keys are handed around. */
export function formatVkey({ name, id, type, publicKey }: NoteKey): string {
  return `${name}+${id}+${encodeBase64(concatBytes([Uint8Array.of(type), publicKey]))}`;
}

/**
 * Reads a verifier key. The id must be the one the other parts give. Types other than Ed25519 (01) and Ed25519
 * cosignature (04) are refused: a key that cannot be checked must not look like one that was. All failures `bad-vkey`.
 */
export function parseVkey(crypto: Pick<ProofCrypto, 'sha256'>, vkey: string): NoteKey {
  const [, name, id, encoded] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(vkey) ?? [];
  demand(name !== undefined && id !== undefined && encoded !== undefined, 'bad-vkey', 'not name+id+key');
  demand(vkey.length <= maxNameLength + 4096, 'bad-vkey', 'key is too long');
  const material = decodeMaterial(encoded);
  const type = material[0];
  demand(isKnownType(type), 'bad-vkey', `signature type ${type} is not supported`);
  const key = noteKey(crypto, { name, type, publicKey: material.subarray(1) });
  demand(key.id === id, 'bad-vkey', 'key id does not belong to this name and key');
  return key;
}

function decodeMaterial(encoded: string): Uint8Array {
  try {
    return decodeBase64(encoded);
  } catch (cause) {
    throw new ProofError('bad-vkey', 'key is not canonical base64', { cause });
  }
}
