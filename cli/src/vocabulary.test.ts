import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agreementWords } from '../../console/src/texts/agreement.ts';
import { conductWords } from '../../console/src/texts/conduct.ts';
import { deviceWords } from '../../console/src/texts/device.ts';
import { ledgerWords } from '../../console/src/texts/ledger.ts';
import { facts, levelInWords, reasonInWords, wordOf, words } from './vocabulary.ts';

const consoleWords: Readonly<Record<string, unknown>> = {
  ...agreementWords,
  ...conductWords,
  ...deviceWords,
  ...ledgerWords,
};
/** Where the console keeps the words of a table: prefix of its keys, and keys that are not the value itself. */
const places: Readonly<Record<keyof typeof words, readonly [string, Readonly<Record<string, string>>?]>> = {
  status: ['status.', { 'at-risk': 'atRisk', 'n/a': 'na', 'not-implemented': 'none' }],
  owner: ['board.owner.'],
  agreement: ['agreement.', { 'signed-by-one': 'signedByOne', 'in-force': 'inForce' }],
  breach: ['breach.state.'],
  model: ['model.state.'],
  device: ['device.state.'],
  certificate: ['cert.'],
  command: ['command.state.'],
  severity: ['incident.severity.'],
  incident: ['incident.state.'],
  log: ['ledger.kind.'],
};
for (const [table, [prefix, names = {}]] of Object.entries(places))
  test(`one vocabulary: ${table} says what the console says`, () => {
    const shown: Readonly<Record<string, unknown>> = words[table as keyof typeof places]; // a key of places
    for (const [value, texts] of Object.entries(shown))
      assert.deepEqual(texts, consoleWords[`${prefix}${names[value] ?? value}`], `${table} ${value}`);
  });

test('a value without a word is shown as it is', () => {
  assert.equal(wordOf('device', 'melted', 'zh'), 'melted');
  assert.equal(wordOf('device', 'toString', 'zh'), 'toString');
  assert.equal(wordOf('device', undefined, 'zh'), undefined);
  assert.deepEqual([levelInWords(4, 'zh'), levelInWords(9, 'en')], ['4 阻断', '9']);
});

test('why a session closed: the problem by its title', () => {
  assert.equal(reasonInWords('gate/rate', 'en'), 'gate/rate: Too many messages');
  assert.equal(reasonInWords('gate/rate', 'zh'), 'gate/rate: 消息过于频繁');
  assert.equal(reasonInWords('shutdown', 'zh'), '平台停机');
  assert.equal(reasonInWords(undefined, 'zh'), undefined);
});

test('labels are in the language', () => {
  assert.equal(facts({ device: 'pump-7', lastSeen: '-' }, 'zh'), '设备      pump-7\n最近通信  -');
  assert.equal(facts({ lastSeen: 'x' }, 'en'), 'last seen  x');
});
