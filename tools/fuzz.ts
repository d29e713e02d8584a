import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { fuzz } from '../interop/fuzz/run.ts';
import { targets } from '../interop/fuzz/targets.ts';

/** `npm run fuzz`: mutated inputs at every parser that meets octets from outside; exit 1 when one throws what it should not. */

const list = Object.entries(targets)
  .map(([name, { what }]) => `  ${name.padEnd(14)}${what}`)
  .join('\n');
const usage = `Usage: npm run fuzz [-- NAME] [--minutes N] [--seed N] [--json]

${list}

Without a name: all of them, the minutes (default 30) shared. A seed repeats a run.`;

const options = {
  minutes: { type: 'string', default: '30' },
  seed: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const { values, positionals } = parseArgs({ options, allowPositionals: true });
const names = positionals.length > 0 ? positionals : Object.keys(targets);
const minutes = Number(values.minutes);
const seed = values.seed === undefined ? randomBytes(4).readUInt32BE() : Number(values.seed);
if (values.help || names.some((name) => !Object.hasOwn(targets, name)) || !(minutes > 0) || !Number.isInteger(seed)) {
  console.error(usage);
  process.exit(values.help ? 0 : 64);
}
setFlagsFromString('--expose-gc');
globalThis.gc = runInNewContext('gc') as NonNullable<typeof globalThis.gc>; // the flag was just set

const mib = (octets: number): string => `${(octets / 1_048_576).toFixed(1)} MiB`;
console.error(`seed ${seed}, ${minutes} min`);
const reports = [];
for (const name of names) {
  const target = targets[name];
  if (!target) continue;
  const report = await fuzz(target, { seconds: (minutes * 60) / names.length, seed });
  const { inputs, crashes, slowest, heapStart, heapEnd } = report;
  reports.push({ target: name, ...report });
  console.error(
    `${name.padEnd(14)}${String(inputs).padStart(10)} inputs, ${crashes.length} crashes, slowest ${slowest.toFixed(1)} ms, heap ${mib(heapStart)} -> ${mib(heapEnd)}`,
  );
  for (const crash of crashes) console.error(`  ${crash}`);
}
if (values.json) console.log(JSON.stringify({ seed, minutes, reports }));
process.exit(reports.some(({ crashes }) => crashes.length > 0) ? 1 : 0);
