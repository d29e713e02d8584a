import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalogue, type Overrides, rowOf } from '@pactgate/agreement';
import { hours, millis, minutes, seconds } from '../kernel/time.ts';
import {
  type Agreed,
  isDue,
  type JobState,
  largestOf,
  neverRan,
  type Provides,
  rhythmOf,
  smallestOf,
} from './collect.ts';

const agreed = (params: Overrides, id = 'ag-1'): Agreed => ({ id, params, rows: catalogue.rows });
const probe: Provides = { kinds: ['probe.authn.neg'] };
const reconcile: Provides = { kinds: ['ledger.reconcile'], params: [['A3.4.1', 'window']] };

const rhythms: readonly {
  name: string;
  provides: Provides;
  agreements: readonly Agreed[];
  base: number;
  want: number;
}[] = [
  { name: 'no agreement: the configured rhythm', provides: probe, agreements: [], base: 2_880, want: 2_880 },
  {
    name: 'standard age of an hour: 48 min at most',
    provides: probe,
    agreements: [agreed({})],
    base: 7_200,
    want: 2_880,
  },
  { name: 'configured more often than agreed', provides: probe, agreements: [agreed({})], base: 60, want: 60 },
  {
    name: 'a shortened age shortens the rhythm',
    provides: probe,
    agreements: [agreed({ 'A3.1.1': { 'evidence.probe.authn.neg': 100 } })],
    base: 2_880,
    want: 80,
  },
  {
    name: 'the smallest age of several agreements counts',
    provides: probe,
    agreements: [agreed({}), agreed({ 'A3.1.1': { 'evidence.probe.authn.neg': 50 } }, 'ag-2')],
    base: 2_880,
    want: 40,
  },
  {
    name: 'of several rows that want a kind, the strictest',
    provides: { kinds: ['ledger.reconcile'] },
    agreements: [agreed({ 'A3.1.3': { 'evidence.ledger.reconcile': 30 } })],
    base: 240,
    want: 24,
  },
  {
    name: 'a window of a minute: 48 s, though its evidence may be two minutes old',
    provides: reconcile,
    agreements: [agreed({ 'A3.4.1': { window: 1 } })],
    base: 240,
    want: 48,
  },
  {
    name: 'never more often than once a second',
    provides: probe,
    agreements: [agreed({ 'A3.1.1': { 'evidence.probe.authn.neg': 0.1 } })],
    base: 2_880,
    want: 1,
  },
];
for (const { name, provides, agreements, base, want } of rhythms) {
  test(`A3.4.1 rhythm of evidence: ${name}`, () => {
    assert.equal(rhythmOf(agreements, provides, seconds(base)), want * 1_000);
  });
}

test('A3.4.1 limits of a window are the smallest agreed, sample sizes the largest', () => {
  const two = [agreed({ 'A3.4.1': { outboxMaxAge: 2 } }), agreed({ 'A3.1.3': { replaySamples: 20 } }, 'ag-2')];
  assert.equal(smallestOf(two, rowOf('A3.4.1'), 'outboxMaxAge'), seconds(2));
  assert.equal(smallestOf([], rowOf('A3.4.1'), 'outboxMaxAge'), seconds(5));
  assert.equal(largestOf(two, rowOf('A3.1.3'), 'replaySamples'), 1_000);
  assert.equal(largestOf([agreed({ 'A3.1.3': { replaySamples: 20 } })], rowOf('A3.1.3'), 'replaySamples'), 20);
});

const ran: JobState = { startedAt: 1_000, failed: false, covered: new Set(['ag-1']) };
const dues: readonly { name: string; state: JobState; now: number; agreements: readonly string[]; want: boolean }[] = [
  { name: 'never ran', state: neverRan, now: 0, agreements: [], want: true },
  { name: 'a moment before its rhythm', state: ran, now: 1_000 + minutes(5) - 1, agreements: ['ag-1'], want: false },
  { name: 'at its rhythm', state: ran, now: 1_000 + minutes(5), agreements: ['ag-1'], want: true },
  { name: 'a new agreement came into force', state: ran, now: 1_001, agreements: ['ag-1', 'ag-2'], want: true },
  { name: 'failed: again after 10 s', state: { ...ran, failed: true }, now: 11_000, agreements: ['ag-1'], want: true },
  { name: 'failed: not before', state: { ...ran, failed: true }, now: 10_999, agreements: ['ag-2'], want: false },
];
for (const { name, state, now, agreements, want } of dues) {
  test(`A3.4.1 a job is due: ${name}`, () => assert.equal(isDue(state, { now, every: minutes(5), agreements }), want));
}

test('A3.4.1 a failed job of a short rhythm is repeated in its rhythm', () => {
  const failed = { ...ran, failed: true };
  assert.equal(isDue(failed, { now: 1_000 + 2_000, every: seconds(2), agreements: [] }), true);
  assert.equal(isDue(failed, { now: 1_000 + 1_999, every: millis(2_000), agreements: [] }), false);
  assert.equal(isDue(ran, { now: 1_000 + hours(1), every: hours(2), agreements: [] }), false);
});
