import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ProblemCode, problemRow, problems } from '@pactgate/protocol';
import { problemsPage, writtenPage } from './tools/problems.ts';

test('docs/problems.md says what the code says', () =>
  assert.equal(writtenPage(), problemsPage(), 'run: node tools/problems.ts'));

test('every problem has a title and a next step in both languages', () => {
  for (const code of Object.keys(problems) as ProblemCode[]) {
    const { title, next } = problemRow(code);
    for (const text of [title.zh, next.zh]) assert.match(text, /[\u4e00-\u9fff]/u, code);
    for (const text of [title.en, next.en]) assert.match(text, /^[A-Z].{4,}/, code);
  }
});
