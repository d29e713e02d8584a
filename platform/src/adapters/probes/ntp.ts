import { randomBytes } from 'node:crypto';
import dgram from 'node:dgram';
import type { ClockSample } from '../../duties/audit/index.ts';
import { type Clock, instant } from '../../kernel/time.ts';

/** Seconds from 1900 to 1970. */
const epoch = 2_208_988_800;
const packetSize = 48;
const defaultPort = 123;
const patience = 2_000;

/** A 64-bit timestamp of NTP in epoch milliseconds; times before 1968 belong to the era after (RFC 4330 section 3). */
function timeAt(packet: Buffer, at: number): number {
  const seconds = packet.readUInt32BE(at);
  const era = seconds >= 0x8000_0000 ? 0 : 2 ** 32;
  return (seconds + era - epoch) * 1_000 + (packet.readUInt32BE(at + 4) / 2 ** 32) * 1_000;
}

/**
 * The server's time in an answer, undefined for one that must not be used (RFC 4330 section 5): not an answer to this
 * question, no server mode, an unsynchronised clock, a kiss of death.
 *
 * @param mark the 8 octets that the question carried as its own time: random, so that nobody answers unseen
 */
export function readAnswer(packet: Buffer, mark: Buffer): number | undefined {
  if (packet.length < packetSize || !packet.subarray(24, 32).equals(mark)) return undefined;
  const [first = 0, stratum = 0] = packet;
  if (first >> 6 === 3 || (first & 7) !== 4 || stratum === 0 || stratum > 15) return undefined;
  const transmitted = timeAt(packet, 40);
  if (packet.readUInt32BE(40) === 0) return undefined;
  return (timeAt(packet, 32) + transmitted) / 2;
}

function once(
  server: { readonly host: string; readonly port: number },
  clock: Clock,
): Promise<ClockSample | undefined> {
  const { promise, resolve } = Promise.withResolvers<ClockSample | undefined>();
  const socket = dgram.createSocket(server.host.includes(':') ? 'udp6' : 'udp4');
  const mark = randomBytes(8);
  // Leap unknown 0, version 4, mode 3 (client).
  const question = Buffer.concat([Buffer.from([0x23]), Buffer.alloc(39), mark]);
  let sentAt = clock.now();
  const finish = (sample?: ClockSample): void => {
    clearTimeout(timer);
    socket.removeAllListeners('message');
    resolve(sample);
    socket.close();
  };
  const timer = setTimeout(() => finish(), patience);
  socket.once('error', () => finish());
  socket.on('message', (packet) => {
    const receivedAt = clock.now();
    const serverAt = readAnswer(packet, mark);
    if (serverAt !== undefined) finish({ sentAt, receivedAt, serverAt: instant(Math.round(serverAt)) });
  });
  // Connected: answers of anybody else are dropped by the system.
  socket.connect(server.port, server.host, () => {
    sentAt = clock.now();
    socket.send(question);
  });
  return promise;
}

/** `host`, `host:port` or `[address]:port`. */
export function parseServer(text: string): { readonly host: string; readonly port: number } | undefined {
  const [, bracketed, plain, port] = /^(?:\[([0-9A-Fa-f:]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  return host === undefined ? undefined : { host, port: port === undefined ? defaultPort : Number(port) };
}

const questions = 4;

/** Asks a time server a few times; none: it did not answer, or said that its clock is not to be used. */
export async function askTime(server: string, clock: Clock): Promise<readonly ClockSample[]> {
  const at = parseServer(server);
  if (at === undefined) return [];
  const samples: ClockSample[] = [];
  for (let i = 0; i < questions; i++) {
    const sample = await once(at, clock);
    if (sample === undefined) break;
    samples.push(sample);
  }
  return samples;
}
