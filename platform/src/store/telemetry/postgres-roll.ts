import type { Db, Tx } from '../db/schema.ts';
import { Accumulator, type KeyedStats } from './buckets.ts';
import { decodeStats, encodeStats, mergeStats } from './stats.ts';

/** Rolls up at most `limit` rows of a day in one transaction with the mark of how far roll-ups reach. */
export async function rollPostgres(db: Db, day: number, limit: number): Promise<void> {
  await db.transaction().execute(async (tx) => {
    // The day's row is held until commit: another process that rolls up the same day waits, then starts after us.
    const state = await tx
      .selectFrom('telemetry_day')
      .select('done')
      .where('day', '=', day)
      .forUpdate()
      .executeTakeFirst();
    if (!state) return;
    const rows = await tx
      .selectFrom('sample')
      .select(['id', 'device', 'channel', 'at', 'numbers'])
      .where('day', '=', day)
      .where('id', '>', state.done)
      .orderBy('id')
      .limit(limit)
      .execute();
    const end = rows.at(-1)?.id;
    if (end === undefined) return;
    const sums = new Accumulator();
    for (const row of rows) sums.add(row);
    for (const bucket of sums.entries()) await addTo(tx, day, bucket);
    await tx.updateTable('telemetry_day').set({ done: end }).where('day', '=', day).execute();
  });
}

async function addTo(tx: Tx, day: number, { key, stats }: KeyedStats): Promise<void> {
  const [device, channel, field, step, start] = key;
  const place = { day, device, channel, field, step, start };
  const stored = await tx
    .selectFrom('rollup')
    .select('stats')
    .where((eb) => eb.and(place))
    .executeTakeFirst();
  if (!stored) {
    await tx
      .insertInto('rollup')
      .values({ ...place, stats: encodeStats(stats) })
      .execute();
    return;
  }
  const total = decodeStats(stored.stats);
  mergeStats(total, stats);
  await tx
    .updateTable('rollup')
    .set({ stats: encodeStats(total) })
    .where((eb) => eb.and(place))
    .execute();
}
