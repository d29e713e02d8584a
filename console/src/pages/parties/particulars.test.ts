import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readParams, toParticulars, toValues, usccFault } from './particulars.ts';

const good = '91350100M000100Y43';
const say = (word: string, values?: Readonly<Record<string, string | number>>): string =>
  `${word} ${values?.['place'] ?? ''}`.trim();

const codes = [
  { name: 'right', code: good, want: undefined },
  { name: 'small letters and blanks of a paste', code: ' 91350100 m000100y43 ', want: undefined },
  { name: 'one digit wrong', code: '91350100M000100Y44', want: 'party.uscc.check-digit 18' },
  { name: 'too short', code: good.slice(1), want: 'party.uscc.length 0' },
  { name: 'a letter that is never used', code: '91350100O000100Y43', want: 'party.uscc.character 9' },
] as const;
for (const { name, code, want } of codes)
  test(`unified social credit code in the form: ${name}`, () => assert.equal(usccFault(code, say), want));

test('a form gives back the particulars it was given', () => {
  const common = { name: 'A', representative: 'B', address: 'C', contactEmail: 'd@e.example' };
  for (const register of [
    { kind: 'uscc', number: good },
    { kind: 'other', registerName: 'HRB', number: '1' },
  ] as const) {
    const values = toValues({ ...common, register });
    assert.deepEqual(toParticulars({ kind: 'uscc', ...common, ...values }), { ...common, register });
  }
});

test('parameters of a draft: rows of values, nothing else', () => {
  assert.deepEqual(readParams('{"B2.2.4":{"window":1}}'), { 'B2.2.4': { window: 1 } });
  for (const text of ['', '[]', '1', '{"B2.2.4":1}', '{"B2.2.4":[1]}', '{'])
    assert.equal(readParams(text), undefined, text);
});
