import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Case, play } from '../testing/cases.ts';
import { hour, minute, openScenario, second } from '../testing/scenario.ts';
import { again } from '../testing/steps.ts';
import { connect, enrol, reconcile, report, talk } from '../testing/story.ts';

const cases: readonly Case[] = [
  {
    row: 'B2.6.2',
    name: 'a report 60 s after detection',
    after: (s) => report(s, 1, 2, { delayMs: 60_000 }),
    want: 'met',
  },
  {
    row: 'B2.6.2',
    name: 'a report 61 s after detection while online',
    after: (s) => report(s, 1, 2, { delayMs: 61_000 }),
    want: 'breached',
    code: 'REPORT_LATE',
    says: /1 of 2 reports in 30 d on time \(50%/,
  },
  {
    row: 'B2.6.2',
    name: 'queued while offline, sent 10 min after the reconnect',
    after: (s) => report(s, 1, 2, { delayMs: 5 * hour, reconnectMs: 10 * minute }),
    want: 'met',
  },
  {
    row: 'B2.6.2',
    name: 'and a second later',
    after: (s) => report(s, 1, 2, { delayMs: 5 * hour, reconnectMs: 10 * minute + second }),
    want: 'breached',
  },
  {
    row: 'B2.6.2',
    name: 'not by its schema',
    after: (s) => report(s, 1, 2, { valid: false }),
    want: 'breached',
    code: 'REPORT_GAP',
  },
  {
    row: 'B2.6.2',
    name: 'a gap, just seen',
    after: (s) => report(s, 1, 5, { missing: { from: 2, to: 4 } }),
    want: 'at-risk',
  },
  {
    row: 'B2.6.2',
    name: 'a gap unexplained after 24 h',
    after: (s) => {
      report(s, 1, 5, { missing: { from: 2, to: 4 } });
      again(s.wait(24 * hour + 1));
    },
    want: 'breached',
    code: 'REPORT_GAP',
    says: /reports 2 to 4 missing/,
  },
  {
    row: 'B2.6.2',
    name: 'a gap explained by an overflow report',
    after: (s) => {
      report(s, 1, 5, { missing: { from: 2, to: 4 } });
      report(s, 1, 6, { explains: { from: 2, to: 4 } });
    },
    want: 'met',
  },
  {
    row: 'B2.6.2',
    name: 'a gap closed by the late reports themselves',
    after: (s) => {
      report(s, 1, 5, { missing: { from: 2, to: 4 } });
      for (const seq of [3, 2, 4]) report(s, 1, seq);
    },
    want: 'met',
  },
  {
    row: 'B2.6.2',
    name: 'a device without self-test: the way is not shown to be open',
    after: (s) => {
      enrol(s, 4);
      connect(s, 4);
    },
    want: 'unknown',
    says: /self-tests from 3 of 4/,
  },
];

for (const one of cases) {
  test(`${one.row} ${one.name}: ${one.want}`, () => {
    const { got, want, words } = play(one);
    assert.deepEqual(got, want, words);
    assert.match(words, one.says ?? /./);
  });
}

test('B2.6.2 never any report, the way proven open: n/a', () => {
  const s = openScenario();
  enrol(s, 1);
  connect(s, 1);
  talk(s, 1);
  reconcile(s);
  assert.equal(s.judge('B2.6.2').status, 'n/a');
});
