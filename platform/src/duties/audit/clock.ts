import type { RecordBody } from '@pactgate/protocol';
import type { Instant } from '../../kernel/time.ts';

/** One answer of a time server: when it was asked and answered by our clock, and what its clock said. */
export interface ClockSample {
  readonly sentAt: Instant;
  readonly receivedAt: Instant;
  readonly serverAt: Instant;
}

/** Uncertainty of a clock that nothing was compared with: above every limit that can be agreed. */
export const unchecked = 315_360_000_000;

/**
 * What our clock is off by, as far as the samples tell (A3.4.1). The sample with the shortest round trip counts: the
 * server read its clock somewhere between, so half the trip is the uncertainty. Samples whose answer came before the
 * question (our clock was set) are left out; none left is `none`, which proves nothing.
 */
export function checkClock(method: string, samples: readonly ClockSample[]): RecordBody<'clock.check'> {
  const usable = samples.filter(({ sentAt, receivedAt }) => receivedAt >= sentAt);
  const [best] = usable.toSorted((a, b) => a.receivedAt - a.sentAt - (b.receivedAt - b.sentAt));
  if (best === undefined) return { method: 'none', offsetMs: 0, uncertaintyMs: unchecked };
  const trip = best.receivedAt - best.sentAt;
  return { method, offsetMs: Math.abs(best.serverAt - best.sentAt - trip / 2), uncertaintyMs: trip / 2 };
}

/** The operating system's own estimate, where a time daemon keeps the clock (`maxerror` of adjtimex bounds it). */
export const clockOfSystem = (
  estimate: { readonly offsetMs: number; readonly maxErrorMs: number } | undefined,
): RecordBody<'clock.check'> =>
  estimate === undefined
    ? { method: 'none', offsetMs: 0, uncertaintyMs: unchecked }
    : { method: 'adjtimex', offsetMs: Math.abs(estimate.offsetMs), uncertaintyMs: estimate.maxErrorMs };
