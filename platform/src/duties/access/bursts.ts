import type { IsolationLevel, RecordBody } from '@pactgate/protocol';
import { hours, type Instant, instant } from '../../kernel/time.ts';

/** Denials of one device within any hour, above which a level holds at least (B2.2.6; agreed parameters). */
export interface BurstLimits {
  readonly warnAbove: number;
  readonly throttleAbove: number;
  readonly isolateAbove: number;
}

/** A device crossed a limit upwards. `level`: what it must be at least, until its denials fall. */
export interface Burst {
  readonly level: IsolationLevel;
  readonly body: RecordBody<'authz.deny.burst'>;
}

const window = hours(1);
/** Devices watched at once; the one that was denied longest ago is forgotten first. */
export const maxWatched = 16_384;

/** Denials of one device: times of the newest, oldest first. */
interface Watched {
  times: number[];
  told: IsolationLevel;
}

/**
 * Counts denials per device over a sliding hour and says which isolation level they demand by themselves, apart from
 * risk points: over 10 watch, over 50 restrict, over 200 update-only by default. Exact: keeps the times themselves,
 * at most as many as the highest limit needs.
 */
export class DenialBursts {
  readonly #limits: BurstLimits;
  readonly #devices = new Map<string, Watched>();

  constructor(limits: BurstLimits) {
    this.#limits = limits;
  }

  /**
   * Counts one denial. `device` is the pseudonym: it goes into the record.
   *
   * @returns the burst when this denial crosses a limit upwards
   */
  deny(device: string, action: string, at: Instant): Burst | undefined {
    const watched = this.#devices.get(device) ?? { times: [], told: 0 };
    this.#devices.delete(device);
    this.#devices.set(device, watched);
    this.#bound();
    watched.times.push(at);
    if (watched.times.length > this.#limits.isolateAbove + 1) watched.times.shift();
    const level = this.#level(watched, at);
    const before = watched.told;
    watched.told = level;
    if (level <= before) return undefined;
    const [from = at] = watched.times;
    // A denial at `at` lies within the window: its end is exclusive.
    const body = { device, count: watched.times.length, from: instant(from), to: instant(at + 1), action };
    return { level, body };
  }

  /** Level that the denials of the last hour demand now; 0 for a device that is not watched. */
  levelOf(device: string, at: Instant): IsolationLevel {
    const watched = this.#devices.get(device);
    if (watched === undefined) return 0;
    watched.told = this.#level(watched, at);
    return watched.told;
  }

  #level(watched: Watched, at: Instant): IsolationLevel {
    const start = at - window;
    const first = watched.times.findIndex((time) => time > start);
    if (first !== 0) watched.times = first < 0 ? [] : watched.times.slice(first);
    const count = watched.times.length;
    const { warnAbove, throttleAbove, isolateAbove } = this.#limits;
    if (count > isolateAbove) return 3;
    if (count > throttleAbove) return 2;
    return count > warnAbove ? 1 : 0;
  }

  #bound(): void {
    if (this.#devices.size <= maxWatched) return;
    const [oldest] = this.#devices.keys();
    if (oldest !== undefined) this.#devices.delete(oldest);
  }

  /** Forgets devices without a denial in the last hour; every few minutes. */
  sweep(at: Instant): void {
    for (const [device, watched] of this.#devices)
      if ((watched.times.at(-1) ?? 0) <= at - window) this.#devices.delete(device);
  }

  get size(): number {
    return this.#devices.size;
  }
}
