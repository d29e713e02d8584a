import { decodeBase64Url, encodeBase64Url, encodeUtf8 } from './bytes.ts';
import type { SignBytes } from './cosign.ts';
import { type ProofCrypto, type PublicJwk, parsePublicJwk } from './crypto.ts';
import { demand, ProofError } from './error.ts';
import { canonicalBytes, parseCanonical } from './jcs.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';

export interface JwsSignature {
  readonly protected: string;
  readonly signature: string;
}

/** JWS in General JSON form (RFC 7515 section 7.2.1): one payload, several signatures. */
export interface GeneralJws {
  readonly payload: string;
  readonly signatures: readonly JwsSignature[];
}

/** Most signatures and largest payload read: two parties sign, and a key may be rotated. */
const maxJwsSignatures = 8;
export const maxJwsPayload = 4 * 1024 * 1024;

/** Thumbprint of a key (RFC 7638): base64url(SHA-256 of its canonical required members). What people compare. */
export function jwkThumbprint(crypto: Pick<ProofCrypto, 'sha256'>, key: PublicJwk): string {
  const { crv, kty, x, y } = parsePublicJwk(key);
  return encodeBase64Url(crypto.sha256(canonicalBytes({ crv, kty, x, y })));
}

/** The one header we write and accept: no member may come or go, so none can change how the rest is read. */
const headerOf = (kid: string, typ: string): string => encodeBase64Url(canonicalBytes({ alg: 'ES256', kid, typ }));

/** What a signature covers, and for which purpose. */
export interface JwsInput {
  readonly payload: Uint8Array;
  /** Kind of document, one of `documentTypes` of the protocol: a signature for one kind is none for another. */
  readonly typ: string;
}

const signingInput = (header: string, payload: string): Uint8Array => encodeUtf8(`${header}.${payload}`);

/** Makes one signature. `sign` answers r || s of ECDSA P-256 with SHA-256, 64 bytes (not DER). */
export async function signJws(
  crypto: Pick<ProofCrypto, 'sha256'>,
  input: JwsInput,
  key: PublicJwk,
  sign: SignBytes,
): Promise<JwsSignature> {
  const header = headerOf(jwkThumbprint(crypto, key), input.typ);
  const signature = await sign(signingInput(header, encodeBase64Url(input.payload)));
  demand(signature.length === 64, 'bad-argument', 'signer answered no raw ES256 signature');
  return { protected: header, signature: encodeBase64Url(signature) };
}

/** Puts payload and signatures together. */
export function formatJws(payload: Uint8Array, signatures: readonly JwsSignature[]): GeneralJws {
  demand(payload.length <= maxJwsPayload, 'too-large', 'payload is larger than 4 MiB');
  demand(signatures.length >= 1 && signatures.length <= maxJwsSignatures, 'bad-jws', 'there must be 1 to 8 signatures');
  return { payload: encodeBase64Url(payload), signatures };
}

/** Canonical bytes of a JWS, for files. */
export function encodeJws({ payload, signatures }: GeneralJws): Uint8Array<ArrayBuffer> {
  return canonicalBytes({
    payload,
    signatures: signatures.map((line) => ({ protected: line.protected, signature: line.signature })),
  });
}

const decodePart = (text: string): Uint8Array => {
  try {
    return decodeBase64Url(text);
  } catch (cause) {
    throw new ProofError('bad-jws', 'not canonical base64url', { cause });
  }
};

function demandMembers(value: JsonValue | undefined, names: readonly string[]): JsonObject {
  demand(isJsonObject(value), 'bad-jws', 'not an object');
  const found = Object.keys(value).toSorted().join(' ');
  demand(found === names.join(' '), 'bad-jws', `members must be exactly ${names.join(', ')}`);
  return value;
}

/** Reads a parsed JSON value as a JWS: exactly these members, an unprotected `header` among others is refused (`bad-jws`). */
export function parseJws(value: JsonValue): GeneralJws {
  const { payload, signatures } = demandMembers(value, ['payload', 'signatures']);
  demand(typeof payload === 'string', 'bad-jws', 'payload is not text');
  demand(payload.length <= maxJwsPayload * 2, 'too-large', 'payload is larger than 4 MiB');
  decodePart(payload);
  demand(Array.isArray(signatures), 'bad-jws', 'signatures is not a list');
  const lines: readonly JsonValue[] = signatures;
  demand(lines.length >= 1 && lines.length <= maxJwsSignatures, 'bad-jws', 'there must be 1 to 8 signatures');
  return {
    payload,
    signatures: lines.map((line) => {
      const { protected: header, signature } = demandMembers(line, ['protected', 'signature']);
      demand(typeof header === 'string' && typeof signature === 'string', 'bad-jws', 'a signature is not text');
      return { protected: header, signature };
    }),
  };
}

/** Reads canonical JWS bytes, as {@link encodeJws} writes them. */
export function decodeJws(bytes: Uint8Array): GeneralJws {
  return parseJws(parseCanonical(bytes));
}

/** Payload of a JWS, unverified. */
export function jwsPayload(jws: GeneralJws): Uint8Array {
  return decodePart(jws.payload);
}

/** Thumbprints of the keys that say they signed, unverified: for choosing the key, never for believing. */
export function claimedSigners(jws: GeneralJws): readonly string[] {
  return jws.signatures.map((line) => {
    const { kid } = demandMembers(parseCanonical(decodePart(line.protected)), ['alg', 'kid', 'typ']);
    demand(typeof kid === 'string', 'bad-jws', 'kid is not text');
    return kid;
  });
}

/**
 * Verifies that `key` signed the JWS as a document of kind `typ`; returns the payload.
 *
 * The header must be the very bytes we would write: ES256, the key's own thumbprint, the kind. So `none`, another
 * algorithm, `crit`, `jwk` and the like have no way in. `no-signature` when this key signed nothing of that kind,
 * `bad-signature` when its signature fails.
 */
export async function verifyJws(
  crypto: ProofCrypto,
  jws: GeneralJws,
  key: PublicJwk,
  typ: string,
): Promise<Uint8Array> {
  const header = headerOf(jwkThumbprint(crypto, key), typ);
  const lines = jws.signatures.filter((line) => line.protected === header);
  const [line, ...more] = lines;
  demand(line !== undefined, 'no-signature', 'this key signed no such document');
  demand(more.length === 0, 'bad-jws', 'one key signed twice');
  const message = signingInput(header, jws.payload);
  const holds = await crypto.verifyEs256(key, message, decodePart(line.signature));
  demand(holds, 'bad-signature', 'signature does not hold');
  return jwsPayload(jws);
}
