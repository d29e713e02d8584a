import { isProblemCode } from '@pactgate/protocol';
import type { RefusalRow, SessionRow, SessionStore } from '../../flow/ports.ts';
import { instant } from '../../kernel/time.ts';
import { cursorOf, toPage } from './paging.ts';
import type { Db, Tx } from './schema.ts';
import type { ConductTables } from './tables/conduct.ts';

const hour = 3_600_000;
/** Rows of one statement: 15 columns each stay far below the parameter limit of both databases. */
const chunk = 500;

function* chunks<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < rows.length; at += chunk) yield rows.slice(at, at + chunk);
}

const fromSession = (row: SessionRow): ConductTables['device_session'] => ({
  conn: row.conn,
  agreement: row.agreement,
  device: row.device,
  client_id: row.clientId,
  opened: row.openedAt,
  closed: row.closedAt ?? null,
  reason: row.reason ?? null,
  transport: row.transport,
  tls: row.tls,
  suite: row.suite,
  tls_group: row.group ?? null,
  resumed: row.resumed ? 1 : 0,
  address: row.address,
  received: row.received,
  sent: row.sent,
});

const toSession = (row: ConductTables['device_session']): SessionRow => ({
  conn: row.conn,
  agreement: row.agreement,
  device: row.device,
  clientId: row.client_id,
  openedAt: instant(row.opened),
  ...(row.closed === null ? {} : { closedAt: instant(row.closed) }),
  ...(row.reason === null ? {} : { reason: row.reason }),
  transport: row.transport,
  tls: row.tls,
  suite: row.suite,
  ...(row.tls_group === null ? {} : { group: row.tls_group }),
  resumed: row.resumed === 1,
  address: row.address,
  received: row.received,
  sent: row.sent,
});

type RefusalRecord = Omit<ConductTables['refusal'], 'id'> & { readonly id: number };

const toRefusal = (row: RefusalRecord): RefusalRow => ({
  agreement: row.agreement,
  device: row.device,
  code: isProblemCode(row.code) ? row.code : 'internal',
  action: row.action,
  resource: row.resource,
  policies: JSON.parse(row.policies) as string[], // written below from a list of texts
  first: instant(row.first),
  last: instant(row.last),
  count: row.count,
});

const sessionColumns = [
  'conn',
  'agreement',
  'device',
  'client_id',
  'opened',
  'closed',
  'reason',
  'transport',
  'tls',
  'suite',
  'tls_group',
  'resumed',
  'address',
  'received',
  'sent',
] as const;
const refusalColumns = [
  'id',
  'agreement',
  'device',
  'code',
  'action',
  'resource',
  'policies',
  'hour',
  'first',
  'last',
  'count',
] as const;

async function refuse(tx: Tx, refusals: readonly RefusalRow[]): Promise<void> {
  for (const row of refusals) {
    await tx
      .insertInto('refusal')
      .values({
        agreement: row.agreement,
        device: row.device,
        code: row.code,
        action: row.action,
        resource: row.resource,
        policies: JSON.stringify(row.policies),
        hour: Math.floor(row.last / hour),
        first: row.first,
        last: row.last,
        count: row.count,
      })
      .onConflict((conflict) =>
        conflict.columns(['agreement', 'device', 'code', 'resource', 'hour']).doUpdateSet((eb) => ({
          last: eb.ref('excluded.last'),
          count: eb('refusal.count', '+', eb.ref('excluded.count')),
        })),
      )
      .execute();
  }
}

/** Sessions and refusals of devices: the gateway's own state, for people to see. */
export function sessionStore(db: Db): SessionStore<Tx> {
  return {
    open: async (tx, sessions) => {
      for (const part of chunks(sessions))
        await tx.insertInto('device_session').values(part.map(fromSession)).execute();
    },
    close: async (tx, ends) => {
      for (const { conn, at, reason, received, sent } of ends)
        await tx
          .updateTable('device_session')
          .set({ closed: at, reason, received, sent })
          .where('conn', '=', conn)
          .execute();
    },
    closeStale: async (tx, at) => {
      const { numUpdatedRows } = await tx
        .updateTable('device_session')
        .set({ closed: at, reason: 'restart' })
        .where('closed', 'is', null)
        .executeTakeFirst();
      return Number(numUpdatedRows);
    },
    refuse,
    ...reads(db),
    trim: async (tx, before) => {
      await tx.deleteFrom('device_session').where('closed', '<', before).execute();
      await tx.deleteFrom('refusal').where('last', '<', before).execute();
    },
  };
}

const reads = (db: Db): Pick<SessionStore<Tx>, 'sessions' | 'refusals' | 'refusalCounts'> => ({
  sessions: async ({ agreement, device }, page) => {
    let query = db
      .selectFrom('device_session')
      .select(sessionColumns)
      .where('agreement', '=', agreement)
      .where('device', '=', device);
    const cursor = cursorOf(page);
    if (cursor !== undefined) query = query.where('opened', '<', cursor);
    const rows = await query
      .orderBy('opened', 'desc')
      .limit(page.limit + 1)
      .execute();
    return toPage(rows, page, { item: toSession, cursor: (row) => row.opened });
  },
  refusals: async ({ agreement, device }, page) => {
    let query = db
      .selectFrom('refusal')
      .select(refusalColumns)
      .where('agreement', '=', agreement)
      .where('device', '=', device);
    const cursor = cursorOf(page);
    if (cursor !== undefined) query = query.where('last', '<', cursor);
    const rows = await query
      .orderBy('last', 'desc')
      .limit(page.limit + 1)
      .execute();
    return toPage(rows, page, { item: toRefusal, cursor: (row) => row.last });
  },
  refusalCounts: async (agreement, since) => {
    const rows = await db
      .selectFrom('refusal')
      .select((eb) => ['device', eb.fn.sum<number>('count').as('total')])
      .where('agreement', '=', agreement)
      .where('last', '>=', since)
      .groupBy('device')
      .execute();
    return new Map(rows.map((row) => [row.device, row.total]));
  },
});
