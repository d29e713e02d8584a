import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { judgePassword } from './passwords.ts';

const refused = [
  'short9!Xk',
  'elevenchars',
  'password1234',
  'Password2024!',
  'P@ssw0rd1234',
  'passwordpassword',
  'qwertyuiop123',
  '1q2w3e4r5t6y7u',
  'administrator',
  'Admin!Admin!1',
  'welcome2025!!',
  'Welcome123456',
  'letmeinletmein',
  'iloveyou1234',
  '123456789012',
  '1234567890123456',
  '2024-11-22-2024',
  'aaaaaaaaaaaa',
  'abcabcabcabc',
  'abcdefghijkl',
  'zyxwvutsrqpo',
  'asdfghjkl123',
  'qazwsxedcrfv',
  'drowssap12345',
  'Summer2024!!!!',
  '!!!Dragon1990',
  'monkey123456',
  'changeme12345',
  'Sunshine12345',
  'trustno1trustno1',
  'woaini1314520',
  'gateway123456',
  'DefaultPassword1',
];
for (const password of refused)
  test(`password ${password} is refused`, () => assert.equal(typeof judgePassword(password), 'string'));

const accepted = [
  'correct horse battery 9 staple',
  'twelve-chars1z',
  'Krokodil im Nebel',
  '雨后天晴我们去北海公园划船',
  'xk2#Vq9!mZ7w',
  'passwordless-otter-17',
];
for (const password of accepted)
  test(`password ${password} is accepted`, () => assert.equal(judgePassword(password), undefined));

test('twelve characters pass, eleven do not; 200 pass, 201 do not', () => {
  assert.equal(judgePassword('vK4#tP9!zQ2x'), undefined);
  assert.match(judgePassword('vK4#tP9!zQ2') ?? '', /shorter/);
  const long = 'vK4#tP9!zQ2x '.repeat(16);
  assert.equal(judgePassword(long.slice(0, 199).trimEnd() + 'e'), undefined);
  assert.match(judgePassword(`${long}e`) ?? '', /longer/);
});

test('made of the name or the mail address is refused', () => {
  const names = ['Wilhelmina Becker', 'w.becker@acme-pumps.example'];
  assert.equal(typeof judgePassword('Wilhelmina1985', names), 'string');
  assert.equal(typeof judgePassword('beckeracme2025', names), 'string');
  assert.equal(judgePassword('wilhelmina rides a tram', names), undefined);
});

test('law: random passwords of 16 characters are accepted', () => {
  const alphabet = Array.from('abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789');
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...alphabet), { minLength: 16, maxLength: 16 }), (signs) => {
      const text = signs.join('');
      fc.pre(new Set(text.toLowerCase()).size >= 9 && /[0-9]/.test(text));
      assert.equal(judgePassword(text), undefined);
    }),
    { seed: 7, numRuns: 300 },
  );
});
test('law: judging ends for any text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => void judgePassword(text, [text])));
});
