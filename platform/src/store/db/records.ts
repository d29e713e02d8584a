import { createHash } from 'node:crypto';
import { type Selectable, sql } from 'kysely';
import type { Instant } from '../../kernel/time.ts';
import type { LedgerRecord } from '../../ledger/ports.ts';
import { demandLimit } from './outbox.ts';
import { parseTexts } from './outbox-row.ts';
import type { Db } from './schema.ts';
import type { LedgerTables } from './tables/ledger.ts';

const maxKinds = 64;
const columns = ['idx', 'id', 'kind', 'time', 'leaf', 'salt', 'body', 'disclosures'] as const;
type Row = Pick<Selectable<LedgerTables['ledger_entry']>, (typeof columns)[number]>;

export async function oneRecord(db: Db, log: number, index: number): Promise<LedgerRecord | undefined> {
  const row = await db
    .selectFrom('ledger_entry')
    .select(columns)
    .where('log', '=', log)
    .where('idx', '=', index)
    .executeTakeFirst();
  return row && toRecord(row);
}

/** Records `[from, from + limit)` in order. */
export async function recordRange(db: Db, log: number, from: number, limit: number): Promise<readonly LedgerRecord[]> {
  demandLimit(limit);
  const rows = await db
    .selectFrom('ledger_entry')
    .select(columns)
    .where('log', '=', log)
    .where('idx', '>=', from)
    .where('idx', '<', from + limit)
    .orderBy('idx')
    .execute();
  return rows.map(toRecord);
}

export interface KindQuery {
  readonly log: number;
  readonly kinds: readonly string[];
  readonly from: number;
  readonly limit: number;
}

/** Each kind is a range of the index (log, kind, idx): the page costs kinds times limit, however large the log is. */
export async function recordsOfKinds(db: Db, { log, kinds, from, limit }: KindQuery): Promise<readonly LedgerRecord[]> {
  demandLimit(limit);
  if (kinds.length === 0 || kinds.length > maxKinds) throw new RangeError(`kinds are 1 to ${maxKinds}`);
  const parts = [...new Set(kinds)].map(
    (kind, i) => sql`select idx from (
      select idx from ledger_entry where log = ${log} and kind = ${kind} and idx >= ${from} order by idx limit ${limit}
    ) as ${sql.ref(`k${i}`)}`,
  );
  const rows = await sql<Row>`
    select ${sql.join(columns.map((column) => sql.ref(column)))} from ledger_entry
      where log = ${log} and idx in (${sql.join(parts, sql` union all `)}) order by idx limit ${limit}`.execute(db);
  return rows.rows.map(toRecord);
}

/** Backwards through the index (log, kind, idx): costs `limit`, however far back the kind was last seen. */
export async function newestOfKind(
  db: Db,
  {
    log,
    kind,
    before,
    limit,
  }: { readonly log: number; readonly kind: string; readonly before: number; readonly limit: number },
): Promise<readonly LedgerRecord[]> {
  demandLimit(limit);
  const rows = await db
    .selectFrom('ledger_entry')
    .select(columns)
    .where('log', '=', log)
    .where('kind', '=', kind)
    .where('idx', '<', before)
    .orderBy('idx', 'desc')
    .limit(limit)
    .execute();
  return rows.map(toRecord);
}

/** Removes the disclosure of this digest; false if the record has none such. */
export async function eraseDisclosure(db: Db, log: number, index: number, digest: string): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const row = await tx
      .selectFrom('ledger_entry')
      .select('disclosures')
      .where('log', '=', log)
      .where('idx', '=', index)
      .executeTakeFirst();
    const before = row?.disclosures ?? null;
    if (before === null) return false;
    const disclosures = parseTexts(before);
    const left = disclosures.filter((disclosure) => digestOf(disclosure) !== digest);
    if (left.length === disclosures.length) return false;
    const changed = await tx
      .updateTable('ledger_entry')
      .set({ disclosures: left.length === 0 ? null : JSON.stringify(left) })
      .where('log', '=', log)
      .where('idx', '=', index)
      .where('disclosures', '=', before)
      .executeTakeFirst();
    return changed.numUpdatedRows === 1n;
  });
}

/** RFC 9901 section 4.2.3: over the ASCII of the disclosure. */
const digestOf = (disclosure: string): string => createHash('sha256').update(disclosure, 'ascii').digest('base64url');

function toRecord(row: Row): LedgerRecord {
  return {
    index: row.idx,
    id: row.id,
    kind: row.kind,
    time: row.time as Instant,
    leaf: row.leaf,
    disclosures: row.disclosures === null ? [] : parseTexts(row.disclosures),
    ...(row.salt === null ? {} : { salt: row.salt }),
    ...(row.body === null ? {} : { body: row.body }),
  };
}
