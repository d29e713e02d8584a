import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EvidenceRecord } from '@pactgate/protocol';
import { rollUp } from './judge.ts';
import { recompute } from './recompute.ts';
import { toEvalResult } from './result.ts';
import { evaluatorId, implemented } from './rows.ts';
import { departureOf, feed } from './state.ts';
import {
  day,
  deviceOf,
  hour,
  minute,
  openScenario,
  ownOrigin,
  type Scenario,
  second,
  serialOf,
} from './testing/scenario.ts';
import { connect, deny, good, platformGood, probeAuthn, reconcile } from './testing/story.ts';
import { explain } from './why.ts';

/** False-green traps of the evaluation: each once made somebody's board green for nothing. */
const d1 = deviceOf(1);
const close = (s: Scenario): void => {
  for (const n of [1, 2, 3])
    s.own('session.close', {
      device: deviceOf(n),
      conn: `c-${n}`,
      serial: serialOf(n),
      reason: 'gate/max-age',
      durationMs: 1,
      received: 1,
      sent: 1,
    });
};

test('trap: 0 sessions are not "100 % encrypted" (B2.3.1), nor all authenticated (B2.2.4)', () => {
  const s = openScenario();
  platformGood(s);
  reconcile(s, { authenticated: 0, sessionsOpened: 0 });
  for (const row of ['B2.3.1', 'B2.2.4', 'B2.2.3', 'B2.2.6'] as const) {
    const judgement = s.judge(row);
    assert.equal(judgement.status, 'unknown', row);
    assert.equal(judgement.subjects[0]?.why.code, 'population/empty');
  }
});

test('trap: all devices offline is not "no unknown version seen" (B2.5.3), silent ones are counted', () => {
  const s = good(openScenario());
  close(s);
  platformGood(s.wait(25 * hour));
  const judgement = s.judge('B2.5.3');
  assert.equal(judgement.status, 'unknown');
  assert.equal(judgement.counts['silent'], 3);
});

test('trap: a dead probe runner with a last green result (A3.1.1)', () => {
  const s = good(openScenario());
  assert.equal(s.judge('A3.1.1').status, 'met');
  s.wait(3 * day);
  const judgement = s.judge('A3.1.1');
  assert.equal(judgement.status, 'unknown');
  assert.deepEqual(
    [judgement.subjects[0]?.kind, judgement.subjects[0]?.since],
    ['probe.authn.neg', s.at - 3 * day + hour],
  );
});

const waive = (s: Scenario, party: string, until: number, row = 'B2.2.6'): void => {
  s.own('breach.waive', { row, subject: d1, until, party, thumbprint: 't', why: 'test bench' });
};
const overreach = (s: Scenario): void => {
  for (let i = 0; i < 11; i++) deny(s.wait(second), 1);
};

test('trap: a waiver past its end', () => {
  const s = good(openScenario());
  overreach(s);
  waive(s, 'platform', s.at + 10 * minute);
  assert.equal(s.of('B2.2.6', d1).status, 'waived');
  assert.match(explain(s.of('B2.2.6', d1).why).en, /waived by platform until .*: test bench \(else: 11 denied/);
  assert.equal(s.judge('B2.2.6').status, 'met');
  s.wait(10 * minute - 1);
  assert.equal(s.of('B2.2.6', d1).status, 'waived');
  s.wait(1);
  assert.equal(s.of('B2.2.6', d1).status, 'breached');
});
test('trap: a waiver that the owing party gave itself', () => {
  const s = good(openScenario());
  overreach(s);
  waive(s, 'acme', s.at + day);
  assert.equal(s.of('B2.2.6', d1).status, 'breached');
});
test('a waiver of a duty of A is given by B, not by A', () => {
  const s = good(openScenario());
  probeAuthn(s, { positive: false });
  const end = { subject: 'mqtts', until: s.at + day, thumbprint: 't', why: '' };
  s.own('breach.waive', { row: 'A3.1.1', party: 'platform', ...end });
  assert.equal(s.judge('A3.1.1').status, 'breached');
  s.own('breach.waive', { row: 'A3.1.1', party: 'acme', ...end });
  assert.equal(s.judge('A3.1.1').status, 'waived');
});

test('trap: a device deleted is gone from the population, and known to be removed', () => {
  const s = good(openScenario());
  overreach(s);
  assert.equal(departureOf(s.evaluation, 'B2.2.6', d1), undefined);
  s.own('device.state', { device: d1, state: 'retired', why: '' });
  assert.equal(
    s.judge('B2.2.6').subjects.some(({ subject }) => subject === d1),
    false,
  );
  assert.equal(departureOf(s.evaluation, 'B2.2.6', d1), 'cured-by-removal');
  connect(s, 1); // whoever comes back without enrolment is a stranger
  assert.equal(s.of('B2.2.3', d1).status, 'breached');
});

test('trap: a clock set back shortens no timer and makes no evidence younger', () => {
  const s = good(openScenario());
  s.own('incident.confirm', { incident: 'i1', severity: 'critical', by: 'p' });
  s.wait(14 * minute).own('incident.open', { incident: 'i2', device: d1, type: 'tamper', severity: 'high' });
  const { at } = s;
  s.wait(-hour).own('incident.open', { incident: 'i3', device: d1, type: 'tamper', severity: 'high' });
  assert.equal(s.judge('A3.6.2').at, at);
  assert.equal(s.of('A3.6.2', 'i1').status, 'at-risk');
  s.at = at + minute + 1;
  assert.equal(s.of('A3.6.2', 'i1').status, 'breached');
});

const resultOf = (s: Scenario, body: EvidenceRecord<'eval.result'>['body']): EvidenceRecord<'eval.result'> => ({
  origin: ownOrigin,
  index: 10_000,
  id: 'r',
  kind: 'eval.result',
  at: s.at,
  outcome: body.status,
  n: 1,
  body,
});

test('trap: a judgement of another evaluator is not taken for one of this', () => {
  const s = good(openScenario());
  const body = toEvalResult(s.evaluation, s.judge('B2.2.6'));
  const old = recompute(s.evaluation.facts, resultOf(s, { ...body, evaluator: 'pactgate-evaluator/0' }), s.records);
  assert.deepEqual(old, {
    ok: false,
    cause: 'evaluator',
    why: `judged by pactgate-evaluator/0, this is ${evaluatorId}`,
  });
});

for (const row of implemented) {
  test(`${row} recomputed from the records alone: status, counts and subjects agree, and a lie does not`, () => {
    const s = good(openScenario());
    overreach(s);
    const body = toEvalResult(s.evaluation, s.judge(row));
    const { facts } = s.evaluation;
    overreach(s); // what came after the judgement does not count
    assert.deepEqual(recompute(facts, resultOf(s, body), s.records), { ok: true });
    const other = body.status === 'met' ? 'unknown' : 'met';
    const lies = [
      { ...body, status: other } as const,
      { ...body, counts: { ...body.counts, met: 77 } },
      { ...body, subjects: [{ subject: 'x', status: 'waived' as const, why: '', zh: '' }] },
      { ...body, at: body.at - 1 },
      { ...body, row: 'B2.1.2' },
    ];
    for (const lie of lies) {
      const answer = recompute(facts, resultOf(s, lie), s.records);
      assert.equal(answer.ok ? 'ok' : answer.cause, 'differs');
    }
  });
}
test('A3.4.6 records that are missing leave a judgement neither confirmed nor refuted', () => {
  const s = good(openScenario());
  const body = toEvalResult(s.evaluation, s.judge('B2.2.6'));
  const answer = recompute(s.evaluation.facts, resultOf(s, body), s.records.slice(0, -1));
  assert.equal(answer.ok ? 'ok' : answer.cause, 'records');
});

test('rows are rolled up breached, unknown, at-risk, met, waived, n/a; nothing at all is unknown', () => {
  assert.equal(rollUp(['met', 'n/a', 'waived', 'at-risk', 'unknown', 'breached']), 'breached');
  assert.equal(rollUp(['met', 'n/a', 'at-risk', 'unknown']), 'unknown');
  assert.equal(rollUp(['met', 'at-risk', 'waived']), 'at-risk');
  assert.equal(rollUp(['waived', 'met', 'n/a']), 'met');
  assert.equal(rollUp(['n/a', 'waived']), 'waived');
  assert.equal(rollUp([]), 'unknown');
});

test('records of other agreements and records fed before change nothing', () => {
  const s = good(openScenario());
  const before = JSON.stringify(s.judge('B2.2.6'));
  const [first] = s.records;
  assert.ok(first);
  feed(s.evaluation, first);
  feed(s.evaluation, { ...first, origin: 'a.example/logs/other/2026', index: 99 });
  assert.equal(JSON.stringify(s.judge('B2.2.6')), before);
});
