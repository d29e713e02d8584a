import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '@pactgate/protocol';
import { showProblem } from './problem.ts';

test('the cause is the title in the language of the reader; a detail that repeats it is left out', () => {
  const failed = showProblem(new Problem('auth/failed', 'name, password or code'), 'zh');
  assert.equal(failed.title, '登录失败');
  assert.equal(failed.detail, undefined);
  assert.equal(showProblem(new Problem('request/not-found', 'no such model'), 'en').detail, undefined);
  assert.equal(showProblem(new Problem('auth/forbidden', 'role b.engineer'), 'en').detail, undefined);
});

test('a detail that says more stays', () => {
  const shown = showProblem(new Problem('agreement/params-invalid', 'cure: 0'), 'zh');
  assert.equal(shown.detail, 'cure: 0');
  assert.equal(showProblem(new Problem('agreement/state', ''), 'zh').detail, undefined);
});

test('no answer is no problem of the platform', () => {
  const shown = showProblem(new TypeError('Failed to fetch'), 'zh');
  assert.deepEqual([shown.title, shown.code, shown.detail], ['无法连接平台', undefined, 'Failed to fetch']);
});
