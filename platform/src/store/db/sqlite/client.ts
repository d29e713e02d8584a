import { Worker } from 'node:worker_threads';
import { StoreError } from '../errors.ts';
import { errorFromData, type Operations, type ReplyMessage } from './messages.ts';

/** Requests that may wait for a worker; then calls reject with kind `busy`. */
const maxWaiting = 10_000;
/** A statement that takes longer means a disk that hangs: the worker is given up (milliseconds). */
const answerLimit = 120_000;

interface Waiting {
  readonly op: string;
  readonly since: number;
  readonly resolve: (reply: object) => void;
  readonly reject: (error: Error) => void;
}

export interface ClientOptions {
  /** Shown in errors. */
  readonly name: string;
  readonly entry: URL;
  readonly data: object;
  /** Operations without a limit of time (backup). */
  readonly slow?: readonly string[];
  /** Called once when the worker ends by itself; all waiting calls have been rejected by then. */
  readonly onDeath: (error: StoreError) => void;
}

/** Main-thread side of a database worker: calls by name, answered by promises. */
export class WorkerClient<O extends Operations> {
  readonly #worker: Worker;
  readonly #options: ClientOptions;
  readonly #waiting = new Map<number, Waiting>();
  readonly #watch: NodeJS.Timeout;
  #next = 1;
  #dead: StoreError | undefined;
  #closing: Promise<void> | undefined;
  /** Present while the end of the thread is what we wait for. */
  #onClosed: ((error?: Error) => void) | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#worker = new Worker(options.entry, { workerData: options.data, name: options.name });
    this.#worker.on('message', (message: ReplyMessage) => this.#onReply(message));
    this.#worker.on('error', (error: unknown) => this.#die('failed', error));
    this.#worker.on('exit', (code) => this.#onExit(code));
    this.#watch = setInterval(() => this.#checkAge(), 5_000).unref();
  }

  /** Bytes and objects are copied; buffers in `transfer` change hands. */
  call<Op extends keyof O & string>(
    op: Op,
    request: O[Op]['request'],
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<O[Op]['reply']> {
    return this.#send(op, request, transfer);
  }

  /** Answers what is under way, closes the files, ends the thread. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** For tests of what happens when a worker is gone. */
  async kill(): Promise<void> {
    await this.#worker.terminate();
  }

  async #close(): Promise<void> {
    clearInterval(this.#watch);
    if (this.#dead) return;
    const ended = new Promise<void>((resolve, reject) => {
      this.#onClosed = (error) => (error ? reject(error) : resolve());
    });
    // Its last act: the thread answers what came before, closes its files and ends.
    this.#worker.postMessage({ id: 0, op: 'close', request: {} }, []);
    this.#dead = new StoreError('dead', `${this.#options.name} is closed`);
    await ended;
  }

  #onExit(code: number): void {
    if (!this.#onClosed) {
      this.#die(`ended with code ${code}`);
      return;
    }
    this.#rejectAll(new StoreError('dead', `${this.#options.name} is closed`));
    this.#onClosed();
  }

  #send<R extends object>(op: string, request: object, transfer: readonly ArrayBuffer[]): Promise<R> {
    if (this.#dead) return Promise.reject(this.#dead);
    if (this.#waiting.size >= maxWaiting)
      return Promise.reject(new StoreError('busy', `${this.#options.name}: ${maxWaiting} requests are waiting`));
    const id = this.#next++;
    return new Promise<R>((resolve, reject) => {
      // Sound: the worker answers `id` with the reply type of its operation (one table of types for both sides).
      const typedResolve = resolve as (reply: object) => void;
      this.#waiting.set(id, { op, since: performance.now(), resolve: typedResolve, reject });
      this.#worker.postMessage({ id, op, request }, transfer);
    });
  }

  #onReply(message: ReplyMessage): void {
    const waiting = this.#waiting.get(message.id);
    if (!waiting) return;
    this.#waiting.delete(message.id);
    if (message.ok) waiting.resolve(message.reply);
    else waiting.reject(errorFromData(message.error));
  }

  #checkAge(): void {
    const now = performance.now();
    for (const { op, since } of this.#waiting.values()) {
      if (now - since < answerLimit || this.#options.slow?.includes(op)) continue;
      this.#die(`did not answer ${op} for ${answerLimit} ms`);
      void this.#worker.terminate();
      return;
    }
  }

  #die(what: string, cause?: unknown): void {
    const error = new StoreError('dead', `${this.#options.name} ${what}`, { cause });
    if (this.#dead) {
      // Its files did not close as they should.
      this.#onClosed?.(error);
      return;
    }
    clearInterval(this.#watch);
    this.#dead = error;
    this.#rejectAll(error);
    this.#options.onDeath(error);
  }

  #rejectAll(error: StoreError): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
