import { seeded } from '../../sim/random.ts';
import { startPlatform } from '../../tools/live/platform.ts';
import { until } from '../../tools/live/process.ts';
import { type Enrolled, enrol } from '../devices.ts';
import { type Ready, readyPlatform } from '../platform.ts';
import { checkFiles, findLosses, headsOf, type Losses } from './check.ts';
import { killHolder } from './holder.ts';
import { type Load, startLoad } from './load.ts';

/** Counts of one run of kills; `losses` empty: everything held. */
export interface KillTally {
  readonly rounds: number;
  readonly killedWhileStarting: number;
  readonly messages: number;
  readonly operations: number;
  readonly entries: number;
  readonly slowestStartMs: number;
  readonly losses: Losses;
}

export interface KillOptions {
  readonly rounds: number;
  /** Fixes the moments of the kills. */
  readonly seed: string;
  /** Every so many rounds the restart is killed once as well; absent: never. */
  readonly killStartEvery?: number;
  readonly report?: (line: string) => void;
}

const devicesCount = 4;
/** A kill comes at most so long after everything is under way. */
const mostLoadMs = 1_200;
const mostStartMs = 1_500;

const wait = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** Every kind of operation was acknowledged at least once. */
async function underWay({ acknowledged, count }: Load): Promise<void> {
  const { commands, orders, registered } = acknowledged;
  const ready = (): true | undefined =>
    (count() >= 40 && commands.length > 0 && orders.length > 0 && registered.length > 0) || undefined;
  if (!(await until(ready, { within: 20_000, every: 10 }))) throw new Error('the load does not get under way');
}

/** Starts the directory again on its ports; a device finds the platform where it was. */
async function restart(ready: Ready): Promise<{ readonly ready: Ready; readonly ms: number }> {
  const { data, consolePort, devicePort, mqttPort, tripwirePort } = ready.platform;
  const began = performance.now();
  const platform = await startPlatform({ data, ports: { consolePort, devicePort, mqttPort, tripwirePort } });
  return { ready: { ...ready, platform }, ms: performance.now() - began };
}

/** A start that is killed after `ms`, whatever it was doing then. */
async function killedStart(ready: Ready, ms: number): Promise<void> {
  const starting = restart(ready);
  await Promise.race([wait(ms), starting.catch(() => undefined)]);
  // The process is known to the harness only once it is ready: its lock names it.
  await killHolder(ready.platform.data);
  await starting.then(
    async (started) => void (await started.ready.platform.process.stop(0)),
    () => undefined,
  );
}

/**
 * Kills the platform with SIGKILL under full load, again and again on one data directory, and after every restart
 * looks for anything it had acknowledged: messages, commands, isolation orders, registrations, published checkpoints.
 */
export async function killRounds(options: KillOptions): Promise<KillTally> {
  const { rounds, seed, killStartEvery, report = () => undefined } = options;
  const random = seeded(seed);
  let ready = await readyPlatform({ perMinute: 60_000 });
  const devices: Enrolled[] = [];
  for (let i = 0; i < devicesCount; i++) devices.push(await enrol(ready, ready.parties[0], `k${i}`));
  const tally = { messages: 0, operations: 0, killedWhileStarting: 0, slowestStartMs: 0 };
  const losses: string[] = [];
  let [first, entries] = [0, 0];
  try {
    for (let round = 1; round <= rounds; round++) {
      const load = startLoad(ready, devices, { first, tag: String(round) });
      await underWay(load);
      await wait(random() * mostLoadMs);
      const heads = await headsOf(ready);
      await wait(random() * 50);
      process.kill(ready.platform.process.pid, 'SIGKILL');
      await ready.platform.process.ended;
      await load.stop();
      const { acknowledged } = load;
      const { commands, orders, registered } = acknowledged;
      losses.push(...(await checkFiles(ready.platform.data)));
      if (killStartEvery !== undefined && round % killStartEvery === 0) {
        await killedStart(ready, random() * mostStartMs);
        tally.killedWhileStarting++;
      }
      const again = await restart(ready);
      ready = again.ready;
      const lost = await findLosses(ready, acknowledged, { heads, entries });
      losses.push(...lost.map((line) => `round ${round}: ${line}`));
      tally.messages += load.count();
      tally.operations += commands.length + orders.length + registered.length;
      tally.slowestStartMs = Math.max(tally.slowestStartMs, again.ms);
      first += 1_000_000;
      entries = heads.find(({ log }) => log === ready.parties[0].log)?.size ?? entries;
      report(
        `round ${round}: ${load.count()} messages, ${commands.length} commands, ${orders.length} orders, ${registered.length} registrations, ${lost.length} losses`,
      );
    }
    const all = await headsOf(ready);
    return { rounds, ...tally, entries: all.reduce((sum, { size }) => sum + size, 0), losses };
  } finally {
    await ready.platform.process.stop();
    await ready.stop();
  }
}
