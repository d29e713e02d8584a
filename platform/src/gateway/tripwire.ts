import net from 'node:net';
import type { TripwireHit, TripwirePort } from '../flow/gateway-port.ts';
import { plainAddress } from './limits.ts';

export interface TripwireOptions {
  readonly host: string;
  /** Plaintext ports nobody should use: 1883, 5683, 80. 0 picks a free one. */
  readonly ports: readonly number[];
  readonly port: TripwirePort;
  readonly now: () => number;
  /** Milliseconds to wait for first bytes. Default 2,000. */
  readonly patience?: number;
  /** Milliseconds between heartbeats. Default 60,000. */
  readonly heartbeat?: number;
  /** Sockets at once, per port; more are closed without a record. Default 256. */
  readonly maximumConnections?: number;
}

/** What the first bytes look like. */
export function guessProtocol(bytes: Uint8Array): TripwireHit['protocol'] {
  const [first = 0, second = 0] = bytes;
  if (bytes.length === 0) return 'silent';
  if (first === 0x16 && second === 0x03) return 'tls';
  if (first === 0x10) return 'mqtt';
  const text = Buffer.from(bytes.subarray(0, 8)).toString('latin1');
  if (/^(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|CONNECT|PATCH|TRACE|PRI) /.test(text)) return 'http';
  // CoAP over TCP opens with a CSM message (RFC 8323 section 5.3): code 7.01 after length and token length.
  return isCsm(bytes) ? 'coap' : 'other';
}

function isCsm(bytes: Uint8Array): boolean {
  const [first = 0] = bytes;
  const length = first >> 4;
  const extended = length < 13 ? 0 : length === 13 ? 1 : length === 14 ? 2 : 4;
  return (first & 0x0f) <= 8 && bytes[1 + extended] === 0xe1;
}

/**
 * Listens where plaintext would be spoken, so that an attempt is seen (B2.3.2): accepts, looks at the first bytes,
 * answers nothing, closes, records.
 */
export class Tripwire {
  private readonly options: TripwireOptions;
  private readonly servers: net.Server[] = [];
  private readonly sockets = new Set<net.Socket>();
  private timer: NodeJS.Timeout | undefined = undefined;
  private listening: number[] = [];

  constructor(options: TripwireOptions) {
    this.options = options;
  }

  /** Resolves with the ports in order; rejects when one is taken, and then listens on none. */
  async listen(): Promise<readonly number[]> {
    try {
      for (const port of this.options.ports) this.listening.push(await this.open(port));
    } catch (error) {
      await this.close();
      throw error;
    }
    this.beat();
    this.timer = setInterval(() => this.beat(), this.options.heartbeat ?? 60_000).unref();
    return this.listening;
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    for (const socket of this.sockets) socket.destroy();
    const servers = this.servers.splice(0);
    this.listening = [];
    await Promise.all(servers.map((server) => new Promise<void>((resolve) => void server.close(() => resolve()))));
  }

  private beat(): void {
    this.options.port.heartbeat(this.listening, this.options.now());
  }

  private open(port: number): Promise<number> {
    const server = net.createServer({ noDelay: true }, (socket) => this.attempt(socket));
    server.maxConnections = this.options.maximumConnections ?? 256;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: this.options.host, port }, () => {
        server.off('error', reject);
        this.servers.push(server);
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  private attempt(socket: net.Socket): void {
    const at = this.options.now();
    const address = plainAddress(socket.remoteAddress ?? '');
    const port = socket.localPort ?? 0;
    let isRecorded = false;
    const record = (bytes: Uint8Array): void => {
      if (isRecorded) return;
      isRecorded = true;
      socket.destroy();
      this.sockets.delete(socket);
      this.options.port.record({ port, address, protocol: guessProtocol(bytes), at });
    };
    const nothing = Buffer.alloc(0);
    this.sockets.add(socket);
    socket.setTimeout(this.options.patience ?? 2_000, () => record(nothing));
    socket.once('data', record);
    socket.on('error', () => record(nothing));
    socket.on('close', () => record(nothing));
  }
}
