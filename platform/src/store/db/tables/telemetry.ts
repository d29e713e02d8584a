import type { Tables, TablesOf } from '../columns.ts';

/** In the main database of both kinds. */
export const telemetryTables = {
  /** Numbers of devices, channels and fields; `id` is never given twice. */
  telemetry_ref: { id: 'serial', kind: 'text', scope: 'text', name: 'text' },
} as const satisfies Tables;
export type TelemetryTables = TablesOf<typeof telemetryTables>;

/** PostgreSQL only: SQLite keeps these in one file per day (`telemetry/sqlite/day-file.ts`). `day` = days since 1970. */
export const postgresTelemetryTables = {
  /** Partitioned by `day`; `numbers` as in `telemetry/pack.ts`. */
  sample: {
    id: 'int',
    day: 'int',
    device: 'int',
    channel: 'int',
    at: 'int',
    received: 'int',
    body: 'bytes',
    sealed: 'bytes?',
    numbers: 'bytes?',
  },
  /** `done` = id up to which roll-ups reach, `last` = the day's last id. */
  telemetry_day: { day: 'int', rows: 'int', at_min: 'int', at_max: 'int', last: 'int', done: 'int' },
  /** `stats` as in `telemetry/stats.ts`. */
  rollup: {
    day: 'int',
    device: 'int',
    channel: 'int',
    field: 'int',
    step: 'int',
    start: 'int',
    stats: 'bytes',
  },
} as const satisfies Tables;
export type PostgresTelemetryTables = TablesOf<typeof postgresTelemetryTables>;
