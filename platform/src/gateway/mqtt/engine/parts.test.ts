import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { matches } from '../codec/topics.ts';
import { AckQueue } from './acks.ts';
import { RateMeter } from './rate.ts';
import { Timed, TimerWheel } from './wheel.ts';

class Item extends Timed {
  readonly fired: number[] = [];
  again: ((now: number) => void) | undefined = undefined;
  due(now: number): void {
    this.fired.push(now);
    this.again?.(now);
  }
}

test('wheel: fires at the first tick not before the deadline, once', () => {
  const wheel = new TimerWheel(1_000, 10_000);
  const item = new Item();
  wheel.schedule(item, 12_500);
  wheel.advance(12_999);
  assert.deepEqual(item.fired, []);
  wheel.advance(13_000);
  wheel.advance(20_000);
  assert.deepEqual(item.fired, [13_000]);
});

test('wheel: moving, cancelling, more than a turn away, and from within a call', () => {
  const wheel = new TimerWheel(1_000, 0);
  const [far, moved, gone, chain] = [new Item(), new Item(), new Item(), new Item()];
  wheel.schedule(far, 5_000_000);
  wheel.schedule(moved, 2_000);
  wheel.schedule(moved, 9_000);
  wheel.schedule(gone, 3_000);
  chain.again = (now) => {
    wheel.cancel(gone);
    if (chain.fired.length < 2) wheel.schedule(chain, now + 1_000);
  };
  wheel.schedule(chain, 3_000);
  for (let now = 0; now <= 4_999_000; now += 1_000) wheel.advance(now);
  assert.deepEqual([far.fired, moved.fired, gone.fired, chain.fired], [[], [9_000], [], [3_000, 4_000]]);
  wheel.advance(5_000_000);
  assert.deepEqual(far.fired, [5_000_000]);
});

test('wheel: a clock that jumps ahead fires everything due, one that runs back nothing', () => {
  const wheel = new TimerWheel(1_000, 0);
  const items = Array.from({ length: 50 }, () => new Item());
  for (const [i, item] of items.entries()) wheel.schedule(item, i * 100_000);
  wheel.advance(-5_000);
  assert.equal(items.filter((item) => item.fired.length > 0).length, 0);
  wheel.advance(10_000_000);
  assert.equal(items.filter((item) => item.fired.length === 1).length, 50);
});

test('[MQTT-4.6.0-2] acknowledgements leave in the order of the publishes, whatever order they were given in', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], { minLength: 12 }), (order) => {
      const queue = new AckQueue();
      for (let id = 1; id <= 12; id++) queue.push(id, false);
      const out: number[] = [];
      for (const id of order) {
        assert.equal(queue.resolve(id, undefined), 1);
        const bytes = queue.take(false, false) ?? Buffer.alloc(0);
        for (let at = 0; at < bytes.length; at += 4) out.push(bytes.readUInt16BE(at + 2));
      }
      assert.deepEqual(out, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
      assert.equal(queue.size, 0);
    }),
  );
});

test('acknowledgements: packet forms of 3.1.1 and 5, refusals with reason and problem code', () => {
  const queue = new AckQueue();
  const fill = (): void => {
    queue.push(0x0102, false);
    queue.push(3, true);
    queue.push(4, false);
    for (const [id, code] of [
      [0x0102, undefined],
      [3, 'access/denied'],
      [4, 'data/payload-invalid'],
    ] as const)
      queue.resolve(id, code);
  };
  fill();
  assert.deepEqual([...(queue.take(false, true) ?? [])], [0x40, 2, 1, 2, 0x50, 2, 0, 3, 0x40, 2, 0, 4]);
  assert.equal(queue.positive, 1);
  fill();
  assert.deepEqual([...(queue.take(true, false) ?? [])], [0x40, 2, 1, 2, 0x50, 3, 0, 3, 0x87, 0x40, 3, 0, 4, 0x99]);
  fill();
  const explained = queue.take(true, true);
  assert.ok(explained);
  assert.ok(explained.includes('access/denied') && explained.includes('data/payload-invalid'));
  assert.equal(explained.length, 4 + 4 + 1 + 1 + 3 + 13 + 4 + 1 + 1 + 3 + 20);
  assert.equal(queue.resolve(9, undefined), 0);
});

test('rates: a bucket of two seconds, refilled by time', () => {
  const rates = { publishesPerSecond: 10, bytesPerSecond: 1_000 };
  const meter = new RateMeter(rates, 0);
  for (let i = 0; i < 20; i++) assert.equal(meter.publish(), true);
  assert.equal(meter.publish(), false);
  meter.refill(rates, 99);
  assert.equal(meter.publish(), false);
  meter.refill(rates, 100);
  assert.equal(meter.publish(), true);
  meter.chunk(4_000, rates, 1_000);
  assert.equal(meter.publish(), false);
  meter.refill(rates, 4_000);
  assert.equal(meter.publish(), true);
  assert.equal(meter.exhausted, false);
});

test('rates: strikes count seconds in a row, a quiet one forgets', () => {
  const meter = new RateMeter({ publishesPerSecond: 1, bytesPerSecond: 1 }, 0);
  assert.deepEqual(
    [0, 10, 1_000, 2_000, 2_100, 9_000].map((at) => meter.strike(100_000 + at)),
    [1, 1, 2, 3, 3, 1],
  );
});

for (const [filter, topic, want] of [
  ['a/b', 'a/b', true],
  ['a/b', 'a/b/c', false],
  ['a/+', 'a/b', true],
  ['a/+', 'a', false],
  ['a/+', 'a/', true],
  ['a/+/c', 'a/b/c', true],
  ['a/#', 'a/b/c', true],
  ['a/#', 'a', true],
  ['#', 'a/b', true],
  ['#', '$SYS/x', false],
  ['+/x', '$SYS/x', false],
  ['$SYS/#', '$SYS/x', true],
  ['a/b/c', 'a/b', false],
  ['+', '/a', false],
  ['+/+', '/a', true],
] as const)
  test(`section 4.7: ${filter} ${want ? 'matches' : 'does not match'} ${topic}`, () =>
    assert.equal(matches(filter, topic), want));
