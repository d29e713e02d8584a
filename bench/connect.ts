import { type Bench, openPeers } from './context.ts';
import { connect } from './load.ts';
import { type BenchResult, toRun } from './report.ts';

const devices = 64;
const seconds = 5;

/** Full mutual-TLS handshakes to CONNACK, `devices` at once; ours records each opening durably before it answers. */
export async function connects(bench: Bench): Promise<BenchResult> {
  const peers = await openPeers(bench);
  try {
    bench.say(`connect: ${devices} at once, handshakes/s`);
    const latencies: string[] = [];
    const found = await peers.alternate(async (server) => {
      const { rate, p50Ms, p99Ms } = await connect(bench.load, server, { devices, seconds });
      latencies.push(`${server.name}: to CONNACK p50 ${p50Ms} ms, p99 ${p99Ms} ms`);
      return rate;
    });
    return { bench: 'connect', runs: [toRun('full', 'handshakes/s', found)], notes: latencies };
  } finally {
    await peers.close();
  }
}
