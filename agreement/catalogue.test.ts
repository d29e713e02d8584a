import assert from 'node:assert/strict';
import { test } from 'node:test';
import schema from './catalogue.schema.json' with { type: 'json' };
import { breachCodes, catalogue, clauses, evidenceKinds, isSubDutyId, rowOf, rowsOfClause } from './catalogue.ts';
import { placeholdersOf } from './params.ts';
import { faultsBySchema } from './schema.ts';

const copy = (): { rows: Record<string, unknown>[] } => structuredClone(catalogue) as never;

test('the catalogue conforms to its schema', () => {
  assert.deepEqual(faultsBySchema(schema, catalogue), []);
});

const planted: readonly { name: string; plant: (row: Record<string, unknown>) => void; path: string }[] = [
  { name: 'bare digit in a criterion', plant: (row) => (row['pass'] = 'at most 3 days'), path: '/rows/0/pass' },
  { name: 'unknown field', plant: (row) => (row['note'] = 'x'), path: '/rows/0/note' },
  { name: 'missing field', plant: (row) => delete row['sla'], path: '/rows/0/sla' },
  { name: 'id of no party', plant: (row) => (row['id'] = 'C2.1.1'), path: '/rows/0/id' },
  { name: 'duty without Chinese', plant: (row) => (row['dutyZh'] = 'device'), path: '/rows/0/dutyZh' },
  { name: 'ratio above one', plant: ratio(1.5), path: '/rows/0/params/0' },
  { name: 'ratio of zero', plant: ratio(0), path: '/rows/0/params/0' },
];
function ratio(value: number): (row: Record<string, unknown>) => void {
  return (row) => (row['params'] = [{ name: 'share', unit: 'ratio', default: value, meaning: 'some share' }]);
}
for (const { name, plant, path } of planted) {
  test(`the schema finds a planted fault: ${name}`, () => {
    const edition = copy();
    plant(edition.rows[0] ?? {});
    assert.ok(faultsBySchema(schema, edition).some((fault) => fault.path === path));
  });
}

test('60 rows with unique ids, each in one of the twelve clauses, owned A 28, B 27, AB 5', () => {
  assert.equal(new Set(catalogue.rows.map(({ id }) => id)).size, 60);
  assert.deepEqual(
    ['A', 'B', 'AB'].map((owner) => catalogue.rows.filter((row) => row.owner === owner).length),
    [28, 27, 5],
  );
  assert.deepEqual(
    catalogue.rows.map(({ id }) => id),
    clauses.flatMap((clause) => rowsOfClause(clause).map(({ id }) => id)),
  );
  for (const row of catalogue.rows) assert.ok(row.id.startsWith(`${row.clause[0] === '2' ? 'B' : 'A'}${row.clause}.`));
});

for (const row of catalogue.rows) {
  test(`${row.id}: every placeholder has a parameter and every parameter is used`, () => {
    const used = new Set([...placeholdersOf(row.pass), ...placeholdersOf(row.sla)]);
    assert.deepEqual([...used].toSorted(), row.params.map(({ name }) => name).toSorted());
    assert.doesNotMatch(`${row.pass} ${row.sla}`.replaceAll(/\{\w+\}/g, ''), /\d/);
  });
}

test('breach codes are unique over all rows; kinds of evidence within a row', () => {
  const codes = catalogue.rows.flatMap((row) => row.breach.codes);
  assert.equal(breachCodes.size, codes.length);
  assert.equal(breachCodes.get('LEDGER_FORK'), 'A3.3.5');
  for (const { id, evidence } of catalogue.rows) {
    assert.equal(new Set(evidence.map(({ kind }) => kind)).size, evidence.length, id);
  }
  assert.ok(evidenceKinds.includes('session.reject'));
});

test('rows are found by id; an unknown id is said so', () => {
  assert.equal(rowOf('B2.3.4').nameEn, 'Protocol upgrade follow-up');
  assert.throws(() => rowOf('B2.3.99'), RangeError);
  assert.equal(isSubDutyId('A3.6.6'), true);
  assert.equal(isSubDutyId('A3.6.7'), false);
  assert.deepEqual(rowsOfClause('9.9'), []);
});
