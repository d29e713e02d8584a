import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMessage, SecurityReport } from '@pactgate/protocol';
import * as fc from 'fast-check';
import { ReportQueue, type SecurityEvent } from './reports.ts';
import { type DeviceStore, memoryStore } from './store.ts';

const at = Date.parse('2026-03-01T08:00:00.123Z');
const event = (n: number, severity: SecurityEvent['severity'] = 'high'): SecurityEvent => ({
  type: 'auth_fail',
  severity,
  detail: { n },
});

function openQueue(store: DeviceStore, limit = 1_000, now: () => number = () => at): Promise<ReportQueue> {
  return ReportQueue.open({ store, now, mono: () => 5.5, random: (size) => new Uint8Array(size).fill(7), limit });
}
async function drain(queue: ReportQueue): Promise<readonly SecurityReport[]> {
  const taken: SecurityReport[] = [];
  for (let report = queue.take(); report !== undefined; report = queue.take()) taken.push(report);
  for (const { seq } of taken) await queue.settle(seq);
  return taken;
}

test('B2.6.2 a report has the form of the protocol', async () => {
  const queue = await openQueue(memoryStore());
  const report = await queue.add({ type: 'tamper', severity: 'critical', check: 'enclosure', firmware: '2.1.3', at });
  assert.ok(isMessage(SecurityReport, report));
  const { id, ...rest } = report;
  assert.equal(id.length, 26);
  assert.deepEqual(rest, {
    v: 1,
    boot: 1,
    seq: 1,
    t: '2026-03-01T08:00:00.123Z',
    mono: 5,
    type: 'tamper',
    severity: 'critical',
    check: 'enclosure',
    fw: '2.1.3',
  });
});

test('B2.6.2 an event that no report could carry is refused before it takes a number', async () => {
  const queue = await openQueue(memoryStore());
  const long = { type: 'custom', severity: 'low', detail: { text: 'x'.repeat(5_000) } } as const;
  await assert.rejects(queue.add(long), RangeError);
  await assert.rejects(queue.add({ ...long, detail: {}, check: '' }), RangeError);
  await assert.rejects(queue.add({ ...long, detail: {}, at: Number.NaN }), RangeError);
  assert.equal((await queue.add({ ...long, detail: {} })).seq, 1);
});

test('B2.6.2 equal events of a minute merge until the first of them has left', async () => {
  let now = at;
  const queue = await openQueue(memoryStore(), 10, () => now);
  await queue.add(event(1));
  assert.equal((await queue.add(event(1))).count, 2);
  assert.equal((await queue.add(event(2))).seq, 2);
  assert.equal(queue.take()?.count, 2);
  assert.equal((await queue.add(event(1))).seq, 3, 'a report that was handed out never changes');
  now += 60_000;
  assert.equal((await queue.add(event(1))).seq, 4, 'a minute later it is another event');
});

test('B2.6.2 what was not acknowledged is sent again after a restart, byte for byte', async () => {
  const store = memoryStore();
  const first = await openQueue(store);
  const filed = await first.add(event(1));
  first.take();
  const second = await openQueue(store);
  assert.equal(second.boot, 2);
  assert.deepEqual(second.take(), filed);
});

test('B2.6.2 a number that was acknowledged out of order is not given again after a restart', async () => {
  const store = memoryStore();
  const first = await openQueue(store);
  for (const n of [1, 2, 3]) await first.add(event(n));
  await first.settle(3);
  const second = await openQueue(store);
  assert.equal((await second.add(event(4))).seq, 4);
});

test('B2.6.2 a full queue drops the oldest of the least severe and says which', async () => {
  const queue = await openQueue(memoryStore(), 10);
  for (let n = 1; n <= 10; n++) await queue.add(event(n, n % 2 === 0 ? 'info' : 'critical'));
  const last = await queue.add(event(11, 'critical'));
  const kept = await drain(queue);
  assert.equal(last.seq, 12);
  assert.deepEqual(
    kept.map(({ seq }) => seq),
    [1, 3, 5, 6, 7, 8, 9, 10, 11, 12],
  );
  const overflow = kept.find(({ type }) => type === 'overflow');
  assert.deepEqual(overflow?.detail, { fromSeq: 2, toSeq: 4 });
});

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('add' as const), n: fc.nat(5), severity: fc.constantFrom('info', 'high') }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('settle' as const), skip: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
);

test('law B2.6.2: whatever happens, every number is delivered or explained, none is used twice', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const store = memoryStore();
      let queue = await openQueue(store, 12);
      const delivered = new Map<number, string>();
      const deliver = async (report: SecurityReport): Promise<void> => {
        const before = delivered.get(report.seq);
        assert.ok(before === undefined || before === JSON.stringify(report), 'one number, two contents');
        delivered.set(report.seq, JSON.stringify(report));
        await queue.settle(report.seq);
      };
      for (const s of steps) {
        if (s.do === 'add') await queue.add(event(s.n, s.severity));
        if (s.do === 'restart') queue = await openQueue(store, 12);
        if (s.do !== 'settle') continue;
        const skipped = s.skip ? queue.take() : undefined;
        const report = queue.take();
        if (report !== undefined) await deliver(report);
        if (skipped !== undefined) queue.putBack(skipped.seq);
        assert.ok(queue.size <= 12);
      }
      queue = await openQueue(store, 12);
      for (let report = queue.take(); report !== undefined; report = queue.take()) await deliver(report);
      const reports = [...delivered.values()].map((text) => JSON.parse(text) as SecurityReport);
      const ranges = reports.filter(({ type }) => type === 'overflow').map(({ detail }) => detail);
      const explained = (seq: number): boolean =>
        ranges.some((range) => Number(range?.['fromSeq']) <= seq && seq <= Number(range?.['toSeq']));
      const highest = Math.max(0, ...delivered.keys());
      for (let seq = 1; seq <= highest; seq++) assert.ok(delivered.has(seq) || explained(seq), `gap at ${seq}`);
    }),
    { numRuns: 200 },
  );
});
