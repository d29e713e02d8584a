import type { SampleQuery, StoredSample } from '../../duties/data/index.ts';

const compareSamples = (a: StoredSample, b: StoredSample): number => a.at - b.at || a.received - b.received;

/** The first `limit` samples of several lists in the order asked for. */
export function takeInOrder(
  lists: readonly (readonly StoredSample[])[],
  limit: number,
  order: SampleQuery['order'],
): readonly StoredSample[] {
  const sorted = lists.flat().toSorted(order === 'ascending' ? compareSamples : (a, b) => compareSamples(b, a));
  return sorted.slice(0, limit);
}
