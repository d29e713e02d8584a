import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { keyTypes, type NoteSigner, noteKey, sha256 } from '@pactgate/proof';

/** A fresh log key of this name. */
export function logSigner(name: string): NoteSigner {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const publicKey = Buffer.from(x, 'base64url');
  return {
    key: noteKey({ sha256 }, { name, type: keyTypes.ed25519, publicKey }),
    sign: (message) => Promise.resolve(sign(null, message, privateKey)),
  };
}
