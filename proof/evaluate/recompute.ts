import { isSubDutyId } from '@pactgate/agreement';
import type { EvidenceRecord, RecordBody } from '@pactgate/protocol';
import { judge } from './judge.ts';
import { listedOf, toEvalResult } from './result.ts';
import { evaluatorId, isImplemented } from './rows.ts';
import { type Evaluation, feed, openEvaluation } from './state.ts';
import type { AgreementFacts } from './types.ts';

/** Outcome of recomputing one `eval.result`. */
export type Recomputed =
  | { readonly ok: true }
  /** `evaluator`: another evaluator judged, so it cannot be compared here. `records`: leaves it rests on are missing. */
  | { readonly ok: false; readonly cause: 'differs' | 'evaluator' | 'records'; readonly why: string };

type Result = EvidenceRecord<'eval.result'>;

const differs = (why: string): Recomputed => ({ ok: false, cause: 'differs', why });

/** Feeds what a result says it rests on; undefined when records before its places are missing. */
function feedUpTo(evaluation: Evaluation, result: Result, records: readonly EvidenceRecord[]): string | undefined {
  const sizes = new Map(result.body.upTo.map(({ origin, size }) => [origin, size]));
  for (const record of records) if (record.index < (sizes.get(record.origin) ?? 0)) feed(evaluation, record);
  for (const [origin, size] of sizes)
    if ((evaluation.next.get(origin) ?? 0) < size)
      return `records of ${origin} end at ${evaluation.next.get(origin) ?? 0}, the judgement rests on ${size}`;
  return undefined;
}

const sortedCounts = (counts: Readonly<Record<string, number>>): string =>
  JSON.stringify(Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1)));

const subjectsOf = (body: Pick<RecordBody<'eval.result'>, 'subjects'>): string =>
  JSON.stringify(body.subjects.map(({ subject, status }) => [subject, status]));

function compare(evaluation: Evaluation, { body }: Result): Recomputed {
  if (!isSubDutyId(body.row) || !isImplemented(body.row)) return differs(`${body.row}: no rule judges this row`);
  const judgement = judge(evaluation, body.row, body.at);
  if (judgement.at !== body.at) return differs(`${body.row}: judged at a time before the records it rests on`);
  if (judgement.status !== body.status)
    return differs(`${body.row}: recomputed ${judgement.status}, recorded ${body.status}`);
  if (sortedCounts(judgement.counts) !== sortedCounts(body.counts))
    return differs(
      `${body.row}: recomputed counts ${sortedCounts(judgement.counts)}, recorded ${sortedCounts(body.counts)}`,
    );
  const own = subjectsOf(toEvalResult(evaluation, judgement));
  if (own === subjectsOf(body)) return { ok: true };
  return differs(`${body.row}: other subjects than the ${listedOf(judgement).length} recomputed`);
}

/**
 * Recomputes judgements one after another on one fold; give them in the order of their log.
 *
 * @param records those of the agreement's log and the platform's, each log complete and in its order
 */
export function openRecompute(
  facts: AgreementFacts,
  records: readonly EvidenceRecord[],
): (result: Result) => Recomputed {
  let evaluation = openEvaluation(facts);
  const behind = (result: Result): boolean =>
    [...evaluation.next].some(
      ([origin, next]) => next > (result.body.upTo.find((place) => place.origin === origin)?.size ?? 0),
    );
  return (result) => {
    if (result.body.evaluator !== evaluatorId)
      return { ok: false, cause: 'evaluator', why: `judged by ${result.body.evaluator}, this is ${evaluatorId}` };
    if (behind(result)) evaluation = openEvaluation(facts);
    const gap = feedUpTo(evaluation, result, records);
    return gap === undefined ? compare(evaluation, result) : { ok: false, cause: 'records', why: gap };
  };
}

/** Recomputes one recorded judgement from the records alone and compares status, counts and subjects (A3.4.6). */
export const recompute = (facts: AgreementFacts, result: Result, records: readonly EvidenceRecord[]): Recomputed =>
  openRecompute(facts, records)(result);
