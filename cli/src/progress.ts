import type { Locale, Texts } from '@pactgate/protocol';

/** Where progress is written. */
export interface ProgressSink {
  readonly write: (text: string) => void;
  /** The line can be written over. */
  readonly isTerminal: boolean;
}

/** Work that takes less is not worth a line, in milliseconds. */
const quiet = 2_000;
/** How often a line is repeated where it cannot be written over, in milliseconds. */
const repeat = 10_000;

/** Tells on stderr what is being done and for how long, once it takes longer than two seconds. */
export class Progress {
  readonly #sink: ProgressSink;
  readonly #locale: Locale;
  #started = performance.now();
  #what: Texts | undefined = { zh: '等待平台', en: 'waiting for the platform' };
  #shown = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(sink: ProgressSink, locale: Locale) {
    this.#sink = sink;
    this.#locale = locale;
    this.#timer = setInterval(() => this.#tick(), 500);
    this.#timer.unref();
  }

  /** What is done from now on; `undefined`: nothing that a person waits for. */
  step(what: Texts | undefined): void {
    if (this.#what === undefined) this.#started = performance.now();
    if (what === undefined) this.clear();
    this.#what = what;
    this.#shown = 0;
  }

  /** Removes the line, so that something else can be written. */
  clear(): void {
    if (this.#sink.isTerminal && this.#shown > 0) this.#sink.write('\r\u001b[K');
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.clear();
  }

  #tick(): void {
    if (this.#what === undefined) return;
    const now = performance.now();
    if (now - this.#started < quiet) return;
    const line = `${this.#what[this.#locale]} ... ${Math.floor((now - this.#started) / 1_000)} s`;
    if (this.#sink.isTerminal) this.#sink.write(`\r\u001b[K${line}`);
    else if (this.#shown === 0 || now - this.#shown >= repeat) this.#sink.write(`${line}\n`);
    else return;
    this.#shown = now;
  }
}
