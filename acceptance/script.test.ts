import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseScript } from './script.ts';

const good = '# B2.2.4: shown\n\ngiven  an agreement in force\nexpect proof of session.open\n';
const cases: readonly { name: string; file: string; text: string; says: RegExp }[] = [
  { name: 'a name without a row', file: 'login.txt', text: good, says: /begins with no sub-duty/ },
  { name: 'a title of another row', file: 'B2.2.5-x.txt', text: good, says: /begins with "# B2\.2\.5: "/ },
  {
    name: 'an unknown beginning',
    file: 'B2.2.4-x.txt',
    text: '# B2.2.4: x\nsomebody sings\nexpect proof of a',
    says: /B2\.2\.4-x\.txt:2: begins with none/,
  },
  { name: 'no proof at the end', file: 'B2.2.4-x.txt', text: '# B2.2.4: x\nexpect connected', says: /end in a proof/ },
];
for (const { name, file, text, says } of cases)
  test(`a script is refused: ${name}`, () => assert.throws(() => parseScript(file, text), says));

test('a script is read: row, title, sentences with one blank between words', () => {
  const script = parseScript('B2.2.4-every-connect.txt', good);
  assert.equal(script.row, 'B2.2.4');
  assert.equal(script.title, 'B2.2.4: shown');
  assert.deepEqual(script.lines, [
    { number: 3, text: 'given an agreement in force' },
    { number: 4, text: 'expect proof of session.open' },
  ]);
});
