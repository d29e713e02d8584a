import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { keyTypes, type NoteSigner, noteKey, type PublicJwk, parsePublicJwk, type SignBytes } from '@pactgate/proof';
import { nodeProofCrypto } from './proof-crypto.ts';

/** Where private keys rest, sealed: what signers need of the key store. */
export interface SignerKeys {
  obtain(name: string, make: () => Uint8Array): Promise<Uint8Array>;
}

/** A's signing key for documents: ES256, `sign` answers r || s. */
export interface DocumentSigner {
  readonly publicKey: PublicJwk;
  readonly sign: SignBytes;
}

const pkcs8 = { type: 'pkcs8', format: 'der' } as const;

/** Loads a private key by name, or makes it and stores it durably before it is used. */
async function keyOf(keys: SignerKeys, name: string, make: () => KeyObject): Promise<KeyObject> {
  const der = await keys.obtain(name, () => new Uint8Array(make().export(pkcs8)));
  return createPrivateKey({ key: Buffer.from(der), ...pkcs8 });
}

const rawEd25519 = (key: KeyObject): Uint8Array => {
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  return new Uint8Array(Buffer.from(x ?? '', 'base64url'));
};

/** The Ed25519 signer of a log; its name is the log's origin. Made at first use. */
export async function logSigner(keys: SignerKeys, keyName: string, origin: string): Promise<NoteSigner> {
  const key = await keyOf(keys, keyName, () => generateKeyPairSync('ed25519').privateKey);
  return {
    key: noteKey(nodeProofCrypto, { name: origin, type: keyTypes.ed25519, publicKey: rawEd25519(key) }),
    sign: async (message) => new Uint8Array(sign(null, message, key)),
  };
}

/** The P-256 key A signs agreements with. Made at first use. */
export async function documentSigner(keys: SignerKeys, keyName: string): Promise<DocumentSigner> {
  const key = await keyOf(keys, keyName, () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  const { kty, crv, x, y } = createPublicKey(key).export({ format: 'jwk' });
  return {
    publicKey: parsePublicJwk({ kty, crv, x, y }),
    sign: async (message) => new Uint8Array(sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' })),
  };
}
