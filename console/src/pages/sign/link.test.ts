import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLinkWords } from './link.ts';

const root = 'ab'.repeat(32);
const cases = [
  { name: 'fragment', hash: `#token=abc_-9&root=${root}`, search: '', want: { token: 'abc_-9', root } },
  { name: 'query', hash: '', search: '?token=abc', want: { token: 'abc', root: undefined } },
  { name: 'the fragment wins', hash: '#token=one', search: '?token=two', want: { token: 'one', root: undefined } },
  { name: 'markup is no token', hash: '#token=%3Cb%3E', search: '', want: { token: undefined, root: undefined } },
  {
    name: 'a root that is no fingerprint',
    hash: '#token=a&root=xyz',
    search: '',
    want: { token: 'a', root: undefined },
  },
  { name: 'nothing', hash: '', search: '', want: { token: undefined, root: undefined } },
] as const;
for (const { name, hash, search, want } of cases)
  test(`one-time link: ${name}`, () => assert.deepEqual(readLinkWords(hash, search), want));
