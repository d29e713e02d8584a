import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalogue, clauses } from './catalogue.ts';
import { placeholdersOf } from './params.ts';
import type { Bilingual } from './texts/bilingual.ts';
import { clauseTexts } from './texts/clauses.ts';
import { definitions, standardPurpose, title } from './texts/definitions.ts';
import { labels } from './texts/labels.ts';
import { meaningZh } from './texts/meaning-zh.ts';
import { passZh } from './texts/pass-zh.ts';
import { provisions } from './texts/provisions.ts';
import { slaZh } from './texts/sla-zh.ts';

const ids = catalogue.rows.map(({ id }) => id).toSorted();
const chinese = /[\u4e00-\u9fff]/;

test('every row has both Chinese templates and all meanings; no text is left of a row that is gone', () => {
  for (const texts of [passZh, slaZh, meaningZh]) assert.deepEqual(Object.keys(texts).toSorted(), ids);
});

for (const row of catalogue.rows) {
  test(`${row.id}: the Chinese templates name the placeholders of the English, and no bare digit`, () => {
    for (const [en, zh = ''] of [
      [row.pass, passZh[row.id]],
      [row.sla, slaZh[row.id]],
    ] as const) {
      assert.deepEqual(placeholdersOf(zh).toSorted(), placeholdersOf(en).toSorted());
      const words = zh.replaceAll(/\{\w+\}/g, '');
      assert.match(words, chinese);
      assert.doesNotMatch(words, /[\d{}０-９]/);
      assert.doesNotMatch(zh, /[。，；：]$|^\s|\s$|[\u4e00-\u9fff][,;:]/, 'full-width marks inside, none at the end');
    }
  });

  test(`${row.id}: every parameter has a Chinese meaning`, () => {
    const meanings = meaningZh[row.id] ?? {};
    assert.deepEqual(Object.keys(meanings).toSorted(), row.params.map(({ name }) => name).toSorted());
    for (const text of Object.values(meanings)) assert.match(text, chinese);
    assert.equal(new Set(Object.values(meanings)).size, row.params.length, 'no two parameters of a row read the same');
  });
}

test('articles 2 and 3: the twelve clauses in order', () => {
  assert.deepEqual(
    clauseTexts.map(({ id }) => id),
    [...clauses],
  );
});

test('clauses, definitions and provisions are there in both languages, one paragraph each', () => {
  const all: readonly Bilingual[] = [
    title,
    standardPurpose,
    ...clauseTexts.flatMap((clause) => [clause.title, clause.text]),
    ...definitions.flatMap(({ term, text }) => [term, text]),
    ...provisions.map((provision) => provision.title),
    ...provisions.flatMap((provision) => provision.paragraphs),
    ...Object.values(labels),
  ];
  for (const { zh, en } of all) {
    assert.match(zh, chinese);
    assert.doesNotMatch(en, chinese);
    assert.doesNotMatch(zh + en, /[\n\r\t]|^\s|\s$/);
    assert.doesNotMatch(zh, /[\u4e00-\u9fff][,;:]/);
  }
});
