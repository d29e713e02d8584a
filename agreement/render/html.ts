import type { AgreementDocument } from '../document.ts';
import type { Locale } from '../params.ts';
import { toBlocks } from './agreement.ts';
import { type Cell, type Inline, type RenderOptions, toWords, type Writers, write } from './blocks.ts';
import { styles } from './styles.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const toText = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => entities[char] ?? '');

function toInline(part: Inline): string {
  if (typeof part === 'string') return toText(part);
  if ('value' in part) return `<bdi>${toText(part.value)}</bdi>`;
  return `<code>${toText(part.code)}</code>`;
}
const toCell = (cell: Cell): string => cell.map(toInline).join('');

const writers: Writers = {
  title: ({ text }) => `<h1>${toText(text)}</h1>`,
  heading: ({ level, text, anchor }) => {
    const id = anchor === undefined ? '' : ` id="${toText(anchor)}"`;
    return `<h${level}${id}>${toText(text)}</h${level}>`;
  },
  paragraph: ({ text }) => `<p>${toCell(text)}</p>`,
  terms: ({ items }) =>
    `<dl>${items.map(({ term, text }) => `<dt>${toText(term)}</dt><dd>${toCell(text)}</dd>`).join('')}</dl>`,
  table: ({ head, rows }) => {
    const top = head.map((text) => `<th scope="col">${toText(text)}</th>`).join('');
    const body = rows.map((row) => `<tr>${row.map((text) => `<td>${toCell(text)}</td>`).join('')}</tr>`);
    return `<table><thead><tr>${top}</tr></thead><tbody>${body.join('\n')}</tbody></table>`;
  },
};

/**
 * The agreement as one HTML page for reading and for printing on A4, in one language.
 *
 * Self-contained: no script, no address of anything outside, and a content security policy that allows none. Texts
 * are escaped, party names above all: the other party typed them. Meant for a document that `checkDocument` has passed.
 *
 * @throws RangeError when a template names a parameter that is not there
 */
export function renderHtml(document: AgreementDocument, locale: Locale, options: RenderOptions = {}): string {
  const body = toBlocks(document, locale, options).map((block) => write(writers, block));
  return `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${toText(toWords(locale).of(document.title))}</title>
<style>${styles}</style>
</head>
<body>
${body.join('\n')}
</body>
</html>
`;
}
