import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { node, run } from '../tools/live/process.ts';
import { loadNow, type Machine } from './machine.ts';
import { type BenchResult, toRun } from './report.ts';

interface Measured {
  readonly rates: readonly number[];
  readonly p99s: readonly number[];
  readonly size: number;
  readonly waiting: number;
}

/** The ledger in a process of its own, pinned: nothing comparable stands beside it. */
export async function ledgerBench(
  machine: Machine,
  scratch: string,
  say: (line: string) => void,
): Promise<BenchResult> {
  const directory = path.join(scratch, 'ledger');
  await mkdir(directory, { recursive: true });
  say('ledger: events to signed checkpoint, entries/s; then inclusion proofs');
  const child = path.join(import.meta.dirname, 'ledger-child.ts');
  const words = ['-c', String(machine.serverCore), node, '--disable-warning=ExperimentalWarning', child, directory];
  const { code, stdout, stderr } = await run('taskset', words, { timeout: 110_000 });
  if (code !== 0) throw new Error(`the ledger ended with ${code}:\n${stderr.slice(-3_000)}`);
  const { rates, p99s, size, waiting } = JSON.parse(stdout.trim()) as Measured;
  const list = (values: readonly number[], digits: number): string => values.map((v) => v.toFixed(digits)).join(', ');
  const notes = [
    `append: ${list(rates, 0)} entries/s with ${waiting} events waiting for their durable write at once`,
    `proof p99: ${list(p99s, 2)} ms in process, log of ${size} entries (load average ${loadNow()})`,
  ];
  for (const note of notes) say(`  ${note}`);
  const runs = [toRun('append', 'entries/s', { ours: rates }), toRun('proof p99', 'ms', { ours: p99s })];
  return { bench: 'ledger', runs, notes };
}
