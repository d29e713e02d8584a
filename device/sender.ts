import { Problem } from '@pactgate/protocol';
import type { Link } from './link.ts';
import { isPassing } from './refusals.ts';
import type { ReportQueue } from './reports.ts';

interface Item {
  readonly order: number;
  readonly topic: string;
  readonly payload: string;
  readonly resolve: () => void;
  readonly reject: (problem: Problem) => void;
  readonly timer: NodeJS.Timeout;
  settled: boolean;
}

/** Messages kept in memory while there is no connection, beside the reports, which are stored. */
const maxWaiting = 1_000;
/** After a passing refusal of a report, milliseconds until it is tried again. */
const reportPause = 5_000;

const asProblem = (cause: unknown): Problem =>
  cause instanceof Problem ? cause : new Problem('internal', String(cause), { cause });

/**
 * What is to be published, over whatever connection there is: reports first, then messages in the order they were given,
 * each at least once. A message that a connection took with it goes out again on the next one.
 */
export class Sender {
  readonly #reports: ReportQueue;
  readonly #timeout: number;
  readonly #onReport: (seq: number, problem: Problem | undefined) => void;
  #waiting: Item[] = [];
  #link: Link | undefined;
  #inFlight = 0;
  #order = 0;
  #reportsPaused = false;
  #closed = false;

  /**
   * @param timeout milliseconds a message may wait and travel in all
   * @param onReport a report was acknowledged, or refused for good
   */
  constructor(reports: ReportQueue, timeout: number, onReport: (seq: number, problem: Problem | undefined) => void) {
    this.#reports = reports;
    this.#timeout = timeout;
    this.#onReport = onReport;
  }

  attach(link: Link): void {
    this.#link = link;
    this.#inFlight = 0;
    this.#reportsPaused = false;
    this.pump();
  }

  detach(): void {
    this.#link = undefined;
  }

  /** Nothing more goes out; what waits is told so. */
  close(): void {
    this.#closed = true;
    this.detach();
    const problem = new Problem('request/unavailable', 'the device was closed');
    for (const item of this.#waiting.splice(0)) this.#settle(item, problem);
  }

  /** Resolves on PUBACK. `request/timeout`, `request/unavailable` (1,000 wait already), or the platform's refusal. */
  publish(topic: string, payload: string): Promise<void> {
    if (this.#closed) return Promise.reject(new Problem('request/unavailable', 'the device was closed'));
    if (this.#waiting.length >= maxWaiting)
      return Promise.reject(new Problem('request/unavailable', `${maxWaiting} messages wait already`));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((other) => other !== item);
        this.#settle(item, new Problem('request/timeout', `not acknowledged within ${this.#timeout} ms`));
      }, this.#timeout);
      const item: Item = { order: this.#order++, topic, payload, resolve, reject, timer, settled: false };
      this.#waiting.push(item);
      this.pump();
    });
  }

  /** Sends as much as the connection takes. */
  pump(): void {
    for (;;) {
      const link = this.#link;
      if (link === undefined || this.#inFlight >= link.window) return;
      const report = this.#reportsPaused ? undefined : this.#reports.take();
      const item = report === undefined ? this.#waiting.shift() : undefined;
      if (report === undefined && item === undefined) return;
      this.#inFlight++;
      const sending =
        report === undefined ? item && this.#sendItem(link, item) : this.#sendReport(link, report.seq, report);
      void sending?.finally(() => {
        if (this.#link !== link) return;
        this.#inFlight--;
        this.pump();
      });
    }
  }

  async #sendItem(link: Link, item: Item): Promise<void> {
    try {
      await link.publish(item.topic, item.payload);
      this.#settle(item, undefined);
    } catch (cause) {
      const problem = asProblem(cause);
      const lost = problem.code === 'request/unavailable' && !this.#closed && !item.settled;
      if (lost) this.#waiting = [item, ...this.#waiting].toSorted((a, b) => a.order - b.order);
      else this.#settle(item, problem);
    }
  }

  async #sendReport(link: Link, seq: number, report: { readonly severity: string }): Promise<void> {
    try {
      await link.publish(`up/event/${report.severity}`, JSON.stringify(report));
      await this.#reports.settle(seq);
      this.#onReport(seq, undefined);
    } catch (cause) {
      const problem = asProblem(cause);
      if (isPassing(problem.code)) {
        this.#reports.putBack(seq);
        this.#pauseReports();
        return;
      }
      // Refused for what it says: it would be refused for ever, and hold up all that come after it.
      await this.#reports.settle(seq);
      this.#onReport(seq, problem);
    }
  }

  #pauseReports(): void {
    this.#reportsPaused = true;
    setTimeout(() => {
      this.#reportsPaused = false;
      this.pump();
    }, reportPause).unref();
  }

  #settle(item: Item, problem: Problem | undefined): void {
    if (item.settled) return;
    item.settled = true;
    clearTimeout(item.timer);
    if (problem === undefined) item.resolve();
    else item.reject(problem);
  }
}
