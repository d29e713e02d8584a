/**
 * The mark to measure against: a TLS server in plain Node that does the least a QoS 1 acknowledger can do. Mutual TLS
 * with the listener's suites and groups, a fixed CONNACK, and for every packet whose type is PUBLISH the PUBACK with
 * its id: lengths are skipped, nothing else is read, nothing is checked or kept.
 *
 *   node bench/bare-responder.ts CERTIFICATES PORT     (ca.crt, server.crt, server.key)
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';

const [, , folder = 'certs', port = '8883'] = process.argv;
const read = (name: string): Buffer => readFileSync(path.join(folder, name));
const connack4 = Buffer.from([0x20, 2, 0, 0]);
const connack5 = Buffer.from([0x20, 3, 0, 0, 0]);

/** Where the body of the packet at `at` starts, and its length; read without any check. */
let body = 0;
function lengthAt(bytes: Buffer, at: number): number {
  let length = 0;
  body = at + 1;
  for (let shift = 0; ; shift += 7) {
    const octet = bytes[body++] ?? 0;
    length |= (octet & 127) << shift;
    if (octet < 128) return length;
  }
}

/** Answers every whole packet of `bytes`; returns what is left of an incomplete one. */
function answer(socket: tls.TLSSocket, bytes: Buffer): Buffer {
  const acks: number[] = [];
  let at = 0;
  while (at + 2 <= bytes.length) {
    const length = lengthAt(bytes, at);
    if (body + length > bytes.length) break;
    const type = (bytes[at] ?? 0) >> 4;
    if (type === 1) socket.write(bytes[body + 6] === 5 ? connack5 : connack4);
    else if (type === 3) {
      const id = body + 2 + (((bytes[body] ?? 0) << 8) | (bytes[body + 1] ?? 0));
      acks.push(0x40, 2, bytes[id] ?? 0, bytes[id + 1] ?? 0);
    }
    at = body + length;
  }
  if (acks.length > 0) socket.write(Buffer.from(acks));
  return bytes.subarray(at);
}

const server = tls.createServer(
  {
    key: read('server.key'),
    cert: read('server.crt'),
    ca: read('ca.crt'),
    requestCert: true,
    rejectUnauthorized: true,
    ecdhCurve: 'X25519MLKEM768:X25519:P-256',
    noDelay: true,
    highWaterMark: 4_096,
  },
  (socket) => {
    let rest: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      rest = answer(socket, rest.length === 0 ? chunk : Buffer.concat([rest, chunk]));
    });
    socket.on('error', () => socket.destroy());
  },
);
server.listen(Number(port), '127.0.0.1', () => process.stdout.write(`listening ${port}\n`));
