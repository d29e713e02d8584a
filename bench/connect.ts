import { type Bench, openPeers, processorTime } from './context.ts';
import { connect } from './load.ts';
import { Notes } from './notes.ts';
import { type BenchResult, toRun } from './report.ts';

export const connectDevices = 64;
const seconds = 5;

/** Full mutual-TLS handshakes to CONNACK, 64 at once; ours records each opening durably before it answers. */
export async function connects(bench: Bench): Promise<BenchResult> {
  const peers = await openPeers(bench);
  const notes = new Notes('full');
  try {
    bench.say(`connect: ${connectDevices} at once, handshakes/s`);
    const found = await peers.alternate(async (server) => {
      const before = await processorTime(server.process);
      const done = await connect(bench.load, server, { devices: connectDevices, seconds });
      const used = (await processorTime(server.process)) - before;
      notes.add(server.name, (used * 1e6) / (done.rate * seconds), done);
      return done.rate;
    });
    return { bench: 'connect', runs: [toRun('full', 'handshakes/s', found)], notes: notes.lines() };
  } finally {
    await peers.close();
  }
}
