import type { ProofCrypto } from '@pactgate/proof';
import { encodeHex, encodeUtf8 } from '@pactgate/proof';
import { Problem } from '@pactgate/protocol';
import { csvHeader, csvRow, type ExportRow, exportColumns, jsonRow } from '../../duties/data/index.ts';
import type { Device } from '../../duties/identity/index.ts';
import type { Readout, ReadRequest } from '../../flow/readout.ts';
import { type Clock, days, type Instant, instant } from '../../kernel/time.ts';
import type { NewRecord } from '../../parties/record.ts';
import type { Handlers, KnownCaller, RawAnswer } from '../context.ts';

export interface DataRestParts {
  readonly readout: Readout;
  readonly deviceOf: (agreement: string, device: string) => Device;
  readonly record: (records: readonly NewRecord[]) => Promise<void>;
  readonly crypto: Pick<ProofCrypto, 'sha256'>;
  readonly clock: Clock;
}

/** Rows of one export. */
const maxExport = 10_000;
const defaultSpan = days(1);

interface Range {
  readonly channel: string;
  readonly from?: number;
  readonly to?: number;
}

/** Telemetry as the caller's role sees it; every read and export of a person is recorded (B2.4.4, A3.4.1). */
export function dataHandlers(parts: DataRestParts): Pick<Handlers, 'telemetry' | 'exportTelemetry' | 'series'> {
  return {
    telemetry: async ({ caller }, { params, query }) => {
      const device = parts.deviceOf(params.agreement, params.device);
      const limit = query.limit ?? 100;
      const order = query.order === 'asc' ? 'ascending' : 'descending';
      const seen = readCursor(query.after);
      const from = seen === undefined ? {} : order === 'descending' ? { to: seen.at + 1 } : { from: seen.at };
      const skip = seen?.rows ?? 0;
      const asked = toRequest(parts, { caller, device, query: { ...query, ...from }, limit: limit + skip, order });
      const found = await parts.readout.rows(asked);
      const rows = found.slice(skip);
      const { masked } = parts.readout.view(asked);
      await parts.record([readRecord(device, caller, rows.length, masked.length)]);
      const next = rows.length === limit ? cursorAfter(found) : undefined;
      return {
        items: rows.map(({ at, received, values }) => ({ at, received, values: { ...values } })),
        masked: [...masked],
        ...(next === undefined ? {} : { next }),
      };
    },
    exportTelemetry: ({ caller }, { params, query }) => exported(parts, caller, params, query),
    series: async ({ caller }, { params, query }) => {
      const device = parts.deviceOf(params.agreement, params.device);
      const asked = toRequest(parts, { caller, device, query, limit: 2_000, order: 'ascending' });
      const column = parts.readout.view(asked).columns.find(({ path }) => path === query.field);
      const unit = column?.unit === undefined ? {} : { unit: column.unit };
      if (query.step !== undefined && query.step !== 'raw') {
        const buckets = await parts.readout.series(asked, query.field, query.step === '1h' ? '1h' : '5min');
        return {
          points: buckets.map(({ start, count, min, max, sum, last }) => ({
            at: start,
            count,
            min,
            max,
            mean: sum / count,
            last,
          })),
          ...unit,
        };
      }
      return { points: rawPoints(await parts.readout.rows(asked), query.field), ...unit };
    },
  };
}

/** Rows of one time that one page can carry over to the next. */
const maxSkip = 9_000;

/** Where a page ended: a time, and how many rows of that time were given. Several messages share a millisecond. */
interface Cursor {
  readonly at: number;
  readonly rows: number;
}

function readCursor(text: string | undefined): Cursor | undefined {
  const [, at, rows] = /^(\d{1,15})-(\d{1,4})$/.exec(text ?? '') ?? [];
  if (text !== undefined && at === undefined) throw new Problem('request/invalid', 'after is no cursor of ours');
  return at === undefined ? undefined : { at: Number(at), rows: Math.min(Number(rows), maxSkip) };
}

function cursorAfter(rows: readonly ExportRow[]): string | undefined {
  const at = rows.at(-1)?.at;
  return at === undefined ? undefined : `${at}-${Math.min(maxSkip, rows.filter((row) => row.at === at).length)}`;
}

const csv = (columns: readonly string[], rows: readonly ExportRow[]): string =>
  csvHeader(columns) + rows.map((row) => csvRow(columns, row)).join('');
const json = (columns: readonly string[], rows: readonly ExportRow[]): string =>
  `[${rows.map((row) => jsonRow(columns, row)).join(',\n')}]\n`;

const readRecord = (device: Device, caller: KnownCaller, rows: number, masked: number): NewRecord => ({
  agreement: device.agreement,
  kind: 'data.read',
  outcome: 'read',
  body: { by: caller.id, role: caller.role, device: device.pseudonym, rows, masked },
});

function rawPoints(
  rows: readonly ExportRow[],
  field: string,
): { at: number; count: number; min: number; max: number; mean: number; last: number }[] {
  return rows.flatMap(({ at, values }) => {
    const value = values[field];
    return typeof value === 'number' ? [{ at, count: 1, min: value, max: value, mean: value, last: value }] : [];
  });
}

interface Asked {
  readonly caller: KnownCaller;
  readonly device: Device;
  readonly query: Range;
  readonly limit: number;
  readonly order: 'ascending' | 'descending';
}

/** What is read: the last day unless a range was asked for. */
function toRequest({ clock }: DataRestParts, { caller, device, query, limit, order }: Asked): ReadRequest {
  const to = query.to === undefined ? ((clock.now() + 1) as Instant) : instant(query.to);
  const from = query.from === undefined ? ((to - defaultSpan) as Instant) : instant(query.from);
  const { agreement, party, id, model } = device;
  return { agreement, party, device: id, model, role: caller.role, channel: query.channel, from, to, limit, order };
}

async function exported(
  parts: DataRestParts,
  caller: KnownCaller,
  params: { readonly agreement: string; readonly device: string },
  query: Range & { readonly format: 'csv' | 'json' },
): Promise<RawAnswer> {
  const device = parts.deviceOf(params.agreement, params.device);
  const asked = toRequest(parts, { caller, device, query, limit: maxExport, order: 'ascending' });
  const view = parts.readout.view(asked);
  const columns = exportColumns(view);
  const rows = await parts.readout.rows(asked);
  const body = query.format === 'csv' ? csv(columns, rows) : json(columns, rows);
  const sha256 = encodeHex(parts.crypto.sha256(encodeUtf8(body)));
  await parts.record([
    {
      agreement: device.agreement,
      kind: 'data.export',
      outcome: 'exported',
      body: {
        by: caller.id,
        role: caller.role,
        device: device.pseudonym,
        format: query.format,
        rows: rows.length,
        fields: columns.length - 2,
        masked: view.masked.length,
        sha256,
      },
    },
  ]);
  const type = query.format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8';
  return { type, body, filename: `${device.id}-${query.channel}.${query.format}` };
}
