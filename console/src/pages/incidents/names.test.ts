import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidentName, stepName, summaryIn } from './names.ts';

test('types and steps have words in the language of the reader; what has none is shown as it is', () => {
  assert.equal(incidentName('auth_fail', 'zh'), '身份验证失败');
  assert.equal(incidentName('auth_fail', 'en'), 'Failed authentication');
  assert.equal(incidentName('constructor', 'zh'), 'constructor');
  assert.equal(stepName('contain', 'zh'), '遏制');
  assert.equal(stepName('later', 'zh'), 'later');
});

test('a summary made of a report begins with the word of its type, one that somebody wrote stays', () => {
  assert.equal(summaryIn({ type: 'tamper', summary: 'tamper' }, 'zh'), '物理篡改');
  assert.equal(summaryIn({ type: 'tamper', summary: 'tamper (enclosure)' }, 'zh'), '物理篡改 (enclosure)');
  assert.equal(summaryIn({ type: 'tamper', summary: 'tampered with' }, 'en'), 'tampered with');
});
