/** What the demo says while it goes: one line per step on stderr, with its time, and everything that did not hold. */
export interface Check {
  readonly step: string;
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

export class Progress {
  readonly checks: Check[] = [];
  readonly #write: (line: string) => void;
  readonly #started = performance.now();
  #step = '';
  #number = 0;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  get elapsedMs(): number {
    return Math.round(performance.now() - this.#started);
  }
  get ok(): boolean {
    return this.checks.every(({ ok }) => ok);
  }
  /** How many checks held, and in words those that did not. */
  get summary(): { readonly held: number; readonly failed: readonly string[] } {
    const failed = this.checks.filter(({ ok }) => !ok);
    const words = failed.map(({ step, name, detail }) => `${step}: ${name}${detail === '' ? '' : ` (${detail})`}`);
    return { held: this.checks.length - failed.length, failed: words };
  }

  /** Runs one step of the story; its error is a check that failed, and ends the story. */
  async step<T>(title: string, work: () => Promise<T>): Promise<T> {
    this.#step = title;
    this.#number++;
    const started = performance.now();
    this.#write(`[${String(this.#number).padStart(2)}] ${title} ...`);
    try {
      const result = await work();
      this.#write(`     ${this.#mark()} ${((performance.now() - started) / 1_000).toFixed(1)} s`);
      return result;
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      this.held('the step runs through', false, why);
      throw cause;
    }
  }

  /** Something that had to hold. */
  held(name: string, ok: boolean, detail = ''): boolean {
    this.checks.push({ step: this.#step, name, ok, detail });
    if (!ok) this.#write(`     NOT HELD: ${name}${detail === '' ? '' : `: ${detail}`}`);
    return ok;
  }

  /** Something a reader may want to know. */
  note(line: string): void {
    this.#write(`     ${line}`);
  }

  #mark(): string {
    const own = this.checks.filter(({ step }) => step === this.#step);
    const bad = own.filter(({ ok }) => !ok).length;
    return bad === 0 ? `${own.length} held,` : `${bad} of ${own.length} DID NOT HOLD,`;
  }
}
