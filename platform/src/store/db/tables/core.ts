import type { Tables, TablesOf } from '../columns.ts';

/** Tables the store needs for itself. */
export const coreTables = {
  /** Migrations that were applied, by id. */
  migration: { id: 'text', applied: 'int' },
} as const satisfies Tables;
export type CoreTables = TablesOf<typeof coreTables>;
