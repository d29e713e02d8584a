import type { IsolationLevel } from '@pactgate/protocol';
import type { OrderRow, OrderStore } from '../../flow/ports.ts';
import { instant } from '../../kernel/time.ts';
import type { Db, Tx } from './schema.ts';
import type { ConductTables } from './tables/conduct.ts';

const toOrder = (row: ConductTables['isolation_order']): OrderRow => ({
  id: row.id,
  agreement: row.agreement,
  device: row.device,
  level: row.level as IsolationLevel, // held by the table's check
  previous: row.previous as IsolationLevel,
  reason: row.reason,
  by: row.by,
  at: instant(row.at),
  ...(row.until === null ? {} : { until: instant(row.until) }),
  ...(row.ended === null ? {} : { endedAt: instant(row.ended) }),
});
const columns = ['id', 'agreement', 'device', 'level', 'previous', 'reason', 'by', 'at', 'until', 'ended'] as const;

/** Isolation orders, the ordered log of who cut what off and why (A3.6.2). */
export function orderStore(db: Db): OrderStore<Tx> {
  return {
    add: async (tx, order) => {
      await tx
        .insertInto('isolation_order')
        .values({
          id: order.id,
          agreement: order.agreement,
          device: order.device,
          level: order.level,
          previous: order.previous,
          reason: order.reason,
          by: order.by,
          at: order.at,
          until: order.until ?? null,
          ended: order.endedAt ?? null,
        })
        .execute();
    },
    end: async (tx, { agreement, device }, at) => {
      await tx
        .updateTable('isolation_order')
        .set({ ended: at })
        .where('agreement', '=', agreement)
        .where('device', '=', device)
        .where('ended', 'is', null)
        .execute();
    },
    current: async ({ agreement, device }) => {
      const row = await db
        .selectFrom('isolation_order')
        .select(columns)
        .where('agreement', '=', agreement)
        .where('device', '=', device)
        .where('ended', 'is', null)
        .orderBy('at', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && toOrder(row);
    },
    overdue: async (now, limit) => {
      const rows = await db
        .selectFrom('isolation_order')
        .select(columns)
        .where('ended', 'is', null)
        .where('until', '<', now)
        .limit(limit)
        .execute();
      return rows.map(toOrder);
    },
  };
}
