import type { Target } from './targets.ts';

export interface FuzzReport {
  readonly inputs: number;
  /** What was thrown, or an input that took longer than {@link slowMs}; each with its seed, at most 20. */
  readonly crashes: readonly string[];
  /** Longest processor time of one input, milliseconds. */
  readonly slowest: number;
  /** Octets of heap, after a collection where the runtime exposes one (`--expose-gc`). */
  readonly heapStart: number;
  readonly heapEnd: number;
}

/** An input that takes so much processor time is a way to stop the platform with a few octets. */
export const slowMs = 1_000;
const maxCrashes = 20;
const warmUp = 50;

const heap = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};

async function outcome(one: (seed: number) => Promise<void> | void, seed: number): Promise<string | undefined> {
  try {
    await one(seed);
    return undefined;
  } catch (error) {
    return `seed ${seed}: ${error instanceof Error ? (error.stack ?? error.message).slice(0, 600) : String(error)}`;
  }
}

/** Feeds a target inputs from consecutive seeds for so many seconds. */
export async function fuzz(
  target: Target,
  { seconds, seed }: { readonly seconds: number; readonly seed: number },
): Promise<FuzzReport> {
  const one = await target.prepare();
  const crashes: string[] = [];
  let [inputs, slowest, heapStart] = [0, 0, 0];
  const end = performance.now() + seconds * 1_000;
  for (let next = seed; performance.now() < end || inputs <= warmUp; next++, inputs++) {
    if (inputs === warmUp) heapStart = heap();
    const began = process.cpuUsage();
    const crash = await outcome(one, next);
    const { user, system } = process.cpuUsage(began);
    const took = (user + system) / 1_000;
    slowest = Math.max(slowest, took);
    if (crash !== undefined && crashes.length < maxCrashes) crashes.push(crash);
    if (took > slowMs && crashes.length < maxCrashes) crashes.push(`seed ${next}: took ${Math.round(took)} ms`);
  }
  return { inputs, crashes, slowest, heapStart, heapEnd: heap() };
}
