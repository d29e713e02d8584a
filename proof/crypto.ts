import { decodeBase64Url } from './bytes.ts';
import { demand } from './error.ts';
import { sha256 } from './sha256.ts';

/** A public P-256 key as JSON (RFC 7517, RFC 7518 section 6.2). `x` and `y`: 32 bytes as unpadded base64url. */
export interface PublicJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

/**
 * The whole of what this package asks of a cryptography library.
 *
 * Verification answers `false` for every wrong signature, key or length; it rejects only when the library itself is
 * missing or broken, so that "could not check" is never taken for "does not hold". Signing is no part of it: whoever
 * signs passes a function, and private keys never enter this package.
 */
export interface ProofCrypto {
  /** SHA-256, 32 bytes; synchronous because a tree needs thousands of them. Must not keep `bytes`. */
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  /** Ed25519 (RFC 8032): public key of 32 bytes, signature of 64. */
  readonly verifyEd25519: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => Promise<boolean>;
  /** ECDSA P-256 with SHA-256 (RFC 7518 section 3.4): signature is r || s, 64 bytes. */
  readonly verifyEs256: (key: PublicJwk, message: Uint8Array, signature: Uint8Array) => Promise<boolean>;
}

const isCoordinate = (value: unknown): value is string => {
  if (typeof value !== 'string' || value.length !== 43) return false;
  return /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(value) && decodeBase64Url(value).length === 32;
};

/** Reads a P-256 public key: exactly `kty crv x y`. A private member (`d`) or any other is refused (`bad-jws`). */
export function parsePublicJwk(value: unknown): PublicJwk {
  demand(typeof value === 'object' && value !== null && !Array.isArray(value), 'bad-jws', 'key is not an object');
  const members = new Map(Object.entries(value));
  demand(members.size === 4, 'bad-jws', 'key must have exactly kty, crv, x, y');
  const x: unknown = members.get('x');
  const y: unknown = members.get('y');
  demand(members.get('kty') === 'EC' && members.get('crv') === 'P-256', 'bad-jws', 'key is not EC P-256');
  demand(isCoordinate(x) && isCoordinate(y), 'bad-jws', 'key coordinates are not 32 bytes of base64url');
  return { kty: 'EC', crv: 'P-256', x, y };
}

/** A copy on its own buffer: WebCrypto refuses views on shared memory. */
const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

async function webVerifyEd25519(key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (key.length !== 32 || signature.length !== 64) return false;
  const { subtle } = globalThis.crypto;
  let imported: CryptoKey;
  try {
    imported = await subtle.importKey('raw', own(key), 'Ed25519', false, ['verify']);
  } catch (cause) {
    if (isDataError(cause)) return false;
    throw cause;
  }
  return subtle.verify('Ed25519', imported, own(signature), own(message));
}

async function webVerifyEs256(key: PublicJwk, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (signature.length !== 64) return false;
  const { subtle } = globalThis.crypto;
  let imported: CryptoKey;
  try {
    const { kty, crv, x, y } = key;
    imported = await subtle.importKey('jwk', { kty, crv, x, y }, { name: 'ECDSA', namedCurve: 'P-256' }, false, [
      'verify',
    ]);
  } catch (cause) {
    if (isDataError(cause)) return false;
    throw cause;
  }
  return subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, imported, own(signature), own(message));
}

/** WebCrypto's word for a key that is no key (a point off the curve); every other failure is the platform's. */
const isDataError = (cause: unknown): boolean => cause instanceof Error && cause.name === 'DataError';

/** Cryptography of any browser or runtime with WebCrypto: own SHA-256, `globalThis.crypto.subtle` for signatures. */
export const webProofCrypto: ProofCrypto = {
  sha256,
  verifyEd25519: webVerifyEd25519,
  verifyEs256: webVerifyEs256,
};
