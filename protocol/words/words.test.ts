import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isProblemCode, type Locale, locales, recordBodies, reportTypes, type Texts } from '../index.ts';
import { incidentStepWords, incidentWords } from './incidents.ts';
import { closeReasonWords, outcomeWords, recordWords } from './records.ts';

const said = (texts: Texts | undefined, locale: Locale): boolean => (texts?.[locale].trim() ?? '') !== '';
const tables = { recordWords, outcomeWords, closeReasonWords, incidentWords, incidentStepWords };

test('every kind of record has a word in both languages, and no word is of a kind that is not', () => {
  assert.deepEqual(Object.keys(recordWords).toSorted(), Object.keys(recordBodies).toSorted());
});

test('every type of a security report has a word', () => {
  for (const type of [...reportTypes, 'clone', 'ledger']) assert.ok(type in incidentWords, type);
});

test('every word stands in both languages; Chinese is Chinese', () => {
  for (const [table, words] of Object.entries(tables))
    for (const [code, texts] of Object.entries<Texts>(words)) {
      for (const locale of locales) assert.ok(said(texts, locale), `${table} ${code} ${locale}`);
      assert.match(texts.zh, /[\u4e00-\u9fff]/, `${table} ${code}`);
    }
});

test('no two kinds share a word, so that a reader can tell them apart', () => {
  for (const locale of locales) {
    const words = Object.values(recordWords).map((texts) => texts[locale]);
    assert.equal(new Set(words).size, words.length, locale);
  }
});

test('statuses of a judgement have words of their outcome', () => {
  const { status } = recordBodies['eval.result'].properties;
  for (const name of status.enum.map((each) => (each === 'n/a' ? 'not-applicable' : each)))
    assert.ok(name in outcomeWords, name);
});

test('a reason to close is a word of its own or a problem, never both', () => {
  for (const code of Object.keys(closeReasonWords)) assert.equal(isProblemCode(code), false, code);
});
