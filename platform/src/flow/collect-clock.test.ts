import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant, later, millis } from '../kernel/time.ts';
import { judgeClock, sampleLife, sampleSpread, witnessWay } from './collect-clock.ts';

const now = instant('2026-03-02T08:00:00Z');
const seen = (ago: number, behind: number): { theirs: number; ours: number } => ({
  ours: now - ago,
  theirs: now - ago - behind,
});

test('A3.4.1 clock: nothing to compare with proves nothing', () => {
  assert.equal(judgeClock([], [], now).method, 'none');
  assert.equal(judgeClock([], [seen(sampleLife + 1, 5)], now).method, 'none', 'too old to speak of now');
  assert.equal(judgeClock([], [{ ours: now + 1, theirs: now }], now).method, 'none', 'our clock was set back since');
});

test('A3.4.1 clock: a time server goes before witnesses', () => {
  const ntp = [{ sentAt: now, receivedAt: later(now, millis(10)), serverAt: later(now, millis(8)) }];
  assert.deepEqual(judgeClock(ntp, [seen(0, 500)], now), { method: 'ntp', offsetMs: 3, uncertaintyMs: 5 });
});

const ways: readonly { name: string; behind: number; within: boolean }[] = [
  { name: 'a post that took a moment', behind: 5, within: true },
  { name: 'a post as long on its way as is allowed for', behind: witnessWay, within: true },
  { name: 'a clock of ours that is ahead, or a longer way', behind: witnessWay + 1, within: false },
  { name: 'a clock of ours that is behind', behind: -1, within: false },
];
for (const { name, behind, within } of ways) {
  test(`A3.4.1 clock by a witness: ${name}`, () => {
    const { method, offsetMs, uncertaintyMs } = judgeClock([], [seen(1_000, behind)], now);
    assert.equal(method, 'witness');
    assert.equal(offsetMs + uncertaintyMs <= 100, within);
  });
}

test('A3.4.1 clock by a witness: of samples close together the truest counts, posts that were held up do not', () => {
  const held = [seen(9_000, 700), seen(5_000, 20), seen(1_000, 2_000)];
  assert.deepEqual(judgeClock([], held, now), judgeClock([], [seen(5_000, 20)], now));
});

test('A3.4.1 clock by a witness: a clock that was set is not hidden by what was right before', () => {
  const { offsetMs } = judgeClock([], [seen(sampleSpread + 1_001, 3), seen(1_000, 3_600_000)], now);
  assert.ok(offsetMs > 3_000_000);
});
