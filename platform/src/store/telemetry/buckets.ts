import { eachNumber } from './pack.ts';
import { addValue, mergeStats, newStats, rollupSteps, type Stats, stepSeconds, stepStart } from './stats.ts';

/** What a roll-up needs of a stored sample. */
export interface Numbers {
  readonly device: number;
  readonly channel: number;
  readonly at: number;
  readonly numbers: Uint8Array | null;
}

/** Device, channel, field, step in seconds, start. */
export type BucketKey = readonly [number, number, number, number, number];
export interface KeyedStats {
  readonly key: BucketKey;
  readonly stats: Stats;
}

type Level<T> = Map<number, T>;
/** Device, channel, field, start of five minutes. Numbers as keys: a text for each value would cost more than the sum. */
type Tree = Level<Level<Level<Level<Stats>>>>;

function child<T>(level: Level<Level<T>>, key: number): Level<T> {
  const known = level.get(key);
  if (known) return known;
  const made: Level<T> = new Map();
  level.set(key, made);
  return made;
}

/** Adds up samples in the order of their receipt. Mutable: some hundred thousand rows a second pass through. */
export class Accumulator {
  readonly #tree: Tree = new Map();
  #buckets = 0;

  /** Buckets of five minutes so far. */
  get buckets(): number {
    return this.#buckets;
  }

  add({ device, channel, at, numbers }: Numbers): void {
    if (numbers === null) return;
    const start = stepStart(at, '5min');
    const fields = child(child(this.#tree, device), channel);
    eachNumber(numbers, (field, value) => {
      const starts = child(fields, field);
      const stats = starts.get(start);
      if (stats) {
        addValue(stats, value, at);
        return;
      }
      starts.set(start, newStats(value, at));
      this.#buckets++;
    });
  }

  /** Every bucket of both steps, once, by device: neighbours lie on the same pages. */
  *entries(): Generator<KeyedStats> {
    for (const [device, channels] of [...this.#tree].toSorted(([a], [b]) => a - b))
      for (const [channel, fields] of channels)
        for (const [field, starts] of fields) yield* bucketsOf([device, channel, field], starts);
  }
}

function* bucketsOf(place: readonly [number, number, number], starts: Level<Stats>): Generator<KeyedStats> {
  for (const step of rollupSteps)
    for (const [start, stats] of regroup(starts, step)) yield { key: [...place, stepSeconds[step], start], stats };
}

/** Five minutes as they are, or added up to the longer step. */
function regroup(starts: Level<Stats>, step: (typeof rollupSteps)[number]): Level<Stats> {
  if (step === '5min') return starts;
  const longer: Level<Stats> = new Map();
  for (const [at, stats] of starts) {
    const start = stepStart(at, step);
    const total = longer.get(start);
    if (total) mergeStats(total, stats);
    else longer.set(start, { ...stats });
  }
  return longer;
}
