import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant, later, seconds } from '../kernel/time.ts';
import type { LogEntry } from '../ledger/index.ts';
import { fsckRecords, growthOf, LedgerPace, MasterGrowth } from './collect-ledger.ts';

const t0 = instant('2026-03-02T08:00:00Z');
const log = (name: string, agreement?: string): LogEntry => ({
  id: `id-${name}`,
  origin: `localhost/logs/${name}/2026`,
  kind: agreement === undefined ? 'platform' : 'agreement',
  vkey: '',
  created: t0,
  ...(agreement === undefined ? {} : { agreement }),
});
const limits = { outbox: seconds(5), publish: seconds(5) };

test('A3.4.1 A3.3.5 lag of all logs together, pace log by log in the log it is about', () => {
  const pace = new LedgerPace(t0, limits);
  const [shared, own] = [log('platform'), log('ag-1', 'ag-1')];
  pace.known(shared, 7);
  pace.sequenced([t0, t0], later(t0, seconds(6)));
  pace.published(own, 3, { grewAt: t0, at: later(t0, seconds(1)) });
  const end = later(t0, seconds(240));
  const records = pace.close(end, limits);
  assert.deepEqual(
    records.map(({ kind, agreement, outcome }) => [kind, agreement, outcome]),
    [
      ['outbox.lag', undefined, 'late'],
      ['ledger.checkpoint', undefined, 'published'],
      ['ledger.checkpoint', 'ag-1', 'published'],
    ],
  );
  const again = pace.close(later(end, seconds(240)), { ...limits, outbox: seconds(2) });
  assert.deepEqual(again[0]?.body, {
    from: end,
    to: later(end, seconds(240)),
    rows: 0,
    withinShare: 1,
    limitMs: 5_000,
    maxMs: 0,
  });
  assert.equal(again.length, 1, 'logs that did not grow are told once');
});

test('A3.3.5 a check names each log where its reader looks, and its mismatches', () => {
  const checked = [
    { log: log('platform'), result: { origin: 'o/logs/platform/2026', size: 5, mismatches: 0 } },
    { log: log('ag-1', 'ag-1'), result: { origin: 'o/logs/ag-1/2026', size: 2, mismatches: 1, why: 'x'.repeat(600) } },
    { log: log('master'), result: { origin: 'o/logs/master/2026', size: 1, mismatches: 0 } },
  ];
  const [shared, own] = fsckRecords('tail', checked);
  assert.deepEqual([shared?.agreement, shared?.outcome], [undefined, 'clean']);
  assert.deepEqual([own?.agreement, own?.outcome], ['ag-1', 'mismatch']);
  assert.deepEqual(own?.body, {
    scope: 'tail',
    logs: [{ origin: 'o/logs/ag-1/2026', size: 2, mismatches: 1, why: 'x'.repeat(512) }],
  });
});

test('A3.3.5 the master log quotes size and root of logs that grew, each size once', () => {
  const note = 'localhost/logs/ag-1/2026\n3\nNmQuc8JUCrEh46a/lUWwokmCzYMOsT080Z3jzmwCHsE=\n\n— x AAAAAAA=\n';
  const head = growthOf(log('ag-1', 'ag-1'), { size: 3, note });
  assert.deepEqual(head, {
    origin: 'localhost/logs/ag-1/2026',
    size: 3,
    root: 'NmQuc8JUCrEh46a/lUWwokmCzYMOsT080Z3jzmwCHsE=',
  });
  const growth = new MasterGrowth();
  const [record] = growth.news([head]);
  assert.deepEqual([record?.log, record?.kind, record?.agreement], ['master', 'log.grow', undefined]);
  assert.equal(growth.news([head]).length, 1, 'until it is durable');
  growth.knows(head);
  assert.deepEqual(growth.news([head]), []);
  assert.equal(growth.news([{ ...head, size: 4 }]).length, 1);
});
