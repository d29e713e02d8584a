import { isMessage, maxControlOctets, type ReportType, SecurityReport, type Severity } from '@pactgate/protocol';
import type { DeviceStore } from './store.ts';
import { ulid } from './ulid.ts';

/** What happened, as the program that noticed it says it. */
export interface SecurityEvent {
  readonly type: ReportType;
  readonly severity: Severity;
  /** Which check noticed it. */
  readonly check?: string;
  readonly firmware?: string;
  /** At most 64 members; the whole report stays below 4 KiB. */
  readonly detail?: Readonly<Record<string, unknown>>;
  /** When it was detected, epoch milliseconds; absent: now. */
  readonly at?: number;
}

export interface ReportQueueOptions {
  readonly store: DeviceStore;
  /** Wall clock, epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds since the start of the device. */
  readonly mono: () => number;
  readonly random: (size: number) => Uint8Array;
  /** Reports kept while they cannot be delivered. Default 1,000. */
  readonly limit?: number;
}

interface Pending {
  report: SecurityReport;
  /** Handed out at least once: its content is fixed from then on. */
  taken: boolean;
  inFlight: boolean;
}

const countersName = 'counters.json';
const prefix = 'report-';
/** Digits of a file name: names sort as their numbers, up to 2^53. */
const nameOf = (seq: number): string => `${prefix}${String(seq).padStart(16, '0')}.json`;
/** Equal events within this time become one report with a count, in milliseconds. */
const mergeWindow = 60_000;
/** Reports dropped at once when the queue is full; one `overflow` report stands for all of them. */
const dropAtOnce = 100;
const dropOrder: readonly Severity[] = ['info', 'low', 'medium', 'high', 'critical'];

/**
 * The reports a device owes its platform (row B2.6.2), numbered without gaps across restarts.
 *
 * A report is stored before its number is used anywhere, and is removed only when the platform has acknowledged it; the
 * next number is one above the highest that was ever stored. When the queue is full, the oldest of the least severe go
 * first, and a report of type `overflow` names their range.
 */
export class ReportQueue {
  readonly boot: number;
  readonly #options: ReportQueueOptions;
  readonly #limit: number;
  readonly #pending: Pending[];
  #next: number;
  /** Highest number noted in `counters.json`. */
  #noted: number;
  /** Writes run one after another: numbers are given in the order of the files. */
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(
    options: ReportQueueOptions,
    state: { readonly boot: number; readonly last: number; readonly pending: Pending[] },
  ) {
    this.#options = options;
    this.#limit = options.limit ?? 1_000;
    this.#pending = state.pending;
    this.#noted = state.last;
    this.boot = state.boot;
    this.#next = Math.max(state.last, state.pending.at(-1)?.report.seq ?? 0) + 1;
  }

  /** Reads what was left of the last run and counts one start more. */
  static async open(options: ReportQueueOptions): Promise<ReportQueue> {
    const { store } = options;
    const text = await store.read(countersName);
    // Both kinds of file are written by this class alone, atomically.
    const counters = text === undefined ? { boot: 0, last: 0 } : (JSON.parse(text) as { boot: number; last: number });
    const boot = counters.boot + 1;
    await store.write(countersName, JSON.stringify({ boot, last: counters.last }));
    const pending: Pending[] = [];
    for (const name of await store.list(prefix)) {
      const stored = await store.read(name);
      if (stored === undefined) continue;
      // It may have reached the platform before the restart: sent again as it is, and recognised by its id.
      pending.push({ report: JSON.parse(stored) as SecurityReport, taken: true, inFlight: false });
    }
    return new ReportQueue(options, { boot, last: counters.last, pending });
  }

  get size(): number {
    return this.#pending.length;
  }

  /**
   * Stores an event as a report, or counts it to an equal one of the last minute that has not left yet. RangeError for
   * what no report could carry: it would be refused for ever, and leave a gap.
   */
  add(event: SecurityEvent): Promise<SecurityReport> {
    return this.#inOrder(async () => {
      const at = event.at ?? this.#options.now();
      const equal = this.#pending.find((item) => !item.taken && isRepeat(item.report, event, at));
      if (equal !== undefined) {
        equal.report = { ...equal.report, count: (equal.report.count ?? 1) + 1 };
        await this.#store(equal.report);
        return equal.report;
      }
      if (this.#pending.length >= this.#limit) await this.#overflow();
      return this.#append(event, at);
    });
  }

  /** The oldest report that is not under way, or `undefined`; it is under way from now on. */
  take(): SecurityReport | undefined {
    const item = this.#pending.find((candidate) => !candidate.inFlight);
    if (item === undefined) return undefined;
    item.taken = true;
    item.inFlight = true;
    return item.report;
  }

  /** It did not get through: it will be taken again. */
  putBack(seq: number): void {
    const item = this.#pending.find(({ report }) => report.seq === seq);
    if (item !== undefined) item.inFlight = false;
  }

  /** The platform has it durably, or will never take it. */
  settle(seq: number): Promise<void> {
    return this.#inOrder(async () => {
      const at = this.#pending.findIndex(({ report }) => report.seq === seq);
      if (at < 0) return;
      this.#pending.splice(at, 1);
      await this.#remove(seq);
    });
  }

  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#writing.then(work);
    this.#writing = result.catch(() => undefined);
    return result;
  }

  async #append(event: SecurityEvent, at: number): Promise<SecurityReport> {
    const { now, mono, random } = this.#options;
    const report: SecurityReport = {
      v: 1,
      id: ulid(now(), random(10)),
      boot: this.boot,
      seq: this.#next,
      t: new Date(at).toISOString(),
      mono: Math.max(0, Math.floor(mono())),
      type: event.type,
      severity: event.severity,
      ...(event.check === undefined ? {} : { check: event.check }),
      ...(event.firmware === undefined ? {} : { fw: event.firmware }),
      ...(event.detail === undefined ? {} : { detail: event.detail }),
    };
    demandSendable(report);
    await this.#store(report);
    this.#next++;
    this.#pending.push({ report, taken: false, inFlight: false });
    return report;
  }

  #store(report: SecurityReport): Promise<void> {
    return this.#options.store.write(nameOf(report.seq), JSON.stringify(report));
  }

  /** Removes the file of a number. The highest number is noted first: without it a restart could give it again. */
  async #remove(seq: number): Promise<void> {
    const { store } = this.#options;
    const last = this.#next - 1;
    if (last > this.#noted) {
      await store.write(countersName, JSON.stringify({ boot: this.boot, last }));
      this.#noted = last;
    }
    await store.remove(nameOf(seq));
  }

  /** Makes room: drops the oldest of the least severe and reports the range they stood in. */
  async #overflow(): Promise<void> {
    const idle = this.#pending.filter(({ inFlight }) => !inFlight);
    const severity = dropOrder.find((level) => idle.filter(({ report }) => report.severity === level).length > 1);
    const dropped = idle.filter(({ report }) => severity === undefined || report.severity === severity);
    const gone = dropped.slice(0, Math.min(dropAtOnce, Math.max(2, Math.floor(this.#limit / 10))));
    const [first, last] = [gone[0]?.report.seq, gone.at(-1)?.report.seq];
    if (first === undefined || last === undefined) return;
    const detail = { fromSeq: first, toSeq: last };
    await this.#append({ type: 'overflow', severity: 'medium', detail }, this.#options.now());
    for (const { report } of gone) {
      const at = this.#pending.findIndex((item) => item.report.seq === report.seq);
      this.#pending.splice(at, 1);
      await this.#remove(report.seq);
    }
  }
}

function demandSendable(report: SecurityReport): void {
  const octets = Buffer.byteLength(JSON.stringify(report));
  if (octets > maxControlOctets)
    throw new RangeError(`a report has at most ${maxControlOctets} octets, this ${octets}`);
  if (!isMessage(SecurityReport, report)) throw new RangeError('not the form of a security report');
}

function isRepeat(report: SecurityReport, event: SecurityEvent, at: number): boolean {
  return (
    report.type === event.type &&
    report.severity === event.severity &&
    report.check === event.check &&
    report.fw === event.firmware &&
    at - Date.parse(report.t) < mergeWindow &&
    JSON.stringify(report.detail) === JSON.stringify(event.detail)
  );
}
