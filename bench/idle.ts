import { setTimeout as wait } from 'node:timers/promises';
import { type Bench, residentMemory, rounds, settle } from './context.ts';
import { connect, hold } from './load.ts';
import { loadNow } from './machine.ts';
import { type BenchResult, toRun } from './report.ts';
import { type Server, startBare, startMosquitto } from './servers.ts';
import { warmPrefix } from './setup.ts';

export const idleDevices = 2_000;
/** Connections that are open before the first look: what a process takes once is theirs. */
export const warmDevices = 500;

/** Memory without garbage: Node servers collect on SIGUSR2, twice, then what the allocator keeps is what counts. */
async function memory(server: Server): Promise<number> {
  await settle(server.process, 6);
  for (let i = 0; i < 2 && server.name !== 'mosquitto'; i++) {
    process.kill(server.process.pid, 'SIGUSR2');
    await wait(700);
  }
  return residentMemory(server.process);
}

/** Kilobytes (1,024) of one idle connection: the difference `idleDevices` of them make to a process that has others. */
async function perConnection({ load }: Bench, server: Server): Promise<number> {
  const warm = await hold(load, server, { devices: warmDevices, seconds: 120, prefix: warmPrefix });
  await connect(load, server, { devices: 16, seconds: 1 });
  const before = await memory(server);
  const silent = await hold(load, server, { devices: idleDevices, seconds: 120 });
  const after = await memory(server);
  await Promise.all([silent.stop(500), warm.stop(500)]);
  return (after - before) / idleDevices / 1_024;
}

/** Resident memory of an idle mutual-TLS connection; each round in a fresh process, since freed memory is used again. */
export async function idle(bench: Bench): Promise<BenchResult> {
  const core = bench.machine.serverCore;
  const found: Record<Server['name'], number[]> = { ours: [], bare: [], mosquitto: [] };
  bench.say(`idle: ${idleDevices} connections, KB each`);
  for (let round = 0; round < rounds; round++) {
    const starts = [
      () => bench.restart(),
      () => startBare(core, bench.ready.peers),
      () => startMosquitto(core, bench.ready.peers),
    ];
    for (const start of starts) {
      const server = await start();
      const value = await perConnection(bench, server);
      found[server.name].push(value);
      bench.say(
        `  round ${round + 1}  ${server.name.padEnd(9)}  ${value.toFixed(1).padStart(9)}  (load average ${loadNow()})`,
      );
      if (server.name !== 'ours') await server.process.stop(2_000);
    }
  }
  return { bench: 'idle', runs: [toRun('per connection', 'KB', found)], notes: [] };
}
