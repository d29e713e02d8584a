import { equalBytes } from '../bytes.ts';
import { demand } from '../error.ts';
import type { TreeHasher } from '../merkle/hasher.ts';
import { proveConsistency } from '../merkle/tree.ts';
import { verifyConsistency } from '../merkle/verify.ts';
import type { VerifiedLog } from '../tiles/reader.ts';
import type { LogState } from './options.ts';
import type { Report } from './report.ts';

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
  const { head } = log;
  const done = await report.attempt(
    'consistency',
    text,
    async () => {
      demand(before.size <= head.size, 'bad-proof', `it had ${before.size} records and now has ${head.size}`);
      if (before.size === 0) return true;
      if (before.size === head.size) {
        demand(equalBytes(before.root, head.root), 'bad-proof', 'same size, another root');
        return true;
      }
      const proof = await proveConsistency(hasher, log, { oldSize: before.size, newSize: head.size });
      const claim = { oldSize: before.size, newSize: head.size, oldRoot: before.root, newRoot: head.root };
      verifyConsistency(hasher, proof, claim);
      return true;
    },
    before.origin,
  );
  if (done === undefined) return;
  report.holds(
    'consistency',
    {
      zh: `仍以上次所见的 ${before.size} 条记录开头`,
      en: `It still begins with the ${before.size} records seen before`,
    },
    before.origin,
  );
}
