import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { connectDevices, connects } from '../bench/connect.ts';
import { type Bench, openPlatform } from '../bench/context.ts';
import { idle, idleDevices, warmDevices } from '../bench/idle.ts';
import { ingest, ingestDevices } from '../bench/ingest.ts';
import { isolate, isolateDevices } from '../bench/isolate.ts';
import { ledgerBench } from '../bench/ledger.ts';
import { compileLoad } from '../bench/load.ts';
import { loadNow, type Machine, machine } from '../bench/machine.ts';
import { type BenchResult, table, toJson } from '../bench/report.ts';
import { raisedLimits } from '../bench/servers.ts';
import { setUp } from '../bench/setup.ts';
import { demandDebianPackages } from './debian.ts';

/**
 * Benchmarks: `npm run bench [-- NAME --json]`. Each server runs alone on one core, the load on another; the figures to
 * compare are the ratios, which come from alternating rounds of one run. Marks and method: docs/benchmarks.md.
 */
const benches = {
  ingest: { devices: ingestDevices, warm: 0, run: ingest },
  connect: { devices: connectDevices, warm: 0, run: connects },
  idle: { devices: idleDevices, warm: warmDevices, run: idle },
  isolate: { devices: isolateDevices, warm: 0, run: isolate },
} as const;
type Name = keyof typeof benches | 'ledger';
const order: readonly Name[] = ['ingest', 'connect', 'idle', 'isolate', 'ledger'];
const isName = (text: string): text is Name => order.some((name) => name === text);

const usage = `Usage: npm run bench [-- NAME] [--json]   NAME: ${order.join(', ')}; without it, all of them`;

interface Wanted {
  readonly names: readonly Name[];
  readonly title: string;
  readonly json: boolean;
}

function wanted(): Wanted {
  try {
    const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true });
    const [name] = positionals;
    const json = values.json === true;
    if (name === undefined) return { names: order, title: 'all', json };
    if (positionals.length === 1 && isName(name)) return { names: [name], title: name, json };
    console.error(`no benchmark ${positionals.join(' ')}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
  }
  console.error(usage);
  process.exit(64);
}

/** Progress goes to stderr: stdout ends with the table, or with one line of JSON. */
const say = (line: string): void => console.error(line);

async function platformBenches(
  names: readonly Name[],
  host: Machine,
  scratch: string,
): Promise<readonly BenchResult[]> {
  const chosen = names.filter((name) => name !== 'ledger').map((name) => benches[name]);
  if (chosen.length === 0) return [];
  const program = await compileLoad(scratch);
  const { platform, again } = await openPlatform(host, scratch);
  const state = { platform };
  try {
    const counts = {
      devices: Math.max(...chosen.map(({ devices }) => devices)),
      warm: Math.max(...chosen.map(({ warm }) => warm)),
    };
    const load = { program, core: host.loadCore };
    const ready = await setUp(platform, load, scratch, { counts, say });
    const bench: Bench = {
      machine: host,
      load,
      ready,
      scratch,
      say,
      platform,
      restart: async () => {
        state.platform = await again(state.platform);
        bench.platform = state.platform;
        return state.platform;
      },
    };
    const results: BenchResult[] = [];
    for (const { run } of chosen) results.push(await run(bench));
    return results;
  } finally {
    await state.platform.process.stop(15_000);
  }
}

async function main({ names, title, json }: Wanted): Promise<void> {
  demandDebianPackages();
  const host = machine();
  const scratch = await mkdtemp(path.join(tmpdir(), 'pactgate-bench-'));
  // Ctrl-C reaches the servers too: they are of our process group.
  process.once('SIGINT', () => {
    rmSync(scratch, { recursive: true, force: true });
    process.exit(130);
  });
  const load = { before: loadNow(), after: 0 };
  say(`${host.model}, ${host.cores} cores, Linux ${host.kernel}, Node ${host.node}, Mosquitto ${host.mosquitto}`);
  say(`server on core ${host.serverCore}, load on core ${host.loadCore}; load average before: ${load.before}`);
  say(`limits raised by configuration: ${JSON.stringify(raisedLimits)}`);
  try {
    const results = [...(await platformBenches(names, host, scratch))];
    if (names.includes('ledger')) results.push(await ledgerBench(host, scratch, say));
    load.after = loadNow();
    for (const { bench, notes } of results) for (const note of notes) say(`${bench}: ${note}`);
    console.log(table(results));
    if (json) console.log(toJson(title, host, results, { limits: raisedLimits, loadAverage: load }));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

await main(wanted());
process.exit(0);
