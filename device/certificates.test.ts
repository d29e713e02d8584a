import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '@pactgate/protocol';
import { plainFingerprint, readCertificates, renewalTime } from './certificates.ts';

test('B2.2.5 renewal falls between 50 and 60 % of the life of a certificate', () => {
  const life = { notBefore: 1_000_000, notAfter: 1_000_000 + 7 * 86_400_000 };
  const share = (random: number): number =>
    (renewalTime(life, random) - life.notBefore) / (life.notAfter - life.notBefore);
  assert.equal(share(0), 0.5);
  assert.ok(share(0.999_999) < 0.6 && share(0.999_999) > 0.599);
});

test('fingerprints are read as people write them', () => {
  const plain = 'ab'.repeat(32);
  assert.equal(plainFingerprint(plain), plain);
  assert.equal(plainFingerprint(`${'AB:'.repeat(31)}AB`), plain);
  assert.equal(plainFingerprint('ab'.repeat(31)), undefined);
  assert.equal(plainFingerprint('xy'.repeat(32)), undefined);
});

test('an answer that is no PKCS#7 is refused', () => {
  for (const text of ['', 'no base64 at all', Buffer.from('hello').toString('base64')])
    assert.throws(
      () => readCertificates(text),
      (error) => error instanceof Problem,
    );
});
