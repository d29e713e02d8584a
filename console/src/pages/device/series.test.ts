import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chartOf, extremes, type Points, windowOf, withGaps } from './series.ts';
import { valueAt } from './values.ts';

const point = (at: number, mean: number, spread = 0): Points[number] => ({
  at,
  count: spread === 0 ? 1 : 5,
  min: mean - spread,
  max: mean + spread,
  mean,
  last: mean,
});

test('a silence of more than six usual distances breaks the line, a shorter one does not', () => {
  const at = (times: readonly number[]): readonly number[] => withGaps(times.map((t) => point(t, 1))).map((p) => p.at);
  assert.deepEqual(at([0, 10, 20, 30, 90]), [0, 10, 20, 30, 90]);
  assert.deepEqual(at([0, 10, 20, 30, 91]), [0, 10, 20, 30, 40, 91]);
  assert.deepEqual(at([]), []);
  assert.deepEqual(at([5]), [5]);
});

test('extremes are those of the band, not of the means', () => {
  assert.deepEqual(extremes([point(0, 5, 2), point(1, 9)]), { min: 3, max: 9 });
  assert.equal(extremes([]), undefined);
});

test('a band is drawn only where a point stands for several values', () => {
  const words = { mean: 'mean', band: 'band', unit: undefined };
  const count = (points: Points): number => [chartOf(points, words).series].flat().length;
  assert.equal(count([point(0, 1)]), 1);
  assert.equal(count([point(0, 1, 3)]), 3);
});

test('a range begins on a whole minute, so that refreshes ask one question', () => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 30);
  assert.equal(windowOf('1h', now).from, Date.UTC(2026, 0, 1, 11, 0, 0));
  assert.equal(windowOf('1h', now + 29_000).from, Date.UTC(2026, 0, 1, 11, 0, 0));
  assert.equal(windowOf('30d', now).step, '1h');
});

test('a value is found by its pointer, flat or nested (RFC 6901)', () => {
  assert.equal(valueAt({ '/a/b': 1 }, '/a/b'), 1);
  assert.equal(valueAt({ a: { b: 2 } }, '/a/b'), 2);
  assert.equal(valueAt({ 'x/y': { '~': 3 } }, '/x~1y/~0'), 3);
  assert.equal(valueAt({ a: 1 }, '/a/b'), undefined);
  assert.equal(valueAt({}, '/toString'), undefined);
});
