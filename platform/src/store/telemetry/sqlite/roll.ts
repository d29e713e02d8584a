import type { Connection } from '../../db/sqlite/connection.ts';
import { Accumulator, type KeyedStats } from '../buckets.ts';
import { decodeStats, encodeStats, mergeStats } from '../stats.ts';

/**
 * Rows done in one go, some 20 ms during which an acknowledgement waits. Fewer would cost more: with 500 devices each
 * chunk rewrites 500 pages of the index (measured: 4.2 us a row at 2,000).
 */
const indexChunk = 8_000;
const rollChunk = 4_000;
/** Roll-ups are written when they have this many buckets of five minutes, or this many rows went into them. */
const maxBuckets = 2_000;
const maxRows = 250_000;

/**
 * Brings index and roll-ups of one day forward, a bounded step at a time. The mark of how far each reaches is part of
 * the transaction that writes it: a crash repeats nothing and leaves nothing out.
 */
export class Roller {
  readonly #file: Connection;
  #last: number;
  #indexed: number;
  #rolled: number;
  /** Rows in `#sums` end here; they are not written yet. */
  #summed: number;
  #sums = new Accumulator();

  constructor(file: Connection, state: { readonly last: number; readonly indexed: number; readonly rolled: number }) {
    this.#file = file;
    this.#last = state.last;
    this.#indexed = state.indexed;
    this.#rolled = state.rolled;
    this.#summed = state.rolled;
  }

  /** Rows that index or roll-ups have yet to reach. */
  get behind(): number {
    return this.#last - Math.min(this.#indexed, this.#rolled);
  }

  /** That many rows were stored. */
  grow(rows: number): void {
    this.#last += rows;
  }

  step(): void {
    if (this.#indexed < this.#last) this.#index();
    else if (this.#rolled < this.#last) this.#roll();
  }

  /** Sorted, a page of the index is touched once for a chunk instead of once for a row. */
  #index(): void {
    const end = this.#file.transaction(() => {
      const rows = this.#file
        .statement('select id, device, channel, at from sample where id > ? order by id limit ?')
        .all(this.#indexed, indexChunk)
        .map((row) => [Number(row['device']), Number(row['channel']), Number(row['at']), Number(row['id'])] as const);
      const last = rows.at(-1)?.[3] ?? this.#last;
      rows.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || a[3] - b[3]);
      const insert = this.#file.statement('insert into by_device (device, channel, at, id) values (?, ?, ?, ?)');
      for (const row of rows) insert.run(...row);
      this.#file.statement('update day set indexed = ? where one = 1').run(last);
      return last;
    });
    this.#indexed = end;
  }

  #roll(): void {
    const rows = this.#file
      .statement('select id, device, channel, at, numbers from sample where id > ? order by id limit ?')
      .all(this.#summed, rollChunk);
    for (const row of rows)
      this.#sums.add({
        device: Number(row['device']),
        channel: Number(row['channel']),
        at: Number(row['at']),
        numbers: row['numbers'] instanceof Uint8Array ? row['numbers'] : null,
      });
    const end = rows.at(-1)?.['id'];
    this.#summed = end === undefined ? this.#last : Number(end);
    const full = this.#sums.buckets >= maxBuckets || this.#summed - this.#rolled >= maxRows;
    if (full || this.#summed >= this.#last) this.#write();
  }

  #write(): void {
    this.#file.transaction(() => {
      for (const bucket of this.#sums.entries()) this.#addTo(bucket);
      this.#file.statement('update day set rolled = ? where one = 1').run(this.#summed);
    });
    this.#rolled = this.#summed;
    this.#sums = new Accumulator();
  }

  #addTo({ key, stats }: KeyedStats): void {
    const { statement } = this.#file;
    const row = statement(
      'select stats from rollup where device = ? and channel = ? and field = ? and step = ? and start = ?',
    ).get(...key);
    const stored = row?.['stats'];
    if (!(stored instanceof Uint8Array)) {
      statement('insert into rollup (device, channel, field, step, start, stats) values (?, ?, ?, ?, ?, ?)').run(
        ...key,
        encodeStats(stats),
      );
      return;
    }
    const total = decodeStats(stored);
    mergeStats(total, stats);
    statement(
      'update rollup set stats = ? where device = ? and channel = ? and field = ? and step = ? and start = ?',
    ).run(encodeStats(total), ...key);
  }
}
