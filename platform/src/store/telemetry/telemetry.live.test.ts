import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxBody, type Sample, type SampleQuery, type TelemetryStore } from '../../duties/data/index.ts';
import { type Instant, instant } from '../../kernel/time.ts';
import { openStore, type Store } from '../open.ts';
import { eachDatabase } from '../testing.ts';

const noon = instant('2026-11-22T12:00:00Z');
const day = 86_400_000;
const plus = (ms: number): Instant => instant(noon + ms);
const body = (n: number): Uint8Array => Uint8Array.of(0xa1, n % 256, 1, 2, 3);

const sample = (changes: Partial<Sample> = {}): Sample => ({
  device: 1,
  channel: 1,
  at: noon,
  received: noon,
  body: body(0),
  ...changes,
});
/** One sample a second from noon on, value = its number. */
const series = (n: number, changes: Partial<Sample> = {}): readonly Sample[] =>
  Array.from({ length: n }, (_, i) =>
    sample({ at: plus(i * 1_000), received: plus(i * 1_000 + 5), body: body(i), fields: [7], values: [i], ...changes }),
  );
const whole: SampleQuery = {
  device: 1,
  channel: 1,
  from: instant(0),
  to: instant(8e15),
  limit: 10_000,
  order: 'ascending',
};
const ats = async (telemetry: TelemetryStore, query: Partial<SampleQuery> = {}): Promise<readonly number[]> =>
  (await telemetry.range({ ...whole, ...query })).map(({ at }) => at - noon);

eachDatabase('B2.4.2 telemetry store', ({ kind, open, config }) => {
  const opened = async (): Promise<TelemetryStore> => (await open()).telemetry;

  test('what was appended is read back byte by byte, sealed part and all', async () => {
    const telemetry = await opened();
    const sealed = new Uint8Array(40).fill(9);
    await telemetry.append([sample({ sealed }), sample({ channel: 2, body: new Uint8Array() })]);
    assert.deepEqual(await telemetry.range(whole), [
      { device: 1, channel: 1, at: noon, received: noon, body: body(0), sealed },
    ]);
    assert.deepEqual(await telemetry.range({ ...whole, channel: 2 }), [
      { device: 1, channel: 2, at: noon, received: noon, body: new Uint8Array() },
    ]);
    assert.equal(await telemetry.count(), 2);
  });

  test('rows survive closing and opening', async () => {
    const where = await config();
    const first = await openStore(where);
    void first.telemetry.append(series(10));
    await first.close();
    const second = await openStore(where);
    assert.equal(await second.telemetry.count(), 10);
    assert.equal((await second.telemetry.range(whole)).length, 10);
    await second.close();
    await assert.rejects(second.telemetry.append([sample()]), { kind: 'dead' });
  });

  test('ranges are by device time: from inclusive, to exclusive, both orders, limited', async () => {
    const telemetry = await opened();
    await telemetry.append([...series(6)].toReversed());
    await telemetry.append([sample({ device: 2 }), sample({ channel: 9 })]);
    const check = async (): Promise<void> => {
      assert.deepEqual(await ats(telemetry), [0, 1_000, 2_000, 3_000, 4_000, 5_000]);
      assert.deepEqual(await ats(telemetry, { from: plus(1_000), to: plus(3_000) }), [1_000, 2_000]);
      assert.deepEqual(await ats(telemetry, { order: 'descending', limit: 2 }), [5_000, 4_000]);
      assert.deepEqual(await ats(telemetry, { limit: 3 }), [0, 1_000, 2_000]);
      assert.deepEqual(await ats(telemetry, { device: 3 }), []);
    };
    await check();
    await telemetry.catchUp();
    await check();
  });

  test('rows before and after the index are one range', async () => {
    const telemetry = await opened();
    const all = series(8);
    await telemetry.append(all.filter((_, i) => i % 2 === 0));
    await telemetry.catchUp();
    await telemetry.append(all.filter((_, i) => i % 2 === 1));
    assert.deepEqual(await ats(telemetry), [0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000]);
    assert.deepEqual(await ats(telemetry, { order: 'descending', limit: 3 }), [7_000, 6_000, 5_000]);
  });

  test('a device clock that is years off is kept as told; days are of receipt', async () => {
    const telemetry = await opened();
    const old = instant('2016-01-01T00:00:00Z');
    await telemetry.append([sample(), sample({ at: old }), sample({ at: plus(day), received: plus(day) })]);
    assert.deepEqual(await telemetry.days(), ['2026-11-22', '2026-11-23']);
    assert.deepEqual(await ats(telemetry), [old - noon, 0, day]);
    assert.deepEqual(await ats(telemetry, { order: 'descending' }), [day, 0, old - noon]);
  });

  test('a range over days keeps its order and its limit', async () => {
    const telemetry = await opened();
    for (const days of [2, 0, 1])
      await telemetry.append([
        sample({ at: plus(days * day), received: plus(days * day) }),
        // Sent late: received two days after it was measured.
        sample({ at: plus(days * day + 1), received: plus((days + 2) * day) }),
      ]);
    const want = [0, 1, day, day + 1, 2 * day, 2 * day + 1];
    assert.deepEqual(await ats(telemetry), want);
    for (const limit of [1, 2, 3, 4, 5]) {
      assert.deepEqual(await ats(telemetry, { limit }), want.slice(0, limit));
      assert.deepEqual(await ats(telemetry, { limit, order: 'descending' }), want.toReversed().slice(0, limit));
    }
  });

  test('roll-ups: the same before, between and after the passes that build them', async () => {
    const telemetry = await opened();
    const query = { device: 1, channel: 1, field: 7, from: noon, to: plus(day) } as const;
    const want = [
      { start: noon, count: 300, min: 0, max: 299, sum: 44_850, last: 299 },
      { start: plus(300_000), count: 100, min: 300, max: 399, sum: 34_950, last: 399 },
    ];
    const check = async (): Promise<void> => {
      assert.deepEqual(await telemetry.rollups({ ...query, step: '5min' }), want);
      assert.deepEqual(await telemetry.rollups({ ...query, step: '1h' }), [
        { start: noon, count: 400, min: 0, max: 399, sum: 79_800, last: 399 },
      ]);
    };
    const all = series(400);
    await telemetry.append(all.slice(0, 150));
    await telemetry.catchUp();
    await telemetry.append(all.slice(150));
    await check();
    await telemetry.catchUp();
    await check();
    await telemetry.catchUp();
    await check();
    assert.deepEqual(await telemetry.rollups({ ...query, step: '5min', from: plus(300_000) }), want.slice(1));
    assert.deepEqual(await telemetry.rollups({ ...query, step: '5min', to: plus(300_000) }), want.slice(0, 1));
    assert.deepEqual(await telemetry.rollups({ ...query, field: 8, step: '1h' }), []);
  });

  test('roll-ups: the last value is that of the latest device time, and late ones still count', async () => {
    const telemetry = await opened();
    const value = (at: number, received: number, n: number): Sample =>
      sample({ at: plus(at), received: plus(received), fields: [7, 8], values: [n, -n] });
    await telemetry.append([value(2_000, 0, 20)]);
    await telemetry.catchUp();
    await telemetry.append([value(1_000, day, 10)]);
    await telemetry.catchUp();
    const buckets = await telemetry.rollups({
      device: 1,
      channel: 1,
      field: 8,
      step: '1h',
      from: noon,
      to: plus(1),
    });
    assert.deepEqual(buckets, [{ start: noon, count: 2, min: -20, max: -10, sum: -30, last: -20 }]);
  });

  test('latest: the newest received sample of each channel', async () => {
    const telemetry = await opened();
    await telemetry.append([
      sample({ channel: 1, received: plus(-day) }),
      sample({ channel: 2, received: plus(-day), body: body(2) }),
    ]);
    await telemetry.append([sample({ channel: 1, at: plus(9) })]);
    await telemetry.catchUp();
    await telemetry.append([sample({ channel: 1, at: plus(5), body: body(5) }), sample({ device: 2, channel: 3 })]);
    const found = await telemetry.latest(1);
    assert.deepEqual(
      found.map(({ channel, body: [, n] }) => [channel, n]),
      [
        [1, 5],
        [2, 2],
      ],
    );
    assert.deepEqual(await telemetry.latest(99), []);
  });

  test('B2.4.5 a day is removed with its rows and roll-ups, and can be made anew', async () => {
    const telemetry = await opened();
    await telemetry.append([...series(3), ...series(2, { received: plus(day) })]);
    await telemetry.catchUp();
    assert.equal((await telemetry.range(whole)).length, 5);
    await telemetry.deleteDay('2026-11-22');
    assert.deepEqual(await telemetry.days(), ['2026-11-23']);
    assert.equal(await telemetry.count(), 2);
    assert.equal((await telemetry.range(whole)).length, 2);
    const query = { device: 1, channel: 1, field: 7, from: noon, to: plus(day), step: '1h' } as const;
    assert.equal((await telemetry.rollups(query))[0]?.count, 2);
    await telemetry.append(series(4));
    assert.equal((await telemetry.range(whole)).length, 6);
    await telemetry.deleteDay('2020-01-01');
    await assert.rejects(telemetry.deleteDay('../../etc'), RangeError);
    await assert.rejects(telemetry.deleteDay('2026-02-30'), RangeError);
  });

  test('references are numbers given once, also by two stores at a time', async () => {
    const where = await config();
    const store = await openStore(where);
    const { telemetry } = store;
    const [first, again] = await Promise.all([
      telemetry.ref('device', 'acme', 'pump-1'),
      telemetry.ref('device', 'acme', 'pump-1'),
    ]);
    assert.equal(first, again);
    const others = await Promise.all([
      telemetry.ref('device', 'other', 'pump-1'),
      telemetry.ref('channel', 'acme', 'pump-1'),
      telemetry.ref('device', 'acme', 'pump-2'),
    ]);
    assert.equal(new Set([first, ...others]).size, 4);
    await store.close();
    const later = await openStore(where);
    assert.equal(await later.telemetry.ref('device', 'acme', 'pump-1'), first);
    await assert.rejects(later.telemetry.ref('device', 'acme', ''), RangeError);
    await assert.rejects(later.telemetry.ref('device', 'acme', 'x'.repeat(257)), RangeError);
    await later.close();
  });

  test('samples that cannot be stored are refused whole, before anything of the call is taken', async () => {
    const telemetry = await opened();
    const bad: readonly Partial<Sample>[] = [
      { device: 0 },
      { channel: 2 ** 32 },
      { at: 1.5 as Instant },
      { received: -1 as Instant },
      { body: new Uint8Array(maxBody + 1) },
      { sealed: new Uint8Array(maxBody + 1) },
      { fields: [1], values: [] },
      { fields: [0], values: [1] },
      { fields: [1], values: [Number.NaN] },
    ];
    for (const changes of bad) await assert.rejects(telemetry.append([sample(), sample(changes)]), RangeError);
    await telemetry.append([]);
    assert.equal(await telemetry.count(), 0);
    await telemetry.append([sample({ body: new Uint8Array(maxBody), sealed: new Uint8Array(maxBody) })]);
    assert.equal(await telemetry.count(), 1);
  });

  test('queries past their bounds are refused', async () => {
    const telemetry = await opened();
    for (const changes of [{ limit: 0 }, { limit: 10_001 }, { device: 0 }, { from: Number.NaN as Instant }])
      await assert.rejects(telemetry.range({ ...whole, ...changes }), RangeError);
    const query = { device: 1, channel: 1, field: 1, step: '5min', from: instant(0), to: noon } as const;
    await assert.rejects(telemetry.rollups(query), RangeError);
  });

  // The bound is that of `group-commit.ts` for both; the 118 MB of this test go through one of them.
  if (kind === 'sqlite')
    test('more than 64 MiB at a time is refused at once, and what waited before is stored', async () => {
      const telemetry = await opened();
      const big = Array.from({ length: 300 }, () => sample({ body: new Uint8Array(maxBody) }));
      const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => telemetry.append(big)));
      const stored = outcomes.filter(({ status }) => status === 'fulfilled').length;
      assert.ok(stored >= 3 && stored < 6, `${stored} of 6 were taken`);
      for (const outcome of outcomes) if (outcome.status === 'rejected') assert.equal(outcome.reason.kind, 'busy');
      assert.equal(await telemetry.count(), stored * 300);
    });

  test(`many writers at once (${kind}): every row once, in the order of the calls`, async () => {
    const store: Store = await open();
    const calls = Array.from({ length: 200 }, (_, i) =>
      store.telemetry.append(series(5, { device: 1 + (i % 10), body: body(i) })),
    );
    await Promise.all(calls);
    assert.equal(await store.telemetry.count(), 1_000);
    const bodies = (await store.telemetry.range({ ...whole, device: 3, to: plus(1) })).map(({ body: [, n] }) => n);
    assert.deepEqual(
      bodies,
      Array.from({ length: 20 }, (_, i) => 2 + i * 10),
    );
  });
});
