import { PostgresDialect } from 'kysely';
import { Pool, TypeOverrides } from 'pg';

export interface PostgresConfig {
  /** `postgres://user@host/db` or a socket: `postgres:///db?host=/run/postgresql&user=x`. */
  readonly url: string;
  /** Password, read from its file by the caller; absent = none (peer or trust). */
  readonly password?: string;
  /** Schema of our tables; default `public`. Letters, digits and `_` only. */
  readonly schema?: string;
  /** Connections at most, default 10. */
  readonly connections?: number;
}

/** OIDs of bytea, int8 and numeric (sum of bigints). */
const bytea = 17;
const int8 = 20;
const numeric = 1700;

/** A bigint column as a number; a value that a number cannot hold is an error, never rounded. */
export function safeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is not a safe integer`);
  return value;
}

/** A bytea in hex output as a plain Uint8Array, which is what SQLite gives. */
function plainBytes(text: string): Uint8Array {
  const { buffer, byteOffset, length } = Buffer.from(text.slice(2), 'hex');
  return new Uint8Array(buffer, byteOffset, length);
}

const limits = {
  /** Waiting for a connection. */
  connectionTimeoutMillis: 5_000,
  /** One statement. */
  statement_timeout: 30_000,
  /** The same, seen from here: the server may be gone. */
  query_timeout: 35_000,
  lock_timeout: 10_000,
  /** A transaction that does nothing: a fault of ours. */
  idle_in_transaction_session_timeout: 15_000,
  idleTimeoutMillis: 60_000,
} as const;

/**
 * A pool whose sessions are read committed, durable (`synchronous_commit=on` whatever the server's default) and
 * bounded in time. `onLost` hears of connections that break; queries on them reject by themselves.
 */
export function openPool(config: PostgresConfig, onLost: (error: Error) => void): Pool {
  const schema = config.schema ?? 'public';
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) throw new RangeError(`not a schema name: ${schema}`);
  const types = new TypeOverrides();
  types.setTypeParser(bytea, plainBytes);
  types.setTypeParser(int8, safeNumber);
  types.setTypeParser(numeric, safeNumber);
  const pool = new Pool({
    connectionString: config.url,
    ...(config.password === undefined ? {} : { password: config.password }),
    max: config.connections ?? 10,
    ...limits,
    options: `-c search_path=${schema} -c synchronous_commit=on -c default_transaction_isolation=read\\ committed -c client_min_messages=warning -c bytea_output=hex`,
    application_name: 'pactgate',
    types,
  });
  pool.on('error', onLost);
  // A connection in use that breaks between two statements of a transaction: without a listener the process would end.
  pool.on('connect', (client) => client.on('error', onLost));
  return pool;
}

export const postgresDialect = (pool: Pool): PostgresDialect => new PostgresDialect({ pool });
