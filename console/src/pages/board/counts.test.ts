import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Status } from '../../parts/statuses.ts';
import { type BoardRow, countRows, filterRows, groupRows, laterRows, worries } from './counts.ts';

const texts = { zh: '文', en: 'text' };
const row = (id: string, owner: 'A' | 'B' | 'AB', status: Status): BoardRow => ({
  row: id,
  clause: id.slice(1, 4),
  owner,
  name: texts,
  duty: texts,
  criterion: texts,
  status,
  why: [],
  counts: {},
  evidence: [],
  breaches: 0,
});
const rows = [
  row('B2.1.1', 'B', 'met'),
  row('B2.1.2', 'B', 'not-implemented'),
  row('B2.4.3', 'AB', 'breached'),
  row('A3.1.1', 'A', 'unknown'),
  row('A3.1.2', 'A', 'not-implemented'),
];
const ids = (found: readonly BoardRow[]): readonly string[] => found.map((each) => each.row);

test('what is not implemented is in no list of judged duties, whatever the filter', () => {
  assert.deepEqual(ids(filterRows(rows, { owner: 'all', status: 'all' })), ['B2.1.1', 'B2.4.3', 'A3.1.1']);
  assert.deepEqual(ids(filterRows(rows, { owner: 'all', status: 'not-implemented' })), []);
  assert.deepEqual(ids(laterRows(rows, 'all')), ['B2.1.2', 'A3.1.2']);
  assert.deepEqual(ids(laterRows(rows, 'B')), ['B2.1.2']);
});

test('a duty of both parties shows under either', () => {
  assert.deepEqual(ids(filterRows(rows, { owner: 'A', status: 'all' })), ['B2.4.3', 'A3.1.1']);
  assert.deepEqual(ids(filterRows(rows, { owner: 'B', status: 'all' })), ['B2.1.1', 'B2.4.3']);
  assert.deepEqual(ids(filterRows(rows, { owner: 'B', status: 'met' })), ['B2.1.1']);
});

test('counts: each row once, not-implemented apart from unknown', () => {
  const counts = countRows(rows);
  assert.deepEqual(counts, {
    met: 1,
    'at-risk': 0,
    breached: 1,
    unknown: 1,
    'n/a': 0,
    waived: 0,
    'not-implemented': 2,
  });
  assert.equal(
    Object.values(counts).reduce((a, b) => a + b, 0),
    rows.length,
  );
});

test('groups keep the order of the agreement and leave empty clauses out', () => {
  const none = { met: 0, atRisk: 0, breached: 0, unknown: 0, notApplicable: 0, waived: 0, notImplemented: 0 };
  const clauses = ['2.1', '2.2', '2.4', '3.1'].map((clause) => ({ clause, title: texts, ...none }));
  const groups = groupRows(filterRows(rows, { owner: 'all', status: 'all' }), clauses);
  assert.deepEqual(
    groups.map(({ clause }) => clause.clause),
    ['2.1', '2.4', '3.1'],
  );
});

test('beside a clause stand its statuses, worst first', () =>
  assert.deepEqual(worries([row('B2.1.1', 'B', 'met'), row('B2.1.3', 'B', 'breached'), row('B2.1.4', 'B', 'n/a')]), [
    { status: 'breached', count: 1 },
    { status: 'met', count: 1 },
  ]));
