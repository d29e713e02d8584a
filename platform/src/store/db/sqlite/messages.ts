import { SqliteError, StoreError, type StoreErrorKind } from '../errors.ts';

/** Values SQLite takes and gives. */
export type SqlValue = string | number | bigint | Uint8Array | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

export interface SqlQuery {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}
export interface SqlReply {
  readonly rows: readonly SqlRow[];
  /** Rows changed by a statement that returns none. */
  readonly changes?: number;
  readonly insertId?: number;
}

/** Operations of a worker by name: what goes in, what comes out. */
export type Operations = Readonly<Record<string, { readonly request: object; readonly reply: object }>>;

export interface RequestMessage {
  readonly id: number;
  readonly op: string;
  readonly request: object;
}
/** Errors cross the border as data: a structured clone would drop their codes. */
export interface ErrorData {
  readonly name: string;
  readonly message: string;
  readonly kind?: StoreErrorKind;
  readonly errcode?: number;
}
export type ReplyMessage =
  | { readonly id: number; readonly ok: true; readonly reply: object }
  | { readonly id: number; readonly ok: false; readonly error: ErrorData };

export function errorToData(error: unknown): ErrorData {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  if (error instanceof StoreError) return { name: error.name, message: error.message, kind: error.kind };
  if ('errcode' in error && typeof error.errcode === 'number')
    return { name: error.name, message: error.message, errcode: error.errcode };
  return { name: error.name, message: error.message };
}

export function errorFromData({ name, message, kind, errcode }: ErrorData): Error {
  if (kind !== undefined) return new StoreError(kind, message);
  if (errcode !== undefined) return new SqliteError(message, errcode);
  return name === 'RangeError' ? new RangeError(message) : new Error(message);
}
