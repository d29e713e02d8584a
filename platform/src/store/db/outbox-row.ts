import type { Instant } from '../../kernel/time.ts';
import type { OutboxRow, QueuedRow } from '../../ledger/ports.ts';

/** Columns of an outbox row but for `pos` and `seq`; `log` is the log's short number. */
export interface OutboxColumns {
  readonly id: string;
  readonly log: number;
  readonly source: string;
  readonly kind: string;
  readonly duties: string;
  readonly outcome: string;
  readonly n: number;
  readonly m: string | null;
  readonly time: number;
  readonly flags: string;
  readonly salt: Uint8Array;
  readonly body: string;
  readonly disclosures: string | null;
}

export const toColumns = (row: OutboxRow, log: number): OutboxColumns => ({
  id: row.id,
  log,
  source: row.source,
  kind: row.kind,
  duties: JSON.stringify(row.duties),
  outcome: row.outcome,
  n: row.n,
  m: row.m ?? null,
  time: row.time,
  flags: JSON.stringify(row.flags),
  salt: row.salt,
  body: row.body,
  disclosures: row.disclosures === undefined ? null : JSON.stringify(row.disclosures),
});

export const fromColumns = (
  row: OutboxColumns & { readonly pos: number; readonly seq: number },
  log: string,
): QueuedRow => ({
  pos: row.pos,
  seq: row.seq,
  id: row.id,
  log,
  source: row.source,
  kind: row.kind,
  duties: parseTexts(row.duties),
  outcome: row.outcome,
  n: row.n,
  ...(row.m === null ? {} : { m: row.m }),
  time: row.time as Instant,
  flags: parseTexts(row.flags),
  salt: row.salt,
  body: row.body,
  ...(row.disclosures === null ? {} : { disclosures: parseTexts(row.disclosures) }),
});

/** A JSON list of texts, as this file wrote it; anything else in the column is somebody's tampering or a bug. */
export function parseTexts(json: string): readonly string[] {
  const value: unknown = JSON.parse(json);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new TypeError('a column that should hold a list of texts does not');
}
