import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzOne, runFuzz } from './fuzz.ts';

test('fuzz: 3,000 mutated inputs, whole and in pieces', () => {
  for (let seed = 1; seed <= 3_000; seed++) fuzzOne(seed);
});

test('runFuzz reports inputs, crashes and heap', () => {
  const report = runFuzz({ seconds: 0.05, seed: 7 });
  assert.ok(report.inputs > 1_000);
  assert.deepEqual(report.crashes, []);
  assert.ok(report.heapStart > 0 && report.heapEnd > 0);
});
