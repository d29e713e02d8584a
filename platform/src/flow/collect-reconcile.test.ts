import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecordBody } from '@pactgate/protocol';
import { type Instant, instant, later, seconds } from '../kernel/time.ts';
import type { NewRecord } from '../parties/record.ts';
import { type CountedRow, Reconciliation, type WindowCounts } from './collect-reconcile.ts';

const t0 = instant('2026-03-02T08:00:00Z');
const at = (s: number): Instant => later(t0, seconds(s));
const grace = seconds(10);
const none: WindowCounts = { sessions: 0, settling: 0, permitted: 0, permits: 0, denied: 0 };
const row = (seq: number, more: Partial<CountedRow> = {}): CountedRow => ({
  source: 'platform',
  seq,
  kind: 'platform.start',
  outcome: 'ok',
  n: 1,
  ...more,
});
const open = (seq: number): CountedRow => row(seq, { kind: 'session.open', outcome: 'opened' });
const deny = (seq: number, n = 1): CountedRow => row(seq, { kind: 'authz.decide', outcome: 'deny', n });

function opened(): Reconciliation {
  const made = new Reconciliation('platform', t0);
  made.start('platform', 10);
  made.start('ag-1', 0);
  return made;
}
const bodyOf = (records: readonly NewRecord[], agreement?: string): RecordBody<'ledger.reconcile'> | undefined =>
  // Every record of a reconciliation is of this kind.
  records.find((record) => record.agreement === agreement)?.body as RecordBody<'ledger.reconcile'> | undefined;

test('A3.4.1 own logs are told in the platform log, an agreement in its own log alone', () => {
  const r = opened();
  r.numbered('platform', 12);
  r.sequenced('platform', [row(11), row(12)]);
  r.numbered('ag-1', 1);
  r.sequenced('ag-1', [row(1)]);
  r.cut(at(240), { ...none, permitted: 5, permits: 5 }, new Map());
  const records = r.settle(at(240), grace);
  assert.deepEqual(bodyOf(records), {
    from: t0,
    to: at(240),
    sources: [{ source: 'platform', log: 'platform', counted: 2, logged: 2 }],
    authenticated: 0,
    sessionsOpened: 0,
    operations: 5,
    decisions: 5,
  });
  const own = bodyOf(records, 'ag-1');
  assert.deepEqual(own?.sources, [{ source: 'platform', log: 'ag-1', counted: 1, logged: 1 }]);
  assert.equal(own.operations, 0, 'counts of all parties together are no party’s to see');
  assert.ok(records.every(({ outcome }) => outcome === 'equal'));
});

test('A3.4.1 a dropped row is told once the grace is over, in the log it is missing from', () => {
  const r = opened();
  r.numbered('ag-1', 3);
  r.sequenced('ag-1', [row(1), row(3)]);
  r.cut(at(240), none, new Map());
  assert.equal(bodyOf(r.settle(at(250), grace), 'ag-1'), undefined, 'it may still come');
  const records = r.settle(at(251), grace);
  assert.equal(records.find(({ agreement }) => agreement === 'ag-1')?.outcome, 'different');
  assert.deepEqual(bodyOf(records, 'ag-1')?.sources, [{ source: 'platform', log: 'ag-1', counted: 3, logged: 2 }]);
});

test('A3.4.1 numbers of a transaction that was rolled back are given out again, not missing', () => {
  const r = opened();
  r.numbered('platform', 15); // told inside the transaction
  r.sequenced('platform', [row(11)]);
  r.cut(at(240), none, new Map([['platform', 11]]));
  assert.deepEqual(bodyOf(r.settle(at(240), grace))?.sources, [
    { source: 'platform', log: 'platform', counted: 1, logged: 1 },
  ]);
});

test('A3.4.1 rows of another source and of before the start count for nobody', () => {
  const r = opened();
  r.sequenced('platform', [row(10), row(1, { source: 'gw-2' }), deny(9, 7), open(8)]);
  r.cut(at(240), none, new Map());
  const body = bodyOf(r.settle(at(240), grace));
  assert.deepEqual([body?.sources[0]?.counted, body?.sessionsOpened, body?.decisions], [0, 0, 0]);
});

test('A3.1.3 fewer permits in the aggregates than permitted operations is a difference', () => {
  const r = opened();
  r.cut(at(240), { ...none, permitted: 9, permits: 8 }, new Map());
  const records = r.settle(at(240), grace);
  assert.equal(records.find(({ agreement }) => agreement === undefined)?.outcome, 'different');
});

test('A3.1.3 a denial whose record comes after the border belongs to the window it happened in', () => {
  const r = opened();
  r.cut(at(240), { ...none, denied: 2 }, new Map());
  assert.equal(bodyOf(r.settle(at(241), grace)), undefined, 'waits for the records');
  r.sequenced('ag-1', [deny(1), deny(2)]);
  const body = bodyOf(r.settle(at(242), grace));
  assert.deepEqual([body?.operations, body?.decisions], [2, 2]);
});

test('A3.1.3 a denial without a record is told once', () => {
  const r = opened();
  r.sequenced('ag-1', [deny(1, 2)]);
  r.cut(at(240), { ...none, denied: 3 }, new Map());
  const lost = bodyOf(r.settle(at(251), grace));
  assert.deepEqual([lost?.operations, lost?.decisions], [3, 2]);
  r.sequenced('ag-1', [deny(2)]);
  r.cut(at(480), { ...none, denied: 4 }, new Map());
  const next = bodyOf(r.settle(at(480), grace));
  assert.deepEqual([next?.operations, next?.decisions], [1, 1], 'not missed again');
});

test('B2.2.4 a session without authentication is one too many, one under way is not', () => {
  const r = opened();
  r.sequenced('ag-1', [open(1), open(2), open(3)]);
  r.cut(at(240), { ...none, sessions: 2, settling: 1 }, new Map());
  const whole = bodyOf(r.settle(at(240), grace));
  assert.deepEqual([whole?.authenticated, whole?.sessionsOpened], [2, 2]);
  r.sequenced('ag-1', [open(4)]);
  r.cut(at(480), { ...none, sessions: 3 }, new Map());
  const forged = bodyOf(r.settle(at(480), grace));
  assert.deepEqual([forged?.authenticated, forged?.sessionsOpened], [1, 2]);
});

test('B2.2.4 an authentication whose session was never recorded is missing', () => {
  const r = opened();
  r.cut(at(240), { ...none, sessions: 1 }, new Map());
  const body = bodyOf(r.settle(at(251), grace));
  assert.deepEqual([body?.authenticated, body?.sessionsOpened], [1, 0]);
});
