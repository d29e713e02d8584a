import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { backoffDelay, defaultBackoff, pause } from './backoff.ts';

test('reconnecting waits anything from 0 to a ceiling that doubles from 1 s to 15 min', () => {
  assert.equal(backoffDelay(0, defaultBackoff, 0), 0);
  const ceilings = [0, 1, 9, 10, 60].map((attempt) => backoffDelay(attempt, defaultBackoff, 0.999_999));
  assert.deepEqual(ceilings, [999, 1_999, 511_999, 899_999, 899_999]);
});

test('law: no wait is negative or above the bound', () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, random) => {
      const wait = backoffDelay(attempt, defaultBackoff, random);
      assert.ok(Number.isSafeInteger(wait) && wait >= 0 && wait < defaultBackoff.most);
    }),
  );
});

test('a pause ends when it is aborted, also when it was before', async () => {
  const controller = new AbortController();
  const paused = pause(3_600_000, controller.signal);
  controller.abort();
  await paused;
  await pause(3_600_000, controller.signal);
});
