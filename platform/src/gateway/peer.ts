import { hash, type X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { PeerIdentity } from '../flow/gateway-port.ts';
import { children, type Element, elementAt } from './der.ts';
import { plainAddress } from './limits.ts';

/** What a certificate says, whoever presents it. */
export type CertificateFacts = Pick<
  PeerIdentity,
  'spki' | 'serial' | 'fingerprint' | 'subjectCn' | 'sanUris' | 'issuerKeyId' | 'notBefore' | 'notAfter'
>;

/** Content octets of the OID 2.5.29.35, authority key identifier. */
const authorityKeyIdOid = '551d23';

/** Key identifier of the issuer (RFC 5280 section 4.2.1.1), hex; undefined where there is none. */
export function issuerKeyIdOf(der: Uint8Array): string | undefined {
  const within = (parent: Element | undefined, number: number, tag: number): Element | undefined =>
    parent && children(der, parent).find((element) => element.number === number && element.tag === tag);
  const extensions = within(within(within(elementAt(der, 0, der.length), 16, 0x30), 3, 0xa3), 16, 0x30);
  if (extensions === undefined) return undefined;
  for (const extension of children(der, extensions)) {
    const [oid, ...rest] = children(der, extension);
    const value = rest.at(-1);
    if (oid === undefined || value === undefined || hex(der, oid) !== authorityKeyIdOid) continue;
    const identifier = within(elementAt(der, value.start, value.end), 0, 0x80);
    return identifier && hex(der, identifier);
  }
  return undefined;
}

const hex = (der: Uint8Array, { start, end }: Element): string => Buffer.from(der.subarray(start, end)).toString('hex');

const uri = /URI:(?:"((?:[^"\\]|\\.)*)"|([^,]*))(?:, |$)/g;

/** SAN URIs from Node's text form, where a value with a comma or quote stands as a JSON string. */
function sanUrisOf(text: string | undefined): string[] {
  if (text === undefined) return [];
  return Array.from(text.matchAll(uri), ([, quoted, plain]) => quoted ?? plain ?? '').slice(0, 8);
}

function commonNameOf(subject: string | undefined): string | undefined {
  const line = subject?.split('\n').findLast((part) => part.startsWith('CN='));
  return line?.slice(3, 3 + 128);
}

function factsOf(certificate: X509Certificate): CertificateFacts {
  const { raw, subject, subjectAltName, serialNumber, publicKey, validFromDate, validToDate } = certificate;
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const subjectCn = commonNameOf(subject);
  const issuerKeyId = issuerKeyIdOf(raw);
  return {
    spki: hash('sha256', spki),
    serial: serialNumber.toLowerCase(),
    fingerprint: hash('sha256', raw),
    ...(subjectCn !== undefined && { subjectCn }),
    sanUris: sanUrisOf(subjectAltName),
    ...(issuerKeyId !== undefined && { issuerKeyId }),
    notBefore: validFromDate.getTime(),
    notAfter: validToDate.getTime(),
  };
}

/**
 * Facts of certificates by fingerprint, so that a returning device costs one digest. At most `capacity`, the longest
 * unused goes first. A certificate whose key OpenSSL cannot export yields `undefined`.
 */
export class CertificateCache {
  private readonly byPrint = new Map<string, CertificateFacts>();
  private readonly capacity: number;

  constructor(capacity = 20_000) {
    this.capacity = capacity;
  }

  get(certificate: X509Certificate): CertificateFacts | undefined {
    const print = hash('sha256', certificate.raw, 'base64');
    const known = this.byPrint.get(print);
    if (known) this.byPrint.delete(print);
    const facts = known ?? readFacts(certificate);
    if (facts === undefined) return undefined;
    this.byPrint.set(print, facts);
    const { value: oldest } = this.byPrint.keys().next();
    if (this.byPrint.size > this.capacity && oldest !== undefined) this.byPrint.delete(oldest);
    return facts;
  }
}

function readFacts(certificate: X509Certificate): CertificateFacts | undefined {
  try {
    return factsOf(certificate);
  } catch {
    return undefined; // a key type this OpenSSL does not know: nobody we admitted
  }
}

/** Named groups of TLS (IANA) as this platform writes them. */
const groups: Readonly<Record<number, string>> = {
  0x17: 'P-256',
  0x18: 'P-384',
  0x19: 'P-521',
  0x1d: 'X25519',
  0x1e: 'X448',
  0x11eb: 'SecP256r1MLKEM768',
  0x11ec: 'X25519MLKEM768',
  0x11ed: 'SecP384r1MLKEM1024',
};

/**
 * Key agreement group of a session: element [19] of OpenSSL's encoding of it; Node itself shows servers none.
 * Undefined where the session does not tell.
 */
export function groupOfSession(session: Uint8Array | undefined): string | undefined {
  const root = session && elementAt(session, 0, session.length);
  if (session === undefined || root === undefined) return undefined;
  const holder = children(session, root).find((element) => element.tag === 0xb3 || element.number === 19);
  const value = holder && elementAt(session, holder.start, holder.end);
  if (value?.tag !== 0x02) return undefined;
  let id = 0;
  for (let at = value.start; at < value.end && at < value.start + 4; at++) id = id * 256 + (session[at] ?? 0);
  return groups[id] ?? `0x${id.toString(16)}`;
}

/** Everything TLS showed of the peer of a finished handshake; undefined: it sent no usable certificate. */
export function peerOf(socket: TLSSocket, listener: string, cache: CertificateCache): PeerIdentity | undefined {
  const certificate = socket.getPeerX509Certificate();
  const facts = certificate && cache.get(certificate);
  const tls = socket.getProtocol();
  if (facts === undefined || (tls !== 'TLSv1.2' && tls !== 'TLSv1.3')) return undefined;
  const group = groupOfSession(socket.getSession());
  const failure = socket.authorized ? undefined : errorName(socket.authorizationError);
  return {
    authorized: socket.authorized,
    ...(failure !== undefined && { authorizationError: failure }),
    ...facts,
    tls,
    suite: socket.getCipher().standardName,
    ...(group !== undefined && { group }),
    resumed: socket.isSessionReused(),
    address: plainAddress(socket.remoteAddress ?? ''),
    port: socket.remotePort ?? 0,
    listener,
  };
}

/** Node gives the code as text, its types say Error. */
const errorName = (error: Error | string | null | undefined): string => String(error ?? 'unverified').slice(0, 64);
