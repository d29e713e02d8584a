import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { StoreError } from '../../db/errors.ts';
import { type Connection, openReader, openWriter } from '../../db/sqlite/connection.ts';
import { syncDirectory } from '../../files.ts';
import { dayName } from '../day.ts';

/**
 * One file per UTC day of receipt. `sample` has no index of its own: with 500 devices a commit would rewrite as many
 * index pages as it has rows (measured: 145,000 rows/s with, 590,000 without, at 500 a commit). `by_device` is that
 * index, filled in sorted chunks behind the acknowledgement up to row `day.indexed` (roll-ups: `day.rolled`); readers
 * search the rest row by row.
 */
const version = 1;
const schema = `
  create table sample (
    id integer primary key,
    device integer not null,
    channel integer not null,
    at integer not null,
    received integer not null,
    body blob not null,
    sealed blob,
    numbers blob
  ) strict;
  create table by_device (
    device integer not null,
    channel integer not null,
    at integer not null,
    id integer not null,
    primary key (device, channel, at, id)
  ) strict, without rowid;
  create table rollup (
    device integer not null,
    channel integer not null,
    field integer not null,
    step integer not null,
    start integer not null,
    stats blob not null,
    primary key (device, channel, field, step, start)
  ) strict, without rowid;
  create table day (
    one integer primary key check (one = 1),
    rows integer not null,
    at_min integer,
    at_max integer,
    last integer not null,
    indexed integer not null,
    rolled integer not null
  ) strict;
  insert into day (one, rows, last, indexed, rolled) values (1, 0, 0, 0, 0);
  pragma user_version = ${version};`;

/** `rows` now stored, their span of device time, the last id, and the ids up to which index and roll-ups reach. */
export interface DayState {
  readonly rows: number;
  readonly atMin: number;
  readonly atMax: number;
  readonly last: number;
  readonly indexed: number;
  readonly rolled: number;
}

export const dayPath = (dir: string, day: number): string => path.join(dir, `${dayName(day)}.db`);

/** Opens the writing connection of a day, making the file if there is none. */
export function openDay(dir: string, day: number): Connection {
  const file = dayPath(dir, day);
  const made = !existsSync(file);
  const connection = openWriter(file);
  const found = userVersion(connection);
  if (found > version) throw new StoreError('corrupt', `${path.basename(file)} was written by a newer version`);
  if (found === 0) connection.transaction(() => connection.db.exec(schema));
  // The file's name must survive a power cut as well as its content.
  if (made) syncDirectory(dir);
  return connection;
}

/** Opens a day for reading; undefined if there is none, or none with tables yet. */
export function openDayReader(dir: string, day: number): Connection | undefined {
  if (!existsSync(dayPath(dir, day))) return undefined;
  const connection = openReader(dayPath(dir, day));
  if (userVersion(connection) === version) return connection;
  connection.close();
  return undefined;
}

function userVersion(connection: Connection): number {
  const row = connection.db.prepare('pragma user_version').get();
  return Number(row?.['user_version'] ?? 0);
}

export function readState(connection: Connection): DayState {
  const row = connection.statement('select rows, at_min, at_max, last, indexed, rolled from day where one = 1').get();
  if (!row) throw new StoreError('corrupt', 'a telemetry file without its state row');
  const at = (name: string): number => Number(row[name] ?? 0);
  return {
    rows: at('rows'),
    atMin: at('at_min'),
    atMax: at('at_max'),
    last: at('last'),
    indexed: at('indexed'),
    rolled: at('rolled'),
  };
}

const fileName = /^(\d{4}-\d{2}-\d{2})\.db$/;

/** Names of the days there are files for, oldest first. */
export const listDays = (dir: string): readonly string[] =>
  readdirSync(dir)
    .map((file) => fileName.exec(file)?.[1])
    .filter((day) => day !== undefined)
    .toSorted();
