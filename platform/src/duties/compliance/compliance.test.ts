import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalogue, type SubDutyId } from '@pactgate/agreement';
import { evaluatorId, feed, openBreaches, openEvaluation } from '@pactgate/proof';
import { type EvidenceRecord, isRecordBody, type RecordBody } from '@pactgate/protocol';
import { type Instant, instant, later, seconds } from '../../kernel/time.ts';
import { assess, isNews } from './assess.ts';
import { type BoardInput, type BoardRow, toBoard } from './board.ts';
import { duty } from './duty.ts';
import { implemented, notImplemented } from './index.ts';
import { dueRows, judged, openSchedule, type Schedule, wake } from './schedule.ts';

const t0 = instant('2026-03-02T08:00:00Z');
const at = (s: number): Instant => later(t0, seconds(s));
const by = { evaluator: evaluatorId };
const settled = (options: Parameters<typeof openSchedule>[1] = {}): Schedule =>
  implemented.reduce((s, row) => judged(s, row, { at: t0, ...by }), openSchedule(catalogue.rows, options));
const isDue = (schedule: Schedule, row: SubDutyId, moment: Instant): boolean => dueRows(schedule, moment).includes(row);

test('A3.4.6 schedule: rows that were never judged are due, and only implemented ones', () => {
  assert.deepEqual([...dueRows(openSchedule(catalogue.rows), t0)].toSorted(), [...implemented].toSorted());
});
for (const [s, want] of [
  [239, false],
  [240, true],
] as const) {
  test(`A3.4.6 schedule: A3.1.1, every 300 s, ${s} s later is ${want ? 'due' : 'not due'}`, () =>
    assert.equal(isDue(settled(), 'A3.1.1', at(s)), want));
}
test('A3.4.6 schedule: an agreed shorter rhythm', () => {
  const schedule = settled({ every: () => seconds(10) });
  assert.deepEqual([isDue(schedule, 'B2.1.1', at(7.9)), isDue(schedule, 'B2.1.1', at(8))], [false, true]);
});
test('A3.4.6 schedule: evidence that a row names wakes it, after its rest, once', () => {
  const woken = wake(wake(settled(), 'probe.tls'), 'probe.tls');
  assert.deepEqual([isDue(woken, 'A3.2.1', at(0.9)), isDue(woken, 'A3.2.1', at(1))], [false, true]);
  assert.equal(isDue(woken, 'A3.1.1', at(1)), false);
  assert.equal(isDue(judged(woken, 'A3.2.1', { at: at(1), ...by }), 'A3.2.1', at(10)), false);
  assert.equal(wake(settled(), 'person.join').slots.get('A3.2.1')?.woken, false);
});
test('trap: evaluator changed without re-evaluation: every row of another evaluator is due at once', () => {
  const old = judged(settled(), 'A3.3.5', { at: t0, evaluator: 'pactgate-evaluator/0' });
  assert.deepEqual(dueRows(old, t0), ['A3.3.5']);
});
test('A3.4.6 schedule: a clock set back delays nothing', () =>
  assert.equal(dueRows(settled(), at(-3_600)).length, implemented.length));

const agreement = 'a1';
const context = { parties: { A: 'platform', B: 'acme' }, how: 'console', newId: () => 'b1' };
const origin = `h/logs/${agreement}/2026`;
const weakSession = {
  device: 'd_0123456789abcdef',
  conn: 'c',
  transport: 'mqtts',
  listener: 'mqtts',
  serial: 'aa',
  spki: 'a'.repeat(64),
  tls: 'TLSv1.0',
  suite: 'x',
  resumed: false,
  authenticated: true,
  notAfter: at(9_999),
};
const record = (index: number, kind: EvidenceRecord['kind'], body: EvidenceRecord['body']): EvidenceRecord => ({
  origin,
  index,
  id: `r${index}`,
  kind,
  at: t0,
  outcome: 'ok',
  n: 1,
  body,
});

test('A3.4.6 assess: one judgement is one eval.result and what it means for breaches, each valid by its schema', () => {
  const evaluation = openEvaluation({ agreement, params: {} });
  feed(evaluation, record(0, 'device.state', { device: weakSession.device, state: 'active', why: '' }));
  feed(evaluation, record(1, 'session.open', weakSession));
  const breaches = openBreaches();
  const { records, result } = assess(evaluation, breaches, { id: 'B2.3.1', at: at(1) }, context);
  assert.deepEqual(
    records.map(({ kind, outcome, agreement: log }) => [kind, outcome, log]),
    [
      ['eval.result', 'breached', agreement],
      ['breach.open', 'open', agreement],
      ['breach.notify', 'sent', agreement],
    ],
  );
  for (const { kind, body } of records) assert.ok(isRecordBody(kind, { ...body }), kind);
  assert.deepEqual(result.upTo, [{ origin, size: 2 }]);
  assert.equal(result.evidenceAt, t0);
  const again = assess(evaluation, breaches, { id: 'B2.3.1', at: at(2) }, context);
  assert.deepEqual(
    again.records.map(({ kind }) => kind),
    ['eval.result'],
  );
  assert.equal(isNews(undefined, result), true);
  assert.equal(isNews(result, again.result), false);
  assert.equal(isNews(result, { ...again.result, status: 'met' }), true);
  assert.equal(isNews(result, { ...again.result, subjects: [] }), true);
});

const result = (extra: Partial<RecordBody<'eval.result'>> = {}): RecordBody<'eval.result'> => ({
  row: 'A3.1.1',
  status: 'met',
  evaluator: evaluatorId,
  at: t0,
  counts: { met: 2 },
  subjects: [],
  evidence: [],
  upTo: [],
  grade: 2,
  ...extra,
});
const line = (given: Partial<BoardInput>): BoardRow | undefined =>
  toBoard({ rows: catalogue.rows, results: new Map(), breaches: [], at: t0, ...given }).rows.find(
    ({ row }) => row === 'A3.1.1',
  );

test('A3.4.6 board: 60 rows in twelve clauses; what is not implemented is counted apart, never as met or unknown', () => {
  const board = toBoard({ rows: catalogue.rows, results: new Map(), breaches: [], at: t0 });
  assert.equal(board.rows.length, 60);
  assert.equal(board.clauses.length, 12);
  const sum = (of: 'notImplemented' | 'unknown' | 'met'): number =>
    board.clauses.reduce((n, clause) => n + clause[of], 0);
  assert.deepEqual([sum('notImplemented'), sum('unknown'), sum('met')], [notImplemented.length, implemented.length, 0]);
});
test('A3.4.6 board: a judgement with its reasons, breaches and nearest deadline', () => {
  const subjects = [{ subject: 'mqtts', status: 'breached' as const, why: 'let in', zh: '放行' }];
  const body = result({ status: 'breached', subjects, evidenceAt: at(-5) });
  const breach = { row: 'A3.1.1', code: 'AUTHN_BYPASS', owner: 'A', subject: 'mqtts' };
  const breaches = [
    { id: '1', ...breach, deadline: at(900) },
    { id: '2', ...breach, deadline: at(300) },
    { id: '3', ...breach, row: 'A3.2.1' },
  ];
  const shown = line({ results: new Map([['A3.1.1', body]]), breaches, at: at(10) });
  assert.deepEqual(
    [shown?.status, shown?.openBreaches, shown?.deadline, shown?.evidenceAt, shown?.reasons],
    ['breached', 2, at(300), at(-5), [{ subject: 'mqtts', status: 'breached', why: { zh: '放行', en: 'let in' } }]],
  );
});
const stale = [
  { name: 'twice its rhythm ago', body: result(), at: at(600), want: 'met' },
  { name: 'longer ago: nobody judges any more', body: result(), at: at(600.001), want: 'unknown' },
  { name: 'by another evaluator', body: result({ evaluator: 'pactgate-evaluator/0' }), at: t0, want: 'unknown' },
] as const;
for (const { name, body, at: moment, want } of stale) {
  test(`trap: a green result judged ${name} is ${want}`, () =>
    assert.equal(line({ results: new Map([['A3.1.1', body]]), at: moment })?.status, want));
}

test('A3.4.6 duty: it writes what it claims', () => {
  assert.deepEqual(duty.executes, ['A3.4.6']);
  for (const kind of ['eval.result', 'ledger.proof.selftest', 'evidence.export', 'evidence.challenge'] as const)
    assert.ok(duty.emits.includes(kind));
});
