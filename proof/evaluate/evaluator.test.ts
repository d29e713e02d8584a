import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draftDocument } from '@pactgate/agreement';
import type { EvidenceRecord } from '@pactgate/protocol';
import type { JsonObject } from '../json.ts';
import type { Evidence, VerifiedRecord } from '../verify/options.ts';
import { makeEvaluator } from './evaluator.ts';
import { toEvalResult } from './result.ts';
import { agreement, openScenario, ownOrigin, partyKey, type Scenario } from './testing/scenario.ts';
import { good } from './testing/story.ts';

const particulars = {
  name: 'A',
  representative: 'R',
  address: 'S',
  register: { kind: 'other' as const, registerName: 'HRB', number: '12' },
  contactEmail: 'a@example.org',
};
const document = draftDocument({
  id: agreement,
  draftedAt: '2026-03-01T00:00:00Z',
  partyA: particulars,
  partyB: particulars,
  anchors: {
    rootSha256: 'a'.repeat(64),
    signingKey: { kty: 'EC', crv: 'P-256', x: 'a'.repeat(43), y: 'a'.repeat(43) },
    logs: ['log.example/c1+b3019980+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c'],
    partyBThumbprint: 'a'.repeat(43),
  },
});

const toVerified = ({ origin, index, kind, at, outcome, n, body }: EvidenceRecord): VerifiedRecord => {
  // A record of the story as the verifier hands it over, after its own checks.
  const plain = JSON.parse(JSON.stringify(body)) as JsonObject;
  const leaf = {
    cm: '',
    d: [],
    i: '',
    k: kind,
    n,
    o: outcome,
    s: 'gw-1:1',
    t: new Date(at).toISOString(),
    v: 1 as const,
  };
  return { origin, index, leaf, body: plain, plain, hidden: [] };
};

/** The story with one judgement at its end; `without` takes bodies away by kind. */
function evidenceOf(s: Scenario, without?: string): { readonly evidence: Evidence; readonly result: VerifiedRecord } {
  s.own('party.key', { party: 'acme', thumbprint: partyKey, use: 'sign' });
  const body = toEvalResult(s.evaluation, s.judge('B2.3.1'));
  const result = toVerified(s.own('eval.result', body) as EvidenceRecord);
  const all = s.records.map(toVerified);
  const records = all.map((record): VerifiedRecord => {
    const { origin, index, leaf, hidden } = record;
    return leaf.k === without ? { origin, index, leaf, hidden } : record;
  });
  return { evidence: { records, agreement: JSON.parse(JSON.stringify(document)) as JsonObject }, result };
}
const story = (): Scenario => good(openScenario({}, { partyKeys: [] }));

test('A3.4.6 the verifier recomputes a judgement from proven records and the signed document', async () => {
  const { evidence, result } = evidenceOf(story());
  assert.deepEqual((await makeEvaluator().recompute(result, evidence)).why.en, 'recomputed alike');
});
test('A3.4.6 a judgement that does not follow is refuted', async () => {
  const { evidence, result } = evidenceOf(story());
  const plain = { ...result.plain, status: 'breached' };
  const answer = await makeEvaluator().recompute({ ...result, plain, body: plain }, evidence);
  assert.deepEqual([answer.ok, answer.incomplete], [false, undefined]);
  assert.match(answer.why.en, /met here, breached recorded/);
});
test('A3.4.6 erased bodies that the row reads make it incomplete; others do not', async () => {
  const gone = evidenceOf(story(), 'session.open');
  assert.equal((await makeEvaluator().recompute(gone.result, gone.evidence)).incomplete, true);
  const other = evidenceOf(story(), 'outbox.lag');
  assert.equal((await makeEvaluator().recompute(other.result, other.evidence)).ok, true);
});
test('A3.4.6 a body that is not of its kind counts as none', async () => {
  const { evidence, result } = evidenceOf(story());
  const records = evidence.records.map((record) =>
    record.leaf.k === 'session.open' ? { ...record, plain: { device: 7, origin: ownOrigin } } : record,
  );
  assert.equal((await makeEvaluator().recompute(result, { ...evidence, records })).incomplete, true);
});
test('A3.4.6 without a document that passes its check nothing is confirmed', async () => {
  const { evidence, result } = evidenceOf(story());
  assert.equal((await makeEvaluator().recompute(result, { ...evidence, agreement: {} })).ok, false);
});
