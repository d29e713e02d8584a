import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mostDevices, readIds } from './ids.ts';

const many = (n: number): string => Array.from({ length: n }, (_, i) => `d${i}`).join('\n');
const cases = [
  { name: 'one a line, Windows line ends', text: 'a\r\nb\r\n', want: { ids: ['a', 'b'] } },
  { name: 'commas and blanks', text: 'a, b;c  d', want: { ids: ['a', 'b', 'c', 'd'] } },
  { name: 'nothing', text: ' \n ', want: { fault: 'empty' } },
  { name: 'a character that ids have not', text: 'a\nb/c', want: { fault: 'id', line: 2, text: 'b/c' } },
  { name: '64 characters', text: 'x'.repeat(64), want: { ids: ['x'.repeat(64)] } },
  { name: '65 characters', text: 'x'.repeat(65), want: { fault: 'id', line: 1, text: 'x'.repeat(64) } },
  { name: 'twice', text: 'a\nb\na', want: { fault: 'twice', line: 3, text: 'a' } },
] as const;
for (const { name, text, want } of cases) test(`ids to register: ${name}`, () => assert.deepEqual(readIds(text), want));

test('ids to register: as many as the route takes, and one more', () => {
  const full = readIds(many(mostDevices));
  assert.ok('ids' in full && full.ids.length === mostDevices);
  assert.deepEqual(readIds(many(mostDevices + 1)), { fault: 'many' });
});
