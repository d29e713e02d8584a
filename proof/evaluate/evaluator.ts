import { checkDocument } from '@pactgate/agreement';
import { type EvidenceRecord, isRecordBody, isRecordKind, type RecordBody, type RecordKind } from '@pactgate/protocol';
import type { Evaluator, Evidence, RecomputeOutcome, VerifiedRecord } from '../verify/options.ts';
import { factsOf } from './facts.ts';
import { type Bodyless, openRecompute, type Recomputation, type Result } from './recompute.ts';

/** One piece of evidence read: a record, a place without body, or nothing that a row could read. */
type Read = { readonly record: EvidenceRecord } | { readonly bodyless: Bodyless } | undefined;

function toRecord({ origin, index, leaf, plain: body }: VerifiedRecord): Read {
  const kind = leaf.k;
  if (!isRecordKind(kind)) return undefined;
  // A body that is not of its kind says nothing that could be judged: like one that is not there.
  if (body === undefined || !isRecordBody(kind, body)) return { bodyless: { origin, index, kind } };
  const { i: id, o: outcome, n, t } = leaf;
  return { record: { origin, index, id, kind, at: Date.parse(t), outcome, n, body: body as RecordBody<RecordKind> } };
}

/** Recomputes the judgements of one verified bundle or log. */
function openBundle(evidence: Evidence): ((record: VerifiedRecord) => Recomputation) | undefined {
  const checked = checkDocument(evidence.agreement);
  if (!('document' in checked)) return undefined;
  const read = evidence.records.map(toRecord);
  const records = read.flatMap((one) => (one !== undefined && 'record' in one ? [one.record] : []));
  const bodyless = read.flatMap((one) => (one !== undefined && 'bodyless' in one ? [one.bodyless] : []));
  const recompute = openRecompute(factsOf(checked.document), records, bodyless);
  return (record) => {
    const own = toRecord(record);
    if (own === undefined || !('record' in own) || own.record.kind !== 'eval.result')
      return { ok: false, cause: 'records', why: `record ${record.index} has no body of its kind` };
    return recompute(own.record as Result);
  };
}

const said = (answer: Recomputation): RecomputeOutcome => {
  if (answer.ok) return { ok: true, why: { zh: '重算一致', en: 'recomputed alike' } };
  const why = { zh: `重算不符：${answer.why}`, en: answer.why };
  if (answer.cause === 'differs') return { ok: false, why };
  return { ok: false, incomplete: true, why: { zh: `无法重算：${answer.why}`, en: answer.why } };
};

/** The evaluator of the standard edition for the verifier's last step; one fold serves all results of one evidence. */
export function makeEvaluator(): Evaluator {
  let opened: { readonly evidence: Evidence; readonly recompute: ReturnType<typeof openBundle> } | undefined;
  return {
    recompute: (record, evidence) => {
      if (opened?.evidence !== evidence) opened = { evidence, recompute: openBundle(evidence) };
      const why = { zh: '协议文档不完整，无法重算', en: 'the agreement document does not pass its check' };
      return opened.recompute === undefined ? { ok: false, why } : said(opened.recompute(record));
    },
  };
}
