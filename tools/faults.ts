import { parseArgs } from 'node:util';
import { databaseLocked, diskFull, postgresBreaks, type StoreFaultTally } from '../interop/faults/disk.ts';
import { type KillTally, killRounds } from '../interop/faults/kill.ts';

/** `npm run faults`: 50 kills and more, a full disk, a locked database; a table of counts, exit 1 when anything was lost. */

const usage = `Usage: npm run faults [-- NAME] [--rounds N] [--seed TEXT] [--json]

  kill          kill -9 under full load, --rounds times (default 50); every fifth restart is killed as well
  disk          the disk is full for a while (needs root: mounts a small file system)
  lock          another program holds the database, then the telemetry of the day
  postgres      the connections to PostgreSQL break again and again

Without a name: all of them.`;

const options = {
  rounds: { type: 'string', default: '50' },
  seed: { type: 'string', default: new Date().toISOString() },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

interface Row {
  readonly case: string;
  readonly rounds: number;
  readonly messages: number;
  readonly operations: number;
  readonly refused: string;
  readonly losses: readonly string[];
}

const killRow = ({ rounds, messages, operations, losses }: KillTally): Row => ({
  case: 'kill -9',
  rounds,
  messages,
  operations,
  refused: '',
  losses,
});
const storeRow = (name: string, { messages, operations, refused, losses }: StoreFaultTally): Row => ({
  case: name,
  rounds: 1,
  messages,
  operations,
  refused: Object.entries(refused)
    .map(([code, n]) => `${n} x ${code}`)
    .join(', '),
  losses,
});

type Case = (given: { readonly rounds: number; readonly seed: string }) => Promise<readonly Row[]>;
const say = (line: string): void => console.error(line);
const cases: Readonly<Record<string, Case>> = {
  kill: async ({ rounds, seed }) => [killRow(await killRounds({ rounds, seed, killStartEvery: 5, report: say }))],
  disk: async () => [storeRow('disk full', await diskFull())],
  lock: async () => [
    storeRow('database locked', await databaseLocked('main')),
    storeRow('telemetry locked', await databaseLocked('telemetry')),
  ],
  postgres: async () => [storeRow('PostgreSQL breaks', await postgresBreaks())],
};

function table(rows: readonly Row[]): string {
  const head = ['case', 'rounds', 'acknowledged messages', 'operations', 'lost', 'refused meanwhile'];
  const lines = rows.map((row) =>
    [row.case, row.rounds, row.messages, row.operations, row.losses.length, row.refused].map(String),
  );
  const widths = head.map((word, i) => Math.max(word.length, ...lines.map((line) => line[i]?.length ?? 0)));
  return [head, ...lines]
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const { values, positionals } = parseArgs({ options, allowPositionals: true });
const names = positionals.length > 0 ? positionals : Object.keys(cases);
const rounds = Number(values.rounds);
if (values.help || names.some((name) => !(name in cases)) || !Number.isInteger(rounds) || rounds < 1) {
  console.error(usage);
  process.exit(values.help ? 0 : 64);
}
say(`seed ${values.seed}`);
const rows: Row[] = [];
for (const name of names) {
  say(`${name} ...`);
  rows.push(...((await cases[name]?.({ rounds, seed: values.seed })) ?? []));
}
const losses = rows.flatMap((row) => row.losses.map((line) => `${row.case}: ${line}`));
console.log(values.json ? JSON.stringify({ faults: rows, ok: losses.length === 0 }) : table(rows));
for (const line of losses) console.error(line);
process.exit(losses.length === 0 ? 0 : 1);
