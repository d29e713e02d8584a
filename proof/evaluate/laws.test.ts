import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { judge } from './judge.ts';
import { implemented } from './rows.ts';
import { judgeShare } from './share.ts';
import { feed, openEvaluation } from './state.ts';
import { deviceOf, hour, minute, openScenario, ownOrigin } from './testing/scenario.ts';
import { connect, deny, good, permit, platformGood, report, validate } from './testing/story.ts';
import { addTo, countOf, countUp, excessOf, openRun, openTally, runMs, sumOf } from './windows.ts';

test('law: the two logs may be mixed in any way, the judgements are the same', () => {
  const s = good(openScenario());
  for (let i = 0; i < 5; i++) {
    s.wait(20 * minute);
    deny(s, 2);
    permit(s, { [deviceOf(1)]: 40 });
    connect(s, 3);
    validate(s, 10, { withUndeclared: 1 });
    report(s, 2, i + 1, { delayMs: 90_000 });
    platformGood(s);
  }
  const own = s.records.filter(({ origin }) => origin === ownOrigin);
  const platform = s.records.filter(({ origin }) => origin !== ownOrigin);
  const want = implemented.map((row) => s.judge(row));
  const coins = fc.array(fc.boolean(), { minLength: s.records.length, maxLength: s.records.length });
  const property = fc.property(coins, (takeOwn) => {
    const evaluation = openEvaluation(s.evaluation.facts);
    const [left, right] = [[...own], [...platform]];
    for (const first of takeOwn) {
      const record = (first ? left.shift() : right.shift()) ?? left.shift() ?? right.shift();
      if (record) feed(evaluation, record);
    }
    assert.deepEqual(
      implemented.map((row) => judge(evaluation, row, s.at)),
      want,
    );
  });
  fc.assert(property, { numRuns: 20 });
});

test('law: a tally sums what its window holds, in whatever order it came', () => {
  const events = fc.array(fc.tuple(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 1, max: 9 })), {
    maxLength: 60,
  });
  const property = fc.property(events, (list) => {
    const tally = openTally(2_400, 1);
    for (const [at, n] of list) addTo(tally, at, [n]);
    const last = Math.max(0, ...list.map(([at]) => Math.floor(at / 100)));
    const want = list.reduce((sum, [at, n]) => (Math.floor(at / 100) > last - 24 ? sum + n : sum), 0);
    assert.deepEqual(sumOf(tally, last * 100), [want]);
    assert.ok(tally.cells.size <= 24);
  });
  fc.assert(property);
});

test('law: a run exceeds its limit exactly when some hour held more', () => {
  const steps = fc.array(fc.integer({ min: 1, max: 20 * minute }), { minLength: 1, maxLength: 40 });
  const property = fc.property(steps, fc.integer({ min: 1, max: 12 }), (gaps, limit) => {
    const run = openRun();
    const times: number[] = [];
    let at = 0;
    let exceeded = 0;
    for (const gap of gaps) {
      at += gap;
      times.push(at);
      countUp(run, at, 1, limit);
      const inHour = times.filter((time) => time > at - runMs).length;
      assert.equal(countOf(run, at), inHour);
      if (inHour > limit) exceeded = at;
    }
    assert.equal(excessOf(run, at) !== undefined, exceeded > 0 && at - exceeded < runMs);
  });
  fc.assert(property);
});

test('a flood is counted, not forgotten, and costs no more memory', () => {
  const run = openRun();
  for (let i = 0; i < 10_000; i++) countUp(run, hour + i, 1, 10);
  assert.ok(run.events.length <= 512);
  assert.equal(countOf(run, hour + 9_999), 10_000);
});

const shares: readonly (readonly [members: [number, number, number, number], share: number, want: string])[] = [
  [[99, 1, 0, 0], 0.99, 'met'],
  [[98, 2, 0, 0], 0.99, 'breached'],
  [[98, 1, 0, 1], 0.99, 'unknown'],
  [[99, 0, 0, 1], 0.99, 'met'],
  [[0, 2, 0, 98], 0.99, 'breached'],
  [[98, 1, 1, 0], 0.99, 'at-risk'],
  [[0, 0, 0, 0], 0.99, 'unknown'],
  [[0, 0, 0, 5], 0.5, 'unknown'],
];
for (const [[good_, bad, pending, unknown], share, want] of shares) {
  test(`share ${share}: good ${good_}, bad ${bad}, pending ${pending}, unknown ${unknown} is ${want}`, () =>
    assert.equal(judgeShare({ good: good_, bad, pending, unknown }, share), want));
}
