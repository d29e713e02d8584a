import { spawn } from 'node:child_process';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '..');
const bin = (name: string): string => path.join(root, 'node_modules/.bin', name);

export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Runs a command to its end, bounded; its output is shown as it comes and returned. */
export function run(
  command: string,
  args: readonly string[],
  options: { readonly minutes?: number; readonly quiet?: boolean } = {},
): Promise<Outcome> {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: (options.minutes ?? 10) * 60_000,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
  });
  const parts: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      parts.push(text);
      if (!options.quiet) process.stdout.write(text);
    });
  }
  child.on('error', reject);
  child.on('close', (code, signal) => {
    if (signal) parts.push(`\nended by ${signal}\n`);
    resolve({ code: code ?? 1, output: parts.join('') });
  });
  return promise;
}

export interface Counted {
  passed: number;
  failed: number;
}

/** A named step with its tally; a command that fails counts as one failed check. */
export async function check(
  name: string,
  tally: Counted,
  command: readonly [string, ...string[]],
  minutes = 10,
): Promise<boolean> {
  const started = performance.now();
  const [file, ...args] = command;
  const { code, output } = await run(bin(file), args, { minutes, quiet: true });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (code === 0) tally.passed++;
  else tally.failed++;
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (code !== 0) console.log(output);
  return code === 0;
}

const count = (output: string, word: string): number =>
  [...output.matchAll(new RegExp(`^ℹ ${word} (\\d+)$`, 'gm'))].reduce((sum, [, n]) => sum + Number(n), 0);

/**
 * Runs test files with node's runner. A pattern that matches nothing exits 0 and reports no tests: fewer than
 * `atLeast` is a failure, and so is a skipped test.
 */
export async function tests(
  name: string,
  tally: Counted,
  options: { readonly args: readonly string[]; readonly atLeast: number; readonly minutes?: number },
): Promise<boolean> {
  const started = performance.now();
  const args = ['--disable-warning=ExperimentalWarning', '--test', '--test-reporter=spec', ...options.args];
  const { code, output } = await run(bin('node'), args, { minutes: options.minutes ?? 15, quiet: true });
  const passed = count(output, 'pass');
  const failed = count(output, 'fail') + count(output, 'cancelled') + count(output, 'skipped') + count(output, 'todo');
  const few = passed + failed < options.atLeast;
  const fine = code === 0 && failed === 0 && !few;
  tally.passed += passed;
  tally.failed += fine ? 0 : Math.max(1, failed);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${fine ? 'ok    ' : 'FAILED'} ${name}: ${passed} passed, ${failed} failed (${seconds} s)`);
  if (few) console.log(`       only ${passed + failed} tests ran, at least ${options.atLeast} are expected`);
  if (!fine) console.log(failures(output));
  return fine;
}

/** The part of a report that says what failed; all of it when there is no such part. */
function failures(output: string): string {
  const at = output.indexOf('✖ failing tests:');
  return at < 0 ? output.slice(-20_000) : output.slice(at, at + 20_000);
}
