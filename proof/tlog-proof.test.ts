import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { encodeUtf8 } from './bytes.ts';
import { webProofCrypto as crypto } from './crypto.ts';
import { proveInclusion } from './merkle/tree.ts';
import { formatVkey } from './note/key.ts';
import { parsePolicy } from './policy.ts';
import { signerOf } from './testing/keys.ts';
import { checkpointOf, hasher, makeLog } from './testing/log.ts';
import { VerifiedLog } from './tiles/reader.ts';
import { formatTlogProof, parseTlogProof, verifyTlogProof } from './tlog-proof.ts';

const signer = await signerOf('log.example/c1', 1, 1);
const witness = await signerOf('b.example/w', 4, 2);
const policy = parsePolicy(crypto, `log ${formatVkey(signer.key)}\nwitness b ${formatVkey(witness.key)}\nquorum b\n`);
const log = makeLog(Array.from({ length: 300 }, (_, i) => encodeUtf8(`entry ${i}`)));
const checkpoint = await checkpointOf(log, signer, { signer: witness, time: 1_700_000_000 });
const verified = new VerifiedLog(hasher, log.reader, { size: 300, root: log.root });
const proofOf = async (index: number): Promise<string> =>
  formatTlogProof({ index, path: await proveInclusion(hasher, verified, { index, size: 300 }), checkpoint });
const text = await proofOf(17);

test('C2SP tlog-proof: every kind of place in a tree of 300 is proven', async () => {
  for (const index of [0, 1, 17, 254, 255, 256, 298, 299]) {
    const proof = parseTlogProof(await proofOf(index));
    const opened = await verifyTlogProof(crypto, proof, encodeUtf8(`entry ${index}`), policy);
    assert.equal(opened.checkpoint.size, 300);
  }
});

test('C2SP tlog-proof: another entry, index or witness is not', async () => {
  const proof = parseTlogProof(text);
  const entry = encodeUtf8('entry 17');
  await assert.rejects(verifyTlogProof(crypto, proof, encodeUtf8('entry 18'), policy), { code: 'bad-proof' });
  await assert.rejects(verifyTlogProof(crypto, { ...proof, index: 18 }, entry, policy), { code: 'bad-proof' });
  await assert.rejects(verifyTlogProof(crypto, { ...proof, index: 300 }, entry, policy), { code: 'bad-proof' });
  const alone = { ...proof, checkpoint: await checkpointOf(log, signer) };
  await assert.rejects(verifyTlogProof(crypto, alone, entry, policy), { code: 'quorum-not-met' });
});

test('C2SP tlog-proof: form of the file; extra data come and go with their line', () => {
  const [first, index, ...rest] = text.split('\n');
  assert.deepEqual([first, index], ['c2sp.org/tlog-proof@v1', 'index 17']);
  assert.equal(rest.indexOf(''), 9);
  const proof = parseTlogProof(text);
  const withExtra = formatTlogProof({ ...proof, extra: encodeUtf8('salt') });
  assert.equal(withExtra, text.replace('index', 'extra c2FsdA==\nindex'));
  assert.deepEqual(parseTlogProof(withExtra).extra, encodeUtf8('salt'));
});

test('traps: proofs that are none', () => {
  const [, , hash = ''] = text.split('\n');
  for (const [name, changed] of [
    ['another header', text.replace('@v1', '@v2')],
    ['no index', text.replace('index 17\n', '')],
    ['index with a zero before it', text.replace('index 17', 'index 017')],
    ['negative index', text.replace('index 17', 'index -1')],
    ['index of 2^53', text.replace('index 17', 'index 9007199254740992')],
    ['hash not of 32 bytes', text.replace(hash, 'AAAA')],
    ['hash not canonical', text.replace(hash, hash.replace(/.=$/, '+='))],
    ['64 hashes', text.replace(hash, Array.from({ length: 64 }, () => hash).join('\n'))],
    ['empty extra', text.replace('index', 'extra \nindex')],
    ['extra not canonical', text.replace('index', 'extra c2FsdB==\nindex')],
    ['extra after the index', text.replace('index 17\n', 'index 17\nextra c2FsdA==\n')],
    ['carriage return', text.replace('index 17\n', 'index 17\r\n')],
    ['no checkpoint', text.slice(0, text.indexOf('\n\n') + 1)],
  ] as const) {
    assert.throws(() => parseTlogProof(changed), { code: 'bad-proof' }, name);
  }
});

test('C2SP tlog-proof: law: what is written is what is read', () => {
  const hashes = fc.array(
    fc.uint8Array({ minLength: 32, maxLength: 32 }).map((h) => Uint8Array.from(h)),
    { maxLength: 63 },
  );
  fc.assert(
    fc.property(fc.maxSafeNat(), hashes, (index, path) => {
      const proof = { index, path, checkpoint };
      assert.deepEqual(parseTlogProof(formatTlogProof(proof)), proof);
    }),
  );
});
