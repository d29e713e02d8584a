import type { CatalogueRow, SubDutyId } from '@pactgate/agreement';
import { unknown, why } from './finding.ts';
import { gradeOf } from './grade.ts';
import { ruleOf } from './rows.ts';
import { waiverOf } from './signatures.ts';
import { type Evaluation, editionRow } from './state.ts';
import { termsOf } from './terms.ts';
import { type Finding, type Judgement, type Ref, type Status, statuses } from './types.ts';
import { explain } from './why.ts';

const rank = (status: Status): number => statuses.indexOf(status);

/** The worst of some statuses: breached, unknown, at-risk, met, waived, n/a. None at all is unknown. */
export function rollUp(given: readonly Status[]): Status {
  let worst: number = statuses.length;
  for (const status of given) worst = Math.min(worst, rank(status));
  return statuses[worst] ?? 'unknown';
}

/** Records a judgement names, at most. */
export const maxEvidence = 32;

/** Who owes what a finding says: its own owner, else that of the row; a row of both is answered for by A. */
export const ownerOf = (row: Pick<CatalogueRow, 'owner'>, finding: Pick<Finding, 'owner'>): 'A' | 'B' =>
  finding.owner ?? (row.owner === 'B' ? 'B' : 'A');

/** A waiver excuses what is not kept; what is met or does not apply needs none. */
function withWaiver(evaluation: Evaluation, row: CatalogueRow, at: number, finding: Finding): Finding {
  if (finding.status === 'met' || finding.status === 'n/a') return finding;
  const { subject } = finding;
  const waiver = waiverOf(evaluation.signatures, { row: row.id, subject, owner: ownerOf(row, finding) }, at);
  if (waiver === undefined) return finding;
  const { party, until, why: reason } = waiver.body;
  const args = { party, until: { at: until }, reason, else: explain(finding.why).en };
  return { subject, status: 'waived', why: why('waived', args), refs: [waiver.ref, ...finding.refs] };
}

/** Worst first, then by name, so that everybody lists the same subjects in the same order. */
const order = (a: Finding, b: Finding): number =>
  rank(a.status) - rank(b.status) || (a.subject < b.subject ? -1 : Number(a.subject > b.subject));

function evidenceOf(subjects: readonly Finding[]): readonly Ref[] {
  const seen = new Map<string, Ref>();
  for (const { refs } of subjects) {
    for (const ref of refs) seen.set(`${ref.origin} ${ref.index}`, ref);
    if (seen.size >= maxEvidence) break;
  }
  return [...seen.values()].slice(0, maxEvidence);
}

/**
 * Judges one row on the records fed so far.
 *
 * Reads nothing but the fold and the agreed values, so whoever feeds the same records gets the same judgement. A moment
 * before the newest record is moved up to it: ledger time does not run back. A row without a subject is unknown.
 *
 * @param at epoch milliseconds, from the caller
 * @throws RangeError for a row of {@link notImplemented}: it has no judgement, and must not get one
 */
export function judge(evaluation: Evaluation, id: SubDutyId, at: number): Judgement {
  const rule = ruleOf(id);
  if (rule === undefined) throw new RangeError(`${id} is not implemented`);
  const row = editionRow(evaluation, id);
  const time = Math.max(at, evaluation.now);
  const outcome = rule.judge({ evaluation, at: time, terms: termsOf(row, evaluation.facts.params) });
  const none = [unknown('population', why('population/empty'))];
  const found = outcome.findings.length === 0 ? none : outcome.findings;
  const subjects = found.map((finding) => withWaiver(evaluation, row, time, finding)).toSorted(order);
  const counts: Record<string, number> = { ...outcome.counts };
  for (const { status } of subjects) counts[status] = (counts[status] ?? 0) + 1;
  const evidence = evidenceOf(subjects);
  return {
    row: id,
    status: rollUp(subjects.map(({ status }) => status)),
    at: time,
    subjects,
    counts,
    evidence,
    ...(evidence.length === 0 ? {} : { evidenceAt: Math.max(...evidence.map((ref) => ref.at)) }),
    grade: gradeOf(row),
  };
}
