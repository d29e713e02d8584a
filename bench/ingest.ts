import { type Bench, openPeers } from './context.ts';
import { publish } from './load.ts';
import { type BenchResult, type Run, toRun } from './report.ts';

export const ingestDevices = 500;
const seconds = 4;

/**
 * The full path of a QoS 1 publish: decode, permit, check against the manifest (three declared fields, none sealed, one
 * undeclared field dropped and counted), durable write, PUBACK. 128 octets of payload, TLS 1.3.
 */
export async function ingest(bench: Bench): Promise<BenchResult> {
  const peers = await openPeers(bench);
  const runs: Run[] = [];
  const latencies: string[] = [];
  try {
    for (const inFlight of [1, 8]) {
      bench.say(`ingest, ${inFlight} in flight: ${ingestDevices} devices, msg/s`);
      const found = await peers.alternate(async (server) => {
        const options = { devices: ingestDevices, inFlight, seconds };
        const { rate, p50Ms, p99Ms } = await publish(bench.load, server, options);
        latencies.push(`${inFlight} in flight, ${server.name}: PUBACK p50 ${p50Ms} ms, p99 ${p99Ms} ms`);
        return rate;
      });
      runs.push(toRun(`${inFlight} in flight`, 'msg/s', found));
    }
  } finally {
    await peers.close();
  }
  return { bench: 'ingest', runs, notes: latencies };
}
