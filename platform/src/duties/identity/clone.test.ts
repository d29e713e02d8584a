import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { instant } from '../../kernel/time.ts';
import {
  type CloneEvent,
  type CloneState,
  CloneWatch,
  judgeClone,
  prefixOf,
  type Takeover,
  unsuspected,
} from './clone.ts';
import { now } from './testing/samples.ts';

const hop = (from: string, to: string, second: number, change: Partial<Takeover> = {}): Takeover => ({
  kind: 'takeover',
  clientId: 'pump-7',
  from,
  to,
  heardAt: instant(now + second * 1_000 - 1_000),
  at: instant(now + second * 1_000),
  ...change,
});
const quiet = { heardAt: instant(now - 3_600_000) };
/** The worst verdict found over a list of events. */
function verdictOf(events: readonly CloneEvent[]): string {
  let state: CloneState = unsuspected;
  const found: string[] = [];
  for (const event of events) {
    const judged = judgeClone(state, event);
    ({ state } = judged);
    if (judged.finding) found.push(judged.finding.verdict);
  }
  return found.join(' then ') || 'none';
}
const keys = (at: number, spkis: readonly string[], overlapUntil?: number): CloneEvent => ({
  kind: 'keys',
  spkis,
  at: instant(now + at),
  ...(overlapUntil === undefined ? {} : { overlapUntil: instant(now + overlapUntil) }),
});
const rows: readonly (readonly [string, readonly CloneEvent[], string])[] = [
  ['nothing', [], 'none'],
  ['moved after the old session went quiet', [hop('A', 'B', 0, quiet)], 'none'],
  ['old session alive 30 s ago', [hop('A', 'B', 30, { heardAt: now })], 'suspected'],
  ['old session alive just over 30 s ago', [hop('A', 'B', 30, { heardAt: instant(now - 1) })], 'none'],
  ['reconnects within one network', [hop('A', 'A', 0), hop('A', 'A', 1), hop('A', 'A', 2)], 'none'],
  ['moved with an unbroken continuity value', [hop('A', 'B', 0, { continuity: 'unbroken' })], 'none'],
  [
    'back and forth with unbroken continuity values',
    [hop('A', 'B', 0, { continuity: 'unbroken' }), hop('B', 'A', 5, { continuity: 'unbroken' })],
    'none',
  ],
  ['two quiet takeovers in 10 s', [hop('A', 'B', 0, quiet), hop('B', 'C', 10, quiet)], 'suspected'],
  ['two quiet takeovers in just over 10 s', [hop('A', 'B', 0, quiet), hop('B', 'C', 10.001, quiet)], 'none'],
  ['A-B-A in 60 s', [hop('A', 'B', 0), hop('B', 'A', 60)], 'suspected then confirmed'],
  ['A-B-A in just over 60 s', [hop('A', 'B', 0, quiet), hop('B', 'A', 60.001, quiet)], 'none'],
  ['A-B-C-A in 60 s', [hop('A', 'B', 0, quiet), hop('B', 'C', 20, quiet), hop('C', 'A', 50, quiet)], 'confirmed'],
  ['A-B-C', [hop('A', 'B', 0, quiet), hop('B', 'C', 30, quiet)], 'none'],
  ['several client ids', [hop('A', 'B', 0, quiet), hop('B', 'A', 5, { ...quiet, clientId: 'pump-7:2' })], 'none'],
  ['suspected twice is told once', [hop('A', 'B', 0), hop('B', 'C', 100)], 'suspected'],
  ['suspected again after it lapsed', [hop('A', 'B', 0), hop('B', 'C', 3_600)], 'suspected then suspected'],
  ['nothing after confirmed', [hop('A', 'B', 0), hop('B', 'A', 1), hop('A', 'B', 9_999)], 'suspected then confirmed'],
  ['two keys', [keys(0, ['k1', 'k2'])], 'suspected'],
  ['two keys in an overlap', [keys(0, ['k1', 'k2'], 1)], 'none'],
  ['two keys at the end of the overlap', [keys(1, ['k1', 'k2'], 1)], 'suspected'],
  ['one key twice', [keys(0, ['k1', 'k1'])], 'none'],
  ['fork of the boot count', [{ kind: 'fork', what: 'boot', at: now }], 'confirmed'],
];
for (const [name, events, want] of rows)
  test(`B2.2.1 clone: ${name}: ${want}`, () => assert.equal(verdictOf(events), want));

const place = fc.constantFrom('A', 'B', 'C', 'D');
const takeovers = fc.array(
  fc.record({ from: place, to: place, gap: fc.nat(90), client: fc.nat(20), quiet: fc.boolean() }),
  { maxLength: 60 },
);
test('law B2.2.1: memory of one device is bounded, a verdict never falls, one network is never suspected', () => {
  fc.assert(
    fc.property(takeovers, (list) => {
      let state: CloneState = unsuspected;
      let second = 0;
      for (const { from, to, gap, client, quiet: silent } of list) {
        second += gap;
        const before = state;
        const event = hop(from, to, second, { clientId: `d:${client}`, ...(silent ? quiet : {}) });
        const judged = judgeClone(state, event);
        ({ state } = judged);
        assert.ok(state.traces.length <= 8 && state.traces.every(({ hops }) => hops.length <= 8));
        assert.ok(state.confirmed || !before.confirmed);
        if (from === to) assert.equal(judged.finding, undefined);
      }
    }),
  );
});
test('the watch forgets the device touched longest ago', () => {
  const watch = new CloneWatch(2);
  watch.observe('a', hop('A', 'B', 0, quiet));
  watch.observe('b', hop('A', 'B', 0, quiet));
  watch.observe('a', hop('B', 'B', 1));
  watch.observe('c', hop('A', 'B', 1, quiet));
  assert.equal(watch.size, 2);
  assert.equal(watch.observe('b', hop('B', 'A', 2, quiet)), undefined);
  watch.forget('b');
  watch.observe('a', hop('A', 'B', 2, quiet));
  assert.equal(watch.observe('a', hop('B', 'A', 3, quiet))?.verdict, 'confirmed');
});
for (const [address, want] of [
  ['192.0.2.7', '192.0.2.0/24'],
  ['::ffff:192.0.2.7', '192.0.2.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:0001::5', '2001:db8:1:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['unix', 'unix'],
] as const)
  test(`prefix of ${address}`, () => assert.equal(prefixOf(address), want));
