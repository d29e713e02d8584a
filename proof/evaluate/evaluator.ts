import { checkDocument } from '@pactgate/agreement';
import { type EvidenceRecord, isRecordBody, isRecordKind, type RecordBody, type RecordKind } from '@pactgate/protocol';
import type { Evaluator, Evidence, RecomputeOutcome, VerifiedRecord } from '../verify/options.ts';
import { factsOf } from './facts.ts';
import { type Bodyless, openRecompute, type Recomputation, type Result } from './recompute.ts';

/** A record, or a place without a body that could be judged. */
function toEntry({ origin, index, leaf, plain: body }: VerifiedRecord): EvidenceRecord | Bodyless {
  const { i: id, k: kind, o: outcome, n } = leaf;
  const at = Date.parse(leaf.t);
  // A body that is not of its kind says nothing that could be judged: like one that is not there.
  if (!isRecordKind(kind) || body === undefined || !isRecordBody(kind, body)) return { origin, index, kind, at };
  return { origin, index, id, kind, at, outcome, n, body: body as RecordBody<RecordKind> };
}
const isRecord = (entry: EvidenceRecord | Bodyless): entry is EvidenceRecord => 'body' in entry;

/** Recomputes the judgements of one verified bundle or log. */
function openBundle(evidence: Evidence): ((record: VerifiedRecord) => Recomputation) | undefined {
  const checked = checkDocument(evidence.agreement);
  if (!('document' in checked)) return undefined;
  const entries = evidence.records.map(toEntry);
  const bodyless = entries.filter((entry) => !isRecord(entry));
  const recompute = openRecompute(factsOf(checked.document), entries.filter(isRecord), bodyless);
  return (record) => {
    const own = toEntry(record);
    if (!isRecord(own) || own.kind !== 'eval.result')
      return { ok: false, cause: 'records', why: `record ${record.index} has no body of its kind` };
    return recompute(own as Result);
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
