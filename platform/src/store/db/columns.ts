import type { Generated } from 'kysely';

export type DatabaseKind = 'sqlite' | 'postgres';

/** The words in which the two databases differ; every `create table` is written with these and with `text`. */
export interface ColumnTypes {
  readonly kind: DatabaseKind;
  /** 64-bit integer. */
  readonly int: string;
  readonly bytes: string;
  /** Whole definition of an ascending primary key that the database assigns and never gives twice. */
  readonly serial: string;
  /** After the closing bracket. */
  readonly end: string;
}

export const columnTypes: Readonly<Record<DatabaseKind, ColumnTypes>> = {
  sqlite: {
    kind: 'sqlite',
    int: 'integer',
    bytes: 'blob',
    serial: 'integer primary key autoincrement',
    end: 'strict',
  },
  postgres: {
    kind: 'postgres',
    int: 'bigint',
    bytes: 'bytea',
    serial: 'bigint generated always as identity primary key',
    end: '',
  },
};

/** A column as code sees it; `?` = may be null. `serial` is assigned by the database. */
export type Column = 'int' | 'int?' | 'text' | 'text?' | 'bytes' | 'bytes?' | 'serial';
export type Tables = Readonly<Record<string, Readonly<Record<string, Column>>>>;

interface Types {
  int: number;
  'int?': number | null;
  text: string;
  'text?': string | null;
  bytes: Uint8Array;
  'bytes?': Uint8Array | null;
  serial: Generated<number>;
}
/** Kysely's view of a table list. */
export type TablesOf<T extends Tables> = {
  [Table in keyof T]: { [Name in keyof T[Table]]: Types[T[Table][Name]] };
};
