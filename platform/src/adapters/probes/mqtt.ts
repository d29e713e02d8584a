import tls from 'node:tls';
import type { Place } from './https.ts';
import type { Credentials } from './material.ts';

/** A minimal MQTT 5 client: it sends what it is told to and reports what came back. Shares no code with the engine. */

/** What a connection attempt came to. */
export type Attempt =
  | { readonly kind: 'open'; readonly client: ProbeClient }
  /** CONNACK with a reason of 0x80 and above. */
  | { readonly kind: 'refused'; readonly reason: number; readonly resumed: boolean }
  /** No CONNACK: the handshake failed or the connection was closed. */
  | { readonly kind: 'closed'; readonly why: string };

export interface ConnectOptions {
  readonly clientId: string;
  readonly credentials?: Credentials | undefined;
  /** TLS session to resume. */
  readonly session?: Buffer | undefined;
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3';
}

const timeout = 8_000;
/** More than a probe is ever sent. */
const maxBuffer = 65_536;
const closedReason = 0xff;

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
};

function packet(first: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  let rest = body.length;
  do {
    const byte = rest % 128;
    rest = Math.floor(rest / 128);
    length.push(rest > 0 ? byte | 0x80 : byte);
  } while (rest > 0);
  return Buffer.concat([Buffer.from([first, ...length]), body]);
}

/** CONNECT of MQTT 5 (section 3.1): clean start, keep alive 30 s, no properties. */
const connectPacket = (clientId: string): Buffer =>
  packet(0x10, text('MQTT'), Buffer.from([5, 0x02, 0, 30, 0]), text(clientId));

interface Received {
  readonly type: number;
  readonly body: Buffer;
}

/** Splits complete packets off a buffer; answers what is left. */
function split(buffer: Buffer): { readonly packets: readonly Received[]; readonly rest: Buffer } {
  const packets: Received[] = [];
  let at = 0;
  for (;;) {
    let length = 0;
    let shift = 1;
    let head = at + 1;
    let byte = 0x80;
    while (byte & 0x80 && head < buffer.length && head - at <= 4) {
      byte = buffer[head++] ?? 0;
      length += (byte & 0x7f) * shift;
      shift *= 128;
    }
    if (byte & 0x80 || head + length > buffer.length) return { packets, rest: buffer.subarray(at) };
    packets.push({ type: (buffer[at] ?? 0) >> 4, body: buffer.subarray(head, head + length) });
    at = head + length;
  }
}

/** One open connection of a probe. */
export class ProbeClient {
  readonly #socket: tls.TLSSocket;
  readonly #received: Received[] = [];
  #buffer: Buffer = Buffer.alloc(0);
  #wake: () => void = () => {};
  #closed = false;
  #ticket: Buffer | undefined;
  #id = 0;

  constructor(socket: tls.TLSSocket) {
    this.#socket = socket;
    socket.on('session', (ticket: Buffer) => {
      this.#ticket = ticket;
    });
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  get resumed(): boolean {
    return this.#socket.isSessionReused();
  }
  /** Ticket for a later connection; with TLS 1.3 it comes after the handshake, at the latest with the first answer. */
  get session(): Buffer | undefined {
    return this.#ticket ?? this.#socket.getSession();
  }
  get closed(): boolean {
    return this.#closed;
  }

  #take(chunk: Buffer): void {
    const { packets, rest } = split(Buffer.concat([this.#buffer, chunk]));
    this.#buffer = rest;
    if (rest.length > maxBuffer) this.#socket.destroy();
    this.#received.push(...packets);
    this.#wake();
  }

  /** The next packet of a type; undefined when the connection closes, or stays silent for 8 s. */
  async #next(type: number): Promise<Buffer | undefined> {
    const end = AbortSignal.timeout(timeout);
    for (;;) {
      const at = this.#received.findIndex((one) => one.type === type);
      if (at >= 0) return this.#received.splice(at, 1)[0]?.body;
      if (this.#closed || end.aborted) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      end.addEventListener('abort', () => resolve(), { once: true });
      await promise;
    }
  }

  /** Sends CONNECT; the reason code of CONNACK, undefined without one. */
  async hello(clientId: string): Promise<number | undefined> {
    this.#socket.write(connectPacket(clientId));
    return (await this.#next(2))?.[1];
  }

  /** Publishes with QoS 1; the reason code of PUBACK, 0xff when the connection was closed instead. */
  async publish(topic: string, payload: string): Promise<number> {
    const id = ++this.#id;
    this.#socket.write(packet(0x32, text(topic), Buffer.from([id >> 8, id & 0xff, 0]), Buffer.from(payload)));
    const ack = await this.#next(4);
    return ack === undefined ? closedReason : (ack[2] ?? 0);
  }

  /** Subscribes with QoS 1; the reason code of SUBACK, 0xff when the connection was closed instead. */
  async subscribe(filter: string): Promise<number> {
    const id = ++this.#id;
    this.#socket.write(packet(0x82, Buffer.from([id >> 8, id & 0xff, 0]), text(filter), Buffer.from([1])));
    const ack = await this.#next(9);
    return ack === undefined ? closedReason : (ack.at(-1) ?? closedReason);
  }

  /** Leaves with DISCONNECT: an abnormal end would count against the address. */
  async end(): Promise<void> {
    if (this.#closed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.once('close', () => resolve());
    this.#socket.end(Buffer.from([0xe0, 0]));
    setTimeout(() => this.#socket.destroy(), 2_000).unref();
    await promise;
  }
}

function secure(place: Place, options: ConnectOptions): Promise<tls.TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<tls.TLSSocket>();
  const { credentials, session, maxVersion = 'TLSv1.3' } = options;
  const socket = tls.connect({
    host: place.host,
    port: place.port,
    ca: [...place.roots],
    maxVersion,
    timeout,
    ...(credentials && { cert: credentials.cert, key: credentials.key }),
    ...(session && { session }),
  });
  socket.once('secureConnect', () => resolve(socket));
  socket.once('timeout', () => socket.destroy(new Error('no answer')));
  socket.once('close', () => reject(new Error('closed during the handshake')));
  socket.on('error', (error) => reject(error)); // stays: a reset later must not end the process
  return promise;
}

/** One attempt to connect. Rejects only when the listener cannot be reached at all. */
export async function connectMqtt(place: Place, options: ConnectOptions): Promise<Attempt> {
  let socket: tls.TLSSocket;
  try {
    socket = await secure(place, options);
  } catch (error) {
    if (isUnreachable(error)) throw error;
    return { kind: 'closed', why: wordOf(error) };
  }
  const client = new ProbeClient(socket);
  const reason = await client.hello(options.clientId);
  if (reason === 0) return { kind: 'open', client };
  const { resumed } = client;
  socket.destroy();
  return reason === undefined
    ? { kind: 'closed', why: 'closed without CONNACK' }
    : { kind: 'refused', reason, resumed };
}

/** Nobody listens, or not for us: no verdict about the listener. */
const isUnreachable = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  ['ECONNREFUSED', 'EHOSTUNREACH', 'ENOTFOUND'].includes(String(error.code));

/** What an error says in one word: OpenSSL's code where there is one. */
export const wordOf = (error: unknown): string =>
  error instanceof Error ? ('code' in error ? String(error.code) : error.message).slice(0, 128) : 'unknown';
