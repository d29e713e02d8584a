import { readFile } from 'node:fs/promises';
import path from 'node:path';
import tls from 'node:tls';
import type { Bench } from './context.ts';
import { hold } from './load.ts';
import { loadNow } from './machine.ts';
import { type BenchResult, percentile, toRun } from './report.ts';
import { deviceName } from './setup.ts';

export const isolateDevices = 2_000;
/** Devices that are isolated, and watched from their own side; the others stay connected around them. */
const watched = 300;
const level = 4;
const cutLimit = 10_000;

interface Watched {
  readonly device: string;
  /** Resolves with the time (performance.now) at which the device saw its connection end. */
  readonly cut: Promise<number>;
  readonly socket: tls.TLSSocket;
}

/** CONNECT of MQTT 3.1.1, clean session, keep alive 600 s. */
function connectPacket(clientId: string): Buffer {
  const id = Buffer.from(clientId);
  const body = [0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 2, 0x58, 0, id.length];
  return Buffer.concat([Buffer.from([0x10, body.length + id.length, ...body]), id]);
}

/** A connected device; resolves after CONNACK. */
async function openWatched({ platform }: Bench, device: string): Promise<Watched> {
  const file = (name: string): Promise<Buffer> => readFile(path.join(platform.certificates, name));
  const [ca, cert, key] = await Promise.all([file('ca.crt'), file(`${device}.crt`), file(`${device}.key`)]);
  const socket = tls.connect({ host: 'localhost', port: platform.port, ca, cert, key });
  const cut = new Promise<number>((resolve) => {
    // The first sign counts: the end of the stream, or a reset.
    for (const event of ['end', 'error', 'close'] as const) socket.once(event, () => resolve(performance.now()));
  });
  await new Promise<void>((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`${device} got no CONNACK`)), cutLimit);
    socket.once('data', (bytes: Buffer) => {
      clearTimeout(limit);
      if (bytes[0] === 0x20 && bytes[3] === 0) resolve();
      else reject(new Error(`${device} was refused: ${bytes.toString('hex')}`));
    });
    socket.once('secureConnect', () => socket.write(connectPacket(device)));
    socket.once('error', reject);
  });
  socket.resume();
  return { device, cut, socket };
}

async function openAll(bench: Bench): Promise<readonly Watched[]> {
  const open: Watched[] = [];
  for (let at = isolateDevices - watched; at < isolateDevices; at += 10) {
    const names = Array.from({ length: 10 }, (_, i) => deviceName(at + i));
    open.push(...(await Promise.all(names.map((name) => openWatched(bench, name)))));
  }
  return open;
}

/**
 * From the order, as party A's operator sends it over the API, to the closed socket as the device sees it. The platform's
 * own record of each order (`device.isolate.effect`) tells the part from commit to cut.
 */
export async function isolate(bench: Bench): Promise<BenchResult> {
  const { say, ready } = bench;
  say(`isolate: ${isolateDevices} connections, ${watched} orders one after another`);
  const around = await hold(bench.load, bench.platform, { devices: isolateDevices - watched, seconds: 110 });
  const open = await openAll(bench);
  const orderToCut: number[] = [];
  const commitToCut: number[] = [];
  try {
    for (const { device, cut } of open) {
      const ordered = performance.now();
      const effect = await ready.operator.call('isolate', {
        params: { agreement: ready.agreement, device },
        body: { level, reason: 'benchmark of the cut' },
      });
      orderToCut.push((await Promise.race([cut, late(device)])) - ordered);
      commitToCut.push(effect.commitToCutMs);
      if (effect.connectionsCut !== 1) throw new Error(`${device}: ${effect.connectionsCut} connections cut`);
    }
  } finally {
    for (const { socket } of open) socket.destroy();
    await around.stop(500);
  }
  const [p50, p99] = [percentile(orderToCut, 0.5), percentile(orderToCut, 0.99)];
  const p99Commit = percentile(commitToCut, 0.99);
  const notes = [
    `order sent to socket closed at the device: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, most ${Math.max(...orderToCut).toFixed(1)} ms`,
    `commit to cut by the platform's records: p99 ${p99Commit} ms (load average ${loadNow()})`,
  ];
  for (const note of notes) say(`  ${note}`);
  return { bench: 'isolate', runs: [toRun('order to cut p99', 'ms', { ours: [p99] })], notes };
}

const late = (device: string): Promise<never> =>
  new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`${device} was not cut`)), cutLimit).unref();
  });
