import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** Keys of CAs and listeners. The curve decides the digest: SHA-256 for P-256, SHA-384 for P-384. */
export type Curve = 'P-256' | 'P-384';

/** Node's and OpenSSL's names, and the signature algorithm of X.509 (RFC 5758), by curve. */
export const curves = {
  'P-256': { openssl: 'prime256v1', digest: 'sha256', signature: '1.2.840.10045.4.3.2' },
  'P-384': { openssl: 'secp384r1', digest: 'sha384', signature: '1.2.840.10045.4.3.3' },
} as const satisfies Record<Curve, { openssl: string; digest: string; signature: string }>;

/** A key that signs certificates and CRLs; `sign` gives the DER signature that X.509 wants. */
export interface Signer {
  readonly curve: Curve;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

export interface FileKey extends Signer {
  /** PKCS#8 DER: for the key box only. */
  readonly pkcs8: Uint8Array;
}

function toSigner(key: KeyObject, curve: Curve): FileKey {
  return {
    curve,
    spki: createPublicKey(key).export({ format: 'der', type: 'spki' }),
    pkcs8: key.export({ format: 'der', type: 'pkcs8' }),
    sign: (bytes) => Promise.resolve(sign(curves[curve].digest, bytes, key)),
  };
}

export const generateKey = (curve: Curve): FileKey =>
  toSigner(generateKeyPairSync('ec', { namedCurve: curves[curve].openssl }).privateKey, curve);

/** Throws TypeError for a key of another kind: the key box holds what it should not. */
export function readKey(pkcs8: Uint8Array): FileKey {
  const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
  const name = key.asymmetricKeyDetails?.namedCurve;
  if (name === curves['P-256'].openssl) return toSigner(key, 'P-256');
  if (name === curves['P-384'].openssl) return toSigner(key, 'P-384');
  throw new TypeError('not an EC key on P-256 or P-384');
}

export const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const fromHex = (hex: string): Uint8Array => Buffer.from(hex, 'hex');
