import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProofError } from '@pactgate/proof';
import { locales, Problem, type ProblemCode, problems } from '@pactgate/protocol';
import { explain, Failure } from './failure.ts';
import { both } from './language.ts';

const rows = [
  {
    name: 'a refusal of the platform',
    error: new Problem('auth/forbidden', 'role b.engineer'),
    code: 'auth/forbidden',
    exit: 1,
  },
  {
    name: 'a platform out of service',
    error: new Problem('request/unavailable', ''),
    code: 'request/unavailable',
    exit: 69,
  },
  { name: 'a bug of the platform', error: new Problem('internal', ''), code: 'internal', exit: 70 },
  { name: 'wrong usage', error: new Failure('usage', both('缺', 'x')), code: 'cli/usage', exit: 64 },
  { name: 'a check that failed', error: new Failure('refused', both('缺', 'x')), code: 'cli/refused', exit: 1 },
  {
    name: 'a file that is not there',
    error: new Failure('unavailable', both('缺', 'x')),
    code: 'cli/unavailable',
    exit: 69,
  },
  { name: 'a proof that fails', error: new ProofError('bad-signature', 'x'), code: 'proof/bad-signature', exit: 1 },
  { name: 'a bug of ours', error: new TypeError('x'), code: 'cli/internal', exit: 70 },
  { name: 'something thrown', error: 'x', code: 'cli/internal', exit: 70 },
];
for (const { name, error, code, exit } of rows)
  test(`exit code of ${name}: ${exit}`, () => {
    const explained = explain(error, 'en');
    assert.equal(explained.code, code);
    assert.equal(explained.exitCode, exit);
    assert.ok(explained.title.length > 0);
  });

test('every problem is told with code, cause and next step in both languages', () => {
  for (const code of Object.keys(problems) as ProblemCode[])
    for (const locale of locales) {
      const { title, detail, next } = explain(new Problem(code, 'cause'), locale);
      assert.equal(detail, 'cause');
      assert.deepEqual([title, next], [problems[code].title[locale], problems[code].next[locale]]);
    }
});
