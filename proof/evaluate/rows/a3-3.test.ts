import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Case, play } from '../testing/cases.ts';
import { hour, masterOrigin, minute, openScenario, ownOrigin } from '../testing/scenario.ts';
import { unwitnessed } from '../testing/steps.ts';
import { checkpoint, cosign, fsck, reconcile } from '../testing/story.ts';

const cases: readonly Case[] = [
  {
    row: 'A3.3.5',
    name: 'a mismatch in the tail',
    after: (s) => fsck(s, 'tail', 1),
    want: 'breached',
    subject: ownOrigin,
    code: 'LEDGER_CORRUPT',
  },
  {
    row: 'A3.3.5',
    name: 'a clean tail does not clear a mismatch',
    after: (s) => {
      fsck(s, 'full', 1);
      fsck(s.wait(minute), 'tail');
    },
    want: 'breached',
  },
  {
    row: 'A3.3.5',
    name: 'a clean full recompute does',
    after: (s) => {
      fsck(s, 'tail', 1);
      fsck(s.wait(minute), 'full');
    },
    want: 'met',
  },
  {
    row: 'A3.3.5',
    name: 'two histories',
    after: (s) =>
      s.platform('ledger.conflict', {
        origin: ownOrigin,
        size: 7,
        witness: 'b.example/w',
        ours: 'x',
        theirs: 'y',
        why: '',
      }),
    want: 'breached',
    code: 'LEDGER_FORK',
    owner: 'A',
  },
  {
    row: 'A3.3.5',
    name: 'tail checked too long ago: the criterion limits the age',
    after: (s) => cosign(s.wait(hour + 1)),
    want: 'breached',
    says: /last check of the tail 60 min ago, limit 1 h/,
  },
  {
    row: 'A3.3.5',
    name: 'slow checkpoints',
    after: (s) => checkpoint(s, masterOrigin, { medianMs: 1_001 }),
    want: 'breached',
    subject: masterOrigin,
  },
  {
    row: 'A3.3.5',
    name: 'too few in time',
    after: (s) => checkpoint(s, ownOrigin, { withinShare: 0.98 }),
    want: 'breached',
  },
  { row: 'A3.3.5', name: 'witness silent for 10 min', after: (s) => s.wait(10 * minute), want: 'met' },
  {
    row: 'A3.3.5',
    name: 'witness silent for longer: at risk',
    after: (s) => s.wait(10 * minute + 1),
    want: 'at-risk',
    subject: ownOrigin,
  },
  {
    row: 'A3.3.5',
    name: 'witness silent for more than a day: owed by B',
    after: (s) => unwitnessed(s.wait(24 * hour + 1)),
    want: 'breached',
    code: 'LEDGER_UNWITNESSED',
    owner: 'B',
  },
  {
    row: 'A3.3.5',
    name: 'the same, but A turned it away: owed by A',
    after: (s) => {
      cosign(s.wait(hour), true);
      unwitnessed(s.wait(24 * hour));
    },
    want: 'breached',
    code: 'LEDGER_UNWITNESSED',
    owner: 'A',
  },
  {
    row: 'A3.3.5',
    name: 'no witness agreed: none is asked for',
    after: (s) => unwitnessed(s.wait(25 * hour)),
    want: 'met',
    facts: { witness: false },
  },
  {
    row: 'A3.4.1',
    name: 'an event counted and not logged',
    after: (s) => reconcile(s, { sources: [{ source: 'gw-1', log: ownOrigin, counted: 40, logged: 39 }] }),
    want: 'breached',
    subject: `gw-1 ${ownOrigin}`,
    code: 'LOG_GAP',
    says: /40 events counted, 39 logged/,
  },
  {
    row: 'A3.4.1',
    name: "a gap in another agreement's log is not this one's business",
    after: (s) =>
      reconcile(s, {
        sources: [
          { source: 'gw-1', log: 'a.example/logs/other/2026', counted: 40, logged: 39 },
          { source: 'gw-1', log: ownOrigin, counted: 4, logged: 4 },
        ],
      }),
    want: 'met',
  },
  {
    row: 'A3.4.1',
    name: 'no source counted',
    after: (s) => reconcile(s.wait(11 * minute), { sources: [] }),
    want: 'unknown',
    subject: 'sources',
  },
  {
    row: 'A3.4.1',
    name: 'outbox too slow',
    after: (s) =>
      s.platform('outbox.lag', { from: s.at, to: s.at, rows: 50, withinShare: 0.9, limitMs: 5_000, maxMs: 9_000 }),
    want: 'breached',
    subject: 'outbox',
    says: /95% of 100 rows/,
  },
  {
    row: 'A3.4.1',
    name: 'lag measured against a longer limit than agreed',
    after: (s) => {
      s.wait(11 * minute).platform('outbox.lag', {
        from: s.at,
        to: s.at,
        rows: 9,
        withinShare: 1,
        limitMs: 9_000,
        maxMs: 1,
      });
    },
    want: 'unknown',
    subject: 'outbox',
  },
  {
    row: 'A3.4.1',
    name: 'clock off',
    after: (s) => s.platform('clock.check', { method: 'ntp', offsetMs: 120, uncertaintyMs: 10 }),
    want: 'breached',
    subject: 'clock',
  },
  {
    row: 'A3.4.1',
    name: 'a measure too coarse to say',
    after: (s) => s.platform('clock.check', { method: 'ntp', offsetMs: 60, uncertaintyMs: 50 }),
    want: 'unknown',
    subject: 'clock',
  },
  { row: 'A3.4.1', name: 'evidence two windows old', after: (s) => s.wait(10 * minute), want: 'met' },
  {
    row: 'A3.4.1',
    name: 'and a moment more',
    after: (s) => s.wait(10 * minute + 1),
    want: 'unknown',
    subject: 'clock',
  },
];

for (const one of cases) {
  test(`${one.row} ${one.name}: ${one.want}`, () => {
    const { got, want, words } = play(one);
    assert.deepEqual(got, want, words);
    assert.match(words, one.says ?? /./);
  });
}

test('A3.3.5 a witness that never came: unknown, then owed by B', () => {
  const s = openScenario();
  unwitnessed(s);
  assert.equal(s.of('A3.3.5', ownOrigin).status, 'unknown');
  unwitnessed(s.wait(24 * hour + 1));
  const finding = s.of('A3.3.5', ownOrigin);
  assert.deepEqual([finding.status, finding.code, finding.owner], ['breached', 'LEDGER_UNWITNESSED', 'B']);
});
