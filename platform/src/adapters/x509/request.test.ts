import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import * as asn1js from 'asn1js';
import * as fc from 'fast-check';
import { tags, wrap } from './der.ts';
import { sha256Hex } from './keys.ts';
import { maxRequestOctets, readRequest } from './request.ts';

const oid = (value: string): Uint8Array => new Uint8Array(new asn1js.ObjectIdentifier({ value }).toBER());
const utf8 = (text: string): Uint8Array => wrap(0x0c, Buffer.from(text));
const attribute = (type: string, value: string): Uint8Array =>
  wrap(tags.set, wrap(tags.sequence, oid(type), utf8(value)));
const cn = '2.5.4.3';
const ecdsaSha256 = '1.2.840.10045.4.3.2';

interface Wish {
  readonly subject?: readonly Uint8Array[];
  readonly attributes?: readonly Uint8Array[];
  readonly algorithm?: string;
  readonly digest?: string | undefined;
  readonly spki?: Uint8Array;
}
/** A PKCS#10 request by hand, so that every part of it can be wrong. */
function request(key: { privateKey: KeyObject; publicKey: KeyObject }, wish: Wish = {}): Uint8Array {
  const spki = wish.spki ?? key.publicKey.export({ format: 'der', type: 'spki' });
  const info = wrap(
    tags.sequence,
    wrap(tags.integer, Uint8Array.of(0)),
    wrap(tags.sequence, ...(wish.subject ?? [attribute(cn, 'dev-1')])),
    spki,
    wrap(tags.context0, ...(wish.attributes ?? [])),
  );
  const digest = 'digest' in wish ? wish.digest : 'sha256';
  const signature = sign(digest, info, key.privateKey);
  return wrap(
    tags.sequence,
    info,
    wrap(tags.sequence, oid(wish.algorithm ?? ecdsaSha256)),
    wrap(tags.bitString, Uint8Array.of(0), signature),
  );
}
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const ed = generateKeyPairSync('ed25519');

const codeOf = (der: Uint8Array): string => {
  const result = readRequest(der);
  return result.ok ? result.value.key : result.error.code;
};
for (const [name, der, want] of [
  ['P-256', request(p256), 'P-256'],
  ['P-256 with SHA-512', request(p256, { algorithm: '1.2.840.10045.4.3.4', digest: 'sha512' }), 'P-256'],
  ['P-384 with SHA-384', request(p384, { algorithm: '1.2.840.10045.4.3.3', digest: 'sha384' }), 'P-384'],
  ['Ed25519', request(ed, { algorithm: '1.3.101.112', digest: undefined }), 'Ed25519'],
  ['empty subject', request(p256, { subject: [] }), 'P-256'],
  ['P-256 with SHA-1', request(p256, { algorithm: '1.2.840.10045.4.1', digest: 'sha1' }), 'enrol/csr-invalid'],
  ['signature of another algorithm', request(p256, { algorithm: '1.3.101.112' }), 'enrol/csr-invalid'],
  [
    'signature of another key',
    request({ ...p256, privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }),
    'enrol/csr-invalid',
  ],
  [
    'RSA 2048',
    request(generateKeyPairSync('rsa', { modulusLength: 2_048 }), { algorithm: '1.2.840.113549.1.1.11' }),
    'enrol/key-weak',
  ],
  ['P-521', request(generateKeyPairSync('ec', { namedCurve: 'P-521' })), 'enrol/key-weak'],
  ['secp256k1', request(generateKeyPairSync('ec', { namedCurve: 'secp256k1' })), 'enrol/key-weak'],
  ['Ed448', request(generateKeyPairSync('ed448'), { digest: undefined }), 'enrol/key-weak'],
  ['nothing', new Uint8Array(), 'enrol/csr-invalid'],
  ['text', Buffer.from('hello'), 'enrol/csr-invalid'],
  ['octets after the end', Buffer.concat([request(p256), Uint8Array.of(0)]), 'enrol/csr-invalid'],
  ['at the limit', new Uint8Array(maxRequestOctets), 'enrol/csr-invalid'],
  ['over the limit', new Uint8Array(maxRequestOctets + 1), 'enrol/too-large'],
] as const)
  test(`B2.2.3 request: ${name}`, () => assert.equal(codeOf(der), want));

test('B2.2.1 request: one key has one hash; a compressed point is refused', () => {
  const whole = p256.publicKey.export({ format: 'der', type: 'spki' });
  const sign02 = (whole.at(-1) ?? 0) % 2 === 0 ? 2 : 3;
  const point = wrap(tags.bitString, Uint8Array.of(0, sign02), whole.subarray(27, 59));
  const compressed = wrap(tags.sequence, whole.subarray(2, 23), point);
  assert.equal(codeOf(request(p256, { spki: compressed })), 'enrol/key-weak');
  const good = readRequest(request(p256));
  assert.ok(good.ok);
  assert.equal(good.value.spkiHash, sha256Hex(whole));
});
test('B2.2.1 request: subject and challenge password are read, extensions are not', () => {
  const password = wrap(tags.sequence, oid('1.2.840.113549.1.9.7'), wrap(tags.set, utf8('Y2hhbm5lbA==')));
  const alt = wrap(
    tags.sequence,
    oid('2.5.29.17'),
    wrap(0x04, wrap(tags.sequence, wrap(0x82, Buffer.from('evil.example')))),
  );
  const extensions = wrap(tags.sequence, oid('1.2.840.113549.1.9.14'), wrap(tags.set, wrap(tags.sequence, alt)));
  const subject = [attribute('2.5.4.10', 'acme'), attribute(cn, 'dev-1'), attribute('2.5.4.6', 'CN')];
  const result = readRequest(request(p256, { subject, attributes: [extensions, password] }));
  assert.ok(result.ok);
  assert.deepEqual(result.value.subject, { cn: ['dev-1'], o: ['acme'], others: 1 });
  assert.equal(result.value.challengePassword, 'Y2hhbm5lbA==');
  assert.deepEqual(Object.keys(result.value).toSorted(), ['challengePassword', 'key', 'spki', 'spkiHash', 'subject']);
});
test('law: no mutation of a request throws, and none of its signed octets is accepted', () => {
  const der = request(p256, { attributes: [] });
  const signed = der.length - 90;
  fc.assert(
    fc.property(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(der.length), (at, flip, cut) => {
      const mutant = Uint8Array.from(der);
      mutant[at] = (mutant[at] ?? 0) ^ flip;
      const result = readRequest(mutant);
      if (at < signed) assert.equal(result.ok, false);
      assert.equal(readRequest(mutant.subarray(0, cut)).ok && cut < der.length, false);
    }),
    { numRuns: 400 },
  );
});
test('law: random octets behind a plausible head never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (tail) => {
      assert.equal(readRequest(wrap(tags.sequence, tail)).ok, false);
    }),
    { numRuns: 300 },
  );
});
test('nesting and number of elements are bounded', () => {
  let deep: Uint8Array = new Uint8Array();
  for (let i = 0; i < 5_000; i++) deep = wrap(tags.sequence, deep);
  assert.equal(codeOf(deep), 'enrol/csr-invalid');
  assert.equal(codeOf(wrap(tags.sequence, Buffer.alloc(60_000, Uint8Array.of(5, 0)))), 'enrol/csr-invalid');
});
