import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../../kernel/time.ts';
import { compileManifest } from './compile.ts';
import { csvCell, csvHeader, csvRow, exportColumns, jsonRow } from './export.ts';
import { viewFor } from './mask.ts';
import { field, manifestOf } from './testing/sample-manifest.ts';

for (const [name, value, want] of [
  ['plain text', 'abc', 'abc'],
  ['comma', 'a,b', '"a,b"'],
  ['quote', 'a"b', '"a""b"'],
  ['line break', 'a\nb', '"a\nb"'],
  ['carriage return', 'a\rb', '"a\rb"'],
  ['formula', '=1+1', "'=1+1"],
  ['formula with a comma', '=SUM(A1,A2)', `"'=SUM(A1,A2)"`],
  ['plus', '+86', "'+86"],
  ['minus in a text', '-1', "'-1"],
  ['minus of a number', -1, '-1'],
  ['at sign', '@x', "'@x"],
  ['tab', '\tx', "'\tx"],
  ['full-width formula', '＝1', "'＝1"],
  ['formula further on', 'a=1', 'a=1'],
  ['boolean', true, 'true'],
  ['position', [1.5, -2], '"[1.5,-2]"'],
  ['absent', undefined, ''],
  ['empty text', '', ''],
] as const)
  test(`RFC 4180 and formulas: ${name}`, () => assert.equal(csvCell(value), want));

test('B2.4.4 columns are fixed: times, then what the role may see, in manifest order', () => {
  const compiled = compileManifest(
    manifestOf([field('/b', 'integer'), field('/s', 'string', { class: 'sensitive' }), field('/a', 'string')]),
  );
  const view = viewFor('b.engineer', compiled).get('env');
  assert.ok(view);
  const columns = exportColumns(view);
  const row = { at: instant(0), received: instant(1), values: { '/a': 'x,y', '/b': 2, '/s': 'never' } };
  assert.deepEqual(columns, ['at', 'received', '/b', '/a']);
  assert.equal(csvHeader(columns), 'at,received,/b,/a\r\n');
  assert.equal(csvRow(columns, row), '1970-01-01T00:00:00.000Z,1970-01-01T00:00:00.001Z,2,"x,y"\r\n');
  assert.equal(
    jsonRow(columns, row),
    '{"at":"1970-01-01T00:00:00.000Z","received":"1970-01-01T00:00:00.001Z","values":{"/b":2,"/a":"x,y"}}',
  );
  assert.equal(csvRow(columns, { ...row, values: {} }), '1970-01-01T00:00:00.000Z,1970-01-01T00:00:00.001Z,,\r\n');
});
