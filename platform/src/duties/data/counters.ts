import type { RecordBody } from '@pactgate/protocol';
import type { Instant } from '../../kernel/time.ts';
import { type MessageWriter, otherPath } from './message-writer.ts';

/** Undeclared paths named per model and UTC day; all further ones count as `other`. */
export const maxPathsPerDay = 64;
/** Models counted at once: far above what one platform holds, and none comes from a device. */
const maxModels = 65_536;
const day = 86_400_000;

/** What a model's devices sent since the last {@link MessageCounters.flush}. One per model; sessions keep it at hand. */
export class ModelCounter {
  readonly agreement: string;
  readonly model: string;
  #messages = 0;
  #withUndeclared = 0;
  #mistyped = 0;
  #sealed = 0;
  #storedUndeclared = 0;
  #paths = new Map<string, number>();
  #named = new Set<string>();
  #day = -1;

  constructor(agreement: string, model: string) {
    this.agreement = agreement;
    this.model = model;
  }

  /** Counts a message whose payload parsed, stored or refused for a missing field. */
  message(out: MessageWriter, at: Instant): void {
    this.#messages++;
    if (out.mistyped !== 0) this.#mistyped += out.mistyped;
    if (out.sealedFields !== 0) this.#sealed++;
    if (out.undeclared !== 0) this.#undeclared(out, at);
  }

  /** `n` values found in a row that its manifest does not declare (`countForeign`). */
  foreign(n: number): void {
    this.#storedUndeclared += n;
  }

  #undeclared(out: MessageWriter, at: Instant): void {
    this.#withUndeclared++;
    const today = Math.floor(at / day);
    if (today !== this.#day) {
      this.#day = today;
      this.#named.clear();
    }
    for (const path of out.undeclaredPaths) this.#path(path, 1);
    const unnamed = out.undeclared - out.undeclaredPaths.length;
    if (unnamed > 0) this.#path(otherPath, unnamed);
  }

  #path(path: string, n: number): void {
    let name = path;
    if (path !== otherPath && !this.#named.has(path)) {
      if (this.#named.size < maxPathsPerDay) this.#named.add(path);
      else name = otherPath;
    }
    // A window that spans midnight may meet the names of two days; its record still has room for one day's only.
    if (!this.#paths.has(name) && this.#paths.size >= maxPathsPerDay) name = otherPath;
    this.#paths.set(name, (this.#paths.get(name) ?? 0) + n);
  }

  /** Body for the window and a fresh start; undefined when nothing was counted. */
  take(from: Instant, to: Instant): RecordBody<'msg.validate'> | undefined {
    if (this.#messages === 0 && this.#storedUndeclared === 0) return undefined;
    const undeclared = [...this.#paths].map(([path, count]) => ({ path, count }));
    const body = {
      model: this.model,
      from,
      to,
      messages: this.#messages,
      withUndeclared: this.#withUndeclared,
      mistyped: this.#mistyped,
      storedUndeclared: this.#storedUndeclared,
      sealed: this.#sealed,
      undeclared: undeclared.toSorted((a, b) => b.count - a.count || (a.path < b.path ? -1 : 1)),
    };
    this.#messages = 0;
    this.#withUndeclared = 0;
    this.#mistyped = 0;
    this.#storedUndeclared = 0;
    this.#sealed = 0;
    this.#paths = new Map();
    return body;
  }
}

export interface ValidateRecord {
  readonly agreement: string;
  readonly n: number;
  readonly body: RecordBody<'msg.validate'>;
}

/** Counters of all models; the caller flushes them every five minutes at most (B2.4.1). */
export class MessageCounters {
  readonly #models = new Map<string, ModelCounter>();
  #from: Instant;

  constructor(start: Instant) {
    this.#from = start;
  }

  /**
   * The counter of a model, made at first use.
   *
   * @throws RangeError beyond 65,536 models
   */
  of(agreement: string, model: string): ModelCounter {
    const key = `${agreement} ${model}`;
    const known = this.#models.get(key);
    if (known !== undefined) return known;
    if (this.#models.size >= maxModels) throw new RangeError('too many models to count');
    const made = new ModelCounter(agreement, model);
    this.#models.set(key, made);
    return made;
  }

  /** Bodies of the window that ends now, one per model that sent anything. */
  flush(now: Instant): readonly ValidateRecord[] {
    const from = this.#from;
    this.#from = now;
    return [...this.#models.values()].flatMap((counter) => {
      const body = counter.take(from, now);
      return body === undefined ? [] : [{ agreement: counter.agreement, n: Math.max(1, body.messages), body }];
    });
  }
}
