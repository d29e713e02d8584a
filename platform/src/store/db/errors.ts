/** What a caller can do something about; anything else a database says is a bug of ours. */
export type StoreErrorKind =
  /** A primary key or unique constraint. */
  | 'duplicate-key'
  /** Locked, or a bounded queue is full: try again later, a bounded number of times. */
  | 'busy'
  /** Nothing was written; make room. */
  | 'disk-full'
  /** The statement or transaction ran over its limit and was rolled back. */
  | 'timeout'
  /** Connection to PostgreSQL lost or refused; a commit may or may not have happened. */
  | 'connection'
  /** The file is damaged or no database. */
  | 'corrupt'
  /** A database worker has ended or the store is closed: the process must end too. */
  | 'dead';

/** A database failure of a known kind; the driver's own error is the cause. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly kind: StoreErrorKind;

  constructor(kind: StoreErrorKind, detail: string, options?: ErrorOptions) {
    super(`${kind}: ${detail}`, options);
    this.kind = kind;
  }
}

/** What `node:sqlite` threw in a worker, rebuilt on this side of the thread border. `errcode` is SQLite's extended code. */
export class SqliteError extends Error {
  override readonly name = 'SqliteError';
  readonly errcode: number;

  constructor(message: string, errcode: number) {
    super(message);
    this.errcode = errcode;
  }
}

/** Extended codes SQLITE_CONSTRAINT_PRIMARYKEY, _UNIQUE and _ROWID. */
const sqliteDuplicates: ReadonlySet<number> = new Set([1555, 2067, 2579]);
/** Primary result codes (low byte): SQLITE_BUSY, LOCKED, FULL, CORRUPT, NOTADB. */
const sqliteKinds: ReadonlyMap<number, StoreErrorKind> = new Map([
  [5, 'busy'],
  [6, 'busy'],
  [13, 'disk-full'],
  [11, 'corrupt'],
  [26, 'corrupt'],
]);

/** SQLSTATE codes (PostgreSQL 15, appendix A), whole or by class. */
const postgresKinds: ReadonlyMap<string, StoreErrorKind> = new Map([
  ['23505', 'duplicate-key'],
  ['55P03', 'busy'],
  ['40001', 'busy'],
  ['40P01', 'busy'],
  ['53300', 'busy'],
  ['53100', 'disk-full'],
  ['57014', 'timeout'],
  ['25P03', 'timeout'],
  ['57P01', 'connection'],
  ['57P02', 'connection'],
  ['57P03', 'connection'],
  ['XX001', 'corrupt'],
  ['XX002', 'corrupt'],
]);
const sqlState = /^[0-9A-Z]{5}$/;
const socketCodes: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'ETIMEDOUT']);
/** Messages of `pg` that carry no code. */
const lostMessages = /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered)/;

function postgresKind(code: string): StoreErrorKind | undefined {
  if (sqlState.test(code)) return postgresKinds.get(code) ?? (code.startsWith('08') ? 'connection' : undefined);
  return socketCodes.has(code) ? 'connection' : undefined;
}

/** Kind of whatever a query threw, of either database; undefined for anything else (then it is a bug). */
export function storeErrorKind(error: unknown): StoreErrorKind | undefined {
  if (error instanceof StoreError) return error.kind;
  if (!(error instanceof Error)) return undefined;
  if (error instanceof SqliteError) {
    if (sqliteDuplicates.has(error.errcode)) return 'duplicate-key';
    return sqliteKinds.get(error.errcode % 256);
  }
  if ('code' in error && typeof error.code === 'string') return postgresKind(error.code);
  return lostMessages.test(error.message) ? 'connection' : undefined;
}

export const isDuplicateKey = (error: unknown): boolean => storeErrorKind(error) === 'duplicate-key';
export const isBusy = (error: unknown): boolean => storeErrorKind(error) === 'busy';
export const isDiskFull = (error: unknown): boolean => storeErrorKind(error) === 'disk-full';

/** The error as a {@link StoreError} with the driver's as cause; unchanged if its kind is not known. */
export function toStoreError(error: unknown): unknown {
  if (error instanceof StoreError) return error;
  const kind = storeErrorKind(error);
  return kind === undefined ? error : new StoreError(kind, 'the database refused', { cause: error });
}

/** Runs `work` and gives what it throws the type that the ports promise. */
export async function typed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toStoreError(error);
  }
}
