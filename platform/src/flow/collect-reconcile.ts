import type { RecordBody } from '@pactgate/protocol';
import {
  cutWindow,
  given,
  logged,
  openReconciler,
  type Pairs,
  paired,
  type Reconciler,
  type Stream,
  settle,
  startSource,
} from '../duties/audit/index.ts';
import { type Duration, type Instant, since } from '../kernel/time.ts';
import type { NewRecord } from '../parties/record.ts';

/** Name of a log in reconciliations: the agreement's id, `platform` or `master`. */
export type LogName = string;

/** A sequenced row, as far as counting needs it. */
export interface CountedRow {
  readonly source: string;
  readonly seq: number;
  readonly kind: string;
  readonly outcome: string;
  readonly n: number;
}

/** Counts of one window's end; those of pairs since the cut before, `deniedTotal` since the start. */
export interface WindowCounts extends Pairs {
  /** Operations that the gate denied, ever: their records follow a moment later and are matched by {@link Reconciliation.settle}. */
  readonly deniedTotal: number;
}

interface Held {
  readonly body: Body;
  /** Denials that must be in the ledger for this window to be whole. */
  readonly deniedTotal: number;
  /** Denials of this window alone. */
  readonly denied: number;
}
type Body = RecordBody<'ledger.reconcile'>;

/** Streams of A's own logs are told in the platform log; an agreement's own in its log alone, for no other party to see. */
const shared = 'platform';
const own = (log: LogName): boolean => log !== 'platform' && log !== 'master';

/**
 * Counters of this process against leaves, window by window (A3.4.1, B2.2.4, A3.1.3): one record for A's own logs with
 * the counts of pairs, and one in each agreement's log about that log.
 *
 * What an operation's denial leaves in the ledger comes after the window's end, so denials are matched by their running
 * totals: a window is whole once as many were recorded as were denied up to its end, and what is missing after the
 * grace is told once.
 */
export class Reconciliation {
  readonly #source: string;
  readonly #groups = new Map<string, Reconciler>();
  readonly #numbers = new Map<LogName, number>();
  readonly #starts = new Map<LogName, number>();
  readonly #windows: { readonly to: Instant; readonly deniedTotal: number; readonly denied: number }[] = [];
  #held: Held[] = [];
  #from: Instant;
  #deniedBefore = 0;
  #recorded = 0;
  /** Denials that were told as missing: later windows do not miss them again. */
  #lost = 0;

  /** @param source name of this process in `s` of its leaves */
  constructor(source: string, from: Instant) {
    this.#source = source;
    this.#from = from;
  }

  /** A log of before this start: its numbers go on after `last`. Call it before anything else is told of this log. */
  start(log: LogName, last: number): void {
    this.#change(log, (reconciler, stream) => startSource(reconciler, stream, last));
    this.#numbers.set(log, last);
    this.#starts.set(log, last);
  }

  /** This process has given out numbers up to `last` in a log. */
  numbered(log: LogName, last: number): void {
    this.#numbers.set(log, Math.max(last, this.#numbers.get(log) ?? 0));
  }

  /** Rows became leaves. */
  sequenced(log: LogName, rows: readonly CountedRow[]): void {
    for (const { source, seq, kind, outcome, n } of rows) {
      if (source !== this.#source) continue;
      this.#change(log, (reconciler, stream) => logged(reconciler, stream, seq));
      // Denials of before this start were counted by the process before.
      const isOwn = seq > (this.#starts.get(log) ?? 0);
      if (isOwn && kind === 'authz.decide' && outcome === 'deny') this.#recorded += n;
    }
  }

  /** Logs that numbers were given out in. */
  logs(): readonly LogName[] {
    return [...this.#numbers.keys()];
  }

  /**
   * Ends the window.
   *
   * @param durable the number each log's source counter stands at in the store: a transaction that was rolled back
   *   gives its numbers to the next, so what was given out counts only as far as it is durable
   */
  cut(at: Instant, counts: WindowCounts, durable: ReadonlyMap<LogName, number>): void {
    for (const [log, last] of this.#numbers) {
      const number = Math.min(last, durable.get(log) ?? last);
      this.#change(log, (reconciler, stream) => given(reconciler, stream, number));
    }
    const { deniedTotal, ...pairs } = counts;
    this.#groups.set(shared, paired(this.#group(shared), pairs));
    for (const [name, reconciler] of this.#groups) this.#groups.set(name, cutWindow(reconciler, at));
    this.#windows.push({ to: at, deniedTotal, denied: deniedTotal - this.#deniedBefore });
    if (this.#windows.length > maxWindows) this.#windows.shift();
    this.#deniedBefore = deniedTotal;
    this.#from = at;
  }

  /** Records of windows that are whole, or whose grace is over. Each is told once. */
  settle(at: Instant, grace: Duration): readonly NewRecord[] {
    const records: NewRecord[] = [];
    for (const [name, reconciler] of this.#groups) {
      const { reconciler: next, bodies } = settle(reconciler, at, grace);
      this.#groups.set(name, next);
      if (name === shared) this.#held.push(...bodies.map((body) => this.#hold(body)));
      else records.push(...bodies.map((body) => toRecord(body, name)));
    }
    return [...records, ...this.#release(at, grace)];
  }

  #hold(body: Body): Held {
    const window = this.#windows.find(({ to }) => to === body.to);
    return { body, deniedTotal: window?.deniedTotal ?? 0, denied: window?.denied ?? 0 };
  }

  #release(at: Instant, grace: Duration): readonly NewRecord[] {
    const records: NewRecord[] = [];
    const left: Held[] = [];
    for (const held of this.#held) {
      const { body, deniedTotal, denied } = held;
      const missing = Math.min(denied, Math.max(0, deniedTotal - this.#recorded - this.#lost));
      if (missing > 0 && since(toInstant(body.to), at) <= grace) {
        left.push(held);
        continue;
      }
      this.#lost += missing;
      const { operations, decisions } = body;
      const whole = { ...body, operations: operations + denied, decisions: decisions + denied - missing };
      records.push(toRecord(whole, undefined));
    }
    this.#held = left;
    return records;
  }

  #group(name: string): Reconciler {
    return this.#groups.get(name) ?? openReconciler(this.#from);
  }

  #change(log: LogName, step: (reconciler: Reconciler, stream: Stream) => Reconciler): void {
    const name = own(log) ? log : shared;
    this.#groups.set(name, step(this.#group(name), { source: this.#source, log }));
  }
}

/** Windows that may wait for their denials: more than can wait for their leaves. */
const maxWindows = 64;
/** A window's end was an instant when it was cut. */
const toInstant = (at: number): Instant => at as Instant;

const isEqual = ({ sources, authenticated, sessionsOpened, operations, decisions }: Body): boolean =>
  sources.every((stream) => stream.counted === stream.logged) &&
  authenticated === sessionsOpened &&
  operations === decisions;

const toRecord = (body: Body, agreement: string | undefined): NewRecord => ({
  ...(agreement === undefined ? {} : { agreement }),
  kind: 'ledger.reconcile',
  outcome: isEqual(body) ? 'equal' : 'different',
  body,
});
