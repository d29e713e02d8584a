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

function judge(socket: tls.TLSSocket, { keys, serials }: Known, holes: Holes): number {
  if (holes.nobody === true) return 0x87;
  if (holes.resumed === true && socket.isSessionReused()) return 0;
  const shown = socket.getPeerX509Certificate();
  if (shown === undefined) return holes.anonymous === true ? 0 : 0x87;
  const error = socket.authorized ? '' : String(socket.authorizationError);
  if (error !== '' && error !== 'CERT_HAS_EXPIRED') return holes.anybody === true ? 0 : 0x87;
  if (shown.validToDate.getTime() < Date.now()) return holes.expired === true ? 0 : 0x87;
  if (!serials.has(shown.serialNumber)) return holes.cloned === true ? 0 : 0x87;
  const state = keys.get(spkiOf(shown.toString()));
  return state === 'live' || (state === 'revoked' && holes.revoked === true) ? 0 : 0x87;
}

function answer(socket: tls.TLSSocket, chunk: Buffer, reason: number): void {
  const type = (chunk[0] ?? 0) >> 4;
  if (type === 1) socket.write(Buffer.from([0x20, 3, 0, reason, 0]));
  if (type === 8) socket.write(Buffer.from([0x90, 4, chunk[2] ?? 0, chunk[3] ?? 0, 0, 1]));
  if (type === 14 || reason !== 0) socket.end();
}
