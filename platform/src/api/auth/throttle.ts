import { setTimeout as sleep } from 'node:timers/promises';
import { type Instant, minutes, seconds } from '../../kernel/time.ts';
import { RetryProblem } from '../problems.ts';

/** Limits of failed sign-ins (platform protection, section 6). Times in milliseconds. */
export interface ThrottleLimits {
  /** Failures of one account from one address before both are locked to each other. */
  readonly perPair: number;
  /** Failures of one address over all accounts before it is locked. */
  readonly perAddress: number;
  /** Failures of everybody in one minute after which every attempt waits. */
  readonly perMinute: number;
  /** First delay, after the second failure; doubles with each further one. */
  readonly firstDelay: number;
  readonly longestDelay: number;
  readonly lock: number;
  /** Attempts that may wait at once; further ones are told to come back. */
  readonly waiting: number;
  /** Keys remembered; the oldest go first. */
  readonly keys: number;
}

export const throttleLimits: ThrottleLimits = {
  perPair: 5,
  perAddress: 30,
  perMinute: 120,
  firstDelay: 250,
  longestDelay: 4_000,
  lock: minutes(15),
  waiting: 128,
  keys: 20_000,
};

/** Who tries. The account is what the caller claims: unknown ones count like known ones. */
export interface Attempt {
  readonly account: string;
  readonly address: string;
}

interface Count {
  failures: number;
  last: Instant;
}

/** `::1` and all of its /64 count as one source: whoever has one address there has all of them. */
export function sourceOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail = ''] = plain.toLowerCase().split('%', 1)[0]?.split('::') ?? [];
  const front = head === '' ? [] : head.split(':');
  const back = tail === '' ? [] : tail.split(':');
  const zeros = plain.includes('::')
    ? Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0')
    : [];
  return `${[...front, ...zeros, ...back].slice(0, 4).join(':')}::/64`;
}

/**
 * Delays and locks guessing. An attempt counts as failed from its start, so that a hundred at once do not all pass; the
 * success of the pair forgets its failures. An account is only locked towards the address that failed, so that strangers
 * cannot lock anybody out; from everywhere else attempts on it are delayed. Kept in memory: a restart forgets.
 */
export class Throttle {
  readonly #limits: ThrottleLimits;
  readonly #now: () => Instant;
  readonly #sleep: (milliseconds: number) => Promise<unknown>;
  readonly #counts = new Map<string, Count>();
  #waiting = 0;

  constructor(
    limits: Partial<ThrottleLimits>,
    now: () => Instant,
    pause: (milliseconds: number) => Promise<unknown> = (milliseconds) => sleep(milliseconds),
  ) {
    this.#limits = { ...throttleLimits, ...limits };
    this.#now = now;
    this.#sleep = pause;
  }

  /**
   * Counts the attempt and waits as long as it must. Throws `auth/locked` with the seconds left, or
   * `request/unavailable` when too many wait.
   */
  async begin(attempt: Attempt): Promise<void> {
    const now = this.#now();
    const pair = this.#count(pairKey(attempt), now, this.#limits.lock);
    const address = this.#count(addressKey(attempt), now, this.#limits.lock);
    this.#demandUnlocked(pair, this.#limits.perPair, now);
    this.#demandUnlocked(address, this.#limits.perAddress, now);
    const account = this.#count(`account ${attempt.account}`, now, this.#limits.lock);
    const everybody = this.#count('everybody', now, minutes(1));
    const delay = this.#delay(Math.max(pair.failures, account.failures), everybody.failures);
    for (const count of [pair, address, account, everybody]) {
      count.failures++;
      count.last = now;
    }
    await this.#wait(delay);
  }

  /** The attempt was right: its failures are forgotten, those of the address over other accounts are not. */
  succeeded(attempt: Attempt): void {
    this.#counts.delete(pairKey(attempt));
    this.#counts.delete(`account ${attempt.account}`);
    for (const key of [addressKey(attempt), 'everybody']) {
      const count = this.#counts.get(key);
      if (count && count.failures > 0) count.failures--;
    }
  }

  /** True when the pair has just used up its attempts: the one refusal of a lock that is worth a record. */
  isNewlyLocked(attempt: Attempt): boolean {
    return this.#counts.get(pairKey(attempt))?.failures === this.#limits.perPair;
  }

  #demandUnlocked(count: Count, limit: number, now: Instant): void {
    if (count.failures < limit) return;
    const left = count.last + this.#limits.lock - now;
    throw new RetryProblem('auth/locked', 'too many failed attempts from here', left / seconds(1));
  }

  #delay(failures: number, everybody: number): number {
    const { firstDelay, longestDelay, perMinute } = this.#limits;
    const own = failures < 2 ? 0 : Math.min(longestDelay, firstDelay * 2 ** Math.min(failures - 2, 20));
    return everybody > perMinute ? Math.max(own, longestDelay / 2) : own;
  }

  async #wait(delay: number): Promise<void> {
    if (delay <= 0) return;
    if (this.#waiting >= this.#limits.waiting)
      throw new RetryProblem('request/unavailable', 'too many sign-ins wait', this.#limits.longestDelay / seconds(1));
    this.#waiting++;
    try {
      await this.#sleep(delay);
    } finally {
      this.#waiting--;
    }
  }

  /** The count of a key; fresh when its last failure is older than `life`. The map is bounded, oldest use first out. */
  #count(key: string, now: Instant, life: number): Count {
    const old = this.#counts.get(key);
    const count = old && now - old.last < life ? old : { failures: 0, last: now };
    this.#counts.delete(key);
    this.#counts.set(key, count);
    if (this.#counts.size > this.#limits.keys) {
      const [oldest] = this.#counts.keys();
      if (oldest !== undefined) this.#counts.delete(oldest);
    }
    return count;
  }
}

const pairKey = ({ account, address }: Attempt): string => `pair ${account} ${address}`;
const addressKey = ({ address }: Attempt): string => `address ${address}`;
