import type { Ref, Status } from './types.ts';

/** Members of a population: those that keep the criterion, break it, may still do either, or cannot be judged. */
export interface Members {
  readonly good: number;
  readonly bad: number;
  readonly pending: number;
  readonly unknown: number;
}

/** Counts below this share of one member are rounding: 0.99 of 100 must be 99, not 99.00000000000001. */
const epsilon = 1e-9;

/**
 * Judges a share: met if the good alone reach it, breached if the bad alone exceed the rest, at-risk if those pending
 * could make it so, else unknown. An empty population is unknown.
 */
export function judgeShare({ good, bad, pending, unknown }: Members, share: number): Status {
  const total = good + bad + pending + unknown;
  if (total === 0) return 'unknown';
  const spare = (1 - share) * total + epsilon;
  if (bad > spare) return 'breached';
  if (good + epsilon >= share * total) return 'met';
  return bad + pending > spare ? 'at-risk' : 'unknown';
}

/** Records named as a sample of a share that is kept, the first in the order of the population. */
const maxSample = 5;

/** Adds a record to the sample while there is room. */
export function sample(refs: Ref[], ref: Ref | undefined): void {
  if (ref !== undefined && refs.length < maxSample) refs.push(ref);
}
