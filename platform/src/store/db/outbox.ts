import { maxBatch, type OutboxRow, type QueuedRow } from '../../ledger/ports.ts';
import type { GroupCommit } from '../group-commit.ts';
import type { LogNumbers } from './log-numbers.ts';
import { fromColumns, type OutboxColumns, toColumns } from './outbox-row.ts';
import type { Db, Tx } from './schema.ts';

/** Rows of one insert: 14 parameters each, under SQLite's 32,766. */
const insertRows = 1_000;
const saltSize = 32;
const maxSource = 64;

/** Rows of several callers for one commit. */
export class OutboxGroup {
  readonly rows: OutboxColumns[] = [];
  get length(): number {
    return this.rows.length;
  }
  get count(): number {
    return this.rows.length;
  }
}

/** Outbox part of the ledger's storage, see `LedgerStore`. */
export class Outbox {
  readonly #db: Db;
  readonly #numbers: LogNumbers;
  readonly #group: GroupCommit<OutboxGroup, readonly number[]>;

  constructor(db: Db, numbers: LogNumbers, group: GroupCommit<OutboxGroup, readonly number[]>) {
    this.#db = db;
    this.#numbers = numbers;
    this.#group = group;
  }

  async enqueue(tx: Tx, rows: readonly OutboxRow[]): Promise<readonly number[]> {
    const columns = await this.#columns(tx, rows);
    return store(tx, columns);
  }

  async enqueueAlone(rows: readonly OutboxRow[]): Promise<readonly number[]> {
    if (rows.length === 0) return [];
    const columns = await this.#columns(this.#db, rows);
    let start = 0;
    const seqs = await this.#group.add(columns.length, (group) => {
      start = group.rows.length;
      group.rows.push(...columns);
    });
    return seqs.slice(start, start + columns.length);
  }

  async take(log: string, limit: number): Promise<readonly QueuedRow[]> {
    demandLimit(limit);
    const no = await this.#numbers.find(this.#db, log);
    if (no === undefined) return [];
    const rows = await this.#db
      .selectFrom('outbox')
      .select(['pos', 'id', 'log', 'source', 'seq', 'kind', 'duties', 'outcome', 'n', 'm', 'time', 'flags'])
      .select(['salt', 'body', 'disclosures'])
      .where('log', '=', no)
      .orderBy('pos')
      .limit(limit)
      .execute();
    return rows.map((row) => fromColumns(row, log));
  }

  async waiting(): Promise<readonly string[]> {
    const rows = await this.#db.selectFrom('outbox').select('log').distinct().execute();
    return Promise.all(rows.map(({ log }) => this.#numbers.idOf(this.#db, log)));
  }

  async lastSequence(source: string, log: string): Promise<number> {
    const no = await this.#numbers.find(this.#db, log);
    if (no === undefined) return 0;
    const row = await this.#db
      .selectFrom('source_seq')
      .select('last')
      .where('source', '=', source)
      .where('log', '=', no)
      .executeTakeFirst();
    return row?.last ?? 0;
  }

  async #columns(db: Db | Tx, rows: readonly OutboxRow[]): Promise<readonly OutboxColumns[]> {
    if (rows.length > maxBatch) throw new RangeError(`over ${maxBatch} rows`);
    for (const row of rows) checkRow(row);
    const numbers = new Map<string, number>();
    for (const log of new Set(rows.map((row) => row.log))) numbers.set(log, await this.#numbers.need(db, log));
    return rows.map((row) => toColumns(row, numbers.get(row.log) ?? 0));
  }
}

/** Numbers the rows and inserts them, in the transaction given. */
export async function store(tx: Tx, rows: readonly OutboxColumns[]): Promise<readonly number[]> {
  const counts = Map.groupBy(rows, ({ source, log }) => `${log}:${source}`);
  const next = new Map<string, number>();
  // Sorted: two transactions that touch the same sources lock them in the same order, so neither waits in a circle.
  for (const [key, members] of [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const first = members[0];
    if (first) next.set(key, (await reserve(tx, first, members.length)) - members.length);
  }
  const numbered = rows.map((row) => {
    const key = `${row.log}:${row.source}`;
    const seq = (next.get(key) ?? 0) + 1;
    next.set(key, seq);
    return { ...row, seq };
  });
  for (let from = 0; from < numbered.length; from += insertRows)
    await tx
      .insertInto('outbox')
      .values(numbered.slice(from, from + insertRows))
      .execute();
  return numbered.map(({ seq }) => seq);
}

/** Takes `n` numbers; PostgreSQL holds the row until the transaction ends, which keeps numbers and order gap-free. */
async function reserve(tx: Tx, { source, log }: OutboxColumns, n: number): Promise<number> {
  const row = await tx
    .insertInto('source_seq')
    .values({ source, log, last: n })
    .onConflict((conflict) =>
      conflict.columns(['source', 'log']).doUpdateSet((eb) => ({ last: eb('source_seq.last', '+', n) })),
    )
    .returning('last')
    .executeTakeFirstOrThrow();
  return row.last;
}

function checkRow({ source, salt, n }: OutboxRow): void {
  if (source.length === 0 || source.length > maxSource || source.includes(':'))
    throw new RangeError(`source has 1 to ${maxSource} characters and no colon`);
  if (salt.length !== saltSize) throw new RangeError(`salt has ${saltSize} bytes`);
  if (!Number.isSafeInteger(n) || n < 1) throw new RangeError('n is at least 1');
}

export function demandLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > maxBatch) throw new RangeError(`limit is 1 to ${maxBatch}`);
}
