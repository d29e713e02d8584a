import type { DayWriter } from './writer.ts';

/** Rows behind at which index and roll-ups are brought forward when nothing else is to do. */
const worthwhile = 10_000;
/** Fewer rows wait this long at most (milliseconds). */
const patience = 15_000;
/** No append for so long counts as idle (milliseconds). */
const idle = 20;
/** Rows that found no idle moment for so long are done between appends, one chunk each look (milliseconds). */
const overdue = 60_000;
/** How often it looks, and how long it leaves a file alone that refused (disk full); milliseconds. */
const rhythm = 100;
const refusedPause = 5_000;
/** Rows behind at which appends pay for it: readers search the rest row by row, so it must not grow without end. */
const maxBehind = 3_000_000;
/** Then every so many appends one chunk is done. */
const forcedEvery = 8;

/** Brings index and roll-ups forward behind the acknowledgement: when the worker is idle, or when too much waits. */
export class Background {
  readonly #days: DayWriter;
  readonly #timer: NodeJS.Timeout;
  #lastAppend = 0;
  /** When nothing was behind for the last time. */
  #caughtUpAt = performance.now();
  #notBefore = 0;
  #appends = 0;
  #working = false;

  constructor(days: DayWriter) {
    this.#days = days;
    this.#timer = setInterval(() => this.#look(), rhythm);
  }

  /** After each append was answered. */
  onAppend(): void {
    this.#lastAppend = performance.now();
    this.#appends++;
    if (this.#days.behind > maxBehind && this.#appends % forcedEvery === 0) this.#some();
  }

  /** Everything that is there now and later, in turns with other work; resolves when nothing is left. */
  async catchUp(): Promise<void> {
    while (this.#days.behind > 0) {
      this.#days.rollSome();
      await nextTurn();
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { behind } = this.#days;
    const now = performance.now();
    if (behind === 0) this.#caughtUpAt = now;
    if (behind === 0 || this.#working || now < this.#notBefore) return;
    const waited = now - this.#caughtUpAt;
    if (waited > overdue) this.#some();
    else if (behind >= worthwhile || waited > patience) void this.#work();
  }

  /** Until nothing is left or appends come again. */
  async #work(): Promise<void> {
    this.#working = true;
    while (this.#days.behind > 0 && performance.now() - this.#lastAppend > idle && this.#some()) await nextTurn();
    this.#working = false;
  }

  /** One chunk. A refusal (disk full) costs nothing but time: the rows are stored, and the next try finds them. */
  #some(): boolean {
    try {
      this.#days.rollSome();
      return true;
    } catch {
      this.#notBefore = performance.now() + refusedPause;
      return false;
    }
  }
}

const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
