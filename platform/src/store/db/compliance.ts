import type { BreachRow, JudgementStore } from '../../flow/ports.ts';
import { instant } from '../../kernel/time.ts';
import { cursorOf, toPage } from './paging.ts';
import type { Db, Tx } from './schema.ts';
import type { AgreementTables } from './tables/agreement.ts';

type Row = AgreementTables['breach'];

const toBreach = (row: Row): BreachRow => ({
  id: row.id,
  agreement: row.agreement,
  row: row.row,
  code: row.code,
  owner: row.owner,
  subject: row.subject,
  observed: row.observed,
  openedAt: instant(row.opened),
  ...(row.deadline === null ? {} : { deadline: instant(row.deadline) }),
  ...(row.notified === null ? {} : { notifiedAt: instant(row.notified) }),
  ...(row.cured === null ? {} : { curedAt: instant(row.cured) }),
  ...(row.closed === null ? {} : { closedAt: instant(row.closed) }),
  state: row.state as BreachRow['state'], // held by the table's check
});

const fromBreach = (breach: BreachRow): Row => ({
  id: breach.id,
  agreement: breach.agreement,
  row: breach.row,
  code: breach.code,
  owner: breach.owner,
  subject: breach.subject,
  observed: breach.observed,
  opened: breach.openedAt,
  deadline: breach.deadline ?? null,
  notified: breach.notifiedAt ?? null,
  cured: breach.curedAt ?? null,
  closed: breach.closedAt ?? null,
  state: breach.state,
});

const columns = [
  'id',
  'agreement',
  'row',
  'code',
  'owner',
  'subject',
  'observed',
  'opened',
  'deadline',
  'notified',
  'cured',
  'closed',
  'state',
] as const;

/** Judgements and breaches as the board shows them: projections of the ledger, never evidence themselves. */
export function judgementStore(db: Db): JudgementStore<Tx> {
  return {
    put: async (tx, rows) => {
      for (const { agreement, row, status, judgedAt, judgement } of rows)
        await tx
          .insertInto('duty_status')
          .values({ agreement, row, status, judged: judgedAt, judgement })
          .onConflict((conflict) =>
            conflict.columns(['agreement', 'row']).doUpdateSet({ status, judged: judgedAt, judgement }),
          )
          .execute();
    },
    rows: async (agreement) => {
      const rows = await db
        .selectFrom('duty_status')
        .select(['agreement', 'row', 'status', 'judged', 'judgement'])
        .where('agreement', '=', agreement)
        .execute();
      return rows.map(({ judged, ...rest }) => ({ ...rest, judgedAt: instant(judged) }));
    },
    ...history(db),
    ...breaches(db),
  };
}

const history = (db: Db): Pick<JudgementStore<Tx>, 'addHistory' | 'history'> => ({
  addHistory: async (tx, entry) => {
    await tx.insertInto('duty_history').values(entry).execute();
  },
  history: async (agreement, row, limit) => {
    const rows = await db
      .selectFrom('duty_history')
      .select(['at', 'status', 'record'])
      .where('agreement', '=', agreement)
      .where('row', '=', row)
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return rows.map((entry) => ({ ...entry, at: instant(entry.at) }));
  },
});

const breaches = (db: Db): Pick<JudgementStore<Tx>, 'putBreach' | 'breaches' | 'openBreaches'> => ({
  putBreach: async (tx, breach) => {
    const row = fromBreach(breach);
    await tx
      .insertInto('breach')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute();
  },
  breaches: async (agreement, page) => {
    let query = db.selectFrom('breach').select(columns).where('agreement', '=', agreement);
    const cursor = cursorOf(page);
    if (cursor !== undefined) query = query.where('opened', '<', cursor);
    const rows = await query
      .orderBy('opened', 'desc')
      .limit(page.limit + 1)
      .execute();
    return toPage(rows, page, { item: toBreach, cursor: (row) => row.opened });
  },
  openBreaches: async (agreement) => {
    const rows = await db
      .selectFrom('breach')
      .select(columns)
      .where('agreement', '=', agreement)
      .where('state', '=', 'open')
      .limit(1_000)
      .execute();
    return rows.map(toBreach);
  },
});
