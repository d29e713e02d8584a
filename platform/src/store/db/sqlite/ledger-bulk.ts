import type { Append } from '../../../ledger/ports.ts';
import type { OutboxColumns } from '../outbox-row.ts';
import type { Connection } from './connection.ts';

/** {@link Append} with the log's short number. */
export type NumberedAppend = Omit<Append, 'log'> & { readonly log: number };

/** Thrown inside the transaction to roll it back. */
class Conflict extends Error {}

/** `LedgerStore.appendEntries` as one message and one transaction. For the writing worker. */
export function appendEntries(connection: Connection, append: NumberedAppend): 'appended' | 'conflict' {
  try {
    connection.transaction(() => {
      swapHead(connection, append);
      moveRows(connection, append);
      for (const tile of append.tiles) growTile(connection, append.log, tile);
    });
    return 'appended';
  } catch (error) {
    if (error instanceof Conflict) return 'conflict';
    throw error;
  }
}

function swapHead({ statement }: Connection, { log, edge, newSize, expectedSize }: NumberedAppend): void {
  const swapped = statement(
    'update ledger_log set size = ?, edge = ? where no = ? and size = ? and closed is null',
  ).run(newSize, edge, log, expectedSize);
  if (Number(swapped.changes) !== 1) throw new Conflict();
}

function moveRows({ statement }: Connection, { log, entries, expectedSize }: NumberedAppend): void {
  const insert = statement(
    `insert into ledger_entry (log, idx, id, kind, time, leaf, salt, body, disclosures)
      select log, ?, id, kind, time, ?, salt, body, disclosures from outbox where pos = ? and log = ?`,
  );
  const remove = statement('delete from outbox where pos = ?');
  let index = expectedSize;
  for (const { pos, leaf } of entries) {
    if (Number(insert.run(index++, leaf, pos, log).changes) !== 1) throw new Conflict();
    remove.run(pos);
  }
}

function growTile(
  { statement }: Connection,
  log: number,
  { level, index, from, hashes }: Append['tiles'][number],
): void {
  const row = statement('select hashes from ledger_tile where log = ? and level = ? and idx = ?').get(
    log,
    level,
    index,
  );
  const before = row?.['hashes'] instanceof Uint8Array ? row['hashes'] : new Uint8Array();
  if (before.length !== from * 32) throw new Conflict();
  if (!row) {
    statement('insert into ledger_tile (log, level, idx, hashes) values (?, ?, ?, ?)').run(log, level, index, hashes);
    return;
  }
  const grown = new Uint8Array(before.length + hashes.length);
  grown.set(before);
  grown.set(hashes, before.length);
  statement('update ledger_tile set hashes = ? where log = ? and level = ? and idx = ?').run(grown, log, level, index);
}

/** `LedgerStore.enqueueAlone`: numbers the rows and stores them, one transaction. Returns their numbers. */
export function enqueue(connection: Connection, rows: readonly OutboxColumns[]): number[] {
  return connection.transaction(() => {
    const next = connection.statement(
      `insert into source_seq (source, log, last) values (?, ?, 1)
        on conflict (source, log) do update set last = last + 1 returning last`,
    );
    const insert = connection.statement(
      `insert into outbox (id, log, source, seq, kind, duties, outcome, n, m, time, flags, salt, body, disclosures)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    return rows.map((row) => {
      const seq = Number(next.get(row.source, row.log)?.['last']);
      const { id, log, source, kind, duties, outcome, n, m, time, flags, salt, body, disclosures } = row;
      insert.run(id, log, source, seq, kind, duties, outcome, n, m, time, flags, salt, body, disclosures);
      return seq;
    });
  });
}
