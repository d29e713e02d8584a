import { type Instant, iso } from '../../kernel/time.ts';
import type { ChannelView, ShownValue } from './mask.ts';

/** A row after its view: what leaves the platform. */
export interface ExportRow {
  readonly at: Instant;
  readonly received: Instant;
  readonly values: Readonly<Record<string, ShownValue>>;
}

/** Columns of an export: the two times, then the visible fields in manifest order. The same query gives the same file. */
export const exportColumns = (view: ChannelView): readonly string[] => [
  'at',
  'received',
  ...view.columns.filter(({ visible }) => visible).map(({ path }) => path),
];

/** Leading characters that a spreadsheet takes for a formula; full-width forms are folded by some of them. */
const formula = /^[=+\-@\t\r\n＝＋－＠]/;

/**
 * One CSV cell (RFC 4180). Texts come from devices: one that a spreadsheet would run as a formula gets an apostrophe
 * in front. Numbers are written as they are, negative ones too.
 */
export function csvCell(value: ShownValue | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const safe = formula.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const csvLine = (cells: readonly (ShownValue | undefined)[]): string => `${cells.map(csvCell).join(',')}\r\n`;
const cellsOf = (columns: readonly string[], row: ExportRow): readonly (ShownValue | undefined)[] => [
  iso(row.at),
  iso(row.received),
  ...columns.slice(2).map((path) => row.values[path]),
];

/** Header line and lines of an export, with CRLF; made piece by piece, so that a long one needs no memory. */
export const csvHeader = (columns: readonly string[]): string => csvLine(columns);
export const csvRow = (columns: readonly string[], row: ExportRow): string => csvLine(cellsOf(columns, row));

/** One row as a JSON object on one line, its members in the order of the columns. */
export const jsonRow = (columns: readonly string[], row: ExportRow): string =>
  JSON.stringify({
    at: iso(row.at),
    received: iso(row.received),
    values: Object.fromEntries(
      columns.slice(2).flatMap((path) => {
        const value = row.values[path];
        return value === undefined ? [] : [[path, value] as const];
      }),
    ),
  });
