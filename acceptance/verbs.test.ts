import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parseScript } from './script.ts';
import { verbs } from './verbs.ts';

const here = import.meta.dirname;
const readme = readFileSync(path.join(here, 'README.md'), 'utf8');
const scripts = globSync('*.txt', { cwd: here }).map((file) =>
  parseScript(file, readFileSync(path.join(here, file), 'utf8')),
);

test('the page lists the sentences that there are, and no other', () => {
  const listed = [...readme.matchAll(/^- `((?:given|device|party|operator|expect) .+)`$/gm)].map(
    ([, form = '']) => form,
  );
  const byText = (a: string, b: string): number => a.localeCompare(b);
  assert.deepEqual(listed.toSorted(byText), verbs.map(({ form }) => form).toSorted(byText));
});

test('every sentence of every script is said by exactly one verb', () => {
  const wrong = scripts.flatMap(({ file, lines }) =>
    lines
      .filter(({ text }) => verbs.filter(({ pattern }) => pattern.test(text)).length !== 1)
      .map(({ number, text }) => `${file}:${number}: ${text}`),
  );
  assert.deepEqual(wrong, []);
});
