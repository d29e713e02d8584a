import { rmSync } from 'node:fs';
import type { Connection } from '../../db/sqlite/connection.ts';
import { syncDirectory } from '../../files.ts';
import { dayNumber, parseDay } from '../day.ts';
import { type PackedBatch, type PackedSample, unpack } from '../pack.ts';
import { dayPath, listDays, openDay, readState } from './day-file.ts';
import { Roller } from './roll.ts';

/** Days kept open for writing: around midnight two are in use. */
const maxOpen = 4;

interface OpenDay {
  readonly file: Connection;
  readonly roller: Roller;
}

/** Writing side of the day files. For the writing worker. */
export class DayWriter {
  readonly #dir: string;
  readonly #open = new Map<number, OpenDay>();

  constructor(dir: string) {
    this.#dir = dir;
    // A crash may have left rows without index and roll-up in the newest days.
    for (const day of listDays(dir).slice(-maxOpen)) this.#day(parseDay(day));
  }

  /** Rows that index and roll-ups have yet to reach. */
  get behind(): number {
    let sum = 0;
    for (const { roller } of this.#open.values()) sum += roller.behind;
    return sum;
  }

  /** Stores the samples, one transaction for each day among them (nearly always one); on disk when it returns. */
  append(batch: PackedBatch): void {
    const days = Map.groupBy(unpack(batch), ({ received }) => dayNumber(received));
    for (const [day, samples] of days) this.#store(this.#day(day), samples);
  }

  /** Indexes or rolls up some rows of the oldest day that is behind. */
  rollSome(): void {
    for (const { roller } of this.#open.values()) {
      if (roller.behind === 0) continue;
      roller.step();
      return;
    }
  }

  remove(name: string): void {
    const day = parseDay(name);
    this.#open.get(day)?.file.close();
    this.#open.delete(day);
    const file = dayPath(this.#dir, day);
    // The main file first: a WAL without its file is nothing, a file without its WAL would be an older state.
    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
    syncDirectory(this.#dir);
  }

  close(): void {
    for (const { file } of this.#open.values()) file.close();
    this.#open.clear();
  }

  #store(day: OpenDay, samples: readonly PackedSample[]): void {
    const { file } = day;
    file.transaction(() => {
      const insert = file.statement(
        'insert into sample (id, device, channel, at, received, body, sealed, numbers) values (?, ?, ?, ?, ?, ?, ?, ?)',
      );
      let id = readState(file).last;
      let min = Infinity;
      let max = -Infinity;
      for (const { device, channel, at, received, body, sealed, numbers } of samples) {
        insert.run(++id, device, channel, at, received, body, sealed, numbers);
        if (at < min) min = at;
        if (at > max) max = at;
      }
      file
        .statement(
          `update day set rows = rows + ?1, last = last + ?1,
            at_min = min(coalesce(at_min, ?2), ?2), at_max = max(coalesce(at_max, ?3), ?3) where one = 1`,
        )
        .run(samples.length, min, max);
    });
    day.roller.grow(samples.length);
  }

  #day(day: number): OpenDay {
    const known = this.#open.get(day);
    if (known) {
      if (this.#open.size > 1) {
        this.#open.delete(day);
        this.#open.set(day, known);
      }
      return known;
    }
    if (this.#open.size >= maxOpen) this.#closeOldest();
    const file = openDay(this.#dir, day);
    const opened = { file, roller: new Roller(file, readState(file)) };
    this.#open.set(day, opened);
    return opened;
  }

  /** A day nobody writes to any more: brought up to date, then closed. */
  #closeOldest(): void {
    for (const [day, { file, roller }] of this.#open) {
      while (roller.behind > 0) roller.step();
      file.close();
      this.#open.delete(day);
      return;
    }
  }
}
