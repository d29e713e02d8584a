import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Case, play } from '../testing/cases.ts';
import { day, hex, hour, minute, platformOrigin, second } from '../testing/scenario.ts';
import { challenge, confirm, contain, d1, isolate } from '../testing/steps.ts';
import { connect, permit, platformGood, probeIsolation, selftest } from '../testing/story.ts';

const cases: readonly Case[] = [
  {
    row: 'A3.4.6',
    name: 'self-test failed',
    after: (s) => selftest(s, { passed: false, error: 'root' }),
    want: 'breached',
    says: /root/,
  },
  {
    row: 'A3.4.6',
    name: 'last verification past its limit: breached, not unknown',
    after: (s) => s.wait(day + 1),
    want: 'breached',
    code: 'EVIDENCE_UNVERIFIABLE',
  },
  { row: 'A3.4.6', name: 'too few leaves', after: (s) => selftest(s, { leaves: 99 }), want: 'unknown' },
  { row: 'A3.4.6', name: 'a short log proved whole', after: (s) => selftest(s, { leaves: 40, size: 40 }), want: 'met' },
  {
    row: 'A3.4.6',
    name: 'proof requests unanswered this month',
    after: (s) => selftest(s, { requests: 900, answered: 898 }),
    want: 'breached',
    says: /998 of 1000/,
  },
  {
    row: 'A3.4.6',
    name: 'unanswered last month',
    after: (s) => {
      selftest(s, { requests: 900, answered: 8 });
      selftest(s.wait(30 * day));
    },
    want: 'met',
  },
  {
    row: 'A3.4.6',
    name: 'export late',
    after: (s) =>
      s.own('evidence.export', { requestedAt: s.at - 25 * hour, readyAt: s.at, by: 'p', sha256: hex('1'), entries: 4 }),
    want: 'breached',
  },
  { row: 'A3.4.6', name: 'challenge open', after: (s) => challenge(s, 'open'), want: 'at-risk' },
  {
    row: 'A3.4.6',
    name: 'challenge open for more than 72 h',
    after: (s) => {
      challenge(s, 'open');
      selftest(s.wait(72 * hour + 1));
    },
    want: 'breached',
    says: /challenge q1 open for 3 d, limit 3 d/,
  },
  {
    row: 'A3.4.6',
    name: 'challenge resolved',
    after: (s) => {
      challenge(s, 'open');
      challenge(s.wait(hour), 'resolved');
    },
    want: 'met',
  },
  {
    row: 'A3.4.6',
    name: "the self-test of another log proves nothing about the agreement's",
    after: (s) => {
      s.wait(day + 1);
      selftest(s, { origin: platformOrigin });
    },
    want: 'breached',
  },
  {
    row: 'A3.6.2',
    name: 'the probe got through',
    after: (s) => probeIsolation(s, 4, { leaks: ['up/telemetry/main'] }),
    want: 'breached',
    subject: 'level-4',
    code: 'CONTAIN_LEAKY',
  },
  {
    row: 'A3.6.2',
    name: 'a probe that tried nothing',
    after: (s) => probeIsolation(s, 3, { forbidden: [] }),
    want: 'unknown',
    subject: 'level-3',
  },
  { row: 'A3.6.2', name: 'probes a day old', after: (s) => s.wait(day), want: 'met' },
  {
    row: 'A3.6.2',
    name: 'probes just over a day old',
    after: (s) => s.wait(day + 1),
    want: 'unknown',
    subject: 'level-3',
  },
  {
    row: 'A3.6.2',
    name: 'critical, confirmed: the timer runs',
    after: (s) => confirm(s, 'critical'),
    want: 'at-risk',
    subject: 'i1',
  },
  {
    row: 'A3.6.2',
    name: 'critical, contained at 15 min',
    after: (s) => {
      confirm(s, 'critical');
      contain(s.wait(15 * minute));
    },
    want: 'met',
  },
  {
    row: 'A3.6.2',
    name: 'critical, not contained after 15 min',
    after: (s) => {
      confirm(s, 'critical');
      s.wait(15 * minute + 1);
    },
    want: 'breached',
    subject: 'i1',
    code: 'CONTAIN_SLOW',
  },
  {
    row: 'A3.6.2',
    name: 'high, contained after 4 h and a bit: shown for a day',
    after: (s) => {
      confirm(s, 'high');
      contain(s.wait(4 * hour + 1));
    },
    want: 'breached',
  },
  {
    row: 'A3.6.2',
    name: 'medium has no limit',
    after: (s) => {
      confirm(s, 'medium');
      platformGood(s.wait(30 * day));
    },
    want: 'met',
  },
  {
    row: 'A3.6.2',
    name: 'a session well after the order at level 4',
    after: (s) => {
      isolate(s, 4);
      connect(s.wait(3 * second), 1);
    },
    want: 'breached',
    subject: d1,
    code: 'CONTAIN_LEAKY',
  },
  {
    row: 'A3.6.2',
    name: 'a session within the time an order has to reach the gateway',
    after: (s) => {
      isolate(s, 4);
      connect(s.wait(2 * second), 1);
    },
    want: 'met',
  },
  {
    row: 'A3.6.2',
    name: 'permits after the order at level 5',
    after: (s) => {
      isolate(s, 5);
      permit(s.wait(2 * minute), { [d1]: 1 });
    },
    want: 'breached',
    subject: d1,
  },
  {
    row: 'A3.6.2',
    name: 'a session after the release',
    after: (s) => {
      isolate(s, 4);
      isolate(s.wait(minute), 0);
      connect(s.wait(minute), 1);
    },
    want: 'met',
  },
];

for (const one of cases) {
  test(`${one.row} ${one.name}: ${one.want}`, () => {
    const { got, want, words } = play(one);
    assert.deepEqual(got, want, words);
    assert.match(words, one.says ?? /./);
  });
}
