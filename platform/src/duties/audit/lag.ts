import type { RecordBody } from '@pactgate/protocol';
import type { Duration, Instant } from '../../kernel/time.ts';

/** Ages of outbox rows when they were sequenced, in one window (A3.4.1). A value. */
export interface Lag {
  readonly from: Instant;
  readonly limit: Duration;
  readonly rows: number;
  readonly within: number;
  readonly max: number;
}

export const openLag = (from: Instant, limit: Duration): Lag => ({ from, limit, rows: 0, within: 0, max: 0 });

/** Rows of one batch by the times they were enqueued; a row from the future (clock set back) is of age 0. */
export function sequenced(lag: Lag, enqueued: readonly Instant[], at: Instant): Lag {
  const ages = enqueued.map((time) => Math.max(0, at - time));
  return {
    ...lag,
    rows: lag.rows + ages.length,
    within: lag.within + ages.filter((age) => age <= lag.limit).length,
    max: ages.reduce((max, age) => Math.max(max, age), lag.max),
  };
}

/** The window as a record, and the next one. No rows: a share of 1 of nothing, which proves nothing. */
export function closeLag(lag: Lag, to: Instant): { readonly body: RecordBody<'outbox.lag'>; readonly next: Lag } {
  const { from, limit, rows, within, max } = lag;
  const withinShare = rows === 0 ? 1 : within / rows;
  return { body: { from, to, rows, withinShare, limitMs: limit, maxMs: max }, next: openLag(to, limit) };
}

/** Times from growth to published checkpoint of one log, in one window (A3.3.5). A value. */
export interface Pace {
  readonly from: Instant;
  readonly limit: Duration;
  /** At most {@link maxTimes}; beyond it every other one is dropped, which keeps the median. */
  readonly times: readonly number[];
  readonly published: number;
  readonly within: number;
}
export const maxTimes = 1_024;

export const openPace = (from: Instant, limit: Duration): Pace => ({ from, limit, times: [], published: 0, within: 0 });

/** A checkpoint was published that covers growth since `grewAt`. */
export function published(pace: Pace, grewAt: Instant, at: Instant): Pace {
  const took = Math.max(0, at - grewAt);
  const times = [...pace.times, took];
  return {
    ...pace,
    times: times.length > maxTimes ? times.filter((_, i) => i % 2 === 0) : times,
    published: pace.published + 1,
    within: pace.within + (took <= pace.limit ? 1 : 0),
  };
}

const medianOf = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.floor((times.length - 1) / 2)] ?? 0;

export function closePace(
  pace: Pace,
  log: { readonly origin: string; readonly size: number },
  to: Instant,
): { readonly body: RecordBody<'ledger.checkpoint'>; readonly next: Pace } {
  const { from, limit, times, published: count, within } = pace;
  const withinShare = count === 0 ? 1 : within / count;
  const body = { ...log, from, to, published: count, medianMs: medianOf(times), withinShare, limitMs: limit };
  return { body, next: openPace(to, limit) };
}
