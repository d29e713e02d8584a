import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { checkUscc } from './uscc.ts';

/** The example of GB 32100-2015 and codes in public registers, computed by others. */
const known = [
  '91350100M000100Y43',
  '91330100799655058B',
  '9144030071526726XG',
  '914403001922038216',
  '91110000802100433B',
  '91110108551385082Q',
];
for (const code of known) test(`GB 32100-2015: ${code} holds`, () => assert.deepEqual(checkUscc(code), { ok: true }));

const refused: readonly { name: string; code: string; want: unknown }[] = [
  { name: 'empty', code: '', want: { ok: false, cause: 'length' } },
  { name: '17 characters', code: '91350100M000100Y4', want: { ok: false, cause: 'length' } },
  { name: '19 characters', code: '91350100M000100Y433', want: { ok: false, cause: 'length' } },
  { name: 'a small letter', code: '91350100m000100Y43', want: { ok: false, cause: 'character', place: 9 } },
  { name: 'a letter O for a zero', code: '913501O0M000100Y43', want: { ok: false, cause: 'character', place: 7 } },
  { name: 'a full-width digit', code: '９1350100M000100Y43', want: { ok: false, cause: 'character', place: 1 } },
  { name: 'a space for a digit', code: '91350100M000100Y4 ', want: { ok: false, cause: 'character', place: 18 } },
  { name: 'a letter in the division', code: '91A50100M000100Y43', want: { ok: false, cause: 'division', place: 3 } },
  { name: 'another check digit', code: '91350100M000100Y44', want: { ok: false, cause: 'check-digit', place: 18 } },
];
for (const { name, code, want } of refused) {
  test(`GB 32100-2015: refused, ${name}`, () => assert.deepEqual(checkUscc(code), want));
}
for (const letter of 'IOSVZ') {
  test(`GB 32100-2015: the code never uses ${letter}`, () => {
    assert.deepEqual(checkUscc(`9135010${letter}M000100Y43`), { ok: false, cause: 'character', place: 8 });
  });
}

const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'.split('');
const body = fc
  .tuple(
    fc.array(fc.constantFrom(...alphabet), { minLength: 2, maxLength: 2 }),
    fc.array(fc.constantFrom(...alphabet.slice(0, 10)), { minLength: 6, maxLength: 6 }),
    fc.array(fc.constantFrom(...alphabet), { minLength: 9, maxLength: 9 }),
  )
  .map((parts) => parts.flat().join(''));
/** A valid code by trial, so that the test does not repeat the formula it checks. */
const validCode = body.map((first17) => alphabet.map((last) => first17 + last).filter((code) => checkUscc(code).ok));

test('GB 32100-2015 law: every body has exactly one check character', () => {
  fc.assert(fc.property(validCode, (codes) => codes.length === 1));
});

test('GB 32100-2015 law: any one wrong character is found', () => {
  const place = fc.integer({ min: 0, max: 17 });
  fc.assert(
    fc.property(validCode, place, fc.constantFrom(...alphabet), ([code = ''], at, char) => {
      fc.pre(code[at] !== char);
      return !checkUscc(code.slice(0, at) + char + code.slice(at + 1)).ok;
    }),
  );
});

test('GB 32100-2015 law: any two neighbours exchanged are found', () => {
  fc.assert(
    fc.property(validCode, fc.integer({ min: 0, max: 16 }), ([code = ''], at) => {
      fc.pre(code[at] !== code[at + 1]);
      return !checkUscc(`${code.slice(0, at)}${code[at + 1]}${code[at]}${code.slice(at + 2)}`).ok;
    }),
  );
});
