import { type Connection } from '../../db/sqlite/connection.ts';
import { eachNumber } from '../pack.ts';
import { addValue, decodeStats, encodeStats, mergeStats, newStats, rollupSteps, type Stats, stepSeconds, stepStart } from '../stats.ts';
import { readState } from './day-file.ts';

interface Row {
  readonly id: number;
  readonly device: number;
  readonly channel: number;
  readonly at: number;
  readonly numbers: Uint8Array | null;
}

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
    rows.sort((a, b) => a.device - b.device || a.channel - b.channel || a.at - b.at || a.id - b.id);
    const index = file.statement('insert into by_device (device, channel, at, id) values (?, ?, ?, ?)');
    for (const { device, channel, at, id } of rows) index.run(device, channel, at, id);
    addRollups(file, rows);
    file.statement('update day set done = ? where one = 1').run(end);
    return last - end;
  });
}

function readRows(file: Connection, after: number, limit: number): Row[] {
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

/** `rows` are sorted: the buckets of one device and channel are complete when the next one begins. */
function addRollups(file: Connection, rows: readonly Row[]): void {
  let from = 0;
  for (let to = 1; to <= rows.length; to++) {
    const first = rows[from];
    const next = rows[to];
    if (first === undefined) return;
    if (next?.device === first.device && next.channel === first.channel) continue;
    for (const step of rollupSteps) addGroup(file, rows.slice(from, to), step);
    from = to;
  }
}

function addGroup(file: Connection, rows: readonly Row[], step: (typeof rollupSteps)[number]): void {
  const first = rows[0];
  if (first === undefined) return;
  const open = new Map<number, { readonly start: number; readonly stats: Stats }>();
  const flush = (field: number, start: number, stats: Stats): void =>
    addTo(file, [first.device, first.channel, field, stepSeconds[step], start], stats);
  for (const { at, numbers } of rows) {
    if (numbers === null) continue;
    const start = stepStart(at, step);
    eachNumber(numbers, (field, value) => {
      const bucket = open.get(field);
      if (bucket?.start === start) {
        addValue(bucket.stats, value, at);
        return;
      }
      if (bucket) flush(field, bucket.start, bucket.stats);
      open.set(field, { start, stats: newStats(value, at) });
    });
  }
  for (const [field, { start, stats }] of open) flush(field, start, stats);
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
      .statement('update rollup set stats = ? where device = ? and channel = ? and field = ? and step = ? and start = ?')
      .run(encodeStats(total), ...key);
    return;
  }
  file
    .statement('insert into rollup (device, channel, field, step, start, stats) values (?, ?, ?, ?, ?, ?)')
    .run(...key, encodeStats(stats));
}
