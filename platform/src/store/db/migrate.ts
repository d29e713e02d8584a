import { sql, type Transaction } from 'kysely';
import type { Instant } from '../../kernel/time.ts';
import { type ColumnTypes, columnTypes, type DatabaseKind } from './columns.ts';
import type { Database, Db } from './schema.ts';

/**
 * One step forward. It must work with the code before and after it (conventions 31): add columns as nullable, drop
 * only what no released code reads.
 */
export interface Migration {
  /** `NNNN-subject`; unique, and recorded. */
  readonly id: string;
  /** Runs inside one transaction that also records the id. */
  readonly up: (db: Transaction<Database>, types: ColumnTypes) => Promise<void>;
}

/** Executes statements in order: most of what a migration does. */
export async function execute(db: Transaction<Database>, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

/** The database has migrations this code does not know: a newer version wrote it, and only that may open it. */
export class NewerDatabase extends Error {
  override readonly name = 'NewerDatabase';
  /** Newest migration the database has that is unknown here. */
  readonly found: string;
  /** Newest migration this code knows. */
  readonly known: string;

  constructor(found: string, known: string) {
    super(`the database was written by a newer version (it has ${found}, this version knows up to ${known})`);
    this.found = found;
    this.known = known;
  }
}

/** Advisory lock of PostgreSQL: two processes that start together migrate one after the other. */
const lockKey = 7_236_801;

/**
 * Brings the database to this code's version and returns the ids it applied. Each migration and its record are one
 * transaction, so a crash leaves whole migrations. Throws {@link NewerDatabase} before changing anything.
 */
export async function migrate(
  db: Db,
  kind: DatabaseKind,
  list: readonly Migration[],
  at: Instant,
): Promise<readonly string[]> {
  const types = columnTypes[kind];
  const applied: string[] = [];
  await db.transaction().execute((tx) => createRecord(tx, types));
  await refuseNewer(db, list);
  for (const migration of list) {
    const done = await db.transaction().execute((tx) => step(tx, migration, types, at));
    if (done) applied.push(migration.id);
  }
  return applied;
}

async function refuseNewer(db: Db, list: readonly Migration[]): Promise<void> {
  const known = new Set(list.map(({ id }) => id));
  const rows = await db.selectFrom('migration').select('id').orderBy('id').execute();
  const found = rows.findLast(({ id }) => !known.has(id));
  if (found) throw new NewerDatabase(found.id, list.at(-1)?.id ?? 'none');
}

async function createRecord(tx: Transaction<Database>, types: ColumnTypes): Promise<void> {
  await takeTurn(tx, types);
  const { int, end } = types;
  await execute(tx, [
    `create table if not exists migration (id text not null primary key, applied ${int} not null) ${end}`,
  ]);
}

async function takeTurn(tx: Transaction<Database>, types: ColumnTypes): Promise<void> {
  if (types.kind === 'postgres') await sql`select pg_advisory_xact_lock(${lockKey})`.execute(tx);
}

async function step(
  tx: Transaction<Database>,
  migration: Migration,
  types: ColumnTypes,
  at: Instant,
): Promise<boolean> {
  await takeTurn(tx, types);
  const there = await tx.selectFrom('migration').select('id').where('id', '=', migration.id).executeTakeFirst();
  if (there) return false;
  await migration.up(tx, types);
  await tx.insertInto('migration').values({ id: migration.id, applied: at }).execute();
  return true;
}
