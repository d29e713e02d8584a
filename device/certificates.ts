// oxlint-disable-next-line import/no-unassigned-import -- the library below needs its global before it loads
import 'reflect-metadata';
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  webcrypto,
  X509Certificate,
} from 'node:crypto';
import { Problem } from '@pactgate/protocol';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto);

/** A new EC P-256 key, PKCS#8 PEM. */
export function makeKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' });
}

/**
 * A certificate request (PKCS#10) for a P-256 key, base64 of its DER on one line.
 *
 * @param keyPem PKCS#8
 * @param device the common name; the platform takes only the key from a request and refuses another device's name
 */
export async function makeRequest(keyPem: string, device: string): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const key = createPrivateKey(keyPem);
  const { subtle } = webcrypto;
  const privateKey = await subtle.importKey(
    'pkcs8',
    der(key.export({ type: 'pkcs8', format: 'der' })),
    algorithm,
    true,
    ['sign'],
  );
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const publicKey = await subtle.importKey('spki', der(spki), algorithm, true, ['verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [device] }],
    keys: { privateKey, publicKey },
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  });
  return Buffer.from(request.rawData).toString('base64');
}

const der = (bytes: Buffer): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

/** Most certificates of one answer: root, platform CA, issuing CA and their roll-over forms. */
const maxCertificates = 16;

/**
 * Certificates of a certs-only answer of EST: base64 of PKCS#7, with or without line breaks (RFC 8951 section 3.2).
 * `enrol/csr-invalid` never comes from here: what does not parse is `internal`, the fault of the server.
 */
export function readCertificates(text: string): readonly X509Certificate[] {
  try {
    const found = new x509.X509Certificates(Buffer.from(text.replaceAll(/\s/g, ''), 'base64'));
    if (found.length > maxCertificates) throw new RangeError(`${found.length} certificates`);
    return [...found].map((certificate) => new X509Certificate(Buffer.from(certificate.rawData)));
  } catch (cause) {
    throw new Problem('internal', 'the answer holds no certificates (PKCS#7, certs-only)', { cause });
  }
}

/** SHA-256 of a certificate's DER, lower-case hex: what people compare. */
export const fingerprintOf = (certificate: X509Certificate): string =>
  createHash('sha256').update(certificate.raw).digest('hex');

/** A fingerprint as people write it (`AA:BB:...`, spaces, upper case) in plain form; `undefined`: it is none. */
export function plainFingerprint(text: string): string | undefined {
  const plain = text.replaceAll(/[\s:]/g, '').toLowerCase();
  return /^[0-9a-f]{64}$/.test(plain) ? plain : undefined;
}

const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

/** Longest chain above a device certificate: issuing CA, platform CA, root. */
const maxChain = 4;

/**
 * The certificates between a device certificate and the root, leaf's issuer first, root left out.
 *
 * @returns undefined when no chain of valid signatures leads to the root
 */
export function chainToRoot(
  leaf: X509Certificate,
  root: X509Certificate,
  known: readonly X509Certificate[],
): readonly X509Certificate[] | undefined {
  const chain: X509Certificate[] = [];
  let at = leaf;
  for (let depth = 0; depth < maxChain; depth++) {
    if (isIssuedBy(at, root)) return chain;
    const issuer = known.find((candidate) => candidate.ca && isIssuedBy(at, candidate) && !chain.includes(candidate));
    if (issuer === undefined) return undefined;
    chain.push(issuer);
    at = issuer;
  }
  return undefined;
}

/** Whether a certificate is for this private key. */
export const isForKey = (certificate: X509Certificate, keyPem: string): boolean =>
  certificate.checkPrivateKey(createPrivateKey(keyPem));

/** SAN URIs of a device certificate name party and device: `pactgate://{party}.{domain}/{device}`. */
export function namesDevice(certificate: X509Certificate, party: string, device: string): boolean {
  const names = (certificate.subjectAltName ?? '').split(', ');
  return names.some((name) => {
    const uri = /^URI:pactgate:\/\/([a-z0-9-]{1,63})\.[a-z0-9.-]+\/([A-Za-z0-9_-]{1,64})$/.exec(name);
    return uri?.[1] === party && uri[2] === device;
  });
}

/**
 * When to renew: between 50 and 60 % of the certificate's life, so that a fleet enrolled in one hour does not renew in
 * one hour, and every failed attempt has time to be repeated (identity-and-access: life cycle).
 *
 * @param random a number in [0, 1)
 */
export function renewalTime(life: { readonly notBefore: number; readonly notAfter: number }, random: number): number {
  const { notBefore, notAfter } = life;
  return Math.floor(notBefore + (notAfter - notBefore) * (0.5 + random * 0.1));
}
