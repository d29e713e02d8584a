import type { AgreementDocument } from '../document.ts';
import type { Locale } from '../params.ts';
import { toBlocks } from './agreement.ts';
import { type Cell, type Inline, type RenderOptions, type Writers, write } from './blocks.ts';

const special = /[\\`*_{}[\]<>|~#&!$]/g;
/** Plain text in CommonMark: no character of it can begin markup, wherever it stands. */
const toText = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll(special, String.raw`\$&`);
/** A paragraph must not begin as a list, a rule or the underline of a heading. */
const toStart = (text: string): string =>
  text.replace(/^(\d{1,9})([.)])/, String.raw`$1\$2`).replace(/^[-+=]/, String.raw`\$&`);

function toInline(part: Inline): string {
  if (typeof part === 'string') return toText(part);
  if ('value' in part) return toText(part.value);
  return /^[\w.:+/=-]+$/.test(part.code) ? `\`${part.code}\`` : toText(part.code);
}
const toCell = (cell: Cell): string => cell.map(toInline).join('');
const toLine = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;

const writers: Writers = {
  title: ({ text }) => `# ${toText(text)}\n`,
  heading: ({ level, text }) => `${'#'.repeat(level)} ${toText(text)}\n`,
  paragraph: ({ text }) => `${toStart(toCell(text))}\n`,
  terms: ({ items }) => items.map(({ term, text }) => `- **${toText(term)}**: ${toCell(text)}\n`).join(''),
  table: ({ head, rows }) =>
    [head.map(toText), head.map(() => '---'), ...rows.map((row) => row.map(toCell))].map(toLine).join(''),
};

/**
 * The agreement as CommonMark with tables, in one language.
 *
 * Texts are escaped, party names above all: the other party typed them. Meant for a document that `checkDocument` has
 * passed.
 *
 * @throws RangeError when a template names a parameter that is not there
 */
export function renderMarkdown(document: AgreementDocument, locale: Locale, options: RenderOptions = {}): string {
  return toBlocks(document, locale, options)
    .map((block) => write(writers, block))
    .join('\n');
}
