/** Sums over a sliding window, kept in slots: it covers between `slots - 1` and `slots` whole slots. */
export interface Tally {
  readonly slotMs: number;
  readonly slots: number;
  readonly width: number;
  /** Slot number to its sums; at most `slots` of them, older ones are gone. */
  readonly cells: Map<number, number[]>;
  newest: number;
}

/** Slots of a day and of every other window: 24, so that a day is counted by the hour. */
const slotsPerWindow = 24;

export const openTally = (windowMs: number, width: number, slots: number = slotsPerWindow): Tally => ({
  slotMs: Math.max(1, windowMs / slots),
  slots,
  width,
  cells: new Map(),
  newest: -1,
});

/** Adds to the slot of a moment; one that has left the window already counts no more, in whatever order records come. */
export function addTo(tally: Tally, at: number, amounts: readonly number[]): void {
  const slot = Math.floor(at / tally.slotMs);
  if (slot <= tally.newest - tally.slots) return;
  const cell = tally.cells.get(slot) ?? Array.from({ length: tally.width }, () => 0);
  amounts.forEach((amount, i) => {
    cell[i] = (cell[i] ?? 0) + amount;
  });
  tally.cells.set(slot, cell);
  if (slot <= tally.newest) return;
  tally.newest = slot;
  for (const old of tally.cells.keys()) if (old <= slot - tally.slots) tally.cells.delete(old);
}

/** Sums of the window that ends at a moment. `before`: leaves out slots that end after it. */
export function sumOf(tally: Tally, at: number, before: number = Number.POSITIVE_INFINITY): readonly number[] {
  const last = Math.floor(at / tally.slotMs);
  const sums = Array.from({ length: tally.width }, () => 0);
  for (const [slot, cell] of tally.cells) {
    if (slot <= last - tally.slots || slot > last || (slot + 1) * tally.slotMs > before) continue;
    cell.forEach((amount, i) => {
      sums[i] = (sums[i] ?? 0) + amount;
    });
  }
  return sums;
}

/** Events of one subject in any 60 minutes, exact while they are fewer than {@link maxRun}. */
export interface Run {
  readonly events: { readonly at: number; n: number }[];
  /** When the limit was exceeded last; 0: never. */
  exceededAt: number;
  /** The greatest count that did so, while it lasts. */
  peak: number;
}

export const runMs = 3_600_000;
/** Entries a run holds; beyond it neighbours are joined, dated as the later one: a flood is counted, not forgotten. */
const maxRun = 512;

export const openRun = (): Run => ({ events: [], exceededAt: 0, peak: 0 });

/** Events in the hour before a moment. */
export const countOf = (run: Run, at: number): number =>
  run.events.reduce((sum, event) => (event.at > at - runMs && event.at <= at ? sum + event.n : sum), 0);

/** Counts events; remembers when more than `limit` fell into one hour, so that no judgement between misses it. */
export function countUp(run: Run, at: number, n: number, limit: number): void {
  while ((run.events[0]?.at ?? at) <= at - runMs) run.events.shift();
  const last = run.events.at(-1);
  if (last?.at === at) last.n += n;
  else run.events.push({ at, n });
  if (run.events.length > maxRun) {
    const [first, second] = run.events.splice(0, 2);
    if (first && second) run.events.unshift({ at: second.at, n: first.n + second.n });
  }
  const count = countOf(run, at);
  if (count > limit) markExceeded(run, at, count);
}

/** The limit was exceeded by other evidence than single events. */
export function markExceeded(run: Run, at: number, count: number): void {
  run.peak = at - run.exceededAt < runMs ? Math.max(run.peak, count) : count;
  run.exceededAt = at;
}

/** The count to show while an excess of the last hour lasts; undefined: within the limit. */
export const excessOf = (run: Run | undefined, at: number): number | undefined =>
  run !== undefined && run.exceededAt > 0 && at - run.exceededAt < runMs ? run.peak : undefined;
