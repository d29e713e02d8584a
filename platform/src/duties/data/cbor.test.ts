import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { CborError, type CborValue, CborWriter, countItems, decodeCbor, encodeText, firstUnsigned } from './cbor.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const written = (write: (to: CborWriter) => void): Uint8Array => {
  const writer = new CborWriter(1);
  writer.ensure(64);
  write(writer);
  return writer.done().slice();
};

// RFC 8949 appendix A, as far as the profile goes.
for (const [value, want] of [
  [0, '00'],
  [1, '01'],
  [10, '0a'],
  [23, '17'],
  [24, '1818'],
  [25, '1819'],
  [100, '1864'],
  [255, '18ff'],
  [256, '190100'],
  [1000, '1903e8'],
  [65535, '19ffff'],
  [65536, '1a00010000'],
  [1000000, '1a000f4240'],
  [4294967295, '1affffffff'],
  [4294967296, '1b0000000100000000'],
  [1000000000000, '1b000000e8d4a51000'],
  [Number.MAX_SAFE_INTEGER, '1b001fffffffffffff'],
  [-1, '20'],
  [-10, '29'],
  [-24, '37'],
  [-25, '3818'],
  [-100, '3863'],
  [-1000, '3903e7'],
  [-0, '00'],
  [1.1, 'fb3ff199999999999a'],
  [100000.5, 'fa47c35040'],
  [3.4028234663852886e38, 'fa7f7fffff'],
  [1e300, 'fb7e37e43c8800759c'],
  [-4.1, 'fbc010666666666666'],
] as const)
  test(`RFC 8949 appendix A: ${value} is ${want}`, () => {
    const bytes = written((to) => to.number(value));
    assert.equal(hex(bytes), want);
    assert.equal(decodeCbor(bytes), value + 0);
  });

test('RFC 8949 appendix A: texts, bytes, simple values, arrays', () => {
  assert.equal(hex(encodeText('水')), '63e6b0b4');
  assert.equal(hex(written((to) => to.boolean(false))), 'f4');
  assert.equal(hex(written((to) => to.boolean(true))), 'f5');
  assert.equal(hex(written((to) => to.absent())), 'f7');
  assert.equal(hex(written((to) => to.range(2, Uint8Array.of(9, 1, 2, 3, 4, 9), 1, 5))), '4401020304');
  assert.deepEqual(decodeCbor(Buffer.from('8301820203820405', 'hex')), [1, [2, 3], [4, 5]]);
  assert.deepEqual(
    decodeCbor(Buffer.from('a2616101616202', 'hex')),
    new Map([
      ['a', 1],
      ['b', 2],
    ]),
  );
});

for (const [why, bytes] of [
  ['nothing', ''],
  ['octets after the value', '0000'],
  ['truncated head', '19ff'],
  ['truncated text', '6261'],
  ['head not shortest, 23 in two octets', '1817'],
  ['head not shortest, 255 in three octets', '1900ff'],
  ['head not shortest, 65535 in five octets', '1a0000ffff'],
  ['head not shortest, 2^32-1 in nine octets', '1b00000000ffffffff'],
  ['integer 2^53', '1b0020000000000000'],
  ['negative integer below -2^53+1', '3b001fffffffffffff'],
  ['indefinite array', '9f01ff'],
  ['indefinite text', '7f6161ff'],
  ['tag', 'c100'],
  ['key given twice', 'a2616101616102'],
  ['key that is no text', 'a10102'],
  ['text that is no UTF-8', '61ff'],
  ['text with a surrogate', '63eda080'],
  ['half float', 'f93c00'],
  ['float that is whole', 'fa3f800000'],
  ['double that fits a float', 'fb3ff8000000000000'],
  ['infinity', 'fa7f800000'],
  ['NaN', 'fb7ff8000000000001'],
  ['null', 'f6'],
  ['array that claims more than there is', '9b001fffffffffffff'],
  ['nested five deep', '818181818101'],
] as const)
  test(`row decoder refuses ${why}`, () => assert.throws(() => decodeCbor(Buffer.from(bytes, 'hex')), CborError));

const number = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }));
test('law: what is written is read again, and every changed spelling is refused or another value', () => {
  fc.assert(
    fc.property(fc.array(number, { maxLength: 8 }), (values) => {
      const writer = new CborWriter(1);
      writer.ensure(9);
      writer.head(4, values.length);
      for (const value of values) {
        writer.ensure(9);
        writer.number(value);
      }
      assert.deepEqual(
        decodeCbor(writer.done()),
        values.map((value) => value + 0),
      );
    }),
  );
});
test('law: the decoder never throws anything but CborError, and what it accepts has one spelling', () => {
  const write = (to: CborWriter, value: CborValue): void => {
    to.ensure(64);
    if (typeof value === 'number') to.number(value);
    else if (typeof value === 'boolean') to.boolean(value);
    else if (typeof value === 'string') {
      const bytes = encodeText(value);
      to.ensure(bytes.length);
      to.raw(bytes);
    } else if (value === undefined) to.absent();
    else if (value instanceof Uint8Array) {
      to.ensure(value.length + 9);
      to.range(2, value, 0, value.length);
    } else if (Array.isArray(value)) {
      to.head(4, value.length);
      for (const item of value as readonly CborValue[]) write(to, item);
    } else {
      const map = value as ReadonlyMap<string, CborValue>;
      to.head(5, map.size);
      for (const [key, item] of map) {
        write(to, key);
        write(to, item);
      }
    }
  };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
      let value: CborValue;
      try {
        value = decodeCbor(bytes);
      } catch (cause) {
        assert.ok(cause instanceof CborError);
        return;
      }
      const writer = new CborWriter();
      write(writer, value);
      assert.equal(hex(writer.done()), hex(bytes));
    }),
    { numRuns: 2_000 },
  );
});

for (const [name, bytes, want] of [
  ['an empty array', '80', 0],
  ['every kind of item', '8a0118ff3903e7f4f5f7fa3fc000004268696161820102', 10],
  ['items of nine octets and a map', '83fb3ff199999999999a1b0000000100000000a1616101', 3],
  ['more than 23 items', `9818${'00'.repeat(24)}`, 24],
  ['no array', 'a0', undefined],
  ['a number', '18ff', undefined],
] as const)
  test(`items of a row are counted without reading them: ${name}`, () => {
    assert.equal(countItems(Buffer.from(bytes, 'hex')), want);
  });
for (const [why, bytes] of [
  ['an item missing', '8200'],
  ['an item too many', '810000'],
  ['a text cut short', '816261'],
  ['a claim beyond the row', '9b001fffffffffffff00'],
  ['an indefinite array', '9f00ff'],
  ['a tag', '81c100'],
  ['nesting without end', '8181818181818100'],
] as const)
  test(`counting refuses a row with ${why}`, () =>
    assert.throws(() => countItems(Buffer.from(bytes, 'hex')), CborError));

test('law: counting agrees with reading on every array the decoder accepts', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), (tail) => {
      const bytes = Uint8Array.of(0x80 | (tail.length % 4), ...tail);
      let value: CborValue;
      try {
        value = decodeCbor(bytes);
      } catch (cause) {
        assert.ok(cause instanceof CborError);
        return;
      }
      assert.ok(Array.isArray(value));
      assert.equal(countItems(bytes), value.length);
      const [first] = value as readonly CborValue[];
      const unsigned = typeof first === 'number' && Number.isSafeInteger(first) && first >= 0;
      assert.equal(firstUnsigned(bytes), unsigned ? first : -1);
    }),
    { numRuns: 5_000 },
  );
});
