import type { Kysely, Transaction } from 'kysely';
import type { DatabaseKind, Tables } from './columns.ts';
import { type AgreementTables, agreementTables } from './tables/agreement.ts';
import { type ConductTables, conductTables } from './tables/conduct.ts';
import { type CoreTables, coreTables } from './tables/core.ts';
import { type IdentityTables, identityTables } from './tables/identity.ts';
import { type LedgerTables, ledgerTables } from './tables/ledger.ts';
import { type PeopleTables, peopleTables } from './tables/people.ts';
import {
  type PostgresTelemetryTables,
  postgresTelemetryTables,
  type TelemetryTables,
  telemetryTables,
} from './tables/telemetry.ts';

/**
 * All tables. To add some: a file in `tables/` (the column list is the type), a migration in `../migrations/`, and a
 * line here in both places; a live test compares the lists with what both databases say they have.
 */
export interface Database
  extends CoreTables,
    AgreementTables,
    ConductTables,
    IdentityTables,
    LedgerTables,
    PeopleTables,
    TelemetryTables,
    PostgresTelemetryTables {}

export type Db = Kysely<Database>;
export type Tx = Transaction<Database>;

const both = {
  ...coreTables,
  ...agreementTables,
  ...conductTables,
  ...identityTables,
  ...ledgerTables,
  ...peopleTables,
  ...telemetryTables,
} as const satisfies Tables;

/** Column lists of the main database, by kind. */
export const tables: Readonly<Record<DatabaseKind, Tables>> = {
  sqlite: both,
  postgres: { ...both, ...postgresTelemetryTables },
};
