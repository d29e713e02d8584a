import assert from 'node:assert/strict';
import { test } from 'node:test';
import { both } from './language.ts';
import { fields, list, plain, table, time, widthOf } from './output.ts';

test('columns align, also with wide characters', () => {
  const text = table(
    ['设备', 'state'],
    [
      ['pump-7', 'active'],
      ['水泵', true],
      [undefined, 0],
    ],
  );
  assert.equal(text, ['设备    state', '------  ------', 'pump-7  active', '水泵    true', '-       0'].join('\n'));
  assert.equal(widthOf('水泵7'), 5);
});

test('names of others cannot drive the terminal', () => {
  assert.equal(plain('a\u001b[31mred\u202Eb\r\nc\u200bd'), 'a?[31mred?b??c?d');
  assert.ok(!table(['x'], [['\u001b]0;title\u0007']]).includes('\u001b'));
  assert.ok(!fields([['x', 'a\nb']]).includes('a\nb'));
});

test('a list says that it is empty, and how to go on', () => {
  const columns = [{ head: both('甲', 'a'), of: (n: number) => n }];
  assert.equal(list(columns, { items: [] }, 'zh'), '（无）');
  assert.equal(list(columns, { items: [1], next: 'c2' }, 'en'), 'a\n-\n1\nmore: --after c2');
});

test('times are UTC and say so', () => {
  assert.equal(time(Date.parse('2026-03-01T08:00:00.999Z')), '2026-03-01 08:00:00Z');
  assert.equal(time(undefined), '-');
  assert.equal(time(Number.MAX_VALUE), '?');
});
