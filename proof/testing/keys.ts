import { concatBytes, decodeBase64Url, decodeHex } from '../bytes.ts';
import type { NoteSigner, SignBytes } from '../cosign.ts';
import { type PublicJwk, webProofCrypto } from '../crypto.ts';
import { type KeyType, noteKey } from '../note/key.ts';

/** PKCS#8 around an Ed25519 seed of 32 bytes (RFC 8410). */
const seedPrefix = decodeHex('302e020100300506032b657004220420');

/** Signer of a note key whose seed is 32 times `byte`: the same key in every test run. */
export async function signerOf(name: string, type: KeyType, byte: number): Promise<NoteSigner> {
  const { subtle } = globalThis.crypto;
  const pkcs8 = concatBytes([seedPrefix, new Uint8Array(32).fill(byte)]);
  const secret = await subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']);
  const { x = '' } = await subtle.exportKey('jwk', secret);
  return {
    key: noteKey(webProofCrypto, { name, type, publicKey: decodeBase64Url(x) }),
    sign: async (message) => new Uint8Array(await subtle.sign('Ed25519', secret, new Uint8Array(message))),
  };
}

/** A party's signing key, fresh. */
export async function partyKey(): Promise<{ readonly key: PublicJwk; readonly sign: SignBytes }> {
  const { subtle } = globalThis.crypto;
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const pair = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const { x = '', y = '' } = await subtle.exportKey('jwk', pair.publicKey);
  const how = { name: 'ECDSA', hash: 'SHA-256' };
  return {
    key: { kty: 'EC', crv: 'P-256', x, y },
    sign: async (message) => new Uint8Array(await subtle.sign(how, pair.privateKey, new Uint8Array(message))),
  };
}
