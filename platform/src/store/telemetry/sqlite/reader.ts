import type { Bucket, RollupQuery, SampleQuery, StoredSample } from '../../../duties/data/index.ts';
import type { Instant } from '../../../kernel/time.ts';
import type { Connection } from '../../db/sqlite/connection.ts';
import type { SqlRow, SqlValue } from '../../db/sqlite/messages.ts';
import { parseDay } from '../day.ts';
import { takeInOrder } from '../merge.ts';
import { eachNumber } from '../pack.ts';
import { addValue, decodeStats, mergeStats, newStats, type Stats, stepSeconds, stepStart, toBucket } from '../stats.ts';
import { type DayState, listDays, openDayReader, readState } from './day-file.ts';

/** Days kept open for reading. */
const maxOpen = 32;
/** Days that `latest` looks back through. */
const latestDays = 32;

const columns = 'device, channel, at, received, body, sealed';

/** Reading side of the day files. For the reading worker. Each day is read in one transaction, so in one state. */
export class DayReader {
  readonly #dir: string;
  readonly #open = new Map<string, Connection>();

  constructor(dir: string) {
    this.#dir = dir;
  }

  days(): readonly string[] {
    return listDays(this.#dir).filter((day) => (this.#read(day, (_, { rows }) => rows) ?? 0) > 0);
  }

  count(): number {
    return listDays(this.#dir).reduce((sum, day) => sum + (this.#read(day, (_, { rows }) => rows) ?? 0), 0);
  }

  /** Device time and receipt may differ by years, so every day whose span of device time meets the range is asked. */
  range(query: SampleQuery): readonly StoredSample[] {
    const { from, to, limit, order } = query;
    const days = listDays(this.#dir);
    let found: readonly StoredSample[] = [];
    for (const day of order === 'ascending' ? days : days.toReversed()) {
      const samples = this.#read(day, (file, state) => {
        if (!meets(state, from, to) || !canAdd(found, state, query)) return [];
        return [...indexed(file, state, query), ...notIndexed(file, state, query)];
      });
      if (samples && samples.length > 0) found = takeInOrder([found, samples], limit, order);
    }
    return found;
  }

  rollups(query: RollupQuery): readonly Bucket[] {
    const { step } = query;
    const from = stepStart(query.from, step) as Instant;
    // A bucket belongs to the range by its start, so values up to the end of the last bucket count.
    const end = (stepStart(query.to - 1, step) + stepSeconds[step] * 1_000) as Instant;
    const whole: RollupQuery = { ...query, from, to: end };
    const totals = new Map<number, Stats>();
    for (const day of listDays(this.#dir)) {
      this.#read(day, (file, state) => {
        if (!meets(state, from, end)) return;
        addStored(totals, file, whole);
        addNotRolled(totals, file, state, whole);
      });
    }
    return [...totals].toSorted(([a], [b]) => a - b).map(([start, stats]) => toBucket(start, stats));
  }

  latest(device: number): readonly StoredSample[] {
    const newest = new Map<number, StoredSample>();
    for (const day of listDays(this.#dir).slice(-latestDays).toReversed()) {
      const found = this.#read(day, (file, state) => latestOfDay(file, state, device)) ?? [];
      for (const sample of found) if (!newest.has(sample.channel)) newest.set(sample.channel, sample);
    }
    return [...newest.values()].toSorted((a, b) => a.channel - b.channel);
  }

  forget(day: string): void {
    parseDay(day);
    this.#open.get(day)?.close();
    this.#open.delete(day);
  }

  close(): void {
    for (const connection of this.#open.values()) connection.close();
    this.#open.clear();
  }

  /** Runs `work` in a read transaction of the day; undefined if the day is gone. */
  #read<T>(day: string, work: (file: Connection, state: DayState) => T): T | undefined {
    const file = this.#connection(day);
    if (!file) return undefined;
    file.db.exec('begin');
    try {
      return work(file, readState(file));
    } finally {
      file.db.exec('commit');
    }
  }

  #connection(day: string): Connection | undefined {
    const known = this.#open.get(day);
    if (known) {
      this.#open.delete(day);
      this.#open.set(day, known);
      return known;
    }
    const opened = openDayReader(this.#dir, parseDay(day));
    if (!opened) return undefined;
    if (this.#open.size >= maxOpen) {
      for (const [oldest, connection] of this.#open) {
        connection.close();
        this.#open.delete(oldest);
        break;
      }
    }
    this.#open.set(day, opened);
    return opened;
  }
}

const meets = ({ rows, atMin, atMax }: DayState, from: number, to: number): boolean =>
  rows > 0 && atMin < to && atMax >= from;

/** Whether a day can hold samples that come before the last one of a page that is already full. */
function canAdd(found: readonly StoredSample[], { atMin, atMax }: DayState, { limit, order }: SampleQuery): boolean {
  const last = found.at(-1);
  if (last === undefined || found.length < limit) return true;
  return order === 'ascending' ? atMin <= last.at : atMax >= last.at;
}

const direction = (order: SampleQuery['order']): string => (order === 'ascending' ? 'asc' : 'desc');

function indexed(file: Connection, state: DayState, query: SampleQuery): StoredSample[] {
  const way = direction(query.order);
  return file
    .statement(
      `select ${columns.replaceAll(/\w+/g, 's.$&')} from by_device b join sample s on s.id = b.id
        where b.device = ? and b.channel = ? and b.at >= ? and b.at < ? and b.id <= ?
        order by b.at ${way}, b.id ${way} limit ?`,
    )
    .all(query.device, query.channel, query.from, query.to, state.indexed, query.limit)
    .map(toSample);
}

function notIndexed(file: Connection, state: DayState, query: SampleQuery): StoredSample[] {
  if (state.indexed >= state.last) return [];
  const way = direction(query.order);
  return file
    .statement(
      `select ${columns} from sample where id > ? and device = ? and channel = ? and at >= ? and at < ?
        order by at ${way}, id ${way} limit ?`,
    )
    .all(state.indexed, query.device, query.channel, query.from, query.to, query.limit)
    .map(toSample);
}

function addStored(totals: Map<number, Stats>, file: Connection, query: RollupQuery): void {
  const { device, channel, field, step, from, to } = query;
  const rows = file
    .statement(
      `select start, stats from rollup
        where device = ? and channel = ? and field = ? and step = ? and start >= ? and start < ?`,
    )
    .all(device, channel, field, stepSeconds[step], from, to);
  for (const row of rows) {
    const start = Number(row['start']);
    const stats = decodeStats(bytesOf(row['stats']));
    const total = totals.get(start);
    if (total) mergeStats(total, stats);
    else totals.set(start, stats);
  }
}

function addNotRolled(totals: Map<number, Stats>, file: Connection, state: DayState, query: RollupQuery): void {
  if (state.rolled >= state.last) return;
  const rows = file
    .statement(
      `select at, numbers from sample where id > ? and device = ? and channel = ? and at >= ? and at < ?
        and numbers is not null order by id`,
    )
    .iterate(state.rolled, query.device, query.channel, query.from, query.to);
  for (const row of rows) {
    const at = Number(row['at']);
    const start = stepStart(at, query.step);
    eachNumber(bytesOf(row['numbers']), (field, value) => {
      if (field !== query.field) return;
      const total = totals.get(start);
      if (total) addValue(total, value, at);
      else totals.set(start, newStats(value, at));
    });
  }
}

function latestOfDay(file: Connection, { indexed: done, last }: DayState, device: number): StoredSample[] {
  const newest = new Map<number, number>();
  const ids = [
    ...file.statement('select channel, max(id) as id from by_device where device = ? group by channel').all(device),
    ...(done < last
      ? file
          .statement('select channel, max(id) as id from sample where id > ? and device = ? group by channel')
          .all(done, device)
      : []),
  ];
  for (const row of ids) newest.set(Number(row['channel']), Number(row['id']));
  const byId = file.statement(`select ${columns} from sample where id = ?`);
  return [...newest.values()].flatMap((id) => {
    const row = byId.get(id);
    return row ? [toSample(row)] : [];
  });
}

function bytesOf(value: SqlValue | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new TypeError('a column that should hold bytes does not');
}

function toSample(row: SqlRow): StoredSample {
  const sealed = row['sealed'];
  return {
    device: Number(row['device']),
    channel: Number(row['channel']),
    at: Number(row['at']) as Instant,
    received: Number(row['received']) as Instant,
    body: bytesOf(row['body']),
    ...(sealed instanceof Uint8Array ? { sealed } : {}),
  };
}
