import { demand } from '../error.ts';
import { type JsonValue } from '../json.ts';
import { parseSource } from '../leaf.ts';
import type { VerifiedRecord } from './options.ts';
import type { Report } from './report.ts';
import { counted } from './words.ts';

/** Kind with which a restarted source opens a new epoch; its body quotes the last number of the one before as `last`. */
export const sourceStartKind = 'source.start';

/** The number a source's record must have. A new epoch begins at 1 and accounts for the one before it. */
function demandNext(record: VerifiedRecord, source: string, sequence: number, before: number | undefined): void {
  const { index, leaf, body } = record;
  if (before === undefined) {
    demand(sequence === 1, 'bad-leaf', `${source} begins with number ${sequence} at record ${index}`);
    return;
  }
  if (sequence === before + 1) return;
  const isRestart = leaf.k === sourceStartKind && sequence === 1;
  const gap = `${source} goes from ${before} to ${sequence} at record ${index}`;
  demand(isRestart, 'bad-leaf', `${gap}: something is missing, or was written twice`);
  const last: JsonValue | undefined = body?.['last'];
  demand(body === undefined || last === before, 'bad-leaf', `${gap}: its restart accounts for another number`);
}

/**
 * Step 13: every source numbers its records without a gap, so none was dropped between source and log. In a range that
 * does not begin with the log, a source's first number is taken as it is.
 */
export async function checkSequences(
  report: Report,
  origin: string,
  records: readonly VerifiedRecord[],
): Promise<void> {
  const isWhole = records[0]?.index === 0;
  const last = new Map<string, number>();
  for (const record of records) {
    const { source, sequence } = parseSource(record.leaf.s);
    const before = last.get(source);
    last.set(source, sequence);
    if (before === undefined && !isWhole) continue;
    const text = { zh: '来源序号不连续', en: 'A source has a gap' };
    await report.attempt('sequences', text, () => demandNext(record, source, sequence, before), origin);
  }
  if (!report.isClean('sequences', origin)) return;
  const text = {
    zh: `${last.size} 个来源的序号连续无缺`,
    en: `${counted(last.size, 'source')} in sequence, without a gap`,
  };
  report.holds('sequences', text, origin);
}
