import type { Machine } from './machine.ts';

/** One case of a benchmark: medians of alternating rounds; null where a comparison makes no sense. */
export interface Run {
  readonly case: string;
  readonly unit: string;
  readonly ours: number;
  readonly bare: number | null;
  readonly mosquitto: number | null;
  readonly ratioBare: number | null;
  readonly ratioMosquitto: number | null;
}

export interface BenchResult {
  readonly bench: string;
  readonly runs: readonly Run[];
  /** What people should know beside the medians: each round, load averages, what the mark is. */
  readonly notes: readonly string[];
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
};

/** The value below which `share` of the values lie (nearest rank). */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
};

const rounded = (value: number): number => {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 3;
  return Number(value.toFixed(digits));
};
const ratio = (ours: number, other: number | undefined): number | null =>
  other === undefined || other === 0 ? null : Number((ours / other).toFixed(3));

/** What the rounds of a case gave. */
export interface Rounds {
  readonly ours: readonly number[];
  readonly bare?: readonly number[];
  readonly mosquitto?: readonly number[];
}

/** A run of the medians; ratios are of these medians, all from the same run on the same core. */
export function toRun(name: string, unit: string, { ours, bare, mosquitto }: Rounds): Run {
  const [own, plain, broker] = [ours, bare, mosquitto].map((rounds) => (rounds ? median(rounds) : undefined));
  const value = own ?? Number.NaN;
  return {
    case: name,
    unit,
    ours: rounded(value),
    bare: plain === undefined ? null : rounded(plain),
    mosquitto: broker === undefined ? null : rounded(broker),
    ratioBare: ratio(value, plain),
    ratioMosquitto: ratio(value, broker),
  };
}

const number = (value: number | null): string => (value === null ? '-' : value.toLocaleString('en'));

/** A table for people. */
export function table(results: readonly BenchResult[]): string {
  const head = ['bench', 'case', 'unit', 'ours', 'bare node', 'mosquitto', '/ bare', '/ mosquitto'];
  const rows = results.flatMap(({ bench, runs }) =>
    runs.map((run) => [
      bench,
      run.case,
      run.unit,
      number(run.ours),
      number(run.bare),
      number(run.mosquitto),
      run.ratioBare === null ? '-' : run.ratioBare.toFixed(2),
      run.ratioMosquitto === null ? '-' : run.ratioMosquitto.toFixed(2),
    ]),
  );
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i < 3 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

/** The JSON object of one benchmark, or of all of them (each run then names its benchmark). */
export function toJson(name: string, machine: Machine, results: readonly BenchResult[], extra: object): string {
  const single = results.length === 1 && results[0]?.bench === name;
  const runs = results.flatMap(({ bench, runs: own }) => own.map((run) => (single ? run : { bench, ...run })));
  return JSON.stringify({ bench: name, machine, runs, ...extra });
}
