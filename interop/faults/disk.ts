import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { startPostgres } from '../../platform/src/store/testing.ts';
import { startPlatform } from '../../tools/live/platform.ts';
import { until } from '../../tools/live/process.ts';
import { type Enrolled, enrol } from '../devices.ts';
import { type Ready, readyPlatform } from '../platform.ts';
import { checkFiles, findLosses, headsOf, type Losses } from './check.ts';
import { type Load, startLoad } from './load.ts';

/** One fault of the place where data rests, and what came of it. */
export interface StoreFaultTally {
  readonly messages: number;
  readonly operations: number;
  /** Refusals while the fault lasted, by code. */
  readonly refused: Readonly<Record<string, number>>;
  readonly losses: Losses;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
const faultMs = 4_000;

async function grows(load: Load, by: number): Promise<boolean> {
  const from = load.count();
  const within = 20_000;
  return (await until(() => load.count() >= from + by || undefined, { within, every: 50 })) === true;
}

/** Load before, during and after a fault that `begin` brings and its answer ends; then a restart, and the search for losses. */
async function through(
  ready: Ready,
  begin: () => () => void,
  config?: Readonly<Record<string, string>>,
): Promise<StoreFaultTally> {
  const devices: Enrolled[] = [];
  for (let i = 0; i < 3; i++) devices.push(await enrol(ready, ready.parties[0], `d${i}`));
  const losses: string[] = [];
  const load = startLoad(ready, devices, { first: 0, tag: 'before' });
  if (!(await grows(load, 80))) losses.push('no load before the fault');
  const heads = await headsOf(ready);
  const end = begin();
  try {
    await wait(faultMs);
  } finally {
    end();
  }
  // A connection that was cut during the fault is the client's to open again.
  await wait(1_000);
  await load.stop();
  const after = startLoad(ready, devices, { first: 1_000_000, tag: 'after' });
  if (!(await grows(after, 80))) losses.push('nothing is accepted after the fault');
  await after.stop();
  const { data, consolePort, devicePort, mqttPort, tripwirePort } = ready.platform;
  const code = await ready.platform.process.stop(20_000);
  if (code !== 0) losses.push(`the platform ended with ${code}: ${ready.platform.process.tail().slice(-500)}`);
  if (config === undefined) losses.push(...(await checkFiles(data)));
  const ports = { consolePort, devicePort, mqttPort, tripwirePort };
  const platform = await startPlatform({ data, ports, ...(config ? { config } : {}) });
  const again = { ...ready, platform };
  try {
    for (const { acknowledged } of [load, after])
      losses.push(...(await findLosses(again, acknowledged, { heads, entries: 0 })));
  } finally {
    await platform.process.stop();
  }
  const { commands, orders, registered, refused } = load.acknowledged;
  return {
    messages: load.count() + after.count(),
    operations: commands.length + orders.length + registered.length,
    refused: Object.fromEntries(refused),
    losses,
  };
}

/** Fills what is left of a file system; answers what frees it. */
function fill(dir: string): () => void {
  const file = path.join(dir, 'filler');
  const out = openSync(file, 'w');
  try {
    for (let size = 1_048_576; size >= 4_096; ) {
      try {
        writeSync(out, Buffer.alloc(size, 1));
      } catch {
        size /= 2; // no room for so much: the rest in smaller pieces
      }
    }
  } finally {
    closeSync(out);
  }
  return () => rmSync(file);
}

/** The disk is full under load. Needs root: the data directory lies on a small file system of its own. */
export async function diskFull(): Promise<StoreFaultTally> {
  const dir = mkdtempSync(path.join(tmpdir(), 'pactgate-full-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', dir], { encoding: 'utf8' });
  if (mounted.status !== 0)
    throw new Error(`the disk-full case mounts a small file system and needs root: ${mounted.stderr}`);
  try {
    const ready = await readyPlatform({ dir, perMinute: 60_000 });
    try {
      return await through(ready, () => fill(dir));
    } finally {
      await ready.platform.process.stop();
    }
  } finally {
    spawnSync('umount', ['-l', dir]);
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Another program holds the database, or the telemetry of the day, longer than the platform waits. */
export async function databaseLocked(which: 'main' | 'telemetry'): Promise<StoreFaultTally> {
  const ready = await readyPlatform({ perMinute: 60_000 });
  const { data } = ready.platform;
  const file = which === 'main' ? 'main.db' : path.join('telemetry', `${new Date().toISOString().slice(0, 10)}.db`);
  try {
    return await through(ready, () => {
      const db = new DatabaseSync(path.join(data, file), { timeout: 5_000 });
      db.exec('begin immediate');
      return () => {
        db.exec('rollback');
        db.close();
      };
    });
  } finally {
    await ready.stop();
  }
}

/** Connections to PostgreSQL break, again and again for a while, as when its server is restarted or a network fails. */
export async function postgresBreaks(): Promise<StoreFaultTally> {
  const postgres = await startPostgres();
  const scratch = mkdtempSync(path.join(tmpdir(), 'pactgate-break-'));
  const url = path.join(scratch, 'url');
  writeFileSync(url, postgres.url, { mode: 0o600 });
  const config = { DATABASE_URL: url };
  try {
    const ready = await readyPlatform({ perMinute: 60_000, config });
    const cut = (): void =>
      postgres.sql('select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()');
    try {
      return await through(
        ready,
        () => {
          const timer = setInterval(cut, 250);
          return () => clearInterval(timer);
        },
        config,
      );
    } finally {
      await ready.stop();
    }
  } finally {
    await postgres.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}
