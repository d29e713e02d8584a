import assert from 'node:assert/strict';
import { createSign, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { encodeBase64Url, encodeUtf8 } from './bytes.ts';
import { webProofCrypto as crypto, parsePublicJwk } from './crypto.ts';
import { canonicalBytes } from './jcs.ts';
import {
  claimedSigners,
  decodeJws,
  encodeJws,
  formatJws,
  type GeneralJws,
  jwkThumbprint,
  jwsPayload,
  parseJws,
  signJws,
  verifyJws,
} from './jws.ts';
import { partyKey } from './testing/keys.ts';

const a = await partyKey();
const b = await partyKey();
const typ = 'test+json';
const payload = canonicalBytes({ edition: 'standard-2025.1' });
const both = formatJws(payload, [
  await signJws(crypto, { payload, typ }, b.key, b.sign),
  await signJws(crypto, { payload, typ }, a.key, a.sign),
]);

test('RFC 7515 A.3: the ES256 signature of the RFC verifies', async () => {
  const key = parsePublicJwk({
    kty: 'EC',
    crv: 'P-256',
    x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
    y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
  });
  const input =
    'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ';
  const signature = Buffer.from(
    'DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q',
    'base64url',
  );
  assert.equal(await crypto.verifyEs256(key, encodeUtf8(input), signature), true);
  assert.equal(await crypto.verifyEs256(key, encodeUtf8(`${input}x`), signature), false);
});

test('RFC 8032 7.1: test 3 of Ed25519 verifies', async () => {
  const publicKey = Buffer.from('fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025', 'hex');
  const signature = Buffer.from(
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    'hex',
  );
  assert.equal(await crypto.verifyEd25519(publicKey, Uint8Array.of(0xaf, 0x82), signature), true);
  assert.equal(await crypto.verifyEd25519(publicKey, Uint8Array.of(0xaf, 0x83), signature), false);
  assert.equal(await crypto.verifyEd25519(publicKey.subarray(1), Uint8Array.of(0xaf, 0x82), signature), false);
});

test('RFC 7638: thumbprint covers exactly crv, kty, x, y in this order', () => {
  const json = `{"crv":"P-256","kty":"EC","x":"${a.key.x}","y":"${a.key.y}"}`;
  assert.equal(jwkThumbprint(crypto, a.key), encodeBase64Url(crypto.sha256(encodeUtf8(json))));
});

test('design 8: both parties sign one document, each verifies alone', async () => {
  const read = decodeJws(encodeJws(both));
  assert.deepEqual(read, both);
  assert.deepEqual(jwsPayload(read), payload);
  assert.deepEqual(claimedSigners(read), [jwkThumbprint(crypto, b.key), jwkThumbprint(crypto, a.key)]);
  for (const { key } of [a, b]) assert.deepEqual(await verifyJws(crypto, read, key, typ), payload);
});

const [lineB, lineA] = both.signatures;
assert.ok(lineA && lineB);
test('traps: what does not verify', async () => {
  const c = await partyKey();
  const verify = (jws: GeneralJws, key = a.key): Promise<Uint8Array> => verifyJws(crypto, jws, key, typ);
  await assert.rejects(verify(both, c.key), { code: 'no-signature' });
  await assert.rejects(verifyJws(crypto, both, a.key, 'other+json'), { code: 'no-signature' });
  const otherPayload = encodeBase64Url(canonicalBytes({ edition: 'mine' }));
  await assert.rejects(verify({ ...both, payload: otherPayload }), { code: 'bad-signature' });
  const swapped = { ...lineA, signature: lineB.signature };
  await assert.rejects(verify({ ...both, signatures: [swapped] }), { code: 'bad-signature' });
  await assert.rejects(verify({ ...both, signatures: [lineA, lineA] }), { code: 'bad-jws' });
  const der = { ...lineA, signature: encodeBase64Url(new Uint8Array(70)) };
  await assert.rejects(verify({ ...both, signatures: [der] }), { code: 'bad-signature' });
});

test('RFC 8725 3.1: none, another algorithm, crit and embedded keys have no way in', async () => {
  const kid = jwkThumbprint(crypto, a.key);
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const attacker = publicKey.export({ format: 'jwk' });
  for (const header of [
    { alg: 'none', kid, typ },
    { alg: 'HS256', kid, typ },
    { alg: 'ES384', kid, typ },
    { alg: 'ES256', kid, typ, crit: ['b64'], b64: false },
    { alg: 'ES256', kid, typ, jwk: attacker },
    { alg: 'ES256', typ },
    { alg: 'ES256', kid, typ, kid2: kid },
  ]) {
    const protectedHeader = encodeBase64Url(encodeUtf8(JSON.stringify(header)));
    const signature = createSign('sha256')
      .update(`${protectedHeader}.${both.payload}`)
      .sign({ key: privateKey, dsaEncoding: 'ieee-p1363' });
    const jws = { ...both, signatures: [{ protected: protectedHeader, signature: encodeBase64Url(signature) }] };
    await assert.rejects(verifyJws(crypto, jws, a.key, typ), { code: 'no-signature' }, JSON.stringify(header));
  }
});

test('traps: JSON that is no General JWS', () => {
  const line = { protected: lineA.protected, signature: lineA.signature };
  const text = { payload: both.payload, signatures: [line] };
  assert.deepEqual(parseJws(text).signatures.length, 1);
  for (const [name, value] of [
    ['flattened', { payload: both.payload, ...line }],
    ['compact', `${line.protected}.${both.payload}.${line.signature}`],
    ['unprotected header', { ...text, signatures: [{ ...line, header: { alg: 'none' } }] }],
    ['no signatures', { ...text, signatures: [] }],
    ['nine signatures', { ...text, signatures: Array.from({ length: 9 }, () => line) }],
    ['payload not base64url', { ...text, payload: 'a+b=' }],
    ['payload not text', { ...text, payload: 1 }],
    ['signature not text', { ...text, signatures: [{ ...line, signature: 1 }] }],
    ['null', null],
  ] as const) {
    assert.throws(() => parseJws(value), { code: 'bad-jws' }, name);
  }
  assert.throws(() => decodeJws(encodeUtf8(` ${JSON.stringify(text)}`)), { code: 'bad-json' });
});

test('RFC 7518 6.2: keys that are none, and private keys, are refused', () => {
  const { x, y } = a.key;
  for (const [name, value] of [
    ['private', { ...a.key, d: x }],
    ['another curve', { ...a.key, crv: 'P-384' }],
    ['RSA', { kty: 'RSA', n: x, e: 'AQAB', x }],
    ['no y', { kty: 'EC', crv: 'P-256', x }],
    ['short x', { ...a.key, x: x.slice(1) }],
    ['x with spare bits', { ...a.key, x: `${x.slice(0, -1)}B` }],
    ['x with padding', { ...a.key, x: `${x}=` }],
    ['number', { ...a.key, y: 1 }],
    ['list', [x, y]],
    ['null', null],
  ] as const) {
    assert.throws(() => parsePublicJwk(value), { code: 'bad-jws' }, name);
  }
});

test('RFC 7518 3.4: a point off the curve verifies nothing', async () => {
  const zero = 'A'.repeat(43);
  const off = { kty: 'EC', crv: 'P-256', x: zero, y: zero } as const;
  assert.equal(await crypto.verifyEs256(off, payload, new Uint8Array(64)), false);
});
