import { catalogue } from '@pactgate/agreement';
import type { Agreed } from '../flow/collect.ts';
import type { Duration, Instant } from '../kernel/time.ts';
import type { NewRecord } from '../parties/record.ts';
import type { Base } from './base.ts';
import type { Core } from './platform.ts';

/** What evidence is made of: the running platform, as it was composed. */
export type AssuranceParts = Pick<
  Core,
  | 'ledger'
  | 'terms'
  | 'identity'
  | 'devices'
  | 'gateway'
  | 'people'
  | 'isolation'
  | 'incidents'
  | 'clockSamples'
  | 'ports'
> & {
  /** Version of the product, named in probes. */
  readonly version: string;
};

/** Everything a collector or probe works with. */
export interface Work {
  readonly base: Base;
  readonly parts: AssuranceParts;
  readonly outgoing: Outgoing;
  /** Aborted when the platform stops. */
  readonly stopping: AbortSignal;
}

/** Agreements in force with the numbers they agreed; the standard rows where an old document has none. */
export const agreedOf = ({ terms }: Pick<AssuranceParts, 'terms'>): readonly Agreed[] =>
  terms
    .agreements()
    .filter(({ state }) => state === 'in-force')
    .map(({ id, params }) => ({ id, params, rows: terms.document(id)?.rows ?? catalogue.rows }));

const maxPending = 10_000;

/**
 * Records on their way to the ledger. What could not be written waits for the next call, so that counts which were
 * taken out of memory are not lost with one error of the store; beyond 10,000 the oldest go, and their absence shows.
 */
export class Outgoing {
  readonly #record: (records: readonly NewRecord[]) => Promise<void>;
  #pending: readonly NewRecord[] = [];
  #tail: Promise<void> = Promise.resolve();

  constructor(record: (records: readonly NewRecord[]) => Promise<void>) {
    this.#record = record;
  }

  /** Resolves when these, and whatever waited, are durable. */
  record(records: readonly NewRecord[]): Promise<void> {
    this.#pending = [...this.#pending, ...records].slice(-maxPending);
    const done = this.#tail.then(() => this.#write());
    this.#tail = done.catch(() => undefined); // the caller gets the error; who comes next tries again
    return done;
  }

  async #write(): Promise<void> {
    const taken = this.#pending;
    if (taken.length === 0) return;
    await this.#record(taken);
    const written = new Set(taken);
    this.#pending = this.#pending.filter((one) => !written.has(one));
  }
}

/** When something was looked at last, by name: a run for one newcomer leaves out what had its turn a moment ago. */
export class Turns {
  readonly #last = new Map<string, number>();

  /** Whether more than half of its rhythm has passed, or it was asked for; then this is its turn. */
  take(name: string, every: Duration, asked: boolean): boolean {
    const now = performance.now();
    const last = this.#last.get(name);
    if (!asked && last !== undefined && now - last < every / 2) return false;
    this.#last.set(name, now);
    return true;
  }

  /** Its turn failed: it is due again. */
  forget(name: string): void {
    this.#last.delete(name);
  }
}

/** Address to reach the own listeners by. */
export function ownHost({ config }: Pick<Base, 'config'>): string {
  if (config.host === '0.0.0.0') return '127.0.0.1';
  return config.host === '::' ? '::1' : config.host;
}

/** Wall-clock time as the collectors take it. */
export const nowOf = ({ base }: Pick<Work, 'base'>): Instant => base.clock.now();
