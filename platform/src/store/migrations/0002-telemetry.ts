import { execute, type Migration } from '../db/migrate.ts';

/** Numbers of devices, channels and fields; on PostgreSQL also the telemetry itself (data protection, section 12). */
export const telemetry: Migration = {
  id: '0002-telemetry',
  up: (db, { kind, int, bytes, serial, end }) =>
    execute(db, [
      `create table telemetry_ref (
      id ${serial},
      kind text not null check (kind in ('device', 'channel', 'field')),
      scope text not null,
      name text not null,
      unique (kind, scope, name)
    ) ${end}`,
      ...(kind === 'postgres' ? samples(int, bytes) : []),
    ]),
};

const samples = (int: string, bytes: string): string[] => [
  `create table sample (
    id ${int} not null,
    day ${int} not null,
    device ${int} not null,
    channel ${int} not null,
    at ${int} not null,
    received ${int} not null,
    body ${bytes} not null,
    sealed ${bytes},
    numbers ${bytes},
    primary key (day, id)
  ) partition by list (day)`,
  'create index sample_device on sample (device, channel, at)',
  `create table telemetry_day (
    day ${int} primary key,
    rows ${int} not null,
    at_min ${int} not null,
    at_max ${int} not null,
    last ${int} not null,
    done ${int} not null
  )`,
  `create table rollup (
    day ${int} not null,
    device ${int} not null,
    channel ${int} not null,
    field ${int} not null,
    step ${int} not null,
    start ${int} not null,
    stats ${bytes} not null,
    primary key (device, channel, field, step, start, day)
  )`,
  'create index rollup_day on rollup (day)',
];
