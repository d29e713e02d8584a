/** Bounds of the wait between attempts, in milliseconds. */
export interface Backoff {
  /** Ceiling of the first wait. */
  readonly first: number;
  /** Ceiling that all waits stay under. */
  readonly most: number;
}

/** 1 s to 15 min: a fleet that lost its platform comes back over half an hour, not at once. */
export const defaultBackoff: Backoff = { first: 1_000, most: 900_000 };

/**
 * The wait before attempt `attempt` (0: the first retry): full jitter, anything from 0 to a ceiling that doubles.
 *
 * @param random a fresh number in [0, 1)
 */
export function backoffDelay(attempt: number, { first, most }: Backoff, random: number): number {
  // 2^31 of any base is above every sensible maximum; more would leave the safe integers
  const ceiling = Math.min(most, first * 2 ** Math.min(attempt, 31));
  return Math.floor(ceiling * random);
}

/** Longest wait a timer of this runtime can hold. */
const longestTimer = 2_147_483_647;

/** Waits, at most about 24 days; ends early and quietly when `signal` aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(Math.max(0, ms), longestTimer));
    signal.addEventListener('abort', done);
  });
}
