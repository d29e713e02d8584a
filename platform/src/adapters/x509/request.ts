// oxlint-disable-next-line import/no-unassigned-import -- the library below needs its global before it loads
import 'reflect-metadata';
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import * as asn1js from 'asn1js';
import type { CertificateRequest, KeyAlgorithm, RequestFault, RequestSubject } from '../../duties/identity/index.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { elements, tags } from './der.ts';
import { sha256Hex } from './keys.ts';
import { oids } from './profiles.ts';

/** Longest request, DER. An honest one has 150 to 2,000 octets. */
export const maxRequestOctets = 64 * 1_024;
/** Longest value of a subject attribute or challenge password that is looked at. */
const maxText = 512;
const maxNameParts = 32;

/** Accepted keys: length of their one SubjectPublicKeyInfo, and the signatures a request may carry. */
const keys: Readonly<Record<KeyAlgorithm, { readonly octets: number }>> = {
  'P-256': { octets: 91 },
  'P-384': { octets: 120 },
  Ed25519: { octets: 44 },
};
/** Signature algorithm of the request to Node's digest name; Ed25519 has none. */
const ecdsa: ReadonlyMap<string, string> = new Map([
  ['1.2.840.10045.4.3.2', 'sha256'],
  ['1.2.840.10045.4.3.3', 'sha384'],
  ['1.2.840.10045.4.3.4', 'sha512'],
]);
const ed25519 = '1.3.101.112';

const invalid = (detail: string): { readonly ok: false; readonly error: RequestFault } =>
  err({ code: 'enrol/csr-invalid', detail });
const weak = (detail: string): { readonly ok: false; readonly error: RequestFault } =>
  err({ code: 'enrol/key-weak', detail });

function algorithmOf(key: KeyObject): KeyAlgorithm | undefined {
  if (key.asymmetricKeyType === 'ed25519') return 'Ed25519';
  if (key.asymmetricKeyType !== 'ec') return undefined;
  if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'P-256';
  return key.asymmetricKeyDetails?.namedCurve === 'secp384r1' ? 'P-384' : undefined;
}

interface Parts {
  readonly tbs: Uint8Array;
  readonly spki: Uint8Array;
  readonly algorithm: string;
  readonly signature: Uint8Array;
  readonly subject: RequestSubject;
  readonly challengePassword?: string;
}

const requestShape = [tags.sequence, tags.sequence, tags.sequence, tags.bitString].join();

/** The three parts of the outer SEQUENCE, each as it was sent: what was signed must not be re-encoded. */
function outer(der: Uint8Array): Pick<Parts, 'tbs' | 'algorithm' | 'signature'> | undefined {
  const [request] = elements(der, 1) ?? [];
  const [tbs, algorithm, signature] = (request && elements(request.content, 3)) ?? [];
  if (!request || !tbs || !algorithm || !signature) return undefined;
  const shape = [request, tbs, algorithm, signature].map(({ tag }) => tag);
  if (shape.join() !== requestShape || signature.content[0] !== 0) return undefined;
  return { tbs: tbs.whole, algorithm: oidIn(algorithm.content), signature: signature.content.subarray(1) };
}

/** The identifier at the head of an AlgorithmIdentifier, empty when there is none. */
function oidIn(content: Uint8Array): string {
  const [oid] = elements(content, 2) ?? [];
  const { result } = asn1js.fromBER(Uint8Array.from(oid?.whole ?? []));
  return result instanceof asn1js.ObjectIdentifier ? result.valueBlock.toString() : '';
}

function subjectOf(name: x509.Name): RequestSubject {
  const parts = name.toJSON().slice(0, maxNameParts + 1);
  const values = (short: string): string[] =>
    parts.flatMap((part) => part[short] ?? []).map((v) => v.slice(0, maxText));
  const types = parts.flatMap((part) => Object.keys(part));
  return { cn: values('CN'), o: values('O'), others: types.filter((type) => type !== 'CN' && type !== 'O').length };
}

function passwordOf(request: x509.Pkcs10CertificateRequest): string | undefined {
  const [value] = request.getAttribute(oids.challengePassword)?.values ?? [];
  if (value === undefined) return undefined;
  const { result } = asn1js.fromBER(value);
  return result instanceof asn1js.BaseStringBlock ? String(result.valueBlock.value).slice(0, maxText) : '';
}

/** Throws whatever the parsers throw. */
function take(der: Uint8Array): Parts | undefined {
  const parts = outer(der);
  if (!parts) return undefined;
  const request = new x509.Pkcs10CertificateRequest(Uint8Array.from(der));
  const password = passwordOf(request);
  return {
    ...parts,
    spki: new Uint8Array(request.publicKey.rawData),
    subject: subjectOf(request.subjectName),
    ...(password === undefined ? {} : { challengePassword: password }),
  };
}

/** Undefined instead of an exception: the bytes are hostile and the parsers are not ours. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined; // what a parser says about hostile bytes helps nobody
  }
}

function verified(parts: Parts, key: KeyObject, algorithm: KeyAlgorithm): boolean {
  if (algorithm === 'Ed25519') return parts.algorithm === ed25519 && verify(undefined, parts.tbs, key, parts.signature);
  const digest = ecdsa.get(parts.algorithm);
  return digest !== undefined && verify(digest, parts.tbs, key, parts.signature);
}

/**
 * Reads a PKCS#10 request (RFC 2986) and checks its signature by its own key (B2.2.3: proof of possession).
 *
 * Accepted keys: EC P-256 and P-384 as named curves with an uncompressed point, Ed25519; in exactly one encoding, so that
 * the hash of a key is one value. Extensions and attributes other than challengePassword are ignored.
 *
 * @param der the device's claim: any bytes at all
 */
export function readRequest(der: Uint8Array): Result<CertificateRequest, RequestFault> {
  if (der.length > maxRequestOctets) return err({ code: 'enrol/too-large', detail: `over ${maxRequestOctets} octets` });
  const parts = attempt(() => take(der));
  if (!parts) return invalid('not a PKCS#10 request in DER');
  const key = attempt(() => createPublicKey({ key: Buffer.from(parts.spki), format: 'der', type: 'spki' }));
  if (!key) return weak('the key cannot be read');
  const algorithm = algorithmOf(key);
  if (!algorithm)
    return weak(`keys of type ${key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType ?? 'unknown'}`);
  const canonical = key.export({ format: 'der', type: 'spki' });
  if (canonical.length !== keys[algorithm].octets || !canonical.equals(parts.spki))
    return weak('the key is not in its one accepted encoding');
  if (attempt(() => verified(parts, key, algorithm)) !== true) return invalid('the signature does not verify');
  const { spki, subject, challengePassword } = parts;
  return ok({
    spki,
    spkiHash: sha256Hex(spki),
    key: algorithm,
    subject,
    ...(challengePassword === undefined ? {} : { challengePassword }),
  });
}
