import { type RollupStep } from '../../duties/data/index.ts';
import { eachNumber } from './pack.ts';
import { addValue, newStats, rollupSteps, type Stats, stepSeconds, stepStart } from './stats.ts';

/** What a roll-up needs of a stored sample. */
export interface Numbers {
  readonly id: number;
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

/** By device, channel and time, in place: what {@link bucketsOf} needs, and the order of the index. */
export const sortForBuckets = (rows: Numbers[]): Numbers[] =>
  rows.sort((a, b) => a.device - b.device || a.channel - b.channel || a.at - b.at || a.id - b.id);

/** Buckets of sorted rows, for both steps; each key comes once. */
export function* bucketsOf(rows: readonly Numbers[]): Generator<KeyedStats> {
  let from = 0;
  for (let to = 1; to <= rows.length; to++) {
    const first = rows[from];
    const next = rows[to];
    if (first === undefined) return;
    if (next?.device === first.device && next.channel === first.channel) continue;
    const group = rows.slice(from, to);
    for (const step of rollupSteps) yield* bucketsOfGroup(group, first, step);
    from = to;
  }
}

/** `rows` are of one device and channel and ascend in time: a bucket of a field is complete when its next begins. */
function bucketsOfGroup(
  rows: readonly Numbers[],
  { device, channel }: Numbers,
  step: RollupStep,
): readonly KeyedStats[] {
  const complete: KeyedStats[] = [];
  const open = new Map<number, { readonly start: number; readonly stats: Stats }>();
  const close = (field: number, start: number, stats: Stats): void => {
    complete.push({ key: [device, channel, field, stepSeconds[step], start], stats });
  };
  for (const { at, numbers } of rows) {
    if (numbers === null) continue;
    const start = stepStart(at, step);
    eachNumber(numbers, (field, value) => {
      const bucket = open.get(field);
      if (bucket?.start === start) {
        addValue(bucket.stats, value, at);
        return;
      }
      if (bucket) close(field, bucket.start, bucket.stats);
      open.set(field, { start, stats: newStats(value, at) });
    });
  }
  for (const [field, { start, stats }] of open) close(field, start, stats);
  return complete;
}
