import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from './failure.ts';
import { chooseLocale } from './language.ts';
import { profileFile, readFingerprint, readLink, readServer } from './profile.ts';
import { readTime } from './times.ts';

const usage = (error: unknown): boolean => error instanceof Failure && error.kind === 'usage';

test('language: --lang, then LC_ALL, LC_MESSAGES, LANG', () => {
  assert.equal(chooseLocale('en', { LANG: 'zh_CN.UTF-8' }), 'en');
  assert.equal(chooseLocale(undefined, { LANG: 'zh_CN.UTF-8' }), 'zh');
  assert.equal(chooseLocale(undefined, { LC_ALL: 'en_US.UTF-8', LANG: 'zh_CN.UTF-8' }), 'en');
  assert.equal(chooseLocale(undefined, { LC_ALL: '', LC_MESSAGES: 'zh_TW', LANG: 'C' }), 'zh');
  assert.equal(chooseLocale(undefined, {}), 'en');
});

const root = 'ab'.repeat(32);
test('one-time links: token and root in the fragment, or the token in the query', () => {
  const full = readLink(`https://h.example:8443/join#token=abc&root=${root.toUpperCase()}`);
  assert.deepEqual([full.server.origin, full.token, full.root], ['https://h.example:8443', 'abc', root]);
  const mixed = readLink(`https://h.example/join?token=abc#root=${root}`);
  assert.deepEqual([mixed.server.origin, mixed.token, mixed.root], ['https://h.example', 'abc', root]);
  assert.equal(readLink('https://h.example/signin?token=abc').root, undefined);
  for (const bad of [
    '',
    'nonsense',
    'http://h.example/join?token=a',
    'https://h.example/join',
    `https://h.example/join#token=${'a'.repeat(300)}`,
    'https://h.example/join#token=a&root=12',
  ])
    assert.throws(() => readLink(bad), usage, bad);
});

test('servers are https, fingerprints are SHA-256, profile names stay in their directory', () => {
  assert.equal(readServer('h.example:8443').origin, 'https://h.example:8443');
  assert.throws(() => readServer('http://h.example'), usage);
  assert.equal(readFingerprint(root.toUpperCase().replaceAll(/(..)(?=.)/g, '$1:')), root);
  assert.throws(() => readFingerprint(root.slice(2)), usage);
  assert.equal(profileFile('b', '/x', {}), '/x/b.json');
  assert.equal(profileFile(undefined, undefined, { XDG_CONFIG_HOME: '/c' }), '/c/pactgate/default.json');
  assert.throws(() => profileFile('../b', '/x', {}), usage);
});

test('times as people write them', () => {
  const now = Date.parse('2026-03-02T00:00:00Z');
  assert.equal(readTime('from', undefined, now), undefined);
  assert.equal(readTime('from', '90m', now), now - 5_400_000);
  assert.equal(readTime('from', '2026-03-01', now), Date.parse('2026-03-01T00:00:00Z'));
  assert.equal(readTime('from', '2026-03-01T08:00:00+08:00', now), Date.parse('2026-03-01T00:00:00Z'));
  assert.equal(readTime('from', String(now), now), now);
  for (const bad of ['', 'yesterday', '2026-13-01', '90', '5w'])
    assert.throws(() => readTime('from', bad, now), usage, bad);
});
