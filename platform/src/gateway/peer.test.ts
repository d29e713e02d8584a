import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { children, elementAt } from './der.ts';
import { CertificateCache, groupOfSession, issuerKeyIdOf } from './peer.ts';
import { TestAuthority } from './testing/certificates.ts';

/** The first element of these octets. */
const elementOf = (hex: string): unknown => {
  const bytes = Buffer.from(hex, 'hex');
  return elementAt(bytes, 0, bytes.length);
};
/** A session that holds these elements. */
const session = (inner: string): Uint8Array =>
  Buffer.from(`30${(inner.length / 2).toString(16).padStart(2, '0')}${inner}`, 'hex');

test('B2.2.4 identity of a certificate: key, serial, names, issuer, dates', async () => {
  const authority = await TestAuthority.create();
  const notAfter = Math.floor(Date.now() / 1_000) * 1_000 + 60_000;
  const { cert } = await authority.device('pump-7', notAfter);
  const certificate = new X509Certificate(cert);
  const facts = new CertificateCache().get(certificate);
  assert.ok(facts);
  assert.match(facts.spki, /^[0-9a-f]{64}$/);
  assert.equal(facts.fingerprint, certificate.fingerprint256.replaceAll(':', '').toLowerCase());
  assert.equal(facts.serial, certificate.serialNumber.toLowerCase());
  assert.equal(facts.subjectCn, 'pump-7');
  assert.deepEqual(facts.sanUris, ['pactgate://acme.pactgate.local/pump-7']);
  assert.equal(facts.notAfter, notAfter);
  const other = new CertificateCache().get(new X509Certificate((await authority.device('pump-8')).cert));
  assert.equal(facts.issuerKeyId, other?.issuerKeyId);
  assert.match(facts.issuerKeyId ?? '', /^[0-9a-f]{40}$/);
  assert.equal(new CertificateCache().get(new X509Certificate(authority.root))?.issuerKeyId, undefined);
});

test('the cache of certificates is bounded and returns equal facts', async () => {
  const authority = await TestAuthority.create();
  const cache = new CertificateCache(1);
  const [a, b] = [
    new X509Certificate((await authority.device('a')).cert),
    new X509Certificate((await authority.device('b')).cert),
  ];
  const first = cache.get(a);
  assert.equal(cache.get(a), first);
  cache.get(b);
  assert.notEqual(cache.get(a), first);
  assert.deepEqual(cache.get(a), first);
});

test('DER: damaged certificates and sessions never throw', async () => {
  const der = new X509Certificate((await (await TestAuthority.create()).device('x')).cert).raw;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(der.length - 1), fc.nat(255)), { maxLength: 5 }),
      fc.nat(der.length),
      (hits, length) => {
        const bytes = Uint8Array.from(der.subarray(0, length));
        for (const [at, value] of hits) bytes[at] = value;
        issuerKeyIdOf(bytes);
        groupOfSession(bytes);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('DER: lengths, high tags, limits', () => {
  assert.deepEqual(elementOf('0402aabb'), { tag: 4, number: 4, start: 2, end: 4 });
  assert.deepEqual(elementOf('048102aabb'), { tag: 4, number: 4, start: 3, end: 5 });
  assert.deepEqual(elementOf('bf8148020500'), { tag: 0xbf, number: 200, start: 4, end: 6 });
  for (const bad of ['', '04', '0403aabb', '0480', '0485000000000100', 'bf808080800100', '3f'])
    assert.equal(elementOf(bad), undefined);
  assert.equal(children(Buffer.from('30060500050005', 'hex'), { tag: 0x30, number: 16, start: 2, end: 7 }).length, 2);
});

test('the group of a session: element [19]', () => {
  assert.equal(groupOfSession(session('020101b30402021 1ec'.replace(' ', ''))), 'X25519MLKEM768');
  assert.equal(groupOfSession(session('020101b30302011d')), 'X25519');
  assert.equal(groupOfSession(session('020101b303020117')), 'P-256');
  assert.equal(groupOfSession(session('020101b304020201aa')), '0x1aa');
  assert.equal(groupOfSession(session('020101')), undefined);
  assert.equal(groupOfSession(undefined), undefined);
});
