import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  decodeBase64,
  decodeBase64Url,
  decodeHex,
  decodeUtf8,
  encodeBase64,
  encodeBase64Url,
  encodeHex,
  encodeUtf8,
  parseDecimal,
} from './bytes.ts';

const bytes = fc.uint8Array({ maxLength: 80 });

test('RFC 4648: law: base64, base64url and hexadecimal agree with the platform and read back', () => {
  fc.assert(
    fc.property(bytes, (value) => {
      const buffer = Buffer.from(value);
      assert.equal(encodeBase64(value), buffer.toString('base64'));
      assert.equal(encodeBase64Url(value), buffer.toString('base64url'));
      assert.equal(encodeHex(value), buffer.toString('hex'));
      assert.deepEqual([...decodeBase64(encodeBase64(value))], [...value]);
      assert.deepEqual([...decodeBase64Url(encodeBase64Url(value))], [...value]);
      assert.deepEqual([...decodeHex(encodeHex(value))], [...value]);
    }),
  );
});

test('RFC 4648 3.5: law: of all texts only the canonical one is read', () => {
  const digits = fc.string({ maxLength: 12, unit: fc.constantFrom(...'AQgw+/-_=Zz09 \n'.split('')) });
  fc.assert(
    fc.property(digits, (text) => {
      for (const [decode, encode] of [
        [decodeBase64, encodeBase64],
        [decodeBase64Url, encodeBase64Url],
        [decodeHex, encodeHex],
      ] as const) {
        let value: Uint8Array;
        try {
          value = decode(text);
        } catch (cause) {
          assert.equal((cause as { code?: string }).code, 'bad-encoding');
          continue;
        }
        assert.equal(encode(value), text);
      }
    }),
    { numRuns: 1000 },
  );
});

test('traps: base64 that is not canonical', () => {
  for (const text of ['QQ', 'QQ=', 'QR==', 'QUJ=', 'QQ==QQ==', 'Q Q=', 'QQ==\n', '====', '=', 'QUI-', 'QUIÿ']) {
    assert.throws(() => decodeBase64(text), { code: 'bad-encoding' }, text);
  }
  for (const text of ['Q', 'QQ==', 'QR', 'QUJ', 'QU+/']) {
    assert.throws(() => decodeBase64Url(text), { code: 'bad-encoding' }, text);
  }
});

test('UTF-8: nothing is replaced silently', () => {
  assert.throws(() => encodeUtf8('a\ud800b'), { code: 'bad-encoding' });
  assert.throws(() => decodeUtf8(Uint8Array.of(0xc0, 0x80)), { code: 'bad-encoding' });
  assert.throws(() => decodeUtf8(Uint8Array.of(0xed, 0xa0, 0x80)), { code: 'bad-encoding' });
  assert.equal(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41)), '\ufeffA');
});

test('decimals: one spelling, up to 2^53 - 1', () => {
  assert.equal(parseDecimal('0'), 0);
  assert.equal(parseDecimal('9007199254740991'), Number.MAX_SAFE_INTEGER);
  for (const text of [
    '',
    '-1',
    '+1',
    '01',
    '1.0',
    '1e3',
    ' 1',
    '1\n',
    '0x1',
    '9007199254740992',
    '99999999999999999',
  ]) {
    assert.equal(parseDecimal(text), undefined, text);
  }
});
