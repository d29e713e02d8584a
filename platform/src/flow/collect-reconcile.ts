import type { RecordBody } from '@pactgate/protocol';
import {
  cutWindow,
  given,
  logged,
  openReconciler,
  paired,
  type Reconciler,
  type Stream,
  settle,
  startSource,
} from '../duties/audit/index.ts';
import { type Duration, type Instant, since } from '../kernel/time.ts';
import type { NewRecord } from '../parties/record.ts';
import { type Matched, Matcher } from './collect-match.ts';

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

/** Counters of the process at a window's end. */
export interface WindowCounts {
  /** Authentications that became a session, since the start. */
  readonly sessions: number;
  /** Authentications under way, whose session may be recorded already. */
  readonly settling: number;
  /** Operations that were permitted, since the window before. */
  readonly permitted: number;
  /** Permits that the aggregates of the same moment cover. */
  readonly permits: number;
  /** Operations that were denied, since the start. */
  readonly denied: number;
}

type Body = RecordBody<'ledger.reconcile'>;
interface Window {
  readonly to: Instant;
  readonly sessions: Matched;
  readonly denials: Matched;
}
interface Held {
  readonly body: Body;
  readonly window: Window;
}

/** Streams of A's own logs are told in the platform log; an agreement's own in its log alone, for no other party to see. */
const shared = 'platform';
const isOwn = (log: LogName): boolean => log !== 'platform' && log !== 'master';

/** Windows that may wait: more than can wait for their leaves. */
const maxWindows = 64;

/**
 * Counters of this process against leaves, window by window (A3.4.1, B2.2.4, A3.1.3): one record for A's own logs, with
 * the counts of pairs, and one in each agreement's log about that log.
 *
 * Sessions and denials are compared with their records in the ledger, permits with the aggregates that cover them.
 */
export class Reconciliation {
  readonly #source: string;
  readonly #groups = new Map<string, Reconciler>();
  readonly #numbers = new Map<LogName, number>();
  readonly #starts = new Map<LogName, number>();
  readonly #sessions = new Matcher();
  readonly #denials = new Matcher();
  readonly #windows: Window[] = [];
  #held: Held[] = [];
  #from: Instant;

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
    for (const row of rows) {
      if (row.source !== this.#source) continue;
      this.#change(log, (reconciler, stream) => logged(reconciler, stream, row.seq));
      // What happened before this start was counted by the process before.
      if (row.seq > (this.#starts.get(log) ?? 0)) this.#match(row);
    }
  }

  #match({ kind, outcome, n }: CountedRow): void {
    if (kind === 'session.open') this.#sessions.recorded(n);
    if (kind === 'authz.decide' && outcome === 'deny') this.#denials.recorded(n);
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
    const sessions = this.#sessions.cut(counts.sessions, counts.sessions + counts.settling);
    const denials = this.#denials.cut(counts.denied, Number.POSITIVE_INFINITY);
    const pairs = {
      authenticated: sessions.count,
      sessionsOpened: sessions.count + sessions.excess,
      operations: counts.permitted + denials.count,
      decisions: counts.permits + denials.count,
    };
    this.#groups.set(shared, paired(this.#group(shared), pairs));
    for (const [name, reconciler] of this.#groups) this.#groups.set(name, cutWindow(reconciler, at));
    this.#windows.push({ to: at, sessions, denials });
    if (this.#windows.length > maxWindows) this.#windows.shift();
    this.#from = at;
  }

  /** Records of windows that are whole, or whose grace is over. Each is told once. */
  settle(at: Instant, grace: Duration): readonly NewRecord[] {
    const records: NewRecord[] = [];
    for (const [name, reconciler] of this.#groups) {
      const { reconciler: next, bodies } = settle(reconciler, at, grace);
      this.#groups.set(name, next);
      if (name === shared) this.#hold(bodies);
      else records.push(...bodies.map((body) => toRecord(body, name)));
    }
    const done = this.#held.filter((held) => this.#isDone(held.window, at, grace));
    this.#held = this.#held.filter((held) => !done.includes(held));
    return [...records, ...done.map((held) => this.#tell(held))];
  }

  #hold(bodies: readonly Body[]): void {
    for (const body of bodies) {
      const window = this.#windows.find(({ to }) => to === body.to);
      if (window) this.#held.push({ body, window });
    }
  }

  #isDone({ to, sessions, denials }: Window, at: Instant, grace: Duration): boolean {
    if (since(to, at) > grace) return true;
    return this.#sessions.missing(sessions) === 0 && this.#denials.missing(denials) === 0;
  }

  #tell({ body, window: { sessions, denials } }: Held): NewRecord {
    const unopened = this.#sessions.missing(sessions);
    const undecided = this.#denials.missing(denials);
    this.#sessions.giveUp(unopened);
    this.#denials.giveUp(undecided);
    const told = {
      ...body,
      sessionsOpened: body.sessionsOpened - unopened,
      decisions: Math.max(0, body.decisions - undecided),
    };
    return toRecord(told, undefined);
  }

  #group(name: string): Reconciler {
    return this.#groups.get(name) ?? openReconciler(this.#from);
  }

  #change(log: LogName, step: (reconciler: Reconciler, stream: Stream) => Reconciler): void {
    const name = isOwn(log) ? log : shared;
    this.#groups.set(name, step(this.#group(name), { source: this.#source, log }));
  }
}

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
