import { createHash, X509Certificate } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import type { Issued } from '../../../gateway/testing/certificates.ts';
import type { Rejection } from '../authn.ts';

/** What a listener of a test gets wrong; nothing: it refuses as it should. */
export interface Holes {
  /** Takes certificates of any CA, or none. */
  readonly anybody?: boolean;
  readonly anonymous?: boolean;
  readonly expired?: boolean;
  readonly revoked?: boolean;
  readonly cloned?: boolean;
  /** Trusts what a resumed session once showed. */
  readonly resumed?: boolean;
  /** Refuses without a trace. */
  readonly silent?: boolean;
  /** Refuses good certificates too. */
  readonly nobody?: boolean;
}

export interface Known {
  /** SPKI of every certificate that was handed out, to the state it is in. */
  readonly keys: Map<string, 'live' | 'revoked'>;
  /** Serials that were handed out. */
  readonly serials: Set<string>;
}

export const spkiOf = (pem: string): string =>
  createHash('sha256')
    .update(new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
export const serialOf = (pem: string): string => new X509Certificate(pem).serialNumber;

/** A small MQTT door with a hole where a test wants one: it answers CONNECT and SUBSCRIBE, and closes. */
export async function openHoley(
  server: Issued,
  root: string,
  known: Known,
  holes: Holes,
): Promise<{ readonly port: number; readonly rejections: Rejection[]; close(): void }> {
  const rejections: Rejection[] = [];
  const listener = tls.createServer(
    { ...server, ca: [root], requestCert: true, rejectUnauthorized: false },
    (socket) => {
      socket.on('error', () => socket.destroy());
      const reason = judge(socket, known, holes);
      if (reason !== 0 && holes.silent !== true) {
        const shown = socket.getPeerX509Certificate();
        const spki = shown && spkiOf(shown.toString());
        rejections.push({ listener: 'mqtts', ...(spki === undefined ? {} : { spki }) });
      }
      socket.on('data', (chunk: Buffer) => answer(socket, chunk, reason));
    },
  );
  listener.on('tlsClientError', () => undefined);
  const { promise, resolve } = Promise.withResolvers<void>();
  listener.listen(0, '127.0.0.1', resolve);
  await promise;
  const { port } = listener.address() as AddressInfo; // it listens on TCP
  return { port, rejections, close: () => void listener.close() };
}

/** Faults of a certificate, each with the hole that overlooks it. */
function faultsOf(shown: X509Certificate, socket: tls.TLSSocket, { keys, serials }: Known): readonly (keyof Holes)[] {
  const error = socket.authorized ? '' : String(socket.authorizationError);
  // OpenSSL names one fault only, and an end in the past first.
  if (error !== '' && error !== 'CERT_HAS_EXPIRED') return ['anybody'];
  const faults: (keyof Holes)[] = [];
  if (shown.validToDate.getTime() < Date.now()) faults.push('expired');
  if (!serials.has(shown.serialNumber)) faults.push('cloned');
  else if (keys.get(spkiOf(shown.toString())) !== 'live') faults.push('revoked');
  return faults;
}

const refused = 0x87;

function judge(socket: tls.TLSSocket, known: Known, holes: Holes): number {
  if (holes.nobody === true) return refused;
  if (holes.resumed === true && socket.isSessionReused()) return 0;
  const shown = socket.getPeerX509Certificate();
  const faults = shown === undefined ? (['anonymous'] as const) : faultsOf(shown, socket, known);
  return faults.every((fault) => holes[fault] === true) ? 0 : refused;
}

function answer(socket: tls.TLSSocket, chunk: Buffer, reason: number): void {
  const type = (chunk[0] ?? 0) >> 4;
  if (type === 1) socket.write(Buffer.from([0x20, 3, 0, reason, 0]));
  if (type === 8) socket.write(Buffer.from([0x90, 4, chunk[2] ?? 0, chunk[3] ?? 0, 0, 1]));
  if (type === 14 || reason !== 0) socket.end();
}
