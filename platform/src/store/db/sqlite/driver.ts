import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  RawNode,
  SelectQueryNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { StoreError } from '../errors.ts';
import type { SqlQuery, SqlReply } from './messages.ts';
import { checkedParameters } from './parameters.ts';
import type { Turn } from './turn.ts';

/** A transaction holds SQLite's only writer: one that is open longer is a fault and is rolled back (milliseconds). */
const defaultLimit = 15_000;

/** Where statements run. */
export interface SqliteAccess {
  readonly read: (query: SqlQuery) => Promise<SqlReply>;
  /** Only for the holder of `turn`. */
  readonly write: (query: SqlQuery) => Promise<SqlReply>;
  readonly turn: Turn;
  /** Milliseconds; default 15 s. */
  readonly transactionLimit?: number;
}

/**
 * Kysely over the two workers: inside a transaction (`begin immediate`) every statement goes to the writing
 * connection; outside, selects go to the reading one and everything else takes its turn at the writing one. Errors of
 * SQLite pass through as `SqliteError`; {@link typedDialect} gives them their kind.
 */
export function sqliteDialect(access: SqliteAccess): Dialect {
  return {
    createAdapter: () => new TwoConnections(),
    createDriver: () => driver(access),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** Kysely would hold every other query back while a transaction is open: here reads go on, and writes wait for a turn. */
class TwoConnections extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

function driver(access: SqliteAccess): Driver {
  return {
    init: async () => {},
    acquireConnection: async () => new SqliteConnection(access),
    beginTransaction: (connection) => asOurs(connection).begin(),
    commitTransaction: (connection) => asOurs(connection).end('commit'),
    rollbackTransaction: (connection) => asOurs(connection).end('rollback'),
    releaseConnection: async (connection) => asOurs(connection).release(),
    destroy: async () => {},
  };
}

function asOurs(connection: DatabaseConnection): SqliteConnection {
  if (connection instanceof SqliteConnection) return connection;
  throw new TypeError('a connection of another driver');
}

const isRead = ({ query, sql }: CompiledQuery): boolean =>
  SelectQueryNode.is(query) || (RawNode.is(query) && /^\s*select\b/i.test(sql));

const tooLong = (): StoreError => new StoreError('timeout', 'the transaction was open too long and is rolled back');

class SqliteConnection implements DatabaseConnection {
  readonly #access: SqliteAccess;
  /** Ends our turn; present while in a transaction. */
  #endTurn: (() => void) | undefined;
  #limit: NodeJS.Timeout | undefined;
  #expired = false;

  constructor(access: SqliteAccess) {
    this.#access = access;
  }

  async executeQuery<R>(compiled: CompiledQuery): Promise<QueryResult<R>> {
    const query = { sql: compiled.sql, parameters: checkedParameters(compiled.parameters) };
    const reply = await this.#run(compiled, query);
    const result: QueryResult<SqlReply['rows'][number]> = {
      rows: [...reply.rows],
      ...(reply.changes === undefined ? {} : { numAffectedRows: BigInt(reply.changes) }),
      ...(reply.insertId === undefined ? {} : { insertId: BigInt(reply.insertId) }),
    };
    // Sound as far as the table types are: a live test compares them with the catalogue, and tables are strict.
    return result as unknown as QueryResult<R>;
  }

  #run(compiled: CompiledQuery, query: SqlQuery): Promise<SqlReply> {
    const { read, write, turn } = this.#access;
    if (this.#expired) throw tooLong();
    if (this.#endTurn) return write(query);
    return isRead(compiled) ? read(query) : turn.run(() => write(query));
  }

  async begin(): Promise<void> {
    const endTurn = await this.#access.turn.take();
    try {
      await this.#write('begin immediate');
    } catch (error) {
      endTurn();
      throw error;
    }
    this.#endTurn = endTurn;
    this.#limit = setTimeout(() => this.#expire(), this.#access.transactionLimit ?? defaultLimit).unref();
  }

  async end(how: 'commit' | 'rollback'): Promise<void> {
    if (this.#expired) {
      if (how === 'rollback') return;
      throw tooLong();
    }
    clearTimeout(this.#limit);
    await this.#write(how);
    this.release();
  }

  /** Kysely calls this after every use; the turn ends here at the latest. */
  release(): void {
    clearTimeout(this.#limit);
    this.#endTurn?.();
    this.#endTurn = undefined;
  }

  #expire(): void {
    this.#expired = true;
    const endTurn = this.#endTurn;
    this.#endTurn = undefined;
    // The turn ends only when the rollback is done; if the worker is dead everybody learns it from their own calls.
    void this.#write('rollback').then(endTurn, endTurn);
  }

  async #write(sql: string): Promise<void> {
    await this.#access.write(CompiledQuery.raw(sql) as SqlQuery);
  }

  // oxlint-disable-next-line require-yield -- pages by range are our way through long results
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('streaming is not supported: read in pages');
  }
}
