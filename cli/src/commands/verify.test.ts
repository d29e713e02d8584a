import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdictText } from './verify.ts';

const origin = 'a.example/logs/platform/2026';
const verdict = {
  exitCode: 0,
  findings: [{ step: 'entries', ok: true, log: origin, text: { zh: '都在树中', en: 'are in the tree' } }] as const,
  logs: [{ origin, size: 7_505, leaves: 16 }],
  samples: [{ origin, records: 16, bodies: 0 }],
  grown: true,
};

test('a live platform is never said to be verified whole: the conclusion counts the sample', () => {
  const en = verdictText(verdict, 'en');
  assert.match(en, /\nVALID so far: signatures and growth hold; 16 of 7505 records, drawn at random, were verified\.$/);
  assert.match(verdictText(verdict, 'zh'), /\n目前有效：签名与增长均成立；随机抽查验证了 7505 条记录中的 16 条。$/);
  const first = verdictText({ ...verdict, grown: false }, 'en');
  assert.match(first, /signatures hold; growth has nothing earlier to be compared with/);
  const stale = verdictText({ ...verdict, exitCode: 3 }, 'en');
  assert.match(stale, /STALE: .*\. 16 of 7505 records, drawn at random, were verified\.$/);
});

test('a bundle is verified whole and says so', () => {
  const { exitCode, findings, logs } = verdict;
  assert.match(verdictText({ exitCode, findings, logs }, 'en'), /VALID: everything was verified\.$/);
});

test('bodies that may not be read get a line without a tick', () => {
  const lineOf = (bodies: number) =>
    verdictText({ ...verdict, samples: [{ origin, records: 16, bodies }] }, 'en').includes('  - no body of these');
  assert.deepEqual([lineOf(0), lineOf(3)], [true, false]);
});

test('one record is singular', () => {
  const single = { ...verdict, logs: [{ origin, size: 1, leaves: 1 }] };
  assert.match(
    verdictText(single, 'en'),
    /: 1 record, 1 verified.*\n\n.*1 of 1 record, drawn at random, was verified\.$/s,
  );
});
