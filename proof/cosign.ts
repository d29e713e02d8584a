import { concatBytes, encodeUtf8 } from './bytes.ts';
import { demand } from './error.ts';
import { keyTypes, type NoteKey } from './note/key.ts';
import type { NoteSignature } from './note/note.ts';

/** Signs bytes with a private key that stays with the caller. Ed25519 here: answers 64 bytes. */
export type SignBytes = (message: Uint8Array) => Promise<Uint8Array>;

/** A key with the function that signs for it. */
export interface NoteSigner {
  readonly key: NoteKey;
  readonly sign: SignBytes;
}

/** Seconds since 1970-01-01T00:00Z, as cosignatures carry them. */
export type UnixSeconds = number;

/** What a cosigner signs: two lines of its own, then the whole text (C2SP tlog-cosignature, Ed25519). */
export function cosignedMessage(text: string, time: UnixSeconds): Uint8Array<ArrayBuffer> {
  demand(Number.isSafeInteger(time) && time >= 0, 'bad-argument', 'time is not whole seconds');
  return encodeUtf8(`cosignature/v1\ntime ${time}\n${text}`);
}

/** Signs a note's text with a key of type 01. */
export async function signText(text: string, { key, sign }: NoteSigner): Promise<NoteSignature> {
  demand(key.type === keyTypes.ed25519, 'bad-argument', 'key is not of type 01');
  const signature = await sign(encodeUtf8(text));
  demand(signature.length === 64, 'bad-argument', 'signer answered no Ed25519 signature');
  return { name: key.name, keyId: key.id, signature };
}

/**
 * Cosigns a checkpoint's text with a key of type 04. The signature does not name its cosigner, so a key must serve one
 * cosigner only. Says that the signer saw the log grow consistently up to here, at this time: whoever calls has checked.
 */
export async function cosignText(text: string, signer: NoteSigner, time: UnixSeconds): Promise<NoteSignature> {
  const { key, sign } = signer;
  demand(key.type === keyTypes.cosignature, 'bad-argument', 'key is not of type 04');
  const signature = await sign(cosignedMessage(text, time));
  demand(signature.length === 64, 'bad-argument', 'signer answered no Ed25519 signature');
  const timestamp = new Uint8Array(8);
  new DataView(timestamp.buffer).setBigUint64(0, BigInt(time));
  return { name: key.name, keyId: key.id, signature: concatBytes([timestamp, signature]) };
}

/** Splits a signature of type 04; undefined when it has not the length, or a time no clock shows. */
export function parseCosignature(
  signature: Uint8Array,
): { readonly time: UnixSeconds; readonly signature: Uint8Array } | undefined {
  if (signature.length !== 72) return undefined;
  const time = new DataView(signature.buffer, signature.byteOffset, 8).getBigUint64(0);
  if (time > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  return { time: Number(time), signature: signature.subarray(8) };
}
