import { type Connection } from '../../db/sqlite/connection.ts';
import { bucketsOf, type Numbers, sortForBuckets } from '../buckets.ts';
import { decodeStats, encodeStats, mergeStats, type Stats } from '../stats.ts';
import { readState } from './day-file.ts';

/**
 * Brings index and roll-ups of one day forward by at most `limit` rows, in one transaction with the mark of how far
 * they reach: a crash repeats nothing and leaves nothing out. Returns how many rows are still to do.
 */
export function rollChunk(file: Connection, limit: number): number {
  return file.transaction(() => {
    const { done, last } = readState(file);
    const rows = readRows(file, done, limit);
    const end = rows.at(-1)?.id;
    if (end === undefined) return 0;
    // Sorted, each page of the two trees is touched once for a chunk instead of once for a row.
    sortForBuckets(rows);
    const index = file.statement('insert into by_device (device, channel, at, id) values (?, ?, ?, ?)');
    for (const { device, channel, at, id } of rows) index.run(device, channel, at, id);
    for (const { key, stats } of bucketsOf(rows)) addTo(file, key, stats);
    file.statement('update day set done = ? where one = 1').run(end);
    return last - end;
  });
}

function readRows(file: Connection, after: number, limit: number): Numbers[] {
  const found = file
    .statement('select id, device, channel, at, numbers from sample where id > ? order by id limit ?')
    .all(after, limit);
  return found.map((row) => ({
    id: Number(row['id']),
    device: Number(row['device']),
    channel: Number(row['channel']),
    at: Number(row['at']),
    numbers: row['numbers'] instanceof Uint8Array ? row['numbers'] : null,
  }));
}

function addTo(file: Connection, key: readonly number[], stats: Stats): void {
  const row = file
    .statement('select stats from rollup where device = ? and channel = ? and field = ? and step = ? and start = ?')
    .get(...key);
  const stored = row?.['stats'];
  if (stored instanceof Uint8Array) {
    const total = decodeStats(stored);
    mergeStats(total, stats);
    file
      .statement(
        'update rollup set stats = ? where device = ? and channel = ? and field = ? and step = ? and start = ?',
      )
      .run(encodeStats(total), ...key);
    return;
  }
  file
    .statement('insert into rollup (device, channel, field, step, start, stats) values (?, ?, ?, ?, ?, ?)')
    .run(...key, encodeStats(stats));
}
