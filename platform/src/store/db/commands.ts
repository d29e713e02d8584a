import type { CommandRow, CommandState, CommandStore } from '../../flow/ports.ts';
import { instant } from '../../kernel/time.ts';
import { cursorOf, toPage } from './paging.ts';
import type { Db, Tx } from './schema.ts';
import type { ConductTables } from './tables/conduct.ts';

const toCommand = (row: ConductTables['command']): CommandRow => ({
  id: row.id,
  agreement: row.agreement,
  device: row.device,
  name: row.name,
  payload: row.payload,
  state: row.state as CommandState, // held by the table's check
  createdAt: instant(row.created),
  deadline: instant(row.deadline),
  ...(row.delivered === null ? {} : { deliveredAt: instant(row.delivered) }),
  ...(row.finished === null ? {} : { finishedAt: instant(row.finished) }),
  ...(row.result === null ? {} : { result: row.result }),
  by: row.by,
});

const fromCommand = (command: CommandRow): ConductTables['command'] => ({
  id: command.id,
  agreement: command.agreement,
  device: command.device,
  name: command.name,
  payload: command.payload,
  state: command.state,
  created: command.createdAt,
  deadline: command.deadline,
  delivered: command.deliveredAt ?? null,
  finished: command.finishedAt ?? null,
  result: command.result ?? null,
  by: command.by,
});

const columns = [
  'id',
  'agreement',
  'device',
  'name',
  'payload',
  'state',
  'created',
  'deadline',
  'delivered',
  'finished',
  'result',
  'by',
] as const;

/** Commands to devices: rows until they are delivered, then their history (gateway section 8). */
export function commandStore(db: Db): CommandStore<Tx> {
  return {
    add: async (tx, command) => {
      await tx.insertInto('command').values(fromCommand(command)).execute();
    },
    move: async (tx, command, to) => {
      const { numUpdatedRows } = await tx
        .updateTable('command')
        .set(fromCommand(to))
        .where('id', '=', command.id)
        .where('state', '=', command.state)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    command: async (id) => {
      const row = await db.selectFrom('command').select(columns).where('id', '=', id).executeTakeFirst();
      return row && toCommand(row);
    },
    waiting: async ({ agreement, device }, limit) => {
      const rows = await db
        .selectFrom('command')
        .select(columns)
        .where('agreement', '=', agreement)
        .where('device', '=', device)
        .where('state', '=', 'waiting')
        .orderBy('created')
        .limit(limit)
        .execute();
      return rows.map(toCommand);
    },
    commands: async ({ agreement, device }, page) => {
      let query = db
        .selectFrom('command')
        .select(columns)
        .where('agreement', '=', agreement)
        .where('device', '=', device);
      const cursor = cursorOf(page);
      if (cursor !== undefined) query = query.where('created', '<', cursor);
      const rows = await query
        .orderBy('created', 'desc')
        .limit(page.limit + 1)
        .execute();
      return toPage(rows, page, { item: toCommand, cursor: (row) => row.created });
    },
    overdue: async (now, limit) => {
      const rows = await db
        .selectFrom('command')
        .select(columns)
        .where('state', 'in', ['waiting', 'delivered', 'accepted'])
        .where('deadline', '<', now)
        .limit(limit)
        .execute();
      return rows.map(toCommand);
    },
  };
}
