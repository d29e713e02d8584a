import net from 'node:net';
import { setImmediate } from 'node:timers/promises';
import tls from 'node:tls';
import type { ProblemCode } from '@pactgate/protocol';
import type { GatewayRecords, GatewayRefusal, PeerIdentity } from '../flow/gateway-port.ts';
import { plainAddress, type SourceLimits } from './limits.ts';
import { CertificateCache, peerOf } from './peer.ts';
import {
  anchorIssuers,
  deviceTlsOptions,
  newTicketKeys,
  type TlsMaterial,
  type TlsSettings,
  ticketRotation,
} from './tls.ts';
import { warn } from './warn.ts';

export interface ListenerOptions {
  /** Name in records and metrics, e.g. `mqtts`. */
  readonly name: string;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly tls: TlsSettings;
  readonly sources: SourceLimits;
  readonly records: GatewayRecords;
  /** Open sockets at once, handshakes included. */
  readonly maximumConnections: number;
  readonly now: () => number;
  /** Operational log of exceptions; default a process warning. */
  readonly failed?: (error: unknown) => void;
  /** Takes over a socket whose certificate verified. */
  readonly attach: (socket: tls.TLSSocket, peer: PeerIdentity) => void;
}

/** Handshake outcomes since the start, for metrics. */
export interface HandshakeCounters {
  full: number;
  resumed: number;
  refused: number;
  failed: number;
  notAccepted: number;
}

/** OpenSSL error codes of handshakes that tell what the peer lacked. */
const handshakeProblems: Readonly<Record<string, ProblemCode>> = {
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'channel/tls-too-old',
  ERR_SSL_VERSION_TOO_LOW: 'channel/tls-too-old',
  ERR_SSL_NO_SHARED_CIPHER: 'channel/weak-suite',
  ERR_SSL_NO_SUITABLE_KEY_SHARE: 'channel/weak-suite',
  ERR_SSL_HTTP_REQUEST: 'channel/plaintext',
  ERR_SSL_WRONG_VERSION_NUMBER: 'channel/plaintext',
};

/**
 * A TLS port for devices. Order: ban and budget of the source before any work for it; handshake; the certificate must
 * verify and not be banned; then the protocol engine. Every refusal is recorded with what was seen of the peer.
 */
export class DeviceListener {
  readonly options: ListenerOptions;
  readonly handshakes: HandshakeCounters = { full: 0, resumed: 0, refused: 0, failed: 0, notAccepted: 0 };
  private readonly tcp: net.Server;
  private readonly tls: tls.Server;
  private readonly cache = new CertificateCache();
  private rotation: NodeJS.Timeout | undefined = undefined;
  private notAcceptedSince = 0;
  private notAccepted = 0;

  constructor(options: ListenerOptions) {
    this.options = options;
    this.tls = tls.createServer(deviceTlsOptions(options.tls), (socket) => this.secured(socket));
    anchorIssuers(this.tls);
    this.tls.on('tlsClientError', (error, socket) => this.failed(error, socket));
    this.tcp = net.createServer({ noDelay: true, highWaterMark: 4_096, allowHalfOpen: false }, (socket) =>
      this.accepted(socket),
    );
    this.tcp.maxConnections = options.maximumConnections;
  }

  /** Resolves with the port once it listens; rejects with the system's error (`EADDRINUSE`). */
  listen(): Promise<number> {
    const { host, port } = this.options;
    this.rotation = setInterval(() => this.rotateTickets(), ticketRotation).unref();
    return new Promise((resolve, reject) => {
      this.tcp.once('error', reject);
      this.tcp.listen({ host, port, backlog: 1_024 }, () => {
        this.tcp.off('error', reject);
        const address = this.tcp.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  /** Stops accepting, and resolves when the port is free; open sockets live on, they are their engine's. */
  async close(): Promise<void> {
    clearInterval(this.rotation);
    this.tcp.close();
    await setImmediate();
  }

  /** Makes every ticket given out so far worthless: hourly, and at each revocation. */
  rotateTickets(): void {
    this.tls.setTicketKeys(newTicketKeys());
  }

  /** New roots or a renewed own certificate, for handshakes from now on. */
  renew(material: TlsMaterial): void {
    this.tls.setSecureContext(deviceTlsOptions({ ...this.options.tls, ...material }));
    anchorIssuers(this.tls);
    this.rotateTickets();
  }

  private accepted(socket: net.Socket): void {
    const address = plainAddress(socket.remoteAddress ?? '');
    const verdict = this.options.sources.accept(address, this.options.now());
    if (verdict === 'ok') {
      socket.on('error', ignore); // a reset before the handshake starts; TLS reports the rest
      this.tls.emit('connection', socket);
      return;
    }
    this.handshakes.notAccepted++;
    socket.on('error', ignore);
    socket.resetAndDestroy();
    this.summarise(address, verdict === 'banned' ? 'gate/banned' : 'gate/busy');
  }

  /** Those turned away at the door are recorded once a second, with their number. */
  private summarise(address: string, code: ProblemCode): void {
    this.notAccepted++;
    const now = this.options.now();
    if (now - this.notAcceptedSince < 1_000) return;
    this.notAcceptedSince = now;
    const count = this.notAccepted;
    this.notAccepted = 0;
    this.options.records.refused({
      ...this.refusal(code, 'source over its budget or banned', address),
      stage: 'accept',
      count,
    });
  }

  /** The handshake is done; an exception here costs this socket, not the process. */
  private secured(socket: tls.TLSSocket): void {
    try {
      this.admit(socket);
    } catch (error) {
      socket.destroy();
      (this.options.failed ?? warn)(error);
    }
  }

  private admit(socket: tls.TLSSocket): void {
    const { name, now, attach } = this.options;
    const peer = peerOf(socket, name, this.cache);
    const problem = peer === undefined ? 'channel/certificate-missing' : this.judge(peer, now());
    if (peer === undefined || problem !== undefined) {
      this.turnAway(socket, peer, problem ?? 'channel/certificate-missing');
      return;
    }
    if (peer.resumed) this.handshakes.resumed++;
    else this.handshakes.full++;
    attach(socket, peer);
  }

  private turnAway(socket: tls.TLSSocket, peer: PeerIdentity | undefined, problem: ProblemCode): void {
    const address = peer?.address ?? plainAddress(socket.remoteAddress ?? '');
    const detail = peer ? (peer.authorizationError ?? 'own check of the certificate') : 'no certificate';
    this.handshakes.refused++;
    socket.on('error', ignore); // its own reset, while we close
    socket.destroy();
    this.options.records.refused(this.refusal(problem, detail, address, peer));
    this.count(address, peer && { spki: peer.spki, verified: peer.authorized });
  }

  private count(address: string, key?: { readonly spki: string; readonly verified: boolean }): void {
    const ban = this.options.sources.failed(address, this.options.now(), key);
    if (ban) this.options.records.banned(ban);
  }

  /** Own check on top of the chain, also of resumed sessions, which skip dates (decisions, fact 1). */
  private judge(peer: PeerIdentity, now: number): ProblemCode | undefined {
    if (!peer.authorized && peer.authorizationError !== 'CERT_HAS_EXPIRED') return 'channel/certificate-unknown';
    if (!peer.authorized || now >= peer.notAfter) return 'channel/certificate-expired';
    return this.options.sources.isKeyBanned(peer.spki, now) ? 'gate/banned' : undefined;
  }

  private failed(error: NodeJS.ErrnoException, socket: tls.TLSSocket): void {
    this.handshakes.failed++;
    const address = plainAddress(socket.remoteAddress ?? '');
    socket.destroy();
    const code = handshakeProblems[error.code ?? ''] ?? 'channel/handshake';
    this.options.records.refused(this.refusal(code, (error.code ?? 'handshake failed').slice(0, 64), address));
    this.count(address);
  }

  private refusal(code: ProblemCode, detail: string, address: string, peer?: PeerIdentity): GatewayRefusal {
    const { name, now } = this.options;
    return {
      code,
      stage: 'tls',
      detail,
      listener: name,
      transport: 'mqtt',
      address,
      ...(peer && { peer }),
      count: 1,
      at: now(),
    };
  }
}

/** Errors of sockets that are being closed anyway. */
function ignore(): void {}
