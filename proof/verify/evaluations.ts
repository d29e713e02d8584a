import { type Evaluator, type Evidence, evaluationKind, type VerifiedRecord } from './options.ts';
import type { Report } from './report.ts';

async function recomputeOne(
  report: Report,
  evaluator: Evaluator,
  record: VerifiedRecord,
  evidence: Evidence,
): Promise<void> {
  const { index, origin } = record;
  if (record.body === undefined) {
    const text = { zh: `评估 ${index} 的正文不在，未重算`, en: `Evaluation ${index} has no body here: not recomputed` };
    report.fails('evaluations', 'incomplete', text, origin);
    return;
  }
  const { ok, incomplete, why } = await evaluator.recompute(record, evidence);
  if (ok) return;
  const text = { zh: `评估 ${index} 不能确认：${why.zh}`, en: `Evaluation ${index} is not confirmed: ${why.en}` };
  report.fails('evaluations', incomplete === true ? 'incomplete' : 'invalid', text, origin);
}

/** Step 14: every evaluation follows from the evidence, by the reader's own copy of the evaluator. */
export async function checkEvaluations(
  report: Report,
  evaluator: Evaluator | undefined,
  evidence: Evidence,
): Promise<void> {
  const results = evidence.records.filter(({ leaf }) => leaf.k === evaluationKind);
  if (results.length === 0) return;
  if (evaluator === undefined) {
    const text = { zh: `${results.length} 个评估未重算`, en: `${results.length} evaluations were not recomputed` };
    report.fails('evaluations', 'incomplete', text);
    return;
  }
  for (const record of results) await recomputeOne(report, evaluator, record, evidence);
  const confirmed = report.findings.every(({ step, ok }) => step !== 'evaluations' || ok);
  if (!confirmed) return;
  const text = {
    zh: `${results.length} 个评估重算一致`,
    en: `${results.length} evaluations were recomputed and agree`,
  };
  report.holds('evaluations', text);
}
