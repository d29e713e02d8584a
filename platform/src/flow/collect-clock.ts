import type { RecordBody } from '@pactgate/protocol';
import { type ClockSample, checkClock } from '../duties/audit/index.ts';
import { type Duration, type Instant, instant, millis, since } from '../kernel/time.ts';

/** What a witness of a device party said its clock showed, and ours when that arrived. */
export interface WitnessTime {
  readonly theirs: number;
  readonly ours: number;
}

/**
 * Time that a witness's post may have been under way. Nothing measures it: a longer way shows as an offset, so it
 * makes a good clock look bad. It can hide a clock of ours that is behind by no more than what the way took longer.
 */
export const witnessWay: Duration = millis(100);

/** Samples of witnesses: their clock was read at most {@link witnessWay} before the post arrived. */
export const witnessSamples = (times: readonly WitnessTime[]): readonly ClockSample[] =>
  times.map(({ theirs, ours }) => {
    const receivedAt = instant(ours);
    return { sentAt: instant(ours - witnessWay), receivedAt, serverAt: instant(theirs) };
  });

/** Older than this no sample speaks of the clock now. */
export const sampleLife: Duration = millis(600_000);

/**
 * Samples so close to the newest speak of the same clock. The way of a post only ever adds to the offset, so the least
 * of them is the truest; a clock that was set is seen when the samples from before are older than this.
 */
export const sampleSpread: Duration = millis(60_000);

/**
 * What our clock is off by (A3.4.1): measured against a time server where one answers, else against the clocks of the
 * device parties' witnesses, else `none`, which proves nothing.
 */
export function judgeClock(
  ntp: readonly ClockSample[],
  witnesses: readonly WitnessTime[],
  at: Instant,
): RecordBody<'clock.check'> {
  if (ntp.length > 0) return checkClock('ntp', ntp);
  const fresh = witnesses.filter(({ ours }) => since(instant(ours), at) <= sampleLife && ours <= at);
  const newest = Math.max(...fresh.map(({ ours }) => ours));
  const close = fresh.filter(({ ours }) => ours >= newest - sampleSpread);
  const truest = close.toSorted((a, b) => offsetOf(a) - offsetOf(b)).slice(0, 1);
  return checkClock('witness', witnessSamples(truest));
}

const offsetOf = ({ theirs, ours }: WitnessTime): number => Math.abs(ours - witnessWay / 2 - theirs);
