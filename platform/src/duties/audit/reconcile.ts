import type { RecordBody } from '@pactgate/protocol';
import { type Duration, type Instant, since } from '../../kernel/time.ts';
import { type Arrivals, arrive, arrivedOf, openArrivals } from './numbers.ts';

/** A source and a log: `log` is the agreement's id, `platform` or `master`. */
export interface Stream {
  readonly source: string;
  readonly log: string;
}
const keyOf = ({ source, log }: Stream): string => `${source} ${log}`;

interface Counted extends Stream {
  /** Number that the source gave out last: what it says it recorded. */
  readonly given: number;
  readonly arrivals: Arrivals;
}

/** Events that must come in pairs: authentications and sessions, operations and decisions. */
export interface Pairs {
  readonly authenticated: number;
  readonly sessionsOpened: number;
  readonly operations: number;
  readonly decisions: number;
}
const noPairs: Pairs = { authenticated: 0, sessionsOpened: 0, operations: 0, decisions: 0 };

/** A window that has ended and waits for its leaves. */
interface Window {
  readonly from: Instant;
  readonly to: Instant;
  readonly pairs: Pairs;
  /** Numbers of each stream that belong to it. */
  readonly streams: readonly (Stream & { readonly first: number; readonly last: number })[];
}

/**
 * Counters of sources against leaves (A3.4.1, B2.2.4, A3.1.3). A value: every change gives a new one.
 *
 * A window is a range of sequence numbers, not of times: an event numbered before the border belongs to the window
 * before, however late its leaf arrives, so nothing is counted twice or between two windows. At most
 * {@link maxStreams} streams and {@link maxWaiting} waiting windows.
 */
export interface Reconciler {
  readonly from: Instant;
  readonly streams: ReadonlyMap<string, Counted>;
  readonly pairs: Pairs;
  readonly borders: ReadonlyMap<string, number>;
  readonly waiting: readonly Window[];
}
const maxStreams = 64;
const maxWaiting = 16;

export const openReconciler = (from: Instant): Reconciler => ({
  from,
  streams: new Map(),
  pairs: noPairs,
  borders: new Map(),
  waiting: [],
});

function change(reconciler: Reconciler, stream: Stream, to: (counted: Counted) => Counted): Reconciler {
  const key = keyOf(stream);
  const known = reconciler.streams.get(key);
  if (known === undefined && reconciler.streams.size >= maxStreams) return reconciler;
  const counted = to(known ?? { ...stream, given: 0, arrivals: openArrivals(0) });
  return { ...reconciler, streams: new Map(reconciler.streams).set(key, counted) };
}

/** A source begins, after the number its epoch before ended with (0 for a new one). */
export function startSource(reconciler: Reconciler, stream: Stream, last: number): Reconciler {
  const started = change(reconciler, stream, () => ({ ...stream, given: last, arrivals: openArrivals(last) }));
  return { ...started, borders: new Map(started.borders).set(keyOf(stream), last) };
}

/** The source gave out numbers up to this one, durably: call it when its transaction has committed. */
export const given = (reconciler: Reconciler, stream: Stream, number: number): Reconciler =>
  change(reconciler, stream, (counted) => ({ ...counted, given: Math.max(counted.given, number) }));

/** A leaf of the source was sequenced. */
export const logged = (reconciler: Reconciler, stream: Stream, number: number): Reconciler =>
  change(reconciler, stream, (counted) => ({ ...counted, arrivals: arrive(counted.arrivals, number) }));

/**
 * Counts of one moment: count both halves of a pair in the same step of the program, or the first half only once the
 * second is sure to be counted before the next {@link cutWindow}; a pair torn by a border shows as a breach.
 */
export function paired(reconciler: Reconciler, counts: Partial<Pairs>): Reconciler {
  const { pairs } = reconciler;
  return {
    ...reconciler,
    pairs: {
      authenticated: pairs.authenticated + (counts.authenticated ?? 0),
      sessionsOpened: pairs.sessionsOpened + (counts.sessionsOpened ?? 0),
      operations: pairs.operations + (counts.operations ?? 0),
      decisions: pairs.decisions + (counts.decisions ?? 0),
    },
  };
}

/** Ends the window that runs; what comes from now on belongs to the next. */
export function cutWindow(reconciler: Reconciler, at: Instant): Reconciler {
  const streams = [...reconciler.streams.values()].map((counted) => ({
    source: counted.source,
    log: counted.log,
    first: (reconciler.borders.get(keyOf(counted)) ?? 0) + 1,
    last: counted.given,
  }));
  const ended: Window = { from: reconciler.from, to: at, pairs: reconciler.pairs, streams };
  return {
    ...reconciler,
    from: at,
    pairs: noPairs,
    borders: new Map([...reconciler.streams].map(([key, counted]) => [key, counted.given])),
    waiting: [...reconciler.waiting, ended].slice(-maxWaiting),
  };
}

function toBody(reconciler: Reconciler, { from, to, pairs, streams }: Window): RecordBody<'ledger.reconcile'> {
  const sources = streams.map(({ source, log, first, last }) => {
    const arrivals = reconciler.streams.get(keyOf({ source, log }))?.arrivals ?? openArrivals(0);
    return { source, log, counted: last - first + 1, logged: arrivedOf(arrivals, { from: first, to: last }) };
  });
  return { from, to, sources, ...pairs };
}

const isWhole = ({ sources }: RecordBody<'ledger.reconcile'>): boolean =>
  sources.every((stream) => stream.counted === stream.logged);

/**
 * Windows that can be told: those whose leaves have all arrived, and those that ended longer than `grace` ago, whose
 * missing leaves are missing.
 */
export function settle(
  reconciler: Reconciler,
  at: Instant,
  grace: Duration,
): { readonly reconciler: Reconciler; readonly bodies: readonly RecordBody<'ledger.reconcile'>[] } {
  const told = reconciler.waiting.map((window) => ({ window, body: toBody(reconciler, window) }));
  const done = told.filter(({ window, body }) => isWhole(body) || since(window.to, at) > grace);
  const left = told.filter((one) => !done.includes(one)).map(({ window }) => window);
  return { reconciler: { ...reconciler, waiting: left }, bodies: done.map(({ body }) => body) };
}
