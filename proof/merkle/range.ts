import { demand } from '../error.ts';

/**
 * A complete subtree: `MTH(D[index * 2^level : (index + 1) * 2^level])`. Level 0 are the leaf hashes.
 * Sizes and indexes go up to 2^53 - 1, so this folder divides and never shifts: `>>` and `&` cut to 32 bits.
 */
export interface NodeId {
  readonly level: number;
  readonly index: number;
}

/** Entries `[start, end)`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** True for what can be a size or an index. */
export const isCount = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;

export const half = (n: number): number => Math.floor(n / 2);
export const isOdd = (n: number): boolean => n % 2 === 1;

/** Largest power of two below `n`, the split point of RFC 6962; `n` is at least 2. */
export function splitPoint(n: number): number {
  demand(isCount(n) && n >= 2, 'bad-argument', 'nothing to split');
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/**
 * The complete subtrees that make up `MTH(D[start:end])`, largest first. `start` must be a multiple of the largest:
 * true for every range that occurs in a proof.
 */
export function subtreesOf({ start, end }: Range): readonly NodeId[] {
  const nodes: NodeId[] = [];
  let at = start;
  while (at < end) {
    let width = 1;
    let level = 0;
    while (width * 2 <= end - at) {
      width *= 2;
      level++;
    }
    demand(at % width === 0, 'bad-argument', 'range is not aligned');
    nodes.push({ level, index: at / width });
    at += width;
  }
  return nodes;
}
