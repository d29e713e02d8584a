import type { StateStore, VersionRow, VersionStore } from '../../flow/ports.ts';
import { instant } from '../../kernel/time.ts';
import type { Db, Tx } from './schema.ts';
import type { ConductTables } from './tables/conduct.ts';

const toVersion = (row: ConductTables['version_report']): VersionRow => ({
  agreement: row.agreement,
  device: row.device,
  at: instant(row.at),
  version: row.version,
  known: row.known === 1,
});
const columns = ['agreement', 'device', 'at', 'version', 'known'] as const;

/** Versions devices said they run (B2.5.3). */
export function versionStore(db: Db): VersionStore<Tx> {
  return {
    put: async (tx, row) => {
      await tx
        .insertInto('version_report')
        .values({
          agreement: row.agreement,
          device: row.device,
          at: row.at,
          version: row.version,
          known: row.known ? 1 : 0,
        })
        .onConflict((conflict) => conflict.columns(['agreement', 'device', 'at']).doNothing())
        .execute();
    },
    history: async ({ agreement, device }, limit) => {
      const rows = await db
        .selectFrom('version_report')
        .select(columns)
        .where('agreement', '=', agreement)
        .where('device', '=', device)
        .orderBy('at', 'desc')
        .limit(limit)
        .execute();
      return rows.map(toVersion);
    },
    newest: async (agreement) => {
      const newest = db
        .selectFrom('version_report')
        .select((eb) => ['device', eb.fn.max('at').as('at')])
        .where('agreement', '=', agreement)
        .groupBy('device')
        .as('newest');
      const rows = await db
        .selectFrom('version_report as v')
        .innerJoin(newest, (join) => join.onRef('newest.device', '=', 'v.device').onRef('newest.at', '=', 'v.at'))
        .select(['v.agreement', 'v.device', 'v.at', 'v.version', 'v.known'])
        .where('v.agreement', '=', agreement)
        .execute();
      return new Map(rows.map((row) => [row.device, toVersion(row)]));
    },
  };
}

/** The newest state each device reported (clause 2.3); the twin grows from it. */
export function stateStore(db: Db): StateStore<Tx> {
  return {
    put: async (tx, row) => {
      await tx
        .insertInto('reported_state')
        .values(row)
        .onConflict((conflict) =>
          conflict.columns(['agreement', 'device']).doUpdateSet({ at: row.at, state: row.state }),
        )
        .execute();
    },
    state: async ({ agreement, device }) => {
      const row = await db
        .selectFrom('reported_state')
        .select(['agreement', 'device', 'at', 'state'])
        .where('agreement', '=', agreement)
        .where('device', '=', device)
        .executeTakeFirst();
      return row && { ...row, at: instant(row.at) };
    },
  };
}
