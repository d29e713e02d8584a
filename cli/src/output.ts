import type { Locale, Texts } from '@pactgate/protocol';

/** What a command leaves behind: one JSON object for programs, words for people, and an exit code. */
export interface Output {
  /** Absent: what it started has printed its own. */
  readonly json: object | undefined;
  readonly text: string;
  /** Default 0. */
  readonly exitCode?: number;
}

/**
 * Text of others made safe for a terminal: controls, and marks that reorder or hide what stands beside them, become
 * `?`. Names, reasons and details come from the other party and from devices.
 */
export const plain = (text: string): string =>
  text.replaceAll(
    /[\p{Cc}\p{Cs}\u00AD\u061C\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]/gu,
    '?',
  );

/** East Asian wide and full-width characters take two columns. */
const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\u9FFF\uA000-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]/u;
export const widthOf = (text: string): number =>
  Array.from(text).reduce((sum, char) => sum + (wide.test(char) ? 2 : 1), 0);
const padTo = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)));

export type Cell = string | number | boolean | undefined;
const shown = (cell: Cell): string => (cell === undefined || cell === '' ? '-' : plain(String(cell)));

/** Rows under a head, columns aligned. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cells = [head, ...rows.map((row) => row.map((cell) => shown(cell)))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => widthOf(row[column] ?? ''))));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => padTo(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width));
  return [line(cells[0] ?? []), line(rule), ...cells.slice(1).map((row) => line(row))].join('\n');
}

/** Names and values, one a line, values aligned. */
export function fields(pairs: readonly (readonly [string, Cell])[]): string {
  const width = Math.max(0, ...pairs.map(([name]) => widthOf(name)));
  return pairs.map(([name, value]) => `${padTo(name, width)}  ${shown(value)}`).join('\n');
}

/** A column of a list: its head and what it shows of an item. */
export interface Column<T> {
  readonly head: Texts;
  readonly of: (item: T) => Cell;
}

/** A list as a table; says so when it is empty, and how to go on when there is more. */
export function list<T>(
  columns: readonly Column<T>[],
  page: { readonly items: readonly T[]; readonly next?: string },
  locale: Locale,
): string {
  if (page.items.length === 0) return locale === 'zh' ? '（无）' : '(none)';
  const body = table(
    columns.map(({ head }) => head[locale]),
    page.items.map((item) => columns.map(({ of }) => of(item))),
  );
  if (page.next === undefined) return body;
  const more = locale === 'zh' ? '更多' : 'more';
  return `${body}\n${more}: --after ${plain(page.next)}`;
}

/** Epoch milliseconds as `2026-03-01 08:00:00Z`; `-` when absent. */
export function time(ms: number | undefined): string {
  if (ms === undefined) return '-';
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? '?' : `${date.toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

export const yesNo = (value: boolean, locale: Locale): string =>
  locale === 'zh' ? (value ? '是' : '否') : value ? 'yes' : 'no';

/** English count of a regular noun: `1 record`, `2 records`. */
export const counted = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
