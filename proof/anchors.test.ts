import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Anchors, formatAnchors, parseAnchors } from './anchors.ts';
import { encodeUtf8 } from './bytes.ts';
import { webProofCrypto as crypto } from './crypto.ts';
import { formatVkey } from './note/key.ts';
import { partyKey, signerOf } from './testing/keys.ts';

const log = await signerOf('a.example/logs/ag-1/2026', 1, 1);
const anchors: Anchors = {
  v: 1,
  agreement: '01890a5d-ac96-774b-bcce-b302099a8057',
  editionDigest: 'ab'.repeat(32),
  platformKey: (await partyKey()).key,
  rootSha256: '0f'.repeat(32),
  partyKey: (await partyKey()).key,
  policy: `log ${formatVkey(log.key)}\nquorum none\n`,
};
const text = formatAnchors(crypto, anchors);
const parse = (file: string): Anchors => parseAnchors(crypto, encodeUtf8(file));

test('decisions 13: trust anchors written are the anchors read, however they are laid out', () => {
  assert.deepEqual(parse(text), anchors);
  assert.deepEqual(parse(JSON.stringify(anchors)), anchors);
  assert.deepEqual(parse(text.replaceAll('\n', '\r\n')), anchors);
});

test('traps: trust anchors that are none', () => {
  const { platformKey } = anchors;
  const rows: readonly (readonly [string, string])[] = [
    ['empty', ''],
    ['not JSON', 'policy'],
    ['list', '[]'],
    ['another member', text.replace('"v"', '"w": 1,\n  "v"')],
    ['a member twice', text.replace('"v": 1,', '"v": 1, "v": 1,')],
    ['a policy twice', text.replace('"v": 1,', '"v": 1, "policy": "quorum none\\n",')],
    ['no root', text.replace(/ {2}"rootSha256".*\n/, '')],
    ['version 2', text.replace('"v": 1', '"v": 2')],
    ['version as text', text.replace('"v": 1', '"v": "1"')],
    ['digest in capitals', text.replaceAll('ab', 'AB')],
    ['short digest', text.replace('0f0f', '0f')],
    ['agreement with a slash', text.replace('01890a5d-ac96', '01890a5d/ac96')],
    ['private key', text.replace('"crv": "P-256",', '"crv": "P-256", "d": "x",')],
    ['one key for both', JSON.stringify({ ...anchors, partyKey: platformKey })],
    ['policy without quorum', text.replace('quorum none\\n', '')],
    ['policy not text', text.replace(/"policy": ".*"/, '"policy": {}')],
    ['policy with a false key', text.replace('+AY', '+BY')],
    ['too large', JSON.stringify({ ...anchors, policy: `${anchors.policy}${'#\n'.repeat(70_000)}` })],
  ];
  for (const [name, file] of rows) {
    assert.notEqual(file, text, name);
    assert.throws(() => parse(file), { code: 'bad-anchors' }, name);
  }
  assert.throws(() => parseAnchors(crypto, Uint8Array.of(0xff)), { code: 'bad-anchors' });
  assert.throws(() => formatAnchors(crypto, { ...anchors, agreement: '' }), { code: 'bad-anchors' });
});
