import type { RecordOpening } from '../bundle/record.ts';
import { commit, revealMembers } from '../commitment.ts';
import type { ProofCrypto } from '../crypto.ts';
import { demand } from '../error.ts';
import type { ProvenLeaf, ProvenLeaves } from './entries.ts';
import type { VerifiedRecord } from './options.ts';
import type { Report } from './report.ts';

/** Indexes named in one sentence. */
const maxListed = 20;

/** Opens one leaf; `bad-commitment` or `bad-disclosure` when the opening is not the leaf's. */
function openRecord(crypto: ProofCrypto, origin: string, proven: ProvenLeaf, opening: RecordOpening): VerifiedRecord {
  const { index, leaf } = proven;
  const same = commit(crypto, opening.salt, opening.body) === leaf.cm;
  demand(same, 'bad-commitment', `the body of record ${index} is not the one committed to`);
  const { body, hidden } = revealMembers(crypto, opening.body, opening.disclosures);
  const { body: plain } = revealMembers(crypto, opening.body, []);
  return { origin, index, leaf, body, plain, hidden };
}

const list = (indexes: readonly number[]): string =>
  indexes.length <= maxListed ? indexes.join(', ') : `${indexes.slice(0, maxListed).join(', ')} ...`;

function reportGaps(report: Report, origin: string, records: readonly VerifiedRecord[]): void {
  const missing = records.filter(({ body }) => body === undefined).map(({ index }) => index);
  const hidden = records.reduce((sum, record) => sum + record.hidden.length, 0);
  if (missing.length > 0) {
    const text = {
      zh: `${missing.length} 条记录的正文已删除或未提供：${list(missing)}`,
      en: `The bodies of ${missing.length} records are erased or not provided: ${list(missing)}`,
    };
    report.fails('records', 'incomplete', text, origin);
  }
  if (hidden > 0) {
    const indexes = records.filter((record) => record.hidden.length > 0).map(({ index }) => index);
    const text = {
      zh: `${hidden} 个字段已删除或未披露（记录 ${list(indexes)}）`,
      en: `${hidden} fields erased or withheld (records ${list(indexes)})`,
    };
    report.fails('records', 'incomplete', text, origin);
  }
}

/** Step 12: each body, with what its disclosures bring back, is what its leaf committed to; what is gone is listed. */
export async function checkRecords(
  report: Report,
  crypto: ProofCrypto,
  openings: readonly RecordOpening[],
  range: ProvenLeaves,
): Promise<readonly VerifiedRecord[]> {
  const { origin } = range;
  const byIndex = new Map(openings.map((opening) => [opening.index, opening]));
  const text = { zh: '记录正文与日志不符', en: 'A body does not fit the log' };
  const records: VerifiedRecord[] = [];
  for (const proven of range.leaves) {
    const opening = byIndex.get(proven.index);
    byIndex.delete(proven.index);
    const { index, leaf } = proven;
    const closed: VerifiedRecord = { origin, index, leaf, hidden: [] };
    const opened =
      opening === undefined
        ? closed
        : await report.attempt('records', text, () => openRecord(crypto, origin, proven, opening), origin);
    records.push(opened ?? closed);
  }
  if (byIndex.size > 0) {
    const extra = { zh: '有不属于任何条目的正文', en: `Bodies without an entry: ${list([...byIndex.keys()])}` };
    report.fails('records', 'invalid', extra, origin);
  }
  if (!report.isClean('records', origin)) return records;
  const opened = records.filter(({ body }) => body !== undefined).length;
  const done = { zh: `${opened} 条正文与承诺值一致`, en: `${opened} bodies are what the log committed to` };
  report.holds('records', done, origin);
  reportGaps(report, origin, records);
  return records;
}
