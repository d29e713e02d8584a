import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalogue, rowOf, type SubDutyId } from '@pactgate/agreement';
import { evaluatorId, implemented, kindsReadBy, notImplemented } from './rows.ts';
import { openScenario } from './testing/scenario.ts';
import { good } from './testing/story.ts';
import { explain } from './why.ts';

/** May only shrink: a row leaves it when its rule is written. */
const missing: readonly SubDutyId[] = [
  ...(['B2.1.2', 'B2.1.3', 'B2.1.4', 'B2.1.5', 'B2.2.2', 'B2.3.3', 'B2.3.4', 'B2.4.3', 'B2.4.4', 'B2.4.5'] as const),
  ...(['B2.5.1', 'B2.5.2', 'B2.5.4', 'B2.5.5', 'B2.5.6', 'B2.6.1', 'B2.6.3', 'B2.6.4', 'A3.1.2', 'A3.1.4'] as const),
  ...(['A3.1.5', 'A3.2.2', 'A3.2.3', 'A3.3.1', 'A3.3.2', 'A3.3.3', 'A3.3.4', 'A3.3.6', 'A3.4.2', 'A3.4.3'] as const),
  ...(['A3.4.4', 'A3.4.5', 'A3.5.1', 'A3.5.2', 'A3.5.3', 'A3.5.4', 'A3.6.1', 'A3.6.3', 'A3.6.4', 'A3.6.5'] as const),
  'A3.6.6',
];

test('A3.4.6 rows without a rule are exactly the frozen list', () => {
  assert.deepEqual([...notImplemented].toSorted(), [...missing].toSorted());
  assert.equal(implemented.length + notImplemented.length, catalogue.rows.length);
  assert.equal(implemented.length, 19);
});

test('A3.4.6 the evaluator has a name that fits a record', () => {
  assert.match(evaluatorId, /^pactgate-evaluator\/\d+\+[0-9a-f]{16}$/);
});

for (const id of implemented) {
  test(`${id} honest devices and a sound platform: met, with evidence and words in both languages`, () => {
    const judgement = good(openScenario()).judge(id);
    const bad = judgement.subjects
      .filter(({ status }) => status !== 'met')
      .map((s) => `${s.subject}: ${explain(s.why).en}`);
    assert.deepEqual(bad, []);
    assert.equal(judgement.status, 'met');
    assert.ok(judgement.subjects.length > 0 && judgement.evidence.length > 0);
    for (const subject of judgement.subjects) {
      const texts = explain(subject.why);
      assert.doesNotMatch(texts.en + texts.zh, /[{}]|undefined|NaN/);
    }
  });
  test(`${id} nothing recorded: unknown, never met`, () => {
    assert.equal(openScenario().judge(id).status, 'unknown');
  });
  test(`${id} names the kinds it reads, its own evidence among them`, () => {
    const kinds = kindsReadBy(rowOf(id));
    for (const { kind } of rowOf(id).evidence)
      assert.ok(
        kinds.some((one) => one === kind),
        kind,
      );
  });
}
