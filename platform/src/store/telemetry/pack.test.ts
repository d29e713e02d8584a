import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Sample } from '../../duties/data/index.ts';
import { instant } from '../../kernel/time.ts';
import { Accumulator } from './buckets.ts';
import { dayName, dayNumber, parseDay } from './day.ts';
import { eachNumber, Packer, packedSize, unpack } from './pack.ts';
import { addValue, decodeStats, encodeStats, mergeStats, newStats, stepStart } from './stats.ts';

const ref = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const time = fc.integer({ min: 0, max: 8_640_000_000_000_000 }).map(instant);
const value = fc.double({ noNaN: true, noDefaultInfinity: true });
const samples = fc.array(
  fc
    .record({
      device: ref,
      channel: ref,
      at: time,
      received: time,
      body: fc.uint8Array({ maxLength: 60 }),
      sealed: fc.option(fc.uint8Array({ maxLength: 60 }), { nil: undefined }),
      numbers: fc.array(fc.tuple(ref, value), { maxLength: 4 }),
    })
    .map(
      ({ numbers, sealed, ...rest }): Sample => ({
        ...rest,
        ...(sealed === undefined ? {} : { sealed }),
        fields: numbers.map(([field]) => field),
        values: numbers.map(([, number]) => number),
      }),
    ),
  { maxLength: 30 },
);
const pairsOf = (numbers: Uint8Array | null): readonly (readonly [number, number])[] => {
  const pairs: [number, number][] = [];
  if (numbers) eachNumber(numbers, (field, number) => pairs.push([field, number]));
  return pairs;
};

test('pack: unpacking gives every sample back, in order, and the size is what was said', () => {
  fc.assert(
    fc.property(samples, (list) => {
      const packer = new Packer(new ArrayBuffer(64));
      for (const sample of list) packer.add(sample);
      const batch = packer.finish();
      assert.equal(
        batch.length,
        list.reduce((sum, sample) => sum + packedSize(sample), 0),
      );
      const found = [...unpack(batch)];
      assert.equal(found.length, list.length);
      for (const [i, { numbers, sealed, ...rest }] of found.entries()) {
        const { fields = [], values = [], sealed: wantSealed, ...want } = list[i] ?? assert.fail();
        assert.deepEqual(rest, want);
        assert.deepEqual(sealed ?? undefined, wantSealed);
        assert.deepEqual(
          pairsOf(numbers),
          fields.map((field, k) => [field, values[k]]),
        );
      }
    }),
  );
});

const series = fc.array(fc.tuple(value, fc.integer({ min: 0, max: 50 })), { minLength: 1, maxLength: 20 });

test('stats: adding in two parts and merging is adding in one, but for the rounding of the sum', () => {
  fc.assert(
    fc.property(series, fc.nat(), (list, cut) => {
      const add = (part: typeof list) => {
        const [first, ...rest] = part;
        const stats = newStats(...(first ?? assert.fail()));
        for (const [number, at] of rest) addValue(stats, number, at);
        return stats;
      };
      const whole = add(list);
      const at = 1 + (cut % list.length);
      const merged = add(list.slice(0, at));
      if (at < list.length) mergeStats(merged, add(list.slice(at)));
      assert.deepEqual({ ...merged, sum: 0 }, { ...whole, sum: 0 });
      assert.deepEqual(decodeStats(encodeStats(whole)), whole);
    }),
  );
});

test('stats: other lengths are refused', () => {
  assert.throws(() => decodeStats(new Uint8Array(47)), RangeError);
});

test('buckets: both steps hold every value once', () => {
  const row = fc.record({
    device: fc.integer({ min: 1, max: 3 }),
    channel: fc.integer({ min: 1, max: 2 }),
    at: fc.integer({ min: 0, max: 8_000_000 }),
    number: fc.integer({ min: -5, max: 5 }),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 60 }), (rows) => {
      const sums = new Accumulator();
      for (const { number, ...rest } of rows) {
        const packer = new Packer();
        packer.add({
          ...rest,
          at: instant(rest.at),
          received: instant(0),
          body: new Uint8Array(),
          fields: [9],
          values: [number],
        });
        const [packed] = unpack(packer.finish());
        sums.add({ ...rest, numbers: packed?.numbers ?? null });
      }
      for (const [step, seconds] of [
        ['5min', 300],
        ['1h', 3_600],
      ] as const) {
        const found = [...sums.entries()].filter(({ key }) => key[3] === seconds);
        const counts = new Map(found.map(({ key, stats }) => [key.join('/'), stats.count]));
        assert.equal(counts.size, found.length);
        const want = Object.groupBy(
          rows,
          ({ device, channel, at }) => `${device}/${channel}/9/${seconds}/${stepStart(at, step)}`,
        );
        assert.deepEqual(
          Object.fromEntries(counts),
          Object.fromEntries(Object.entries(want).map(([key, list]) => [key, list?.length])),
        );
      }
    }),
  );
});

for (const bad of ['2026-02-30', '2026-13-01', '26-01-01', '2026-1-1', '', '../2026-01-01', '2026-01-01T00:00'])
  test(`day: ${bad || 'nothing'} is not a day`, () => assert.throws(() => parseDay(bad), RangeError));
test('day: UTC, and its name gives its number back', () => {
  assert.equal(dayName(dayNumber(instant('2026-11-22T23:59:59.999Z'))), '2026-11-22');
  assert.equal(dayName(dayNumber(instant('2026-11-23T00:00:00Z'))), '2026-11-23');
  fc.assert(fc.property(fc.integer({ min: 0, max: 2_932_896 }), (day) => parseDay(dayName(day)) === day));
});
