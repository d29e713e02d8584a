import type { X509Certificate } from 'node:crypto';
import tls from 'node:tls';
import type { RecordBody } from '@pactgate/protocol';
import { exchange, type Offer, offer, type Reply, type Version, versions } from './client-hello.ts';
import type { Place } from './https.ts';
import type { Credentials } from './material.ts';

/** IANA numbers of suites under OpenSSL's names: those the agreement accepts, and weak ones that a careless listener has. */
const modern: Readonly<Record<number, string>> = {
  0x1301: 'TLS_AES_128_GCM_SHA256',
  0x1302: 'TLS_AES_256_GCM_SHA384',
  0x1303: 'TLS_CHACHA20_POLY1305_SHA256',
  0x1304: 'TLS_AES_128_CCM_SHA256',
  0x1305: 'TLS_AES_128_CCM_8_SHA256',
};
const compatible: Readonly<Record<number, string>> = {
  0xc02b: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  0xc02c: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  0xcca9: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  0xc02f: 'ECDHE-RSA-AES128-GCM-SHA256',
  0xc030: 'ECDHE-RSA-AES256-GCM-SHA384',
  0xcca8: 'ECDHE-RSA-CHACHA20-POLY1305',
};
const weak: Readonly<Record<number, string>> = {
  0xc009: 'ECDHE-ECDSA-AES128-SHA',
  0xc00a: 'ECDHE-ECDSA-AES256-SHA',
  0xc023: 'ECDHE-ECDSA-AES128-SHA256',
  0xc024: 'ECDHE-ECDSA-AES256-SHA384',
  0xc007: 'ECDHE-ECDSA-RC4-SHA',
  0xc008: 'ECDHE-ECDSA-DES-CBC3-SHA',
  0xc013: 'ECDHE-RSA-AES128-SHA',
  0xc014: 'ECDHE-RSA-AES256-SHA',
  0xc027: 'ECDHE-RSA-AES128-SHA256',
  0xc028: 'ECDHE-RSA-AES256-SHA384',
  0xc0ac: 'ECDHE-ECDSA-AES128-CCM',
  0x009c: 'AES128-GCM-SHA256',
  0x009d: 'AES256-GCM-SHA384',
  0x002f: 'AES128-SHA',
  0x0035: 'AES256-SHA',
  0x003c: 'AES128-SHA256',
  0x000a: 'DES-CBC3-SHA',
  0x0005: 'RC4-SHA',
  0x009e: 'DHE-RSA-AES128-GCM-SHA256',
  0x0033: 'DHE-RSA-AES128-SHA',
  0xc018: 'AECDH-AES128-SHA',
  0x003b: 'NULL-SHA256',
};
const numbersOf = (suites: Readonly<Record<number, string>>): readonly number[] => Object.keys(suites).map(Number);
const old: readonly number[] = [...numbersOf(weak), ...numbersOf(compatible)];
/** RFC 7507: "this is a repeated attempt with a lower version". */
const fallback = 0x5600;
const inappropriateFallback = 86;
/** Last octets of the random of a TLS 1.3 server that settled on TLS 1.2 (RFC 8446 section 4.1.3). */
const sentinel = Buffer.from('444f574e47524401', 'hex');

/** What to scan, and as whom: a device listener settles a renegotiation only with a device. */
export interface ScanTarget extends Place {
  /** Name in records, such as `mqtts`. */
  readonly listener: string;
  /** Name the certificate must have; absent: the address. */
  readonly servername?: string;
  readonly credentials?: Credentials | undefined;
}

interface Found {
  readonly accepted: string[];
  readonly refused: string[];
  readonly findings: string[];
}

/** Offers a list until nothing of it is taken any more. */
async function eliminate(
  target: ScanTarget,
  version: Version,
  suites: Readonly<Record<number, string>>,
  found: Found,
): Promise<void> {
  let left = numbersOf(suites);
  while (left.length > 0) {
    const reply = await offer(target, offerOf(target, { version, suites: left }));
    const taken = takenBy(reply, version, found);
    if (taken === undefined || !left.includes(taken)) break;
    found.accepted.push(`${version} ${suites[taken] ?? taken.toString(16)}`);
    left = left.filter((number) => number !== taken);
  }
  found.refused.push(...left.map((number) => suites[number] ?? ''));
}

const offerOf = ({ servername }: ScanTarget, rest: Omit<Offer, 'servername'>): Offer => ({
  ...rest,
  ...(servername === undefined ? {} : { servername }),
});

function takenBy(reply: Reply, version: Version, { findings }: Found): number | undefined {
  if (reply.kind === 'other') findings.push(`answered a ClientHello of ${version} with something else`);
  if (reply.kind !== 'hello') return undefined;
  if (reply.compression !== 0) findings.push('compresses');
  return reply.version === versions[version] ? reply.suite : undefined;
}

/** Versions below every floor, with every suite that could make a listener take them. */
async function tryOld(target: ScanTarget, found: Found): Promise<void> {
  for (const version of ['SSLv3', 'TLSv1.0', 'TLSv1.1'] as const) {
    const reply = await offer(target, offerOf(target, { version, suites: old }));
    (reply.kind === 'hello' ? found.accepted : found.refused).push(version);
  }
}

/** A listener that speaks TLS 1.3 must notice that somebody made its peer speak less (RFC 8446 4.1.3, RFC 7507). */
async function tryDowngrade(target: ScanTarget, { accepted, findings }: Found): Promise<void> {
  const speaks = (version: Version): boolean => accepted.some((text) => text.startsWith(version));
  if (!speaks('TLSv1.3') || !speaks('TLSv1.2')) return;
  const suites = numbersOf(compatible);
  const lower = await offer(target, offerOf(target, { version: 'TLSv1.2', suites, compression: true }));
  if (lower.kind === 'hello' && lower.compression !== 0) findings.push('compresses');
  if (lower.kind === 'hello' && !lower.random.subarray(-8).equals(sentinel))
    findings.push('settles on TLS 1.2 without the mark of a downgrade');
  const again = await offer(target, offerOf(target, { version: 'TLSv1.2', suites: [...suites, fallback] }));
  if (again.kind !== 'alert' || again.code !== inappropriateFallback)
    findings.push('does not refuse a fallback to TLS 1.2');
}

interface Handshake {
  readonly valid: boolean;
  readonly notAfter: number;
  readonly renegotiated: boolean;
}

const patience = 5_000;

/** A full handshake with Node's own TLS: the chain as a client judges it, and a renegotiation where TLS 1.2 has one. */
function handshake(target: ScanTarget, maxVersion: 'TLSv1.2' | 'TLSv1.3'): Promise<Handshake | undefined> {
  const { promise, resolve } = Promise.withResolvers<Handshake | undefined>();
  const { credentials, host, port, roots, servername } = target;
  const socket = tls.connect({
    host,
    port,
    ca: [...roots],
    maxVersion,
    rejectUnauthorized: false,
    timeout: patience,
    ...(servername === undefined ? {} : { servername }),
    ...(credentials && { cert: credentials.cert, key: credentials.key }),
  });
  let seen: Handshake | undefined;
  const finish = (renegotiated: boolean): void => {
    resolve(seen && { ...seen, renegotiated });
    socket.destroy();
  };
  socket.once('secureConnect', () => {
    const certificate = socket.getPeerX509Certificate();
    const name = servername ?? host;
    const fault = certificate && tls.checkServerIdentity(name, socket.getPeerCertificate());
    const valid = socket.authorized && certificate !== undefined && fault === undefined;
    seen = { valid, notAfter: endOf(certificate), renegotiated: false };
    if (socket.getProtocol() !== 'TLSv1.2') finish(false);
    else socket.renegotiate({ rejectUnauthorized: false }, (error) => finish(error === null));
  });
  socket.on('timeout', () => finish(false));
  socket.on('error', () => finish(false));
  socket.on('close', () => finish(false));
  return promise;
}

const endOf = (certificate: X509Certificate | undefined): number =>
  Math.max(0, certificate?.validToDate.getTime() ?? 0);

const plain = [
  Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  Buffer.from('101000044d5154540502003c00000470726f62'.padEnd(40, '0'), 'hex'),
];

/** Whether bytes in the clear get an answer: a TLS alert is none. */
async function answersPlaintext(target: ScanTarget): Promise<boolean> {
  for (const bytes of plain) {
    const answer = await exchange(target, bytes, (received) => received.length > 0);
    if (answer.length > 0 && answer[0] !== 0x15) return true;
  }
  return false;
}

const maxListed = 64;

/**
 * Scans one listener as a stranger sees it (A3.2.1): versions and suites by hand-made ClientHellos, so that no library
 * of ours hides what the listener would take; chain, end of the certificate and renegotiation by a real handshake;
 * plaintext. Rejects when the listener cannot be reached or settles no handshake at all: then there is nothing to say.
 */
export async function scanTls(target: ScanTarget): Promise<RecordBody<'probe.tls'>> {
  const found: Found = { accepted: [], refused: [], findings: [] };
  await tryOld(target, found);
  await eliminate(target, 'TLSv1.2', compatible, found);
  await eliminate(target, 'TLSv1.2', weak, found);
  await eliminate(target, 'TLSv1.3', modern, found);
  await tryDowngrade(target, found);
  const shown = await handshake(target, 'TLSv1.3');
  const lower = await handshake(target, 'TLSv1.2');
  const one = shown ?? lower;
  if (one === undefined) throw new Error(`no handshake with ${target.listener}`);
  if (lower?.renegotiated === true) found.findings.push('renegotiates at the wish of a client');
  return {
    listener: target.listener,
    accepted: [...new Set(found.accepted)].slice(0, maxListed),
    refused: [...new Set(found.refused)].slice(0, maxListed),
    chainValid: one.valid && (lower?.valid ?? true),
    notAfter: one.notAfter,
    plaintext: await answersPlaintext(target),
    findings: [...new Set(found.findings)].slice(0, 32),
  };
}
