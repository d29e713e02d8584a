// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 needs its global before it loads
import 'reflect-metadata';
import { createHash, webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import * as pkijs from 'pkijs';
import { toPem } from '../x509/index.ts';

/** What a probe shows at a TLS handshake, PEM. Keys live in memory only. */
export interface Credentials {
  /** Own certificate, then its issuers below the root. */
  readonly cert: string;
  readonly key: string;
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex: how records name the key. */
  readonly spki: string;
  readonly notAfter: number;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A fresh P-256 key. */
export interface ProbeKey {
  readonly keys: webcrypto.CryptoKeyPair;
  /** PKCS#8 PEM. */
  readonly pem: string;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
}

export async function makeKey(): Promise<ProbeKey> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const spki = await webcrypto.subtle.exportKey('spki', keys.publicKey);
  return { keys, pem: toPem('PRIVATE KEY', new Uint8Array(pkcs8)), spki: new Uint8Array(spki) };
}

/** PKCS#10 request for a device id, DER. */
export async function makeRequest({ keys }: ProbeKey, device: string): Promise<Uint8Array> {
  const name = `CN=${device}`;
  const request = await x509.Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm: algorithm });
  return new Uint8Array(request.rawData);
}

/** A certificate and its issuers (DER) with its key, as a client shows them. */
export function toCredentials(key: ProbeKey, chain: readonly Uint8Array[]): Credentials {
  const [own] = chain;
  if (own === undefined) throw new RangeError('a chain without certificate');
  const { validToDate } = new X509Certificate(own);
  return {
    cert: chain.map((der) => toPem('CERTIFICATE', der)).join(''),
    key: key.pem,
    spki: createHash('sha256').update(key.spki).digest('hex'),
    notAfter: validToDate.getTime(),
  };
}

const hour = 3_600_000;

/** A certificate like a device's in every word, from a CA that nobody trusts. */
export async function makeStranger(subject: string, uri: string, now: number): Promise<Credentials> {
  const authority = await makeKey();
  const key = await makeKey();
  const common = { notBefore: new Date(now - hour), notAfter: new Date(now + hour), signingAlgorithm: algorithm };
  const issuer = 'O=pactgate.local, CN=device CA';
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...common,
    serialNumber: '4001',
    name: issuer,
    keys: authority.keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  const certificate = await x509.X509CertificateGenerator.create({
    ...common,
    serialNumber: '4002',
    subject,
    issuer,
    publicKey: key.keys.publicKey,
    signingKey: authority.keys.privateKey,
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension([{ type: 'url', value: uri }]),
    ],
  });
  return toCredentials(key, [new Uint8Array(certificate.rawData), new Uint8Array(ca.rawData)]);
}

/** The one certificate of a certs-only answer (RFC 7030 section 4.2.3), DER. */
export function readCertsOnly(der: Uint8Array): Uint8Array {
  const content = pkijs.ContentInfo.fromBER(Uint8Array.from(der).buffer);
  const { certificates = [] } = new pkijs.SignedData({ schema: content.content });
  const [only] = certificates;
  if (!(only instanceof pkijs.Certificate) || certificates.length !== 1)
    throw new TypeError(`an answer with ${certificates.length} certificates`);
  return new Uint8Array(only.toSchema().toBER());
}
