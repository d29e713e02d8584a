import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { catalogue, type Duty } from '@pactgate/agreement';
import { implemented, notImplemented } from '@pactgate/proof';

const root = import.meta.dirname;
const faces = globSync('platform/src/duties/*/duty.ts', { cwd: root });
const duties = await Promise.all(
  faces.map(async (file) => ((await import(path.join(root, file))) as { duty: Duty }).duty),
);
const emitted = new Set(duties.flatMap((duty) => duty.emits));

/**
 * Rows that nobody executes yet, by name. The list only ever shrinks: a row leaves it together with its executor, its
 * evidence, its judgement and its acceptance script.
 */
const missing: readonly string[] = [
  'B2.1.2',
  'B2.1.3',
  'B2.1.4',
  'B2.1.5',
  'B2.2.2',
  'B2.3.3',
  'B2.3.4',
  'B2.4.3',
  'B2.4.4',
  'B2.4.5',
  'B2.5.1',
  'B2.5.2',
  'B2.5.4',
  'B2.5.5',
  'B2.5.6',
  'B2.6.1',
  'B2.6.3',
  'B2.6.4',
  'A3.1.2',
  'A3.1.4',
  'A3.1.5',
  'A3.2.2',
  'A3.2.3',
  'A3.3.1',
  'A3.3.2',
  'A3.3.3',
  'A3.3.4',
  'A3.3.6',
  'A3.4.2',
  'A3.4.3',
  'A3.4.4',
  'A3.4.5',
  'A3.5.1',
  'A3.5.2',
  'A3.5.3',
  'A3.5.4',
  'A3.6.1',
  'A3.6.3',
  'A3.6.4',
  'A3.6.5',
  'A3.6.6',
];

test('the rows still missing are the ones the evaluator does not judge', () => {
  assert.equal(missing.length, 41, 'the list only ever shrinks');
  assert.deepEqual([...notImplemented].toSorted(), [...missing].toSorted());
});

for (const row of catalogue.rows) {
  const executors = duties.filter((duty) => duty.executes.includes(row.id));
  if (missing.includes(row.id)) {
    test(`${row.id} is listed as missing and judged by nobody`, () => assert.ok(!implemented.includes(row.id)));
    continue;
  }
  test(`${row.id} has one executor, its evidence and an acceptance script`, () => {
    assert.equal(executors.length, 1, `executors: ${executors.map(({ name }) => name).join(', ')}`);
    for (const { kind } of row.evidence) assert.ok(emitted.has(kind), `nobody writes ${kind}`);
    assert.ok(globSync(`acceptance/${row.id}-*.txt`, { cwd: root }).length > 0, 'no acceptance script');
  });
}
