import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as check, property, string } from 'fast-check';
import {
  csvCell,
  shorten,
  showAge,
  showDuration,
  showExact,
  showFingerprint,
  showIsoDuration,
  showTime,
  toCsv,
} from './format.ts';

const now = Date.UTC(2026, 2, 2, 7, 19, 25, 123);
const second = 1_000;
const day = 86_400 * second;

const ages = [
  { name: 'just now', at: now, en: 'now', zh: '现在' },
  { name: 'a server clock two seconds ahead', at: now + 2 * second, en: 'now', zh: '现在' },
  { name: 'three seconds ahead is the future', at: now + 3 * second, en: 'in 3 seconds', zh: '3秒钟后' },
  { name: '59 s', at: now - 59 * second, en: '59 seconds ago', zh: '59秒钟前' },
  { name: '60 s', at: now - 60 * second, en: '1 minute ago', zh: '1分钟前' },
  { name: 'just below an hour', at: now - 3_599 * second, en: '59 minutes ago', zh: '59分钟前' },
  { name: 'an hour', at: now - 3_600 * second, en: '1 hour ago', zh: '1小时前' },
  { name: 'just below two days', at: now - 2 * day + second, en: 'yesterday', zh: '昨天' },
  { name: 'two days', at: now - 2 * day, en: '2 days ago', zh: '前天' },
  { name: 'in six days', at: now + 6 * day, en: 'in 6 days', zh: '6天后' },
] as const;
for (const { name, at, en, zh } of ages)
  test(`age: ${name}`, () => {
    assert.equal(showAge(at, now, 'en'), en);
    assert.equal(showAge(at, now, 'zh'), zh);
  });

test('a time that is absent is a dash, not 1970', () => {
  assert.equal(showTime(undefined, 'en'), '—');
  assert.equal(showAge(undefined, now, 'zh'), '—');
});

test('times stand in the zone of the reader, the exact one names zone and UTC', () => {
  assert.equal(showTime(now, 'zh', 'Asia/Shanghai'), '2026年3月2日 15:19:25');
  assert.equal(showTime(now, 'en', 'UTC'), '2 Mar 2026, 07:19:25');
  assert.match(showExact(now, 'en', 'Asia/Shanghai'), /15:19:25\.123.*GMT\+8 \(2026-03-02T07:19:25\.123Z\)$/);
});

for (const { seconds, en } of [
  { seconds: 90, en: '90 secs' },
  { seconds: 300, en: '5 mins' },
  { seconds: 86_400, en: '1 day' },
  { seconds: 90_000, en: '25 hrs' },
  { seconds: 31_536_000, en: '365 days' },
])
  test(`duration of ${seconds} s is ${en}`, () => assert.equal(showDuration(seconds, 'en'), en));

test('retention in words; what is no duration stays as it is', () => {
  assert.equal(showIsoDuration('P90D', 'en'), '90 days');
  assert.equal(showIsoDuration('P1Y', 'zh'), '1年');
  assert.equal(showIsoDuration('P1DT12H', 'en'), '1 day 12 hours');
  assert.equal(showIsoDuration('for ever', 'en'), 'for ever');
});

test('fingerprints are pairs in capitals; anything else is not touched', () => {
  assert.equal(showFingerprint('00ff1a'), '00:FF:1A');
  assert.equal(showFingerprint('0ff'), '0ff');
});

test('identifiers are shortened in the middle, never made longer', () => {
  assert.equal(shorten('0123456789abcdef0'), '0123456789abcdef0');
  assert.equal(shorten('0123456789abcdef01'), '01234567…abcdef01');
});

test('CSV: quotes, line ends and formulas of hostile ids (RFC 4180)', () => {
  assert.equal(csvCell('pump-1'), 'pump-1');
  assert.equal(csvCell('a,"b"'), '"a,""b"""');
  assert.equal(csvCell('=HYPERLINK("x")'), `"'=HYPERLINK(""x"")"`);
  assert.equal(csvCell('-1+2'), `'-1+2`);
  assert.equal(
    toCsv([
      ['a', 'b'],
      ['1', '2'],
    ]),
    'a,b\r\n1,2\r\n',
  );
});

test('CSV law: what is written is read back, but for the defused first character', () => {
  check(
    property(string(), (text) => {
      const cell = csvCell(text);
      const plain = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
      assert.equal(plain.replace(/^'(?=[=+\-@\t\r])/, ''), text.replace(/^'(?=[=+\-@\t\r])/, ''));
      assert.doesNotMatch(plain, /^[=+\-@\t\r]/);
    }),
  );
});
