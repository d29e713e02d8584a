import type { Bucket, RollupStep } from '../../duties/data/index.ts';
import type { Instant } from '../../kernel/time.ts';

/** Numbers of one field over one step, while they are being added up. */
export interface Stats {
  count: number;
  min: number;
  max: number;
  sum: number;
  last: number;
  lastAt: number;
}

/** Column `stats`: the six numbers as f64 little-endian (columns are text, integer or bytes, so no fractions). */
const size = 48;

export const newStats = (value: number, at: number): Stats => ({
  count: 1,
  min: value,
  max: value,
  sum: value,
  last: value,
  lastAt: at,
});

/** A value at the same time as the last one counts as later: it was received later. */
export function addValue(stats: Stats, value: number, at: number): void {
  stats.count++;
  if (value < stats.min) stats.min = value;
  if (value > stats.max) stats.max = value;
  stats.sum += value;
  if (at >= stats.lastAt) {
    stats.last = value;
    stats.lastAt = at;
  }
}

/** Adds what was received later. */
export function mergeStats(into: Stats, later: Stats): void {
  into.count += later.count;
  into.min = Math.min(into.min, later.min);
  into.max = Math.max(into.max, later.max);
  into.sum += later.sum;
  if (later.lastAt >= into.lastAt) {
    into.last = later.last;
    into.lastAt = later.lastAt;
  }
}

export function encodeStats({ count, min, max, sum, last, lastAt }: Stats): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  [count, min, max, sum, last, lastAt].forEach((value, i) => view.setFloat64(i * 8, value, true));
  return bytes;
}

export function decodeStats(bytes: Uint8Array): Stats {
  if (bytes.length !== size) throw new RangeError(`stats of ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, size);
  const at = (i: number): number => view.getFloat64(i * 8, true);
  return { count: at(0), min: at(1), max: at(2), sum: at(3), last: at(4), lastAt: at(5) };
}

/** Steps in the database are their length in seconds. */
export const stepSeconds: Readonly<Record<RollupStep, number>> = { '5min': 300, '1h': 3_600 };
export const rollupSteps: readonly RollupStep[] = ['5min', '1h'];

export function stepStart(at: number, step: RollupStep): number {
  const length = stepSeconds[step] * 1_000;
  return Math.floor(at / length) * length;
}

export const toBucket = (start: number, { count, min, max, sum, last }: Stats): Bucket => ({
  start: start as Instant,
  count,
  min,
  max,
  sum,
  last,
});
