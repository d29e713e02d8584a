import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem, SecurityReport } from '@pactgate/protocol';
import * as fc from 'fast-check';
import { instant, minutes, seconds } from '../../kernel/time.ts';
import { opensIncident, overflowOf, parseReport, receiptOf, reportRecord, timesOf } from './report.ts';
import { contiguousOf, judgeSequence, maxGaps, type Numbered, noReports, type Sequence } from './sequence.ts';

const good = {
  v: 1,
  id: '01JB3W9Q6ZC1T3C7M5X0K2R8VN',
  boot: 42,
  seq: 1017,
  t: '2026-03-01T08:00:00.123Z',
  mono: 86_400_123,
  type: 'auth_fail',
  check: 'login_bruteforce',
  severity: 'high',
  fw: '2.1.3',
  count: 12,
  detail: { user: 'root', src: '203.0.113.7' },
} as const;

test('B2.6.2 report: the example of the design is taken', () => {
  assert.deepEqual(parseReport(good, 300, 'high'), good);
  assert.ok(SecurityReport.properties.seq);
});
const bad: readonly {
  readonly name: string;
  readonly value: unknown;
  readonly octets?: number;
  readonly severity?: string;
}[] = [
  { name: 'an unknown member', value: { ...good, extra: 1 } },
  { name: 'no seq', value: { ...good, seq: undefined } },
  { name: 'seq 0', value: { ...good, seq: 0 } },
  { name: 'an id that is no ULID', value: { ...good, id: 'x' } },
  { name: 'an unknown type', value: { ...good, type: 'boom' } },
  { name: 'a day that does not exist', value: { ...good, t: '2026-13-41T08:00:00Z' } },
  { name: 'another severity than the topic', value: good, severity: 'low' },
  { name: 'more than 4 KiB', value: good, octets: 4_097 },
  { name: 'an overflow without range', value: { ...good, type: 'overflow', detail: {} } },
  {
    name: 'an overflow that explains what is yet to come',
    value: { ...good, type: 'overflow', detail: { fromSeq: 5, toSeq: 1_017 } },
  },
  { name: 'no object', value: null },
];
const isRefusal = (error: unknown): boolean =>
  error instanceof Problem && error.code === 'event/invalid' && !error.detail.includes('203.0.113.7');
for (const { name, value, octets = 300, severity = 'high' } of bad) {
  test(`B2.6.2 report refused: ${name}`, () => {
    assert.throws(() => parseReport(value, octets, severity), isRefusal);
  });
}
test('B2.6.2 overflow names the range it explains', () => {
  const detail = { fromSeq: 1_000, toSeq: 1_016 };
  assert.deepEqual(overflowOf(parseReport({ ...good, type: 'overflow', detail }, 9, 'high')), {
    from: 1_000,
    to: 1_016,
  });
});

const received = instant('2026-03-01T08:01:00.123Z');
const connect = { at: instant('2026-03-01T07:51:00.123Z') };
const times = [
  { name: 'device clock right', facts: connect, t: good.t, want: 60_000 },
  { name: 'device clock 30 s slow', facts: { ...connect, offset: seconds(30) }, t: good.t, want: 30_000 },
  { name: 'detected in the future: never credited', facts: connect, t: '2026-03-01T08:02:00Z', want: 0 },
  {
    name: 'clock of 1970, dated by time since boot',
    facts: { ...connect, boot: 42, mono: 86_400_123 - 120_000 },
    t: '1970-01-01T00:00:09Z',
    want: 480_000,
  },
  { name: 'clock of 1970, another boot', facts: { ...connect, boot: 41, mono: 5 }, t: '1970-01-01T00:00:09Z', want: 0 },
  {
    name: 'clock a year ahead',
    facts: { ...connect, boot: 42, mono: 86_400_123 },
    t: '2027-03-01T08:00:00Z',
    want: 600_000,
  },
] as const;
for (const { name, facts, t, want } of times) {
  test(`B2.6.2 delay: ${name}`, () => {
    const { delay, sinceConnect, detectedAt } = timesOf({ ...good, t }, facts, received);
    assert.deepEqual([delay, sinceConnect, received - detectedAt], [want, minutes(10), want]);
  });
}
test('B2.6.2 the record of a report fits the evaluation: delay, reconnect, gap', () => {
  const dated = { ...timesOf(good, connect, received), receivedAt: received };
  const body = reportRecord('d_0123456789abcdef', parseReport(good, 9, 'high'), dated, { missing: { from: 3, to: 4 } });
  assert.deepEqual(
    [body.delayMs, body.reconnectMs, body.valid, body.missing],
    [60_000, 600_000, true, { from: 3, to: 4 }],
  );
  assert.deepEqual(receiptOf(1_016, 7), { kind: 'event-receipt', seq: 1_016, index: 7 });
});

for (const [type, severity, want] of [
  ['auth_fail', 'low', false],
  ['auth_fail', 'medium', true],
  ['tamper', 'info', true],
  ['metrics', 'critical', false],
  ['overflow', 'high', false],
] as const) {
  test(`A3.6.2 a report ${type}/${severity} ${want ? 'opens an incident' : 'opens none'}`, () =>
    assert.equal(opensIncident({ type, severity }), want));
}

const numbered = (seq: number, extra: Partial<Numbered> = {}): Numbered => ({
  id: `id${seq}`,
  seq,
  boot: 1,
  digest: `h${seq}`,
  ...extra,
});
const after = (sequence: Sequence, report: Numbered): Sequence => {
  const verdict = judgeSequence(sequence, report, {});
  return verdict.verdict === 'accept' ? verdict.next : sequence;
};
const upTo = (n: number): Sequence => Array.from({ length: n }, (_, i) => numbered(i + 1)).reduce(after, noReports);

test('B2.6.2 sequence: the next number', () => {
  const verdict = judgeSequence(upTo(3), numbered(4), {});
  assert.deepEqual(verdict, {
    verdict: 'accept',
    next: { boot: 1, highest: 4, gaps: [] },
    gaps: {},
    bootBackwards: false,
  });
});
test('B2.6.2 sequence: a gap is told once, stays in the receipt, and late reports fill it', () => {
  const verdict = judgeSequence(upTo(3), numbered(7), {});
  assert.ok(verdict.verdict === 'accept');
  assert.deepEqual(verdict.gaps, { missing: { from: 4, to: 6 } });
  assert.equal(contiguousOf(verdict.next), 3);
  const next = judgeSequence(verdict.next, numbered(8), {});
  assert.ok(next.verdict === 'accept');
  assert.deepEqual(next.gaps, {}, 'told once');
  const filled = [5, 4, 6].reduce((sequence, seq) => after(sequence, numbered(seq)), next.next);
  assert.deepEqual(filled, { boot: 1, highest: 8, gaps: [] });
  assert.equal(contiguousOf(filled), 8);
});
test('B2.6.2 sequence: an overflow report explains its range', () => {
  const gap = after(upTo(3), numbered(7));
  const verdict = judgeSequence(gap, numbered(8, { explains: { from: 4, to: 6 } }), {});
  assert.ok(verdict.verdict === 'accept');
  assert.deepEqual([verdict.gaps, contiguousOf(verdict.next)], [{ explains: { from: 4, to: 6 } }, 8]);
});
test('B2.6.2 sequence: the same report again is a duplicate, another under its id or number is a clone or tampering', () => {
  const known = numbered(3);
  assert.deepEqual(judgeSequence(upTo(3), known, { sameId: known }), { verdict: 'duplicate' });
  const other = numbered(3, { digest: 'x' });
  assert.deepEqual(judgeSequence(upTo(3), other, { sameId: known }), { verdict: 'changed', what: 'id' });
  assert.deepEqual(judgeSequence(upTo(3), numbered(3, { id: 'new' }), { sameSeq: known }), {
    verdict: 'changed',
    what: 'seq',
  });
});
test('B2.6.2 sequence: it goes on across a restart; a boot counter that runs back is seen', () => {
  const restarted = judgeSequence(upTo(3), numbered(4, { boot: 2 }), {});
  assert.ok(restarted.verdict === 'accept' && !restarted.bootBackwards && restarted.next.boot === 2);
  const back = judgeSequence(restarted.next, numbered(5, { boot: 1 }), {});
  assert.ok(back.verdict === 'accept' && back.bootBackwards);
});
test('law: whatever the order, what never came is in the gaps, and their number is bounded', () => {
  const lists = fc.uniqueArray(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 80 });
  const property = fc.property(lists, (list) => {
    const end = list.reduce((sequence, seq) => after(sequence, numbered(seq)), noReports);
    const highest = Math.max(...list);
    const missing = Array.from({ length: highest }, (_, i) => i + 1).filter((seq) => !list.includes(seq));
    const inGaps = (seq: number): boolean => end.gaps.some(({ from, to }) => seq >= from && seq <= to);
    assert.ok(end.gaps.length <= maxGaps);
    assert.ok(missing.every(inGaps));
    assert.equal(contiguousOf(end), (end.gaps[0]?.from ?? highest + 1) - 1);
  });
  fc.assert(property);
});
