import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressBytes } from './address.ts';
import { build, type CertificateSpec, seal } from './certificate.ts';
import { fromHex, generateKey } from './keys.ts';
import { LintError, lint } from './lint.ts';
import { oids } from './profiles.ts';

const key = generateKey('P-256');
const spec: CertificateSpec = {
  profile: 'device',
  serial: fromHex('4102030405060708090a0b0c0d0e0f10'),
  subject: [
    [oids.organization, 'acme'],
    [oids.commonName, 'dev-1'],
  ],
  issuer: [
    [oids.organization, 'acme'],
    [oids.commonName, 'device CA'],
  ],
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2026-01-08T00:00:00Z'),
  spki: key.spki,
  keyId: new Uint8Array(20).fill(1),
  authorityKeyId: new Uint8Array(20).fill(2),
  altNames: [{ uri: 'pactgate://acme.pactgate.local/dev-1' }],
  crlUrl: 'https://localhost:8443/pki/crl/device-acme/0.crl',
};
const findings = async (built: CertificateSpec, ordered: CertificateSpec): Promise<readonly string[]> => {
  const der = await seal(build(built, key), key);
  try {
    lint(der, ordered);
    return [];
  } catch (error) {
    assert.ok(error instanceof LintError);
    return error.findings;
  }
};

const issuing: CertificateSpec = { ...spec, profile: 'issuing', uriHost: 'acme.pactgate.local' };
const cases: readonly { name: string; built: CertificateSpec; ordered: CertificateSpec; want: readonly string[] }[] = [
  { name: 'as ordered', built: spec, ordered: spec, want: [] },
  { name: 'issuing CA as ordered', built: issuing, ordered: issuing, want: [] },
  {
    name: 'long constrained host',
    built: { ...issuing, uriHost: `${'a'.repeat(63)}.${'b'.repeat(63)}.example` },
    ordered: { ...issuing, uriHost: `${'a'.repeat(63)}.${'b'.repeat(63)}.example` },
    want: [],
  },
  {
    name: 'CN before O',
    built: { ...spec, subject: spec.subject.toReversed() },
    ordered: spec,
    want: ['subject is not the ordered one'],
  },
  {
    name: 'other key',
    built: { ...spec, spki: generateKey('P-256').spki },
    ordered: spec,
    want: ['key is not the requested one'],
  },
  {
    name: 'other alternative name',
    built: { ...spec, altNames: [{ dns: 'a.example' }] },
    ordered: spec,
    want: ['alternative names'],
  },
  {
    name: 'one name more',
    built: { ...spec, altNames: [...(spec.altNames ?? []), { ip: addressBytes('::1') }] },
    ordered: spec,
    want: ['alternative names'],
  },
  {
    name: 'other constrained host',
    built: { ...issuing, uriHost: 'beta.pactgate.local' },
    ordered: issuing,
    want: ['name constraint'],
  },
  {
    name: 'constraint forgotten',
    built: { ...spec, profile: 'issuing' },
    ordered: issuing,
    want: ['name constraint', 'number of extensions'],
  },
  {
    name: 'a CA instead of a device',
    built: { ...spec, profile: 'issuing' },
    ordered: spec,
    want: ['OpenSSL sees another CA flag', 'key usage', 'basic constraints', 'path length'],
  },
  {
    name: 'server instead of client',
    built: { ...spec, profile: 'listener' },
    ordered: spec,
    want: ['extended key usage'],
  },
  {
    name: 'short serial',
    built: { ...spec, serial: spec.serial.subarray(0, 8) },
    ordered: { ...spec, serial: spec.serial.subarray(0, 8) },
    want: ['serial is not 16 octets with top bits 01'],
  },
  {
    name: 'validity backwards',
    built: { ...spec, notAfter: spec.notBefore },
    ordered: { ...spec, notAfter: spec.notBefore },
    want: ['validity runs backwards'],
  },
  { name: 'other issuer', built: { ...spec, issuer: spec.subject }, ordered: spec, want: ['issuer is not the CA'] },
  {
    name: 'later end',
    built: { ...spec, notAfter: new Date('2026-02-01T00:00:00Z') },
    ordered: spec,
    want: ['notAfter is not the ordered one'],
  },
  { name: 'other CRL', built: { ...spec, crlUrl: 'https://x.example/' }, ordered: spec, want: ['CRL address'] },
];
for (const { name, built, ordered, want } of cases)
  test(`B2.2.1 lint: ${name}`, async () => assert.deepEqual(await findings(built, ordered), want));

test('validity from 2050 on is GeneralizedTime (RFC 5280 4.1.2.5)', async () => {
  const late = { ...spec, notBefore: new Date('2049-12-31T23:59:59Z'), notAfter: new Date('2050-01-01T00:00:00Z') };
  assert.deepEqual(await findings(late, late), []);
});
for (const [text, want] of [
  ['127.0.0.1', '7f000001'],
  ['::1', '00000000000000000000000000000001'],
  ['2001:db8::a', '20010db800000000000000000000000a'],
  ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
] as const)
  test(`address ${text}`, () => assert.equal(Buffer.from(addressBytes(text)).toString('hex'), want));
for (const text of ['', '1.2.3', '256.0.0.1', 'localhost', '::1::'])
  test(`no address: ${text}`, () => assert.throws(() => addressBytes(text), RangeError));
