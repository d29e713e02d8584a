import { StoreError } from '../errors.ts';

/** Who may wait for the writing connection; then `busy`. */
const maxQueue = 10_000;

/** Hands the one writing connection to one user at a time, first come first served. */
export class Turn {
  readonly #queue: (() => void)[] = [];
  #taken = false;

  /** Resolves when it is the caller's turn, with the function that ends it (a second call does nothing). */
  async take(): Promise<() => void> {
    if (this.#taken) {
      if (this.#queue.length >= maxQueue) throw new StoreError('busy', `${maxQueue} wait for the writing connection`);
      await new Promise<void>((resolve) => {
        this.#queue.push(resolve);
      });
    }
    this.#taken = true;
    let over = false;
    return () => {
      if (over) return;
      over = true;
      const next = this.#queue.shift();
      if (next) next();
      else this.#taken = false;
    };
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    const done = await this.take();
    try {
      return await work();
    } finally {
      done();
    }
  }
}
