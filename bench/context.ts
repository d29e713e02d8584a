import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Load } from './load.ts';
import { loadNow, type Machine } from './machine.ts';
import { type Platform, type Server, startBare, startMosquitto, startPlatform } from './servers.ts';
import type { Ready } from './setup.ts';

/** What a benchmark runs in. */
export interface Bench {
  readonly machine: Machine;
  readonly load: Load;
  readonly ready: Ready;
  readonly scratch: string;
  /** Progress for people. */
  readonly say: (line: string) => void;
  /** The platform as it runs now; {@link restart} replaces it. */
  platform: Platform;
  /** Ends the platform and starts it again on the same data and ports. */
  readonly restart: () => Promise<Platform>;
}

export const rounds = 3;

/** Processor time of a process in seconds, all its threads. */
export async function processorTime({ pid }: Server['process']): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100; // utime, stime; USER_HZ is 100 on Linux
}

/** Waits until a process has little left to do, at most `seconds`: what it put off is not paid by the next one. */
export async function settle(server: Server['process'], seconds = 12): Promise<void> {
  const end = performance.now() + seconds * 1_000;
  for (let before = await processorTime(server); performance.now() < end; ) {
    await wait(400);
    const now = await processorTime(server);
    if (now - before < 0.06) return;
    before = now;
  }
}

/** Resident memory of a process, in bytes. */
export async function residentMemory({ pid }: Server['process']): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1_024;
}

/** The three servers side by side: only the one that is measured runs, the others are stopped by signal. */
export interface Peers {
  readonly servers: readonly Server[];
  /** Runs `work` for each server in turn, `rounds` times, and answers what it gave, by server. */
  alternate(work: (server: Server) => Promise<number>): Promise<Readonly<Record<Server['name'], number[]>>>;
  close(): Promise<void>;
}

export async function openPeers(bench: Bench): Promise<Peers> {
  const core = bench.machine.serverCore;
  const bare = await startBare(core, bench.ready.peers);
  const mosquitto = await startMosquitto(core, bench.ready.peers);
  const servers: readonly Server[] = [bench.platform, bare, mosquitto];
  const signal = (server: Server, name: 'SIGSTOP' | 'SIGCONT'): void => void process.kill(server.process.pid, name);
  for (const server of servers) signal(server, 'SIGSTOP');
  return {
    servers,
    alternate: async (work) => {
      const found: Record<Server['name'], number[]> = { ours: [], bare: [], mosquitto: [] };
      for (let round = 0; round < rounds; round++)
        for (const server of servers) {
          signal(server, 'SIGCONT');
          try {
            await settle(server.process);
            const value = await work(server);
            found[server.name].push(value);
            bench.say(`  round ${round + 1}  ${server.name.padEnd(9)}  ${show(value)}  (load average ${loadNow()})`);
            await settle(server.process);
          } finally {
            signal(server, 'SIGSTOP');
          }
        }
      return found;
    },
    close: async () => {
      for (const server of servers) signal(server, 'SIGCONT');
      await Promise.all([bare.process.stop(2_000), mosquitto.process.stop(2_000)]);
    },
  };
}

const show = (value: number): string => Math.round(value).toLocaleString('en').padStart(9);

/** A bench's platform on the data directory of `scratch`. */
export async function openPlatform(
  machine: Machine,
  scratch: string,
): Promise<{
  readonly platform: Platform;
  readonly again: (old: Platform) => Promise<Platform>;
}> {
  const [data, certificates] = [path.join(scratch, 'data'), path.join(scratch, 'devices')];
  const first = await startPlatform(machine.serverCore, data, certificates);
  return {
    platform: first,
    again: async (old) => {
      await old.process.stop(20_000);
      return startPlatform(machine.serverCore, data, certificates, { ports: first.ports });
    },
  };
}
