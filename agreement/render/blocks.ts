import type { Locale } from '../params.ts';
import type { Bilingual } from '../texts/bilingual.ts';
import { type Label, labels } from '../texts/labels.ts';

/** A run of text. `code`: an identifier. `value`: typed by a party, so of any script and direction. */
export type Inline = string | { readonly code: string } | { readonly value: string };
export type Cell = readonly Inline[];

/** A rendered agreement before it is Markdown or HTML: both say the same because both are made from this. */
export type Block =
  | { readonly block: 'title'; readonly text: string }
  | { readonly block: 'heading'; readonly level: 2 | 3 | 4; readonly text: string; readonly anchor?: string }
  | { readonly block: 'paragraph'; readonly text: Cell }
  | { readonly block: 'terms'; readonly items: readonly { readonly term: string; readonly text: Cell }[] }
  | { readonly block: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly Cell[])[] };

/** One kind of markup: how it writes each kind of block. Every text must leave it without markup of its own. */
export type Writers = {
  readonly [K in Block['block']]: (block: Extract<Block, { readonly block: K }>) => string;
};

/** Writes a block with the writer of its kind. */
export function write(writers: Writers, block: Block): string {
  // `block.block` picks the writer of exactly this member of the union; the compiler cannot follow that.
  const writer = writers[block.block] as (block: Block) => string;
  return writer(block);
}

export interface Signature {
  readonly party: 'A' | 'B';
  /** The person who signed. */
  readonly name: string;
  /** RFC 3339 in UTC. */
  readonly at: string;
  /** RFC 7638 thumbprint of the key. */
  readonly thumbprint: string;
}

export interface RenderOptions {
  /** Digest of the document, computed by the caller: this package hashes nothing. Absent: a place is left for it. */
  readonly digest?: string;
  readonly signatures?: readonly Signature[];
}

/** The words of one language. */
export interface Words {
  readonly locale: Locale;
  readonly of: (text: Bilingual) => string;
  readonly label: (name: Label) => string;
}

export function toWords(locale: Locale): Words {
  const of = (text: Bilingual): string => (locale === 'zh-CN' ? text.zh : text.en);
  return { locale, of, label: (name) => of(labels[name]) };
}

const months = 'January February March April May June July August September October November December'.split(' ');

/** A UTC time as people of the language write it; what is no time is shown as it came. */
export function renderTime(at: string, locale: Locale): string {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d)/.exec(at);
  if (match === null) return at;
  const [, year = '', month = '', day = '', time = ''] = match;
  return locale === 'zh-CN'
    ? `${year}年${Number(month)}月${Number(day)}日 ${time}（UTC）`
    : `${Number(day)} ${months[Number(month) - 1] ?? month} ${year}, ${time} UTC`;
}

export const cell = (text: string): Cell => [text];
export const code = (text: string): Cell => [{ code: text }];
export const value = (text: string): Cell => [{ value: text }];
/** Room to write by hand. */
export const blank = '____________________';

export function toCodes(codes: readonly string[]): Cell {
  return codes.flatMap((text, index) => [...(index > 0 ? [' '] : []), { code: text }]);
}
