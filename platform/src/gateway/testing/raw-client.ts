import tls from 'node:tls';
import { clientLimits, keep } from '../mqtt/codec/collect.ts';
import { Decoder } from '../mqtt/codec/decoder.ts';
import { encode } from '../mqtt/codec/encode.ts';
import type { ConnectPacket, Packet, Version } from '../mqtt/codec/packet.ts';
import type { Issued } from './certificates.ts';
import type { Harness } from './harness.ts';

/** Milliseconds after which a wait of a test fails. */
const patience = 8_000;

type Taken<T extends Packet['type']> = Packet & { readonly type: T };

/** A client that sends exactly the bytes it is told to, over real TLS. */
export class RawClient {
  readonly socket: tls.TLSSocket;
  readonly version: Version;
  readonly received: Packet[] = [];
  closed = false;
  private readonly decoder: Decoder;

  private constructor(socket: tls.TLSSocket, version: Version) {
    this.socket = socket;
    this.version = version;
    this.decoder = new Decoder(clientLimits, version);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
    });
    socket.on('data', (chunk: Buffer) => {
      this.decoder.push(chunk);
      for (let packet = this.decoder.next(); packet; packet = this.decoder.next()) this.received.push(keep(packet));
    });
  }

  static async open(
    harness: Pick<Harness, 'port' | 'authority'>,
    issued: Issued | undefined,
    version: Version = 5,
    options: tls.ConnectionOptions = {},
  ): Promise<RawClient> {
    const socket = tls.connect({
      host: '127.0.0.1',
      port: harness.port,
      ca: harness.authority.root,
      ...issued,
      ...options,
    });
    const client = new RawClient(socket, version);
    await new Promise<void>((resolve) => {
      socket.once('secureConnect', () => resolve());
      socket.once('close', () => resolve());
    });
    return client;
  }

  bytes(data: Buffer | string): this {
    this.socket.write(typeof data === 'string' ? Buffer.from(data.replaceAll(' ', ''), 'hex') : data);
    return this;
  }

  send(packet: Packet): this {
    return this.bytes(encode(packet, this.version));
  }

  /** Sends CONNECT and waits for the answer, if there is one. */
  async hello(clientId: string, fields: Partial<ConnectPacket> = {}): Promise<Packet | undefined> {
    const base: ConnectPacket = {
      type: 'connect',
      version: this.version,
      cleanStart: true,
      keepAlive: 30,
      clientId,
      properties: {},
    };
    this.send({ ...base, ...fields });
    return this.take('connack');
  }

  /** The next packet of a type, removed from what was received; undefined when the connection closed without it. */
  async take<T extends Packet['type']>(type: T): Promise<Taken<T> | undefined> {
    const find = (): number => this.received.findIndex((packet) => packet.type === type);
    await until(() => find() >= 0 || this.closed, `a ${type}`);
    const at = find();
    const [packet] = at < 0 ? [] : this.received.splice(at, 1);
    return packet as Taken<T> | undefined; // found by its type
  }

  publish(topic: string, payload: string, qos: 0 | 1 | 2, packetId = 0): this {
    const dup = false;
    return this.send({
      type: 'publish',
      dup,
      qos,
      retain: false,
      topic,
      packetId,
      payload: Buffer.from(payload),
      properties: {},
    });
  }

  async gone(): Promise<void> {
    await until(() => this.closed, 'the close');
  }

  end(): void {
    this.socket.destroy();
  }
}

/** Waits for a condition, checked every few milliseconds; fails after 8 s with what it waited for. */
export async function until(isTrue: () => boolean, what: string): Promise<void> {
  const end = performance.now() + patience;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => void setTimeout(resolve, 4));
  }
}
