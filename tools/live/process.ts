import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');
/** The pinned Node; never the system's. */
export const node = path.join(root, 'node_modules/.bin/node');

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds. Default 60 s. */
  readonly timeout?: number;
  readonly input?: string;
  readonly cwd?: string;
}

const maxOutput = 32 * 1_024 * 1_024;

/** Runs a program to its end. Never rejects for its exit code; rejects when it cannot be started. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const { env = {}, timeout = 60_000, input, cwd } = options;
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    timeout,
    killSignal: 'SIGKILL',
    ...(cwd === undefined ? {} : { cwd }),
  });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8');
    child[name].on('data', (text: string) => {
      if (texts[name].length < maxOutput) texts[name] += text;
    });
  }
  child.stdin.on('error', () => undefined); // it ended without reading: its exit code says so
  child.stdin.end(input ?? '');
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: code ?? (signal === null ? 1 : 137), ...texts }));
  });
}

/** A process of ours that runs beside: ended by its own id, never by a name. */
export interface Running {
  readonly pid: number;
  /** The last lines it wrote on stderr. */
  tail(): string;
  /** SIGTERM, and SIGKILL after `grace` milliseconds. Resolves with its exit code. */
  stop(grace?: number): Promise<number>;
  readonly ended: Promise<number>;
}

const maxTail = 16_384;

/** Starts a process that stays; `onLine` gets each line of its stdout. */
export function start(
  command: string,
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly onLine?: (line: string) => void } = {},
): Running {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  let tail = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => {
    tail = (tail + text).slice(-maxTail);
  });
  lines(child, options.onLine);
  const ended = new Promise<number>((resolve) => {
    child.on('error', (error) => {
      tail += `\n${error.message}`;
      resolve(69);
    });
    child.on('close', (code) => resolve(code ?? 137));
  });
  return { pid: child.pid ?? 0, tail: () => tail, stop: (grace = 10_000) => stop(child, ended, grace), ended };
}

function lines(child: ChildProcess, onLine: ((line: string) => void) | undefined): void {
  let held = '';
  child.stdout?.setEncoding('utf8');
  child.stdout?.on('data', (text: string) => {
    const parts = (held + text).split('\n');
    held = (parts.pop() ?? '').slice(-maxTail);
    for (const line of parts) onLine?.(line);
  });
}

async function stop(child: ChildProcess, ended: Promise<number>, grace: number): Promise<number> {
  if (child.exitCode !== null || child.signalCode !== null) return ended;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), grace);
  const code = await ended;
  clearTimeout(timer);
  return code;
}

/** Runs `work` over all items, at most so many at once. */
export async function inParallel<T>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: most }, worker));
}

/** Waits until `ask` answers something, asking every `every` milliseconds; undefined when the time is over. */
export async function until<T>(
  ask: () => Promise<T | undefined> | T | undefined,
  limit: { readonly within: number; readonly every?: number },
): Promise<T | undefined> {
  const end = performance.now() + limit.within;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || performance.now() >= end) return answer;
    await new Promise((resolve) => setTimeout(resolve, limit.every ?? 250));
  }
}
