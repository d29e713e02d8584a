import { StoreError } from './db/errors.ts';

/** What waits for the next commit. Mutable: the hot path. */
export interface Group {
  /** Bytes, or whatever the bound counts. */
  readonly length: number;
  readonly count: number;
}

export interface GroupOptions<G extends Group, R> {
  readonly open: () => G;
  readonly commit: (group: G) => Promise<R>;
  /** With so many in it a group is sent at once, not at the end of the turn; absent: only there. */
  readonly enough?: number;
  /** Length that may wait; a call that would go over it is refused (`busy`) before anything of it is taken. */
  readonly maxWaiting: number;
}

/**
 * Group commit: what is added in one turn of the event loop, and while a commit runs, goes into the next commit
 * together. One commit runs at a time, so groups are stored in order.
 */
export class GroupCommit<G extends Group, R> {
  readonly #options: GroupOptions<G, R>;
  #open: { readonly group: G; readonly done: PromiseWithResolvers<R> } | undefined;
  #running = false;
  /** Resolves `drain` when nothing is left. */
  #idle: PromiseWithResolvers<void> | undefined;
  #closed = false;

  constructor(options: GroupOptions<G, R>) {
    this.#options = options;
  }

  /** Lets `put` add to the open group; resolves with its commit. Everyone in a group gets the same promise. */
  add(length: number, put: (group: G) => void): Promise<R> {
    if (this.#closed) return Promise.reject(new StoreError('dead', 'the store is closed'));
    const waiting = this.#open?.group.length ?? 0;
    if (waiting > 0 && waiting + length > this.#options.maxWaiting)
      return Promise.reject(new StoreError('busy', `${waiting} wait to be stored`));
    this.#open ??= this.#start();
    put(this.#open.group);
    const { group, done } = this.#open;
    // The turn goes on beside the commit: it has more than enough for one already.
    if (!this.#running && group.count >= (this.#options.enough ?? Number.POSITIVE_INFINITY)) void this.#sendAll();
    return done.promise;
  }

  /** Refuses what comes from now on, resolves when everything that was taken is stored or rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    if (!this.#open && !this.#running) return;
    this.#idle ??= Promise.withResolvers<void>();
    await this.#idle.promise;
  }

  #start(): { readonly group: G; readonly done: PromiseWithResolvers<R> } {
    // While a commit runs its end sends the group; else the end of this turn does.
    if (!this.#running) setImmediate(() => void this.#sendAll());
    return { group: this.#options.open(), done: Promise.withResolvers<R>() };
  }

  /** One group after the other until none is open. */
  async #sendAll(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    for (let open = this.#takeOpen(); open; open = this.#takeOpen()) {
      try {
        open.done.resolve(await this.#options.commit(open.group));
      } catch (error) {
        open.done.reject(error);
      }
    }
    this.#running = false;
    this.#idle?.resolve();
  }

  #takeOpen(): { readonly group: G; readonly done: PromiseWithResolvers<R> } | undefined {
    const open = this.#open;
    this.#open = undefined;
    return open;
  }
}
