import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roleNames } from '@pactgate/protocol';
import { accountWords } from './account.ts';
import { agreementWords } from './agreement.ts';
import { commonWords } from './common.ts';
import { conductWords } from './conduct.ts';
import { deviceWords } from './device.ts';
import { ledgerWords } from './ledger.ts';
import { partyWords } from './party.ts';
import { signWords } from './sign.ts';
import { words } from './words.ts';

const all = Object.entries(words);
const holes = (text: string): readonly string[] =>
  [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name).toSorted();

test('every word stands in both languages, and both have the same holes', () => {
  for (const [key, { zh, en }] of all) {
    assert.ok(zh.trim() !== '' && en.trim() !== '', key);
    assert.deepEqual(holes(zh), holes(en), key);
  }
});

test('no file takes a word of another', () => {
  const files = [
    commonWords,
    signWords,
    accountWords,
    agreementWords,
    deviceWords,
    conductWords,
    ledgerWords,
    partyWords,
  ];
  assert.equal(
    files.reduce((sum, file) => sum + Object.keys(file).length, 0),
    all.length,
  );
});

test('Chinese texts use full-width punctuation between Chinese characters', () => {
  for (const [key, { zh }] of all) assert.doesNotMatch(zh, /[\u4e00-\u9fff][,;:?!][\u4e00-\u9fff]/, key);
});

test('every role has a description', () => {
  for (const role of roleNames) assert.ok(`role.${role}` in words, role);
});
