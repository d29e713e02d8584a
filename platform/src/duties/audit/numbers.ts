/** Closed range of sequence numbers. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Numbers of one source and log that arrived as leaves. Ledger order makes them arrive ascending, so only gaps are
 * kept; at most {@link maxGaps} ranges, then the oldest two are joined: a gap grows, it is never forgotten.
 */
export interface Arrivals {
  /** Highest number seen. */
  readonly highest: number;
  readonly gaps: readonly Range[];
}
const maxGaps = 256;

/** Nothing arrived beyond `last`, the number of the source's epoch before. */
export const openArrivals = (last: number): Arrivals => ({ highest: last, gaps: [] });

const size = ({ from, to }: Range): number => Math.max(0, to - from + 1);
const cut = (range: Range, within: Range): Range => ({
  from: Math.max(range.from, within.from),
  to: Math.min(range.to, within.to),
});

function bounded(gaps: readonly Range[]): readonly Range[] {
  const [first, second, ...rest] = gaps;
  if (gaps.length <= maxGaps || first === undefined || second === undefined) return gaps;
  return [{ from: first.from, to: second.to }, ...rest];
}

/** A leaf with this number was sequenced. */
export function arrive(arrivals: Arrivals, number: number): Arrivals {
  const { highest, gaps } = arrivals;
  if (number > highest) {
    const gap = { from: highest + 1, to: number - 1 };
    return { highest: number, gaps: size(gap) === 0 ? gaps : bounded([...gaps, gap]) };
  }
  const left = gaps.flatMap((gap) =>
    number < gap.from || number > gap.to
      ? [gap]
      : [
          { from: gap.from, to: number - 1 },
          { from: number + 1, to: gap.to },
        ].filter((part) => size(part) > 0),
  );
  return { highest, gaps: left };
}

/** How many numbers of a range arrived. */
export function arrivedOf(arrivals: Arrivals, range: Range): number {
  const missing = arrivals.gaps.reduce((sum, gap) => sum + size(cut(gap, range)), 0);
  const ahead = size({ from: Math.max(arrivals.highest + 1, range.from), to: range.to });
  return Math.max(0, size(range) - missing - ahead);
}
