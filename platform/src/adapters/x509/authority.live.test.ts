import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { DeviceId, PartyId } from '../../kernel/ids.ts';
import { days, type Instant, later, minutes } from '../../kernel/time.ts';
import { type Authority, openAuthority } from './authority.ts';
import { toPem } from './pem.ts';
import { csrAttributes } from './pkcs7.ts';
import { clockAt, memoryCas, memoryKeys, random } from './testing/fakes.ts';

const acme = 'acme' as PartyId;
const device = 'pump_7-A' as DeviceId;
const clock = clockAt();
const parts = {
  store: memoryCas(),
  keys: memoryKeys(),
  clock,
  random,
  domain: 'pactgate.local',
  crlBase: 'https://localhost:8443/pki/crl/',
};
let dir = '';
let authority: Authority;
let leaf: Uint8Array;
let serial = '';

const file = (name: string, content: string | Uint8Array): string => {
  const at = path.join(dir, name);
  writeFileSync(at, content);
  return at;
};
const openssl = (...args: string[]): string => execFileSync('openssl', args, { encoding: 'utf8' });
const spkiOf = (): Uint8Array =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'der', type: 'spki' });
const issue = async (party: PartyId, id: DeviceId): Promise<{ der: Uint8Array; serial: string }> => {
  const prepared = await authority.prepare({ party, device: id, spki: spkiOf(), at: clock.now(), life: days(7) });
  const { der } = await authority.sign(prepared);
  return { der, serial: prepared.serial };
};
const crlOf = async (ca: string, revoked: { serial: string; revokedAt: Instant }[]): Promise<string> => {
  const now = clock.now();
  const der = await authority.signCrl(ca, { number: 7, thisUpdate: now, nextUpdate: later(now, days(1)) }, revoked);
  return toPem('X509 CRL', der);
};
/** `openssl verify` of a certificate below root, platform and issuing CA; returns its verdict. */
function verify(certificate: string, untrusted: string, ...extra: string[]): { status: number | null; text: string } {
  const args = ['verify', '-x509_strict', '-CAfile', file('root.pem', authority.rootPem()), '-untrusted', untrusted];
  const { status, stdout, stderr } = spawnSync('openssl', [...args, ...extra, certificate], { encoding: 'utf8' });
  return { status, text: stdout + stderr };
}
const chainFile = (party?: PartyId): string =>
  file(
    'chain.pem',
    authority
      .chain(party)
      .slice(1)
      .map((der) => toPem('CERTIFICATE', der))
      .join(''),
  );

before(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'x509-'));
  authority = await openAuthority(parts);
  await authority.openDeviceCa(acme);
  ({ der: leaf, serial } = await issue(acme, device));
});
after(() => rmSync(dir, { recursive: true, force: true }));

test('B2.2.3 device certificate: openssl verifies the chain strictly', () => {
  const { status, text } = verify(
    file('leaf.pem', toPem('CERTIFICATE', leaf)),
    chainFile(acme),
    '-purpose',
    'sslclient',
  );
  assert.equal(status, 0, text);
});
test('B2.2.1 device certificate: names, usages and key ids as agreed', () => {
  const certificate = new X509Certificate(leaf);
  assert.equal(certificate.subject, `O=acme\nCN=${device}`);
  assert.equal(certificate.subjectAltName, `URI:pactgate://acme.pactgate.local/${device}`);
  assert.equal(certificate.serialNumber.toLowerCase(), serial);
  assert.match(serial, /^[4-7][0-9a-f]{31}$/);
  const text = openssl('x509', '-in', file('leaf.pem', toPem('CERTIFICATE', leaf)), '-noout', '-text');
  for (const part of [
    /Basic Constraints: critical\s+CA:FALSE/,
    /Key Usage: critical\s+Digital Signature\n/,
    /Extended Key Usage:\s+TLS Web Client Authentication\n/,
    /Subject Key Identifier/,
    /Authority Key Identifier/,
    /URI:https:\/\/localhost:8443\/pki\/crl\/device-acme\/0\.crl/,
  ])
    assert.match(text, part);
  const life = certificate.validToDate.getTime() - certificate.validFromDate.getTime();
  assert.equal(life, days(7) + minutes(5));
});
test('B2.2.1 issuing CA: P-256, path length 0, client authentication, one URI host', () => {
  const [, , issuing = new Uint8Array()] = authority.chain(acme);
  const text = openssl('x509', '-in', file('ca.pem', toPem('CERTIFICATE', issuing)), '-noout', '-text');
  for (const part of [
    /CA:TRUE, pathlen:0/,
    /NIST CURVE: P-256/,
    /TLS Web Client Authentication/,
    /Name Constraints: critical\s+Permitted:\s+URI:acme\.pactgate\.local/,
  ])
    assert.match(text, part);
});
test('B2.2.1 name constraint: a device of another party below the CA of this one is refused (error 47)', async () => {
  // the builder of another installation with the same keys, told another domain: its leaf lies outside the constraint
  const elsewhere = await openAuthority({ ...parts, domain: 'elsewhere.example' });
  const prepared = await elsewhere.prepare({ party: acme, device, spki: spkiOf(), at: clock.now(), life: days(7) });
  const { der } = await elsewhere.sign(prepared);
  const { status, text } = verify(file('foreign.pem', toPem('CERTIFICATE', der)), chainFile(acme));
  assert.notEqual(status, 0);
  assert.match(text, /error 47 /);
});
test('A3.2.1 listener certificate: names and addresses, 90 days, openssl verifies it strictly', async () => {
  const { cert, notAfter } = await authority.issueListener(['localhost', 'iot.example'], ['127.0.0.1', '::1']);
  const at = file('listener.pem', cert);
  for (const extra of [
    ['-verify_hostname', 'iot.example'],
    ['-verify_ip', '127.0.0.1'],
    ['-verify_ip', '::1'],
  ]) {
    const { status, text } = verify(at, at, '-purpose', 'sslserver', ...extra);
    assert.equal(status, 0, text);
  }
  assert.equal(Math.round((notAfter - clock.now()) / days(1)), 90);
  assert.notEqual(verify(at, at, '-verify_hostname', 'other.example').status, 0);
});
test('B2.2.5 CRL: all CAs are checked; a revoked certificate is error 23, another still verifies', async () => {
  const other = await issue(acme, 'pump-8' as DeviceId);
  const clean = await crlOf('device-acme', []);
  const dirty = await crlOf('device-acme', [{ serial, revokedAt: clock.now() }]);
  const above = (await crlOf('root', [])) + (await crlOf('platform', []));
  const check = (der: Uint8Array, crl: string): { status: number | null; text: string } =>
    verify(
      file('one.pem', toPem('CERTIFICATE', der)),
      chainFile(acme),
      '-crl_check_all',
      '-CRLfile',
      file('all.crl', above + crl),
    );
  assert.equal(check(leaf, clean).status, 0, check(leaf, clean).text);
  assert.match(check(leaf, dirty).text, /error 23 /);
  assert.equal(check(other.der, dirty).status, 0, check(other.der, dirty).text);
  const text = openssl('crl', '-in', file('dirty.crl', dirty), '-noout', '-text');
  assert.match(text, /CRL Number:\s+7\n/);
});
test('B2.2.3 certs-only: openssl reads root, platform and issuing CA, and no content is there (RFC 8951)', () => {
  const p7 = file('chain.p7', authority.bundle(authority.chain(acme)));
  const subjects = openssl('pkcs7', '-inform', 'DER', '-in', p7, '-print_certs', '-noout').match(/subject=.*/g);
  assert.deepEqual(subjects, [
    'subject=O = pactgate.local, CN = root CA',
    'subject=O = pactgate.local, CN = platform CA',
    'subject=O = acme, CN = device CA',
  ]);
  assert.doesNotMatch(
    openssl('asn1parse', '-inform', 'DER', '-in', p7).split('\n').slice(0, 9).join('\n'),
    /OCTET STRING/,
  );
});
test('csrattrs: challenge password, EC key on P-256, ECDSA with SHA-256 (RFC 8951 3.3)', () => {
  const text = openssl('asn1parse', '-inform', 'DER', '-in', file('attrs.der', csrAttributes()));
  assert.deepEqual(
    [...text.matchAll(/OBJECT\s+:(\S+)/g)].map(([, name]) => name),
    ['challengePassword', 'id-ecPublicKey', 'prime256v1', 'ecdsa-with-SHA256'],
  );
});
test('CAs survive a restart, and a second root is not made', async () => {
  const again = await openAuthority(parts);
  assert.equal(again.rootSha256(), authority.rootSha256());
  assert.equal(again.cas().length, 3);
  assert.match(openssl('x509', '-in', file('r.pem', again.rootPem()), '-noout', '-text'), /NIST CURVE: P-384/);
});
test('two calls at once make one issuing CA', async () => {
  const both = await Promise.all([
    authority.openDeviceCa('beta' as PartyId),
    authority.openDeviceCa('beta' as PartyId),
  ]);
  assert.equal(both[0].keyId, both[1].keyId);
});
test('a device certificate ends no later than its CA', async () => {
  const late = later(clock.now(), days(1_093));
  const prepared = await authority.prepare({ party: acme, device, spki: spkiOf(), at: late, life: days(7) });
  assert.equal(prepared.notAfter, authority.ca('device-acme')?.notAfter);
});
