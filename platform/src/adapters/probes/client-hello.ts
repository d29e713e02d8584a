import { generateKeyPairSync, randomBytes } from 'node:crypto';
import net from 'node:net';

/**
 * One ClientHello by hand and what a listener answers to it (RFC 8446 section 4.1, RFC 5246 section 7.4.1): a TLS
 * library refuses by itself to offer what a probe must offer, and would pass its own refusal for the listener's.
 */

export const versions = {
  SSLv3: 0x0300,
  'TLSv1.0': 0x0301,
  'TLSv1.1': 0x0302,
  'TLSv1.2': 0x0303,
  'TLSv1.3': 0x0304,
} as const;
export type Version = keyof typeof versions;

export interface Offer {
  /** Greatest version offered. */
  readonly version: Version;
  /** Suite numbers of IANA, in order of preference. */
  readonly suites: readonly number[];
  /** DEFLATE beside no compression. */
  readonly compression?: boolean;
  readonly servername?: string;
}

export type Reply =
  | {
      readonly kind: 'hello';
      readonly version: number;
      readonly suite: number;
      readonly compression: number;
      readonly random: Buffer;
    }
  | { readonly kind: 'alert'; readonly code: number }
  | { readonly kind: 'closed' }
  /** Something that is no TLS. */
  | { readonly kind: 'other'; readonly bytes: Buffer };

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const vector = (bytes: number, body: Buffer): Buffer => {
  const length = Buffer.alloc(bytes);
  length.writeUIntBE(body.length, 0, bytes);
  return Buffer.concat([length, body]);
};
const extension = (type: number, body: Buffer): Buffer => Buffer.concat([u16(type), vector(2, body)]);

const x25519 = 0x001d;
const groups = [x25519, 0x0017];
const signatures = [0x0403, 0x0503, 0x0804, 0x0805, 0x0401, 0x0501, 0x0203, 0x0201];

function keyShare(): Buffer {
  const { publicKey } = generateKeyPairSync('x25519');
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  return extension(51, vector(2, Buffer.concat([u16(x25519), vector(2, raw)])));
}

function extensions({ version, servername }: Offer): Buffer {
  const list = [
    extension(10, vector(2, Buffer.concat(groups.map(u16)))),
    extension(11, vector(1, Buffer.from([0]))),
    extension(0xff01, Buffer.from([0])),
  ];
  if (servername !== undefined && net.isIP(servername) === 0)
    list.push(extension(0, vector(2, Buffer.concat([Buffer.from([0]), vector(2, Buffer.from(servername, 'latin1'))]))));
  if (versions[version] >= versions['TLSv1.2']) list.push(extension(13, vector(2, Buffer.concat(signatures.map(u16)))));
  if (version === 'TLSv1.3') list.push(extension(43, vector(1, u16(versions['TLSv1.3']))), keyShare());
  return Buffer.concat(list);
}

/** The record that carries a ClientHello. */
export function clientHello(given: Offer): Buffer {
  const legacy = Math.min(versions[given.version], versions['TLSv1.2']);
  const body = Buffer.concat([
    u16(legacy),
    randomBytes(32),
    vector(1, given.version === 'TLSv1.3' ? randomBytes(32) : Buffer.alloc(0)),
    vector(2, Buffer.concat(given.suites.map(u16))),
    vector(1, Buffer.from(given.compression === true ? [1, 0] : [0])),
    ...(given.version === 'SSLv3' ? [] : [vector(2, extensions(given))]),
  ]);
  const handshake = Buffer.concat([Buffer.from([1]), vector(3, body)]);
  return Buffer.concat([Buffer.from([0x16]), u16(Math.min(legacy, versions['TLSv1.0'])), vector(2, handshake)]);
}

/** Chosen version of TLS 1.3, where the extension names one. */
function versionOf(hello: Buffer, at: number, legacy: number): number {
  let next = at + 2;
  while (next + 4 <= hello.length) {
    const size = hello.readUInt16BE(next + 2);
    if (hello.readUInt16BE(next) === 43 && size === 2 && next + 6 <= hello.length) return hello.readUInt16BE(next + 4);
    next += 4 + size;
  }
  return legacy;
}

/** Reads the first answer; undefined: more bytes are needed. */
export function readReply(bytes: Buffer): Reply | undefined {
  const [type, major] = bytes;
  if (bytes.length < 5) return undefined;
  if ((type !== 0x16 && type !== 0x15) || major !== 3) return { kind: 'other', bytes };
  const length = bytes.readUInt16BE(3);
  const body = bytes.subarray(5, 5 + length);
  if (body.length < length) return undefined;
  return type === 0x15 ? { kind: 'alert', code: body[1] ?? 0 } : (readHello(body) ?? { kind: 'other', bytes });
}

/** Reads a ServerHello; undefined: it is none. */
function readHello(body: Buffer): Reply | undefined {
  const suiteAt = 39 + (body[38] ?? 0);
  if (body[0] !== 2 || body.length < suiteAt + 3) return undefined;
  return {
    kind: 'hello',
    version: versionOf(body, suiteAt + 3, body.readUInt16BE(4)),
    suite: body.readUInt16BE(suiteAt),
    compression: body[suiteAt + 2] ?? 0,
    random: body.subarray(6, 38),
  };
}

const patience = 5_000;
const maxReply = 65_536;

/** Sends bytes on a fresh connection and collects until `done`, the end, or 5 s of silence. */
export function exchange(
  at: { readonly host: string; readonly port: number },
  bytes: Buffer,
  done: (received: Buffer) => boolean,
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const socket = net.connect({ host: at.host, port: at.port }, () => socket.write(bytes));
  let received: Buffer = Buffer.alloc(0);
  let connected = false;
  const finish = (): void => {
    socket.destroy();
    resolve(received);
  };
  socket.setTimeout(patience, finish);
  socket.on('connect', () => {
    connected = true;
  });
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    if (done(received) || received.length > maxReply) finish();
  });
  socket.on('close', finish);
  // A reset is an answer too, once there was a connection; without one there is nothing to judge.
  socket.on('error', (error) => (connected ? finish() : reject(error)));
  return promise;
}

/** Makes an offer and reads the answer. Rejects when the listener cannot be reached. */
export async function offer(at: { readonly host: string; readonly port: number }, given: Offer): Promise<Reply> {
  const bytes = await exchange(at, clientHello(given), (received) => readReply(received) !== undefined);
  return readReply(bytes) ?? (bytes.length === 0 ? { kind: 'closed' } : { kind: 'other', bytes });
}
