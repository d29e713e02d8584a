import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Kysely } from 'kysely';
import type { TelemetryStore } from '../duties/data/index.ts';
import type { Instant } from '../kernel/time.ts';
import type { LedgerStore } from '../ledger/ports.ts';
import { appendBySql } from './db/append.ts';
import type { DatabaseKind } from './db/columns.ts';
import { type StoreError, typed } from './db/errors.ts';
import { SqlLedgerStore } from './db/ledger.ts';
import { migrate } from './db/migrate.ts';
import { store as storeOutbox } from './db/outbox.ts';
import { openPool, type PostgresConfig, postgresDialect } from './db/postgres/dialect.ts';
import type { Database, Db, Tx } from './db/schema.ts';
import { sqliteDialect } from './db/sqlite/driver.ts';
import { openWorkers, type SqliteWorkers } from './db/sqlite/store.ts';
import { typedDialect } from './db/typed-dialect.ts';
import { migrations } from './migrations/index.ts';
import { PostgresTelemetry } from './telemetry/postgres.ts';
import { References } from './telemetry/references.ts';
import { SqliteTelemetry } from './telemetry/sqlite/store.ts';

export type StoreConfig =
  | {
      readonly kind: 'sqlite';
      /** Data directory: `main.db` and `telemetry/` are made in it. One process at a time (`datadir.ts` locks it). */
      readonly dir: string;
      /**
       * A database worker has ended: every waiting call has been rejected with kind `dead`. Default: throws outside
       * any call, so that the process ends with the error.
       */
      readonly onDeath?: (error: StoreError) => void;
      /** Now, for the record of migrations. */
      readonly now: Instant;
    }
  | {
      readonly kind: 'postgres';
      readonly postgres: PostgresConfig;
      /** An idle connection broke; calls on it reject by themselves, new ones connect again. For the operational log. */
      readonly onLost?: (error: Error) => void;
      readonly now: Instant;
    };

/** The open database, the same on both kinds. */
export interface Store {
  readonly kind: DatabaseKind;
  /** For queries of `db/<duty>.ts` and for better-auth. */
  readonly db: Db;
  /**
   * Runs `work` in one transaction: commits (durably) when it resolves, rolls back when it rejects. Only database calls
   * inside: on SQLite it holds the only writer, and is rolled back after 15 s. Rejects with `StoreError` where the
   * database gives a reason that a caller can act on. Right under read committed: use compare-and-swap.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  readonly ledger: LedgerStore<Tx>;
  readonly telemetry: TelemetryStore;
  /** Present on SQLite: copies a database file as of now, see `backup.ts`. */
  readonly copyFile?: (source: string, target: string) => Promise<void>;
  /** Stores what was taken, rejects what comes later, closes files and connections. Idempotent. */
  close(): Promise<void>;
}

/** Names inside the data directory. */
export const mainFile = 'main.db';
export const telemetryFolder = 'telemetry';

/**
 * Opens the store and brings its tables up to this version.
 *
 * Rejects: `NewerDatabase` (a newer version wrote it), `StoreError` kind `corrupt` or `connection`.
 */
export async function openStore(config: StoreConfig): Promise<Store> {
  return typed(() => (config.kind === 'sqlite' ? openSqlite(config) : openPostgres(config)));
}

async function openSqlite(config: StoreConfig & { readonly kind: 'sqlite' }): Promise<Store> {
  const telemetryDir = path.join(config.dir, telemetryFolder);
  mkdirSync(telemetryDir, { recursive: true, mode: 0o700 });
  const files = { file: path.join(config.dir, mainFile), telemetryDir };
  const workers = await openWorkers(files, config.onDeath ?? endProcess);
  const db = new Kysely<Database>({ dialect: typedDialect(sqliteDialect(workers)) });
  try {
    await migrate(db, 'sqlite', migrations, config.now);
  } catch (error) {
    await workers.close();
    throw error;
  }
  const { turn, writer } = workers;
  const ledger = new SqlLedgerStore(db, {
    enqueue: (rows) => typed(async () => (await turn.run(() => writer.call('enqueue', { rows }))).seqs),
    append: (append, log) =>
      typed(async () => (await turn.run(() => writer.call('appendEntries', { ...append, log }))).result),
    scrub: () => typed(() => scrub(workers)),
  });
  const telemetry = new SqliteTelemetry(workers, new References(db));
  return {
    kind: 'sqlite',
    db,
    transaction: (work) => db.transaction().execute(work),
    ledger,
    telemetry,
    copyFile: async (source, target) => {
      await workers.reader.call('backup', { source, target });
    },
    close: async () => {
      await Promise.all([ledger.close(), telemetry.close()]);
      await workers.close();
    },
  };
}

/** A reader in the middle of a query keeps the WAL: tried some times, then left to the next checkpoint. */
async function scrub({ turn, writer }: SqliteWorkers): Promise<boolean> {
  for (let tries = 0; tries < 3; tries++) {
    const { truncated } = await turn.run(() => writer.call('truncateWal', {}));
    if (truncated) return true;
  }
  return false;
}

function endProcess(error: StoreError): void {
  process.nextTick(() => {
    throw error;
  });
}

async function openPostgres(config: StoreConfig & { readonly kind: 'postgres' }): Promise<Store> {
  const pool = openPool(config.postgres, config.onLost ?? ((): void => {}));
  const db = new Kysely<Database>({ dialect: typedDialect(postgresDialect(pool)) });
  try {
    await migrate(db, 'postgres', migrations, config.now);
  } catch (error) {
    await pool.end();
    throw error;
  }
  const ledger = new SqlLedgerStore(db, {
    enqueue: (rows) => db.transaction().execute((tx) => storeOutbox(tx, rows)),
    append: (append, log) => appendBySql(db, append, log),
    scrub: async () => false,
  });
  const telemetry = new PostgresTelemetry(db, new References(db));
  let closed: Promise<void> | undefined;
  return {
    kind: 'postgres',
    db,
    transaction: (work) => db.transaction().execute(work),
    ledger,
    telemetry,
    close: () => {
      closed ??= Promise.all([ledger.close(), telemetry.close()]).then(() => db.destroy());
      return closed;
    },
  };
}
