import { sql } from 'kysely';
import type { IdentityStore } from '../../duties/identity/index.ts';
import { changedOne } from './changed.ts';
import { deviceColumns, fromDevice, toDevice } from './identity-rows.ts';
import type { Db, Tx } from './schema.ts';

/** `%`, `_` and the escape itself lose their meaning in a search. */
const escapeLike = (text: string): string => text.toLowerCase().replaceAll(/[\\%_]/g, (letter) => `\\${letter}`);

/** Devices and their registry state (B2.2.1): what reads. */
const reads = (db: Db): Pick<IdentityStore<Tx>, 'device' | 'devices' | 'countDevices' | 'loadDevices'> => ({
  device: async (agreement, id) => {
    const row = await db
      .selectFrom('device')
      .select(deviceColumns)
      .where('agreement', '=', agreement)
      .where('id', '=', id)
      .executeTakeFirst();
    return row && toDevice(row);
  },
  devices: async (agreement, query) => {
    let select = db.selectFrom('device').select(deviceColumns).where('agreement', '=', agreement);
    if (query.after !== undefined) select = select.where('id', '>', query.after);
    if (query.model !== undefined) select = select.where('model', '=', query.model);
    if (query.state !== undefined) select = select.where('state', '=', query.state);
    if (query.search !== undefined) {
      const pattern = `%${escapeLike(query.search)}%`;
      // SQLite has no escape character unless told
      select = select.where(sql<boolean>`lower(id) like ${pattern} escape '\\'`);
    }
    const rows = await select.orderBy('id').limit(query.limit).execute();
    return rows.map(toDevice);
  },
  countDevices: async (agreement) => {
    const row = await db
      .selectFrom('device')
      .select(({ fn }) => fn.countAll<number>().as('n'))
      .where('agreement', '=', agreement)
      .executeTakeFirstOrThrow();
    return row.n;
  },
  loadDevices: async (after, limit) => {
    let select = db.selectFrom('device').select(deviceColumns);
    if (after) {
      const { agreement, id } = after;
      select = select.where((eb) =>
        eb.or([eb('agreement', '>', agreement), eb.and([eb('agreement', '=', agreement), eb('id', '>', id)])]),
      );
    }
    const rows = await select.orderBy('agreement').orderBy('id').limit(limit).execute();
    return rows.map(toDevice);
  },
});

/** Devices and their registry state (B2.2.1): what writes, in the caller's transaction. */
const writes: Pick<IdentityStore<Tx>, 'addDevices' | 'changeDevice' | 'setLevel' | 'touch'> = {
  addDevices: async (tx, list) => {
    if (list.length === 0) return [];
    // 12 columns each: 1,000 devices stay below the limit of parameters
    const added = await tx
      .insertInto('device')
      .values(list.map(fromDevice))
      .onConflict((conflict) => conflict.columns(['agreement', 'id']).doNothing())
      .returning(['agreement', 'id'])
      .execute();
    const there = new Set(added.map(({ agreement, id }) => `${agreement}/${id}`));
    return list.filter(({ agreement, id }) => !there.has(`${agreement}/${id}`)).map(({ id }) => id);
  },
  changeDevice: async (tx, from, to) => {
    const result = await tx
      .updateTable('device')
      .set({
        state: to.state ?? from.state,
        level: to.level ?? from.level,
        clone: to.clone ?? from.clone,
        clone_until: ('cloneUntil' in to ? to.cloneUntil : from.cloneUntil) ?? null,
      })
      .where('agreement', '=', from.agreement)
      .where('id', '=', from.id)
      .where('state', '=', from.state)
      .where('level', '=', from.level)
      .where('clone', '=', from.clone)
      .executeTakeFirst();
    return changedOne(result);
  },
  setLevel: async (tx, { agreement, id }, level) => {
    await tx.updateTable('device').set({ level }).where('agreement', '=', agreement).where('id', '=', id).execute();
  },
  touch: async (tx, seen) => {
    for (const { agreement, id, at, address } of seen)
      await tx
        .updateTable('device')
        .set({ last_seen: at, last_address: address })
        .where('agreement', '=', agreement)
        .where('id', '=', id)
        .execute();
  },
};

export const identityDevices = (db: Db): typeof writes & ReturnType<typeof reads> => ({ ...reads(db), ...writes });
