import { equalBytes } from '../bytes.ts';
import { demand } from '../error.ts';
import type { TreeHasher } from '../merkle/hasher.ts';
import { proveConsistency } from '../merkle/tree.ts';
import { verifyConsistency } from '../merkle/verify.ts';
import type { VerifiedLog } from '../tiles/reader.ts';
import type { LogState } from './options.ts';
import type { Report } from './report.ts';

/** Demands that the log, whose head is proven, begins with an older head (`bad-proof`). */
async function demandPrefix(hasher: TreeHasher, log: VerifiedLog, before: LogState): Promise<true> {
  const { head } = log;
  demand(before.size <= head.size, 'bad-proof', `it had ${before.size} records and now has ${head.size}`);
  if (before.size === 0) return true;
  if (before.size === head.size) {
    demand(equalBytes(before.root, head.root), 'bad-proof', 'same size, another root');
    return true;
  }
  const sizes = { oldSize: before.size, newSize: head.size };
  const proof = await proveConsistency(hasher, log, sizes);
  verifyConsistency(hasher, proof, { ...sizes, oldRoot: before.root, newRoot: head.root });
  return true;
}

/** Step 7: the log still begins with what was seen on an earlier visit. */
export async function checkConsistency(
  report: Report,
  hasher: TreeHasher,
  log: VerifiedLog,
  before: LogState,
): Promise<void> {
  const text = {
    zh: '日志与上次所见不一致，历史被改写',
    en: 'The log contradicts what was seen before: history was rewritten',
  };
  const done = await report.attempt('consistency', text, () => demandPrefix(hasher, log, before), before.origin);
  if (done === undefined) return;
  const holds = {
    zh: `仍以上次所见的 ${before.size} 条记录开头`,
    en: `It still begins with the ${before.size} records seen before`,
  };
  report.holds('consistency', holds, before.origin);
}

/** Also step 7, where the newest checkpoint and the newest witnessed one differ: the larger begins with the smaller. */
export async function checkBothHeads(
  report: Report,
  hasher: TreeHasher,
  log: VerifiedLog,
  smaller: LogState,
): Promise<void> {
  const text = {
    zh: '最新检查点与已见证的检查点矛盾',
    en: 'The newest checkpoint and the newest witnessed one contradict each other',
  };
  const { origin, size } = smaller;
  const done = await report.attempt('consistency', text, () => demandPrefix(hasher, log, smaller), origin);
  if (done === undefined) return;
  const holds = {
    zh: `最新检查点与已见证的检查点一致（${size} 条与 ${log.head.size} 条）`,
    en: `The newest checkpoint and the newest witnessed one agree (${size} and ${log.head.size} records)`,
  };
  report.holds('consistency', holds, origin);
}
