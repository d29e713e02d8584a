import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { draftDocument } from '../document.ts';
import { locales } from '../params.ts';
import { sampleInput } from '../testdata/sample.ts';
import { renderTime } from './blocks.ts';
import { renderHtml } from './html.ts';
import { renderMarkdown } from './markdown.ts';

const document = draftDocument({ ...sampleInput, params: { 'B2.2.4': { window: 1 } } });

for (const locale of locales) {
  test(`the rendered agreement in ${locale} has every clause, row, code and kind of evidence`, () => {
    for (const text of [renderHtml(document, locale), renderMarkdown(document, locale).replaceAll('\\', '')]) {
      for (const clause of document.clauses) assert.ok(text.includes(clause.title[locale === 'en' ? 'en' : 'zh']));
      for (const row of document.rows) {
        assert.ok(text.includes(`${row.id} ${locale === 'en' ? row.nameEn : row.nameZh}`), row.id);
        for (const code of row.breach.codes) assert.ok(text.includes(code), code);
        for (const { kind } of row.evidence) assert.ok(text.includes(kind), kind);
      }
      assert.doesNotMatch(text, /undefined|NaN|\[object/);
      assert.doesNotMatch(text.replace(/<style>.*<\/style>/s, ''), /\{[a-z]/, 'no placeholder is left');
    }
  });

  test(`the page in ${locale} is well-formed and loads nothing`, () => {
    const page = renderHtml(document, locale);
    assert.ok(page.startsWith(`<!doctype html>\n<html lang="${locale}">`));
    assert.match(page, /default-src 'none'/);
    assert.doesNotMatch(page, /<script|<link|<img|src=|href=|url\(|@import/i);
    assert.deepEqual(openTags(page), []);
  });
}

/** Tags left open or closed out of order. */
function openTags(page: string): string[] {
  const open: string[] = [];
  for (const [, slash, name = ''] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
    if (name === 'meta') continue;
    if (slash === '') open.push(name);
    else if (open.at(-1) === name) open.pop();
    else return [...open, `/${name}`];
  }
  return open;
}

test('numbers are filled in, agreed ones marked beside the standard', () => {
  const english = renderMarkdown(document, 'en');
  assert.match(english, /In every 1 min window the sessions opened/);
  assert.match(
    english,
    /\| `B2\.2\.4` \| `window` \| window in which both counts must agree \| 1 min \\\* \| 5 min \|/,
  );
  assert.match(english, /\| `B2\.2\.5` \| `sessionMaxAge` \| greatest age of a live session \| 24 h \| 24 h \|/);
  const chinese = renderMarkdown(document, 'zh-CN');
  assert.match(chinese, /在每个1分钟的窗口内，建立的会话数等于成功的认证数；单台设备认证失败不超过10次\/小时/);
});

test('departures from the standard are listed, and none are said to be none', () => {
  assert.match(renderMarkdown(document, 'en'), /\| params\/B2\.2\.4\/window \| changed \| 5 \| 1 \|/);
  assert.match(renderMarkdown(draftDocument(sampleInput), 'en'), /held by the program .*\n\nnone\n/);
});

test('places for digest and signatures, and what fills them', () => {
  assert.equal(count(renderMarkdown(document, 'en'), '(not signed)'), 2);
  const signed = renderMarkdown(document, 'zh-CN', {
    digest: 'ab'.repeat(32),
    signatures: [{ party: 'B', name: 'Erika', at: '2026-03-03T08:00:00Z', thumbprint: 'T'.repeat(43) }],
  });
  assert.equal(count(signed, 'ab'.repeat(32)), 2);
  assert.equal(count(signed, '（未签署）'), 1);
  assert.ok(signed.includes(`| Erika | \`${'T'.repeat(43)}\` | 2026年3月3日 08:00（UTC） |`));
});

const count = (text: string, part: string): number => text.split(part).length - 1;

const times: readonly { at: string; en: string; zh: string }[] = [
  { at: '2026-03-02T07:19:25.123Z', en: '2 March 2026, 07:19 UTC', zh: '2026年3月2日 07:19（UTC）' },
  { at: '2026-12-31T23:59:59Z', en: '31 December 2026, 23:59 UTC', zh: '2026年12月31日 23:59（UTC）' },
  { at: 'soon', en: 'soon', zh: 'soon' },
];
for (const { at, en, zh } of times) {
  test(`a time as read: ${at}`, () => {
    assert.equal(renderTime(at, 'en'), en);
    assert.equal(renderTime(at, 'zh-CN'), zh);
  });
}

const tags = (page: string): string => (page.match(/<[^>]*>/g) ?? []).join('');
/** Bars that divide cells: those not escaped by an odd run of backslashes. */
const bars = (text: string): number => text.match(/(?<!\\)(?:\\\\)*\|/g)?.length ?? 0;
/** Cut to two rows, so that many names are tried quickly. */
const withName = (name: string): typeof document => ({
  ...document,
  rows: document.rows.slice(0, 2),
  partyB: { ...document.partyB, name },
});

const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='x",
  '&lt;b&gt;',
  '</td></tr></table><h1>Signed by A</h1>',
  '| B | signed |\n# Heading',
  '[link](javascript:alert(1)) **bold** `code` ![x](y)',
  '$& $1 {cure}',
];
for (const name of hostile) {
  test(`a hostile party name stays text: ${name}`, () => {
    const page = renderHtml(withName(name), 'en');
    const plain = renderHtml(withName('B'), 'en');
    assert.equal(tags(page), tags(plain));
    const [markdown, calm] = [renderMarkdown(withName(name), 'en'), renderMarkdown(withName('B'), 'en')];
    assert.equal(count(markdown, '\n'), count(calm, '\n'));
    assert.doesNotMatch(markdown, /(?<!\\)(<script|\[link\]|!\[x\]|\*\*bold|`code)/);
  });
}

const markup = `<>&"'|\\\`*[]()#-_!$ \n{}ab`.split('');
test('law: no party name adds a tag to the page or a cell to the Markdown table', () => {
  const wantShape = tags(renderHtml(withName('B'), 'en'));
  const wantCells = bars(renderMarkdown(withName('B'), 'en'));
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...markup) }), (name) => {
      return (
        tags(renderHtml(withName(name), 'en')) === wantShape && bars(renderMarkdown(withName(name), 'en')) === wantCells
      );
    }),
    { numRuns: 30 },
  );
});
