import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type Instant, instant, later, millis, seconds } from '../../kernel/time.ts';
import { checkClock, clockOfSystem, unchecked } from './clock.ts';
import { closeLag, closePace, maxTimes, openLag, openPace, published, sequenced } from './lag.ts';
import { arrive, arrivedOf, openArrivals } from './numbers.ts';
import { cutWindow, given, logged, openReconciler, paired, type Reconciler, settle, startSource } from './reconcile.ts';

const t0 = instant('2026-03-02T08:00:00Z');
const at = (s: number): Instant => later(t0, seconds(s));
const own = { source: 'gw-1', log: 'agreement-1' };
const platform = { source: 'gw-1', log: 'platform' };
const grace = seconds(10);

const story = (steps: readonly ((r: Reconciler) => Reconciler)[]): Reconciler =>
  steps.reduce((r, step) => step(r), openReconciler(t0));

test('A3.4.1 a window whose leaves all arrived is told at once, with both logs', () => {
  const r = story([
    (x) => startSource(x, own, 100),
    (x) => given(x, own, 103),
    (x) => given(x, platform, 1),
    (x) => [101, 102, 103].reduce((y, n) => logged(y, own, n), x),
    (x) => logged(x, platform, 1),
    (x) => paired(x, { authenticated: 2, sessionsOpened: 2, operations: 9, decisions: 9 }),
    (x) => cutWindow(x, at(300)),
  ]);
  const { bodies, reconciler } = settle(r, at(300), grace);
  assert.deepEqual(bodies, [
    {
      from: t0,
      to: at(300),
      sources: [
        { ...own, counted: 3, logged: 3 },
        { ...platform, counted: 1, logged: 1 },
      ],
      authenticated: 2,
      sessionsOpened: 2,
      operations: 9,
      decisions: 9,
    },
  ]);
  assert.deepEqual(settle(reconciler, at(301), grace).bodies, [], 'told once');
});

test('A3.4.1 a leaf that arrives after the border belongs to the window of its number', () => {
  const r = story([
    (x) => given(x, own, 2),
    (x) => logged(x, own, 1),
    (x) => cutWindow(x, at(300)),
    (x) => given(x, own, 3),
  ]);
  assert.deepEqual(settle(r, at(301), grace).bodies, [], 'waits for the leaf');
  const late = logged(logged(r, own, 2), own, 3);
  const [first] = settle(late, at(302), grace).bodies;
  assert.deepEqual(first?.sources, [{ ...own, counted: 2, logged: 2 }]);
  const next = settle(cutWindow(settle(late, at(302), grace).reconciler, at(600)), at(600), grace);
  assert.deepEqual(next.bodies[0]?.sources, [{ ...own, counted: 1, logged: 1 }]);
});

for (const [seconds_, want] of [
  [310, 0],
  [310.001, 1],
] as const) {
  test(`A3.4.1 a dropped row is a gap once the grace is over: ${seconds_} s`, () => {
    const r = story([(x) => given(x, own, 3), (x) => logged(logged(x, own, 1), own, 3), (x) => cutWindow(x, at(300))]);
    const { bodies } = settle(r, at(seconds_), grace);
    assert.equal(bodies.length, want);
    if (want === 1) assert.deepEqual(bodies[0]?.sources, [{ ...own, counted: 3, logged: 2 }]);
  });
}

test('A3.4.1 a gap stays in its window and does not shift into the next', () => {
  const r = story([
    (x) => given(x, own, 3),
    (x) => logged(logged(x, own, 1), own, 3),
    (x) => cutWindow(x, at(300)),
    (x) => given(x, own, 5),
    (x) => logged(logged(x, own, 4), own, 5),
    (x) => cutWindow(x, at(600)),
  ]);
  const { bodies } = settle(r, at(700), grace);
  assert.deepEqual(
    bodies.map(({ sources }) => sources.map(({ counted, logged: n }) => [counted, n])),
    [[[3, 2]], [[2, 2]]],
  );
});

test('law: what arrived of a range is what was logged of it, in any order', () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 60 });
  const property = fc.property(
    numbers,
    fc.integer({ min: 1, max: 60 }),
    fc.integer({ min: 1, max: 60 }),
    (list, a, b) => {
      const range = { from: Math.min(a, b), to: Math.max(a, b) };
      const arrivals = list.reduce((sum, number) => arrive(sum, number), openArrivals(0));
      assert.equal(arrivedOf(arrivals, range), list.filter((n) => n >= range.from && n <= range.to).length);
      assert.deepEqual(
        list.reduce((sum, number) => arrive(sum, number), arrivals),
        arrivals,
        'a number twice changes nothing',
      );
    },
  );
  fc.assert(property);
});

test('A3.4.1 outbox lag: share within the limit, both sides of it, and a clock set back', () => {
  const lag = sequenced(openLag(t0, seconds(5)), [at(0), at(-1), at(9)], at(5));
  const { body, next } = closeLag(lag, at(60));
  assert.deepEqual(body, { from: t0, to: at(60), rows: 3, withinShare: 2 / 3, limitMs: 5_000, maxMs: 6_000 });
  assert.deepEqual(next, openLag(at(60), seconds(5)));
  assert.equal(closeLag(next, at(120)).body.rows, 0);
});

test('A3.3.5 pace of checkpoints: median, share, bounded memory', () => {
  let pace = openPace(t0, seconds(5));
  for (const ms of [200, 400, 6_000]) pace = published(pace, t0, later(t0, millis(ms)));
  const { body } = closePace(pace, { origin: 'o', size: 7 }, at(60));
  assert.deepEqual(body, {
    origin: 'o',
    size: 7,
    from: t0,
    to: at(60),
    published: 3,
    medianMs: 400,
    withinShare: 2 / 3,
    limitMs: 5_000,
  });
  for (let i = 0; i < 5_000; i++) pace = published(pace, t0, later(t0, millis(i)));
  assert.ok(pace.times.length <= maxTimes);
  assert.equal(pace.published, 5_003);
});

test('A3.4.1 clock: the shortest round trip counts, half of it is the uncertainty', () => {
  const samples = [
    { sentAt: at(0), receivedAt: at(1), serverAt: at(9) },
    { sentAt: at(10), receivedAt: later(at(10), millis(20)), serverAt: later(at(10), millis(40)) },
    { sentAt: at(20), receivedAt: at(19), serverAt: at(20) },
  ];
  assert.deepEqual(checkClock('ntp', samples), { method: 'ntp', offsetMs: 30, uncertaintyMs: 10 });
  assert.deepEqual(checkClock('ntp', []), { method: 'none', offsetMs: 0, uncertaintyMs: unchecked });
  assert.equal(clockOfSystem(undefined).uncertaintyMs, unchecked);
  assert.deepEqual(clockOfSystem({ offsetMs: -3, maxErrorMs: 12 }), {
    method: 'adjtimex',
    offsetMs: 3,
    uncertaintyMs: 12,
  });
});
