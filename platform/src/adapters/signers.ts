import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { keyTypes, type NoteSigner, noteKey, type PublicJwk, parsePublicJwk, type SignBytes } from '@pactgate/proof';
import { nodeProofCrypto } from './proof-crypto.ts';

/** Where private keys rest, sealed: what signers need of the key store. */
export interface SignerKeys {
  /** Rejects for a key that is not there: a new one in its place would look like a forger's. */
  get(name: string): Promise<Uint8Array>;
}

/** A's signing key for documents: ES256, `sign` answers r || s. */
export interface DocumentSigner {
  readonly publicKey: PublicJwk;
  readonly sign: SignBytes;
}

const pkcs8 = { type: 'pkcs8', format: 'der' } as const;

const exported = (key: KeyObject): Uint8Array => new Uint8Array(key.export(pkcs8));
/** A new Ed25519 key of a log, PKCS #8. */
export const newLogKey = (): Uint8Array => exported(generateKeyPairSync('ed25519').privateKey);
/** A new P-256 key for documents, PKCS #8. */
export const newDocumentKey = (): Uint8Array => exported(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);

const keyOf = async (keys: SignerKeys, name: string): Promise<KeyObject> =>
  createPrivateKey({ key: Buffer.from(await keys.get(name)), ...pkcs8 });

const rawEd25519 = (key: KeyObject): Uint8Array => {
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  return new Uint8Array(Buffer.from(x ?? '', 'base64url'));
};

/** The Ed25519 signer of a log; its name is the log's origin. */
export async function logSigner(keys: SignerKeys, keyName: string, origin: string): Promise<NoteSigner> {
  const key = await keyOf(keys, keyName);
  return {
    key: noteKey(nodeProofCrypto, { name: origin, type: keyTypes.ed25519, publicKey: rawEd25519(key) }),
    sign: async (message) => new Uint8Array(sign(null, message, key)),
  };
}

/** The P-256 key A signs agreements with. */
export async function documentSigner(keys: SignerKeys, keyName: string): Promise<DocumentSigner> {
  const key = await keyOf(keys, keyName);
  const { kty, crv, x, y } = createPublicKey(key).export({ format: 'jwk' });
  return {
    publicKey: parsePublicJwk({ kty, crv, x, y }),
    sign: async (message) => new Uint8Array(sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' })),
  };
}
