import { setTimeout as wait } from 'node:timers/promises';
import { type Bench, openPeers, processorTime } from './context.ts';
import { publish, warmUp } from './load.ts';
import { Notes } from './notes.ts';
import { type BenchResult, type Run, toRun } from './report.ts';
import type { Server } from './servers.ts';

export const ingestDevices = 500;
const seconds = 4;

/**
 * Publishes and takes the processor time of the server, all threads, in the measured seconds: unlike the rate it says
 * the same on a machine that has other things to do.
 */
async function measure(bench: Bench, server: Server, inFlight: number, notes: Notes): Promise<number> {
  const sampling = { window: Promise.resolve({ used: 0, time: 1 }) };
  const sample = async (): Promise<{ used: number; time: number }> => {
    await wait(warmUp * 1_000);
    const [before, started] = [await processorTime(server.process), performance.now()];
    await wait(seconds * 900);
    return { used: (await processorTime(server.process)) - before, time: (performance.now() - started) / 1_000 };
  };
  const published = await publish(bench.load, server, {
    devices: ingestDevices,
    inFlight,
    seconds,
    onStart: () => {
      sampling.window = sample();
    },
  });
  const { used, time } = await sampling.window;
  notes.add(server.name, (used * 1e6) / (published.rate * time), published);
  return published.rate;
}

/**
 * The full path of a QoS 1 publish: decode, permit, check against the manifest (three declared fields, none sealed, one
 * undeclared field dropped and counted), durable write, PUBACK. 128 octets of payload, TLS 1.3.
 */
export async function ingest(bench: Bench): Promise<BenchResult> {
  const peers = await openPeers(bench);
  const runs: Run[] = [];
  const lines: string[] = [];
  try {
    for (const inFlight of [1, 8]) {
      const title = `${inFlight} in flight`;
      bench.say(`ingest, ${title}: ${ingestDevices} devices, msg/s`);
      const notes = new Notes(title);
      const found = await peers.alternate((server) => measure(bench, server, inFlight, notes));
      runs.push(toRun(title, 'msg/s', found));
      lines.push(...notes.lines());
    }
  } finally {
    await peers.close();
  }
  return { bench: 'ingest', runs, notes: lines };
}
