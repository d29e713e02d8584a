import { sql } from 'kysely';
import { type Append, maxBatch } from '../../ledger/ports.ts';
import type { Db, Tx } from './schema.ts';

const hashSize = 32;
const tileWidth = 256;
const maxLeaf = 65_535;
const maxEdge = 16_384;

/** Throws `RangeError` for a batch that contradicts itself: a bug of the sequencer, found before anything is written. */
export function checkAppend({ expectedSize, newSize, entries, tiles, edge }: Append): void {
  if (entries.length === 0 || entries.length > maxBatch) throw new RangeError(`entries are 1 to ${maxBatch}`);
  if (newSize !== expectedSize + entries.length) throw new RangeError('newSize is not expectedSize + entries');
  if (!Number.isSafeInteger(newSize) || expectedSize < 0) throw new RangeError('sizes are counts');
  if (edge.length > maxEdge) throw new RangeError(`edge is over ${maxEdge} bytes`);
  for (const { leaf } of entries) if (leaf.length > maxLeaf) throw new RangeError(`leaf is over ${maxLeaf} bytes`);
  for (const tile of tiles) checkGrowth(tile);
}

function checkGrowth({ from, hashes }: Append['tiles'][number]): void {
  const added = hashes.length / hashSize;
  if (!Number.isInteger(added) || added < 1 || from < 0 || from + added > tileWidth)
    throw new RangeError('tile growth is not of whole hashes within one tile');
}

/** Thrown inside the transaction to roll it back. */
class Conflict extends Error {}

/** `LedgerStore.appendEntries` in SQL; SQLite has its own way (`sqlite/ledger-bulk.ts`). */
export async function appendBySql(db: Db, append: Append, log: number): Promise<'appended' | 'conflict'> {
  try {
    await db.transaction().execute(async (tx) => {
      await swapHead(tx, append, log);
      await moveRows(tx, append, log);
      for (const tile of append.tiles) await growTile(tx, log, tile);
    });
    return 'appended';
  } catch (error) {
    if (error instanceof Conflict) return 'conflict';
    throw error;
  }
}

async function swapHead(tx: Tx, { newSize, edge, expectedSize }: Append, log: number): Promise<void> {
  const swapped = await tx
    .updateTable('ledger_log')
    .set({ size: newSize, edge })
    .where('no', '=', log)
    .where('size', '=', expectedSize)
    .where('closed', 'is', null)
    .executeTakeFirst();
  if (swapped.numUpdatedRows !== 1n) throw new Conflict();
}

/** All rows in one statement: arrays of places and leaves go in, taken outbox rows become entries. */
async function moveRows(tx: Tx, { entries, expectedSize }: Append, log: number): Promise<void> {
  const positions = entries.map(({ pos }) => pos);
  const leaves = entries.map(({ leaf }) => Buffer.from(leaf.buffer, leaf.byteOffset, leaf.byteLength));
  const moved = await sql`
    with taken as (
      delete from outbox using unnest(${positions}::bigint[], ${leaves}::bytea[]) with ordinality as t (p, l, o)
        where pos = t.p and log = ${log}
        returning t.o, t.l, id, kind, time, salt, body, disclosures
    )
    insert into ledger_entry (log, idx, id, kind, time, leaf, salt, body, disclosures)
      select ${log}::bigint, ${expectedSize}::bigint + o - 1, id, kind, time, l, salt, body, disclosures from taken`.execute(
    tx,
  );
  if (moved.numAffectedRows !== BigInt(entries.length)) throw new Conflict();
}

async function growTile(tx: Tx, log: number, { level, index, from, hashes }: Append['tiles'][number]): Promise<void> {
  if (from === 0) {
    const added = await tx
      .insertInto('ledger_tile')
      .values({ log, level, idx: index, hashes })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (added.numInsertedOrUpdatedRows !== 1n) throw new Conflict();
    return;
  }
  const grown = await sql`
    update ledger_tile set hashes = hashes || ${hashes}
      where log = ${log} and level = ${level} and idx = ${index} and length(hashes) = ${from * hashSize}`.execute(tx);
  if (grown.numAffectedRows !== 1n) throw new Conflict();
}
