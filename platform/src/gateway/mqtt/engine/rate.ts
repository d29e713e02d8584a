/** Rates of one connection: two token buckets that hold twice a second's worth. Times in milliseconds. */
export interface Rates {
  readonly publishesPerSecond: number;
  readonly bytesPerSecond: number;
}

export class RateMeter {
  private publishes: number;
  private bytes: number;
  private filledAt: number;
  /** Seconds in a row in which something was dropped. */
  private strikes = 0;
  private struckAt = 0;
  private reportedAt = Number.NEGATIVE_INFINITY;

  constructor(rates: Rates, now: number) {
    this.publishes = rates.publishesPerSecond * 2;
    this.bytes = rates.bytesPerSecond * 2;
    this.filledAt = now;
  }

  /** Counts a chunk that arrived, and what flowed back since the last one. */
  chunk(size: number, rates: Rates, now: number): void {
    this.refill(rates, now);
    this.bytes -= size;
  }

  refill(rates: Rates, now: number): void {
    const elapsed = now - this.filledAt;
    if (elapsed === 0) return;
    this.filledAt = now;
    if (elapsed < 0) return; // the clock was set back
    this.publishes = Math.min(
      this.publishes + (elapsed * rates.publishesPerSecond) / 1_000,
      rates.publishesPerSecond * 2,
    );
    this.bytes = Math.min(this.bytes + (elapsed * rates.bytesPerSecond) / 1_000, rates.bytesPerSecond * 2);
  }

  /** Takes one publish off. False: over the rate. */
  publish(): boolean {
    if (this.publishes < 1 || this.bytes < 0) return false;
    this.publishes--;
    return true;
  }

  /** Counts a drop, once per second; a quiet second forgets the earlier ones. Returns how many in a row. */
  strike(now: number): number {
    const gap = now - this.struckAt;
    if (gap < 900 && this.strikes > 0) return this.strikes;
    this.strikes = gap < 2_500 ? this.strikes + 1 : 1;
    this.struckAt = now;
    return this.strikes;
  }

  /** True once per `period`. */
  isFirstIn(period: number, now: number): boolean {
    if (now - this.reportedAt < period) return false;
    this.reportedAt = now;
    return true;
  }

  get exhausted(): boolean {
    return this.publishes < 1 || this.bytes < 0;
  }
}
