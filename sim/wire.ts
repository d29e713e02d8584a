import net from 'node:net';
import tls from 'node:tls';

/**
 * MQTT 5 by hand over TLS, or over nothing: a client that can say what no library lets it say. It shows what the
 * platform answered and never corrects it.
 */
export interface WireOptions {
  readonly host: string;
  readonly port: number;
  readonly localAddress?: string;
  /** Absent: plaintext. */
  readonly tls?: {
    readonly ca: string;
    readonly cert?: string;
    readonly key?: string;
    /** The newest version and the suites that the client is willing to speak; absent: the best it knows. */
    readonly maxVersion?: 'TLSv1.1' | 'TLSv1.2';
    readonly ciphers?: string;
  };
}

export type WireEvent =
  | {
      readonly kind: 'packet';
      readonly type: number;
      /** Reason code; of a SUBACK the first, 0 where the packet has none. */
      readonly reason: number;
      readonly text: string;
      readonly packetId: number;
    }
  | { readonly kind: 'closed'; readonly error: string }
  | { readonly kind: 'silence' };

export interface Wire {
  send(bytes: Uint8Array): void;
  /** The next thing that happens; `silence` after so many milliseconds. */
  next(timeout?: number): Promise<WireEvent>;
  /** All that happens until the connection is closed or nothing came for `timeout` milliseconds. */
  rest(timeout?: number): Promise<readonly WireEvent[]>;
  destroy(): void;
}

export const packetTypes = { connack: 2, publish: 3, puback: 4, suback: 9, disconnect: 14 } as const;

const maxHeard = 65_536;

/** Variable byte integer (MQTT 5 section 1.5.5). */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  do {
    bytes.push((left % 128) | (left >= 128 ? 0x80 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return Buffer.from(bytes);
}

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const text = (value: string | Uint8Array): Buffer => {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([u16(bytes.length), bytes]);
};

/** Any packet: first octet, then its length, then its parts. */
export function packet(first: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([first]), varint(body.length), body]);
}
const noProperties = Buffer.from([0]);
const none = Buffer.alloc(0);

export const connectPacket = (clientId: string): Buffer =>
  packet(0x10, text('MQTT'), Buffer.from([5, 0x02]), u16(60), noProperties, text(clientId));
export const subscribePacket = (id: number, filter: string): Buffer =>
  packet(0x82, u16(id), noProperties, text(filter), Buffer.from([1]));
/** QoS 1, or 0 for id 0. `topic` as octets may be what UTF-8 forbids. */
export const publishPacket = (id: number, topic: string | Uint8Array, payload: string): Buffer =>
  packet(id === 0 ? 0x30 : 0x32, text(topic), id === 0 ? none : u16(id), noProperties, Buffer.from(payload));

/** Reason string (property 0x1f) of an acknowledgement; the others that come first are skipped where they are text. */
function reasonString(properties: Buffer): string {
  let at = 0;
  while (at + 3 <= properties.length) {
    const id = properties[at] ?? 0;
    const length = properties.readUInt16BE(at + 1);
    if (id === 0x1f) return properties.subarray(at + 3, at + 3 + length).toString('utf8');
    if (id !== 0x26) return ''; // neither reason string nor user property: not looked into
    const second = properties.readUInt16BE(at + 3 + length);
    at += 5 + length + second;
  }
  return '';
}

/** Property block at an offset: its octets. */
function propertiesAt(body: Buffer, at: number): Buffer {
  let [length, shift, from] = [0, 0, at];
  for (; from < body.length; shift += 7) {
    const octet = body[from++] ?? 0;
    length += (octet & 0x7f) << shift;
    if (octet < 0x80) break;
  }
  return body.subarray(from, from + length);
}

function read(first: number, body: Buffer): WireEvent {
  const type = first >> 4;
  const acknowledges = type === packetTypes.puback || type === packetTypes.suback;
  const at = acknowledges ? 2 : type === packetTypes.connack ? 1 : 0;
  const packetId = acknowledges && body.length >= 2 ? body.readUInt16BE(0) : 0;
  const suback = type === packetTypes.suback;
  const reason = (suback ? body.at(-1) : body[at]) ?? 0;
  const properties = type === packetTypes.publish ? Buffer.alloc(0) : propertiesAt(body, suback ? at : at + 1);
  return { kind: 'packet', type, reason, text: reasonString(properties), packetId };
}

/** Splits what arrived into packets; the rest waits for more. */
export function readPackets(heard: Buffer): { readonly events: readonly WireEvent[]; readonly rest: Buffer } {
  const events: WireEvent[] = [];
  let rest = heard;
  for (;;) {
    let [length, shift, at] = [0, 0, 1];
    let octet = 0x80;
    while (octet >= 0x80 && at < rest.length && at < 5) {
      octet = rest[at++] ?? 0;
      length += (octet & 0x7f) << shift;
      shift += 7;
    }
    if (octet >= 0x80 || rest.length < at + length) return { events, rest };
    events.push(read(rest[0] ?? 0, rest.subarray(at, at + length)));
    rest = rest.subarray(at + length);
  }
}

function openSocket({ host, port, localAddress, tls: secure }: WireOptions): net.Socket {
  const from = localAddress === undefined ? {} : { localAddress };
  if (secure === undefined) return net.connect({ host, port, ...from });
  const floor = secure.maxVersion === undefined ? {} : { minVersion: secure.maxVersion };
  return tls.connect({ host, port, ...from, ...secure, ...floor, rejectUnauthorized: true });
}

/** What has happened and was not asked for yet. */
class Events {
  readonly #events: WireEvent[] = [];
  #waiting: ((event: WireEvent) => void) | undefined;

  push(event: WireEvent): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting(event);
    else if (this.#events.length < maxHeard) this.#events.push(event);
  }

  next(timeout: number): Promise<WireEvent> {
    const event = this.#events.shift();
    if (event) return Promise.resolve(event);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting = undefined;
        resolve({ kind: 'silence' });
      }, timeout);
      this.#waiting = (come) => {
        clearTimeout(timer);
        resolve(come);
      };
    });
  }
}

/** Opens a connection; resolves when TCP, and TLS where it is spoken, is up, or when it failed: `next` tells which. */
export function openWire(options: WireOptions): Promise<Wire> {
  const socket = openSocket(options);
  const events = new Events();
  let heard: Buffer = Buffer.alloc(0);
  let error = '';
  socket.on('data', (chunk: Buffer) => {
    const { events: found, rest } = readPackets(Buffer.concat([heard, chunk]));
    heard = rest;
    for (const event of found) events.push(event);
  });
  socket.on('error', (cause) => {
    error = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
  });
  socket.once('close', () => events.push({ kind: 'closed', error }));
  const wire: Wire = {
    send: (bytes) => void (socket.writable && socket.write(bytes)),
    next: (timeout = 5_000) => events.next(timeout),
    rest: (timeout = 3_000) => restOf(events, timeout),
    destroy: () => socket.destroy(),
  };
  return new Promise((resolve) => {
    const up = (): void => resolve(wire);
    socket.once(options.tls ? 'secureConnect' : 'connect', up);
    socket.once('close', up);
  });
}

async function restOf(events: Events, timeout: number): Promise<readonly WireEvent[]> {
  const all: WireEvent[] = [];
  for (;;) {
    const event = await events.next(timeout);
    all.push(event);
    if (event.kind !== 'packet') return all;
  }
}

const names: Readonly<Record<number, string>> = { 2: 'CONNACK', 4: 'PUBACK', 9: 'SUBACK', 14: 'DISCONNECT' };

/** An event in words, as an observer of the wire would note it. */
export function wordsOf(event: WireEvent): string {
  if (event.kind === 'silence') return 'no answer';
  if (event.kind === 'closed') return event.error === '' ? 'connection closed' : `connection closed (${event.error})`;
  const name = names[event.type] ?? `packet ${event.type}`;
  const reason = `0x${event.reason.toString(16).padStart(2, '0')}`;
  return event.text === '' ? `${name} ${reason}` : `${name} ${reason} ${event.text}`;
}
