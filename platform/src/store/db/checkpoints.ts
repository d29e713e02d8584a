import { type Cosignature, keptCheckpoints, type StoredCheckpoint } from '../../ledger/ports.ts';
import type { LogNumbers } from './log-numbers.ts';
import type { Db, Tx } from './schema.ts';

/** Checkpoint and cosignature part of the ledger's storage, see `LedgerStore`. */
export class CheckpointStore {
  readonly #db: Db;
  readonly #numbers: LogNumbers;

  constructor(db: Db, numbers: LogNumbers) {
    this.#db = db;
    this.#numbers = numbers;
  }

  async store(
    log: string,
    checkpoint: StoredCheckpoint,
    previousSize: number | undefined,
  ): Promise<'stored' | 'conflict'> {
    const no = await this.#numbers.find(this.#db, log);
    if (no === undefined) return 'conflict';
    return this.#db.transaction().execute(async (tx) => {
      const head = await lockLog(tx, no);
      const newest = await newestSize(tx, no);
      const { size, note } = checkpoint;
      if (newest !== previousSize || size > head || size < (newest ?? 0)) return 'conflict';
      await tx
        .insertInto('ledger_checkpoint')
        .values({ log: no, size, note })
        .onConflict((conflict) => conflict.columns(['log', 'size']).doUpdateSet({ note }))
        .execute();
      await prune(tx, no);
      return 'stored';
    });
  }

  async newest(log: string): Promise<StoredCheckpoint | undefined> {
    const no = await this.#numbers.find(this.#db, log);
    if (no === undefined) return undefined;
    return this.#of(no).orderBy('size', 'desc').limit(1).executeTakeFirst();
  }

  async at(log: string, size: number): Promise<StoredCheckpoint | undefined> {
    const no = await this.#numbers.find(this.#db, log);
    if (no === undefined) return undefined;
    return this.#of(no).where('size', '=', size).executeTakeFirst();
  }

  async newestCosigned(log: string, cosigner?: string, below?: number): Promise<StoredCheckpoint | undefined> {
    const no = await this.#numbers.find(this.#db, log);
    if (no === undefined) return undefined;
    const row = await this.#db
      .selectFrom('ledger_cosignature')
      .select('size')
      .where('log', '=', no)
      .$if(cosigner !== undefined, (query) => query.where('cosigner', '=', cosigner ?? ''))
      .$if(below !== undefined, (query) => query.where('size', '<', below ?? 0))
      .orderBy('size', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row && this.#of(no).where('size', '=', row.size).executeTakeFirst();
  }

  async addCosignature(log: string, cosignature: Cosignature): Promise<'added' | 'unknown-size'> {
    const no = await this.#numbers.find(this.#db, log);
    if (no === undefined) return 'unknown-size';
    const { size, cosigner, line, time } = cosignature;
    return this.#db.transaction().execute(async (tx) => {
      await lockLog(tx, no);
      const known = await tx
        .selectFrom('ledger_checkpoint')
        .select('size')
        .where('log', '=', no)
        .where('size', '=', size)
        .executeTakeFirst();
      if (!known) return 'unknown-size';
      await tx
        .insertInto('ledger_cosignature')
        .values({ log: no, size, cosigner, line, time })
        .onConflict((conflict) =>
          conflict
            .columns(['log', 'size', 'cosigner'])
            .doUpdateSet({ line, time })
            .where('ledger_cosignature.time', '<', time),
        )
        .execute();
      return 'added';
    });
  }

  async cosignatures(log: string, size: number): Promise<readonly Cosignature[]> {
    const no = await this.#numbers.find(this.#db, log);
    if (no === undefined) return [];
    return this.#db
      .selectFrom('ledger_cosignature')
      .select(['size', 'cosigner', 'line', 'time'])
      .where('log', '=', no)
      .where('size', '=', size)
      .orderBy('cosigner')
      .execute();
  }

  #of(no: number) {
    return this.#db.selectFrom('ledger_checkpoint').select(['size', 'note']).where('log', '=', no);
  }
}

/** Size of the log; holds its row until the transaction ends, so that one checkpoint is stored at a time. */
async function lockLog(tx: Tx, no: number): Promise<number> {
  const row = await tx
    .updateTable('ledger_log')
    .set((eb) => ({ size: eb.ref('size') }))
    .where('no', '=', no)
    .returning('size')
    .executeTakeFirstOrThrow();
  return row.size;
}

async function newestSize(tx: Tx, no: number): Promise<number | undefined> {
  const row = await tx
    .selectFrom('ledger_checkpoint')
    .select('size')
    .where('log', '=', no)
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.size;
}

/** Drops the checkpoint that is just too old, unless it is cosigned: each passes this place once. */
async function prune(tx: Tx, no: number): Promise<void> {
  const old = await tx
    .selectFrom('ledger_checkpoint')
    .select('size')
    .where('log', '=', no)
    .orderBy('size', 'desc')
    .limit(1)
    .offset(keptCheckpoints)
    .executeTakeFirst();
  if (!old) return;
  await tx
    .deleteFrom('ledger_checkpoint')
    .where('log', '=', no)
    .where('size', '=', old.size)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('ledger_cosignature')
            .select('cosigner')
            .where('ledger_cosignature.log', '=', no)
            .where('ledger_cosignature.size', '=', old.size),
        ),
      ),
    )
    .execute();
}
