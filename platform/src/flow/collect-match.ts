/** One window of a {@link Matcher}. */
export interface Matched {
  /** Events of the window. */
  readonly count: number;
  /** Events up to its end. */
  readonly total: number;
  /** Records of the window beyond what can have happened. */
  readonly excess: number;
}

/**
 * Matches a counter of events with the records of them, which come a moment later: by running totals, so that nothing
 * is torn by a window's border. What was told as missing, or as too many, is not told again.
 */
export class Matcher {
  #before = 0;
  #recorded = 0;

  recorded(n: number): void {
    this.#recorded += n;
  }

  /**
   * Ends a window.
   *
   * @param total events since the start
   * @param most records there can be by now: events whose record may be ahead of their count included
   */
  cut(total: number, most: number): Matched {
    const excess = Math.max(0, this.#recorded - most);
    this.#recorded -= excess;
    const count = total - this.#before;
    this.#before = total;
    return { count, total, excess };
  }

  /** Events of a window whose record has not come. */
  missing({ count, total }: Matched): number {
    return Math.min(count, Math.max(0, total - this.#recorded));
  }

  /** They will not come: counted as if they had, from now on. */
  giveUp(n: number): void {
    this.#recorded += n;
  }
}
