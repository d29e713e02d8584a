import { sql } from 'kysely';
import type {
  Bucket,
  Day,
  RefKind,
  RollupQuery,
  Sample,
  SampleQuery,
  StoredSample,
  TelemetryStore,
} from '../../duties/data/index.ts';
import type { Instant } from '../../kernel/time.ts';
import type { Db, Tx } from '../db/schema.ts';
import { GroupCommit } from '../group-commit.ts';
import { checkQuery, checkRollupQuery, checkSample } from './check.ts';
import { dayName, dayNumber, parseDay } from './day.ts';
import { eachNumber, type PackedSample, Packer, packedSize, unpack } from './pack.ts';
import { rollPostgres } from './postgres-roll.ts';
import type { References } from './references.ts';
import { addValue, decodeStats, mergeStats, newStats, type Stats, stepSeconds, stepStart, toBucket } from './stats.ts';

const maxWaiting = 64 * 1024 * 1024;
/** Rows of one insert: 9 parameters each, under PostgreSQL's 65,535. */
const insertRows = 1_000;
/** Rows rolled up at a time, and how often it looks (milliseconds). */
const chunk = 2_000;
const rhythm = 15_000;
const latestDays = 32;
const columns = ['device', 'channel', 'at', 'received', 'body', 'sealed'] as const;

/** `TelemetryStore` over one table partitioned by day. */
export class PostgresTelemetry implements TelemetryStore {
  readonly #db: Db;
  readonly #references: References;
  readonly #group: GroupCommit<Packer, undefined>;
  readonly #timer: NodeJS.Timeout;
  /** Days whose partition is known to exist. Bounded: cleared when it grows past a year. */
  readonly #partitions = new Set<number>();
  #rolling: Promise<void> = Promise.resolve();

  constructor(db: Db, references: References) {
    this.#db = db;
    this.#references = references;
    this.#group = new GroupCommit({
      open: () => new Packer(),
      commit: async (packer) => {
        const days = Map.groupBy(unpack(packer.finish()), ({ received }) => dayNumber(received));
        for (const [day, samples] of days) await this.#store(day, samples);
        return undefined;
      },
      maxWaiting,
    });
    // A pass that fails (database away) is tried again by the next one; reads are right without it.
    this.#timer = setInterval(() => void this.catchUp().catch(() => undefined), rhythm).unref();
  }

  append(samples: readonly Sample[]): Promise<void> {
    try {
      for (const sample of samples) checkSample(sample);
    } catch (error) {
      return Promise.reject(error);
    }
    if (samples.length === 0) return Promise.resolve();
    const size = samples.reduce((sum, sample) => sum + packedSize(sample), 0);
    return this.#group.add(size, (packer) => {
      for (const sample of samples) packer.add(sample);
    });
  }

  ref(kind: RefKind, scope: string, name: string): Promise<number> {
    return this.#references.get(kind, scope, name);
  }

  async range(query: SampleQuery): Promise<readonly StoredSample[]> {
    checkQuery(query);
    const way = query.order === 'ascending' ? 'asc' : 'desc';
    const rows = await this.#db
      .selectFrom('sample')
      .select(columns)
      .where('device', '=', query.device)
      .where('channel', '=', query.channel)
      .where('at', '>=', query.from)
      .where('at', '<', query.to)
      .orderBy('at', way)
      .orderBy('received', way)
      .orderBy('id', way)
      .limit(query.limit)
      .execute();
    return rows.map(toSample);
  }

  async rollups(query: RollupQuery): Promise<readonly Bucket[]> {
    checkRollupQuery(query);
    const { step, device, channel, field } = query;
    const from = stepStart(query.from, step);
    const end = stepStart(query.to - 1, step) + stepSeconds[step] * 1_000;
    const totals = new Map<number, Stats>();
    // One state for both reads: between them a pass could move rows from one to the other.
    await this.#db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (tx) => {
        const stored = await tx
          .selectFrom('rollup')
          .select(['start', 'stats'])
          .where('device', '=', device)
          .where('channel', '=', channel)
          .where('field', '=', field)
          .where('step', '=', stepSeconds[step])
          .where('start', '>=', from)
          .where('start', '<', end)
          .orderBy('day')
          .execute();
        for (const { start, stats } of stored) addStored(totals, start, decodeStats(stats));
        for (const { at, numbers } of await notRolled(tx, query, from, end)) addNumbers(totals, at, numbers, query);
      });
    return [...totals].toSorted(([a], [b]) => a - b).map(([start, stats]) => toBucket(start, stats));
  }

  async latest(device: number): Promise<readonly StoredSample[]> {
    const days = await this.#db
      .selectFrom('telemetry_day')
      .select('day')
      .orderBy('day', 'desc')
      .limit(latestDays)
      .execute();
    const oldest = days.at(-1)?.day;
    if (oldest === undefined) return [];
    const rows = await this.#db
      .selectFrom('sample')
      .select(columns)
      .distinctOn('channel')
      .where('device', '=', device)
      .where('day', '>=', oldest)
      .orderBy('channel')
      .orderBy('day', 'desc')
      .orderBy('id', 'desc')
      .execute();
    return rows.map(toSample);
  }

  async count(): Promise<number> {
    const row = await this.#db
      .selectFrom('telemetry_day')
      .select((eb) => eb.fn.sum<number | null>('rows').as('rows'))
      .executeTakeFirst();
    return row?.rows ?? 0;
  }

  async days(): Promise<readonly Day[]> {
    const rows = await this.#db.selectFrom('telemetry_day').select('day').orderBy('day').execute();
    return rows.map(({ day }) => dayName(day));
  }

  async deleteDay(name: Day): Promise<void> {
    const day = parseDay(name);
    this.#partitions.delete(day);
    await this.#db.transaction().execute(async (tx) => {
      await sql`drop table if exists ${sql.ref(partition(day))}`.execute(tx);
      await tx.deleteFrom('rollup').where('day', '=', day).execute();
      await tx.deleteFrom('telemetry_day').where('day', '=', day).execute();
    });
  }

  /** Passes follow one another: two at once would wait for each other's rows. */
  catchUp(): Promise<void> {
    const next = this.#rolling.then(() => this.#roll());
    this.#rolling = next.catch(() => undefined);
    return next;
  }

  /** Stores what waits. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#group.close();
    await this.#rolling;
  }

  async #roll(): Promise<void> {
    for (;;) {
      const behind = await this.#db
        .selectFrom('telemetry_day')
        .select('day')
        .whereRef('done', '<', 'last')
        .orderBy('day')
        .limit(1)
        .executeTakeFirst();
      if (!behind) return;
      await rollPostgres(this.#db, behind.day, chunk);
    }
  }

  async #store(day: number, samples: readonly PackedSample[]): Promise<void> {
    await this.#ensurePartition(day);
    const first = samples[0];
    if (!first) return;
    let min = first.at;
    let max = first.at;
    for (const { at } of samples) {
      min = Math.min(min, at);
      max = Math.max(max, at);
    }
    await this.#db.transaction().execute(async (tx) => {
      // This row is held until commit, so that ids of a day are given in the order of commits: `done` skips nobody.
      const last = await count(tx, { day, rows: samples.length, min, max });
      let id = last - samples.length;
      const rows = samples.map((sample) => ({ ...sample, day, id: ++id }));
      for (let from = 0; from < rows.length; from += insertRows)
        await tx
          .insertInto('sample')
          .values(rows.slice(from, from + insertRows))
          .execute();
    });
  }

  async #ensurePartition(day: number): Promise<void> {
    if (this.#partitions.has(day)) return;
    await sql`create table if not exists ${sql.ref(partition(day))} partition of sample for values in (${sql.lit(day)})`.execute(
      this.#db,
    );
    if (this.#partitions.size > 366) this.#partitions.clear();
    this.#partitions.add(day);
  }
}

const partition = (day: number): string => `sample_${dayName(day).replaceAll('-', '')}`;

/** Adds to the day's counts and returns its last id. */
async function count(
  tx: Tx,
  { day, rows, min, max }: { readonly day: number; readonly rows: number; readonly min: number; readonly max: number },
): Promise<number> {
  const row = await tx
    .insertInto('telemetry_day')
    .values({ day, rows, at_min: min, at_max: max, last: rows, done: 0 })
    .onConflict((conflict) =>
      conflict.column('day').doUpdateSet((eb) => ({
        rows: eb('telemetry_day.rows', '+', rows),
        last: eb('telemetry_day.last', '+', rows),
        at_min: eb.fn<number>('least', ['telemetry_day.at_min', eb.val(min)]),
        at_max: eb.fn<number>('greatest', ['telemetry_day.at_max', eb.val(max)]),
      })),
    )
    .returning('last')
    .executeTakeFirstOrThrow();
  return row.last;
}

async function notRolled(
  tx: Tx,
  { device, channel }: RollupQuery,
  from: number,
  end: number,
): Promise<readonly { readonly at: number; readonly numbers: Uint8Array | null }[]> {
  return tx
    .selectFrom('telemetry_day')
    .innerJoin('sample', 'sample.day', 'telemetry_day.day')
    .select(['sample.at', 'sample.numbers'])
    .whereRef('sample.id', '>', 'telemetry_day.done')
    .whereRef('telemetry_day.done', '<', 'telemetry_day.last')
    .where('sample.device', '=', device)
    .where('sample.channel', '=', channel)
    .where('sample.at', '>=', from)
    .where('sample.at', '<', end)
    .orderBy('sample.day')
    .orderBy('sample.id')
    .execute();
}

function addStored(totals: Map<number, Stats>, start: number, stats: Stats): void {
  const total = totals.get(start);
  if (total) mergeStats(total, stats);
  else totals.set(start, stats);
}

function addNumbers(totals: Map<number, Stats>, at: number, numbers: Uint8Array | null, query: RollupQuery): void {
  if (numbers === null) return;
  const start = stepStart(at, query.step);
  eachNumber(numbers, (field, value) => {
    if (field !== query.field) return;
    const total = totals.get(start);
    if (total) addValue(total, value, at);
    else totals.set(start, newStats(value, at));
  });
}

interface Row {
  readonly device: number;
  readonly channel: number;
  readonly at: number;
  readonly received: number;
  readonly body: Uint8Array;
  readonly sealed: Uint8Array | null;
}

const toSample = ({ at, received, sealed, ...row }: Row): StoredSample => ({
  ...row,
  at: at as Instant,
  received: received as Instant,
  ...(sealed === null ? {} : { sealed }),
});
