import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differencesFromStandard } from './differences.ts';
import { type AgreementDocument, draftDocument } from './document.ts';
import { sampleInput } from './testdata/sample.ts';

const standard = draftDocument(sampleInput);
const [firstRow, ...otherRows] = standard.rows;
const [firstClause, ...otherClauses] = standard.clauses;
const [firstTerm, ...otherTerms] = standard.definitions;
assert.ok(firstRow && firstClause && firstTerm);

test('the standard edition has no differences, also after a journey as JSON', () => {
  assert.deepEqual(differencesFromStandard(standard), []);
  assert.deepEqual(differencesFromStandard(JSON.parse(JSON.stringify(standard)) as AgreementDocument), []);
});

const cases: readonly { name: string; change: Partial<AgreementDocument>; want: readonly string[] }[] = [
  { name: 'another edition', change: { edition: 'pumps-2026.1' }, want: ['text changed edition'] },
  {
    name: 'an agreed value',
    change: { params: { 'B2.1.1': { cure: 5 }, 'B2.2.4': { window: 1 } } },
    want: ['value changed params/B2.1.1/cure', 'value changed params/B2.2.4/window'],
  },
  { name: 'an agreed value equal to the default', change: { params: { 'B2.1.1': { cure: 30 } } }, want: [] },
  {
    name: 'a criterion softened under the standard name',
    change: { rows: [{ ...firstRow, pass: 'at most {fileMaxAge} old' }, ...otherRows] },
    want: ['text changed rows/B2.1.1/pass'],
  },
  {
    name: 'a default moved inside a row',
    change: {
      rows: [
        { ...firstRow, params: firstRow.params.map((param) => Object.assign({}, param, { default: 90 })) },
        ...otherRows,
      ],
    },
    want: [
      'text changed rows/B2.1.1/params/fileMaxAge/default',
      'text changed rows/B2.1.1/params/cure/default',
      'value changed params/B2.1.1/fileMaxAge',
      'value changed params/B2.1.1/cure',
    ],
  },
  { name: 'a row removed', change: { rows: otherRows }, want: ['text removed rows/B2.1.1'] },
  {
    name: 'a row added',
    change: { rows: [...standard.rows, { ...firstRow, id: 'B2.1.9' }] },
    want: ['text added rows/B2.1.9'],
  },
  { name: 'rows in another order', change: { rows: [...otherRows, firstRow] }, want: [] },
  {
    name: 'evidence no longer required',
    change: {
      rows: [
        {
          ...firstRow,
          evidence: firstRow.evidence.map(({ kind }) => ({ kind, maxAgeSeconds: null, required: false })),
        },
        ...otherRows,
      ],
    },
    want: [
      'text changed rows/B2.1.1/evidence/model.profile.sign/required',
      'text changed rows/B2.1.1/evidence/sbom.ingest/required',
    ],
  },
  {
    name: 'a clause reworded in one language',
    change: { clauses: [{ ...firstClause, text: { ...firstClause.text, zh: '无。' } }, ...otherClauses] },
    want: ['text changed clauses/2.1/text/zh'],
  },
  {
    name: 'a second meaning of a term hides behind the first',
    change: { definitions: [{ ...firstTerm, text: { zh: '无。', en: 'None.' } }, firstTerm, ...otherTerms] },
    want: ['text changed definitions/0/text/zh', 'text changed definitions/0/text/en'],
  },
];
for (const { name, change, want } of cases) {
  test(`party B sees: ${name}`, () => {
    const found = differencesFromStandard({ ...standard, ...change }).map(
      ({ about, kind, path }) => `${about} ${kind} ${path}`,
    );
    for (const line of want) assert.ok(found.includes(line), JSON.stringify(found));
    assert.equal(found.length > 0, want.length > 0);
  });
}

test('a difference says both values', () => {
  const [difference] = differencesFromStandard({ ...standard, params: { 'B2.1.1': { cure: 5 } } });
  assert.equal(difference?.standard, '30');
  assert.equal(difference.document, '5');
});
