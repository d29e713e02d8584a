import type { RecordBody } from '@pactgate/protocol';
import { logNameOf, shardOf } from './ledger.ts';
import { evaluatorId } from './rows.ts';
import type { Evaluation } from './state.ts';
import type { Finding, Judgement } from './types.ts';
import { explain } from './why.ts';

/** Subjects that one `eval.result` lists; all are in its counts. */
export const maxListed = 50;
const maxText = 512;

/** Subjects that are not met, worst first, at most {@link maxListed}. */
const listedOf = ({ subjects }: Judgement): readonly Finding[] =>
  subjects.filter(({ status }) => status !== 'met').slice(0, maxListed);

/** Names from records can be longer than the schema of a subject allows. */
const clip = (text: string, max: number): string => (text.length <= max ? text : `${text.slice(0, max - 1)}…`);

/** Newest shard of each log and the size up to which it was folded in; shards before it count whole. */
export function upToOf(
  evaluation: Pick<Evaluation, 'next'>,
): readonly { readonly origin: string; readonly size: number }[] {
  const newest = new Map<string, string>();
  for (const origin of evaluation.next.keys()) {
    const known = newest.get(logNameOf(origin));
    if (known === undefined || shardOf(known) < shardOf(origin)) newest.set(logNameOf(origin), origin);
  }
  return [...newest.values()].toSorted().map((origin) => ({ origin, size: evaluation.next.get(origin) ?? 0 }));
}

/** The body of `eval.result` for a judgement just made on this fold. */
export function toEvalResult(evaluation: Evaluation, judgement: Judgement): RecordBody<'eval.result'> {
  const { row, status, at, counts, evidence, evidenceAt, grade } = judgement;
  return {
    row,
    status,
    evaluator: evaluatorId,
    at,
    counts: { ...counts },
    subjects: listedOf(judgement).map((finding) => {
      const texts = explain(finding.why);
      return {
        subject: clip(finding.subject, 128),
        status: finding.status,
        why: clip(texts.en, maxText),
        zh: clip(texts.zh, maxText),
      };
    }),
    evidence: evidence.map(({ origin, index }) => ({ origin, index })),
    ...(evidenceAt === undefined ? {} : { evidenceAt }),
    upTo: upToOf(evaluation).map((place) => ({ ...place })),
    grade,
  };
}
