import type { Migration } from '../db/migrate.ts';
import { ledger } from './0001-ledger.ts';
import { telemetry } from './0002-telemetry.ts';
import { people } from './0003-people.ts';
import { identity } from './0004-identity.ts';
import { agreement } from './0005-agreement.ts';
import { conduct } from './0006-conduct.ts';

/** In order of application. Only ever add at the end; a migration that has been released never changes. */
export const migrations: readonly Migration[] = [ledger, telemetry, people, identity, agreement, conduct];
