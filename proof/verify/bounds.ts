import { encodeBase64 } from '../bytes.ts';
import { demand } from '../error.ts';
import { parseBound } from '../leaf.ts';
import { pushLeaf } from '../merkle/edge.ts';
import type { TreeHasher } from '../merkle/hasher.ts';
import { subtreesOf } from '../merkle/range.ts';
import { joinSubtrees } from '../merkle/tree.ts';
import type { VerifiedLog } from '../tiles/reader.ts';
import type { ProvenLeaf, ProvenLeaves } from './entries.ts';
import type { Report } from './report.ts';

/** Root prefixes by size, for the sizes that the leaves quote and the range covers. */
type Roots = ReadonlyMap<number, string>;

const prefixLength = 12;

/** Walks the range once, leaf by leaf, and notes the root where a leaf quotes one. */
async function rootsOfRange(hasher: TreeHasher, log: VerifiedLog, range: ProvenLeaves): Promise<Roots> {
  const quoted = new Set(range.leaves.flatMap(({ leaf }) => (leaf.b === undefined ? [] : [parseBound(leaf.b).size])));
  const hashes = [...(await log.read(subtreesOf({ start: 0, end: range.from })))];
  const roots = new Map<number, string>();
  const note = (size: number): void => {
    if (quoted.has(size)) roots.set(size, encodeBase64(joinSubtrees(hasher, hashes)).slice(0, prefixLength));
  };
  note(range.from);
  for (const { index, bytes } of range.leaves) {
    pushLeaf(hasher, { size: index, hashes }, hasher.leaf(bytes));
    note(index + 1);
  }
  return roots;
}

function demandBound(roots: Roots, from: number, { index, leaf }: ProvenLeaf): void {
  if (leaf.b === undefined) return;
  const { size, rootPrefix } = parseBound(leaf.b);
  demand(size <= index, 'bad-leaf', `leaf ${index} quotes a checkpoint of ${size} records, which came later`);
  // A size before the range cannot be recomputed from what is here.
  if (size < from) return;
  demand(roots.get(size) === rootPrefix, 'bad-leaf', `leaf ${index} quotes a root that the log never had at ${size}`);
}

/** Step 10: the checkpoint that a leaf quotes as its lower time bound is one of this log's past. */
export async function checkBounds(
  report: Report,
  hasher: TreeHasher,
  log: VerifiedLog,
  range: ProvenLeaves,
): Promise<void> {
  const quoting = range.leaves.filter(({ leaf }) => leaf.b !== undefined).length;
  if (quoting === 0) return;
  const text = { zh: '记录引用的检查点不成立', en: 'A checkpoint quoted by a record does not hold' };
  const done = await report.attempt(
    'bounds',
    text,
    async () => {
      const roots = await rootsOfRange(hasher, log, range);
      for (const leaf of range.leaves) demandBound(roots, range.from, leaf);
      return true;
    },
    range.origin,
  );
  if (done === undefined) return;
  report.holds(
    'bounds',
    {
      zh: `${quoting} 条记录引用了此前的检查点，不可能更早写入`,
      en: `${quoting} records quote an earlier checkpoint and cannot have been written before it`,
    },
    range.origin,
  );
}
