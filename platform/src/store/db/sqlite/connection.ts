import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { SqlQuery, SqlReply } from './messages.ts';

/** Statements kept prepared per connection; the least recently used one goes. */
const keptStatements = 256;

/** How long SQLite waits for a lock of another process (a person's `sqlite3`), in milliseconds. */
const busyTimeout = 5_000;

/** An open file with its prepared statements. For one worker thread. */
export interface Connection {
  readonly db: DatabaseSync;
  /** The statement, prepared once. */
  readonly statement: (sql: string) => StatementSync;
  readonly run: (query: SqlQuery) => SqlReply;
  /** Runs `work` in a transaction of its own; rolls back when it throws. */
  readonly transaction: <T>(work: () => T) => T;
  readonly close: () => void;
}

/**
 * Opens the writing connection of a file, created if absent: WAL, `synchronous=FULL` (a commit is on disk when it
 * returns), foreign keys, deleted bytes overwritten (crypto-shredding needs that and a truncated WAL).
 *
 * The WAL is moved into the file every 16 MiB rather than 4: fewer rewrites of the same page, longer worst commit.
 */
export function openWriter(file: string): Connection {
  const db = new DatabaseSync(file, { timeout: busyTimeout, enableForeignKeyConstraints: true });
  db.exec(`pragma journal_mode = wal;
    pragma synchronous = full;
    pragma secure_delete = on;
    pragma cache_size = -32768;
    pragma wal_autocheckpoint = 4096;
    pragma journal_size_limit = 67108864;`);
  return connection(db);
}

/** Opens a read-only connection: sees the last commit at the start of each statement or transaction. */
export function openReader(file: string): Connection {
  const db = new DatabaseSync(file, { readOnly: true, timeout: busyTimeout });
  db.exec('pragma cache_size = -16384; pragma query_only = on;');
  return connection(db);
}

function connection(db: DatabaseSync): Connection {
  const statements = new Map<string, StatementSync>();
  const statement = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known) {
      statements.delete(sql);
      statements.set(sql, known);
      return known;
    }
    const prepared = db.prepare(sql);
    if (statements.size >= keptStatements) {
      for (const oldest of statements.keys()) {
        statements.delete(oldest);
        break;
      }
    }
    statements.set(sql, prepared);
    return prepared;
  };
  return {
    db,
    statement,
    run: ({ sql, parameters }) => {
      const prepared = statement(sql);
      if (prepared.columns().length > 0) return { rows: prepared.all(...parameters) };
      const { changes, lastInsertRowid } = prepared.run(...parameters);
      return { rows: [], changes: Number(changes), insertId: Number(lastInsertRowid) };
    },
    transaction: (work) => {
      db.exec('begin immediate');
      try {
        const result = work();
        db.exec('commit');
        return result;
      } catch (error) {
        if (db.isTransaction) db.exec('rollback');
        throw error;
      }
    },
    close: () => {
      statements.clear();
      db.close();
    },
  };
}
