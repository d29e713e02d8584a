import type { SubDutyId } from '@pactgate/agreement';
import {
  type BreachContext,
  type Breaches,
  type Evaluation,
  foldBreach,
  type Judgement,
  judge,
  stepBreaches,
  toEvalResult,
} from '@pactgate/proof';
import type { RecordBody } from '@pactgate/protocol';
import type { Instant } from '../../kernel/time.ts';
import type { NewRecord } from '../../parties/record.ts';

export interface Assessment {
  readonly judgement: Judgement;
  readonly result: RecordBody<'eval.result'>;
  /** The result and what it brought about for breaches, in this order, for one transaction. */
  readonly records: readonly NewRecord[];
}

/** Outcomes are single words in a leaf. */
const outcomeOf = (status: Judgement['status']): string => (status === 'n/a' ? 'not-applicable' : status);

/**
 * Judges one row and says what to record.
 *
 * The breaches it returns records for are folded into `breaches` at once, so that the next row or judgement does not
 * open them again before their leaves come back. When the records could not be written, build `breaches` anew from the
 * log.
 */
export function assess(
  evaluation: Evaluation,
  breaches: Breaches,
  row: { readonly id: SubDutyId; readonly at: Instant },
  context: Omit<BreachContext, 'evaluation'>,
): Assessment {
  const { agreement } = evaluation.facts;
  const judgement = judge(evaluation, row.id, row.at);
  const result = toEvalResult(evaluation, judgement);
  const steps = stepBreaches(breaches, judgement, { ...context, evaluation });
  for (const step of steps) foldBreach(breaches, step);
  const first: NewRecord = { agreement, kind: 'eval.result', outcome: outcomeOf(judgement.status), body: result };
  return { judgement, result, records: [first, ...steps.map((step) => ({ agreement, ...step }))] };
}

/**
 * Whether a judgement says something new: another status, or other subjects that are not met. One that does not is
 * recorded only in its rhythm, so that a stream of evidence does not become a stream of equal judgements.
 */
export function isNews(
  before: Pick<RecordBody<'eval.result'>, 'status' | 'subjects' | 'evaluator'> | undefined,
  after: Pick<RecordBody<'eval.result'>, 'status' | 'subjects' | 'evaluator'>,
): boolean {
  const key = ({ status, subjects, evaluator }: NonNullable<typeof before>): string =>
    JSON.stringify([status, evaluator, subjects.map((one) => [one.subject, one.status])]);
  return before === undefined || key(before) !== key(after);
}
