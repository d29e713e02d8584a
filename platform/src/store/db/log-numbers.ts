import type { Db, Tx } from './schema.ts';

/** Short numbers of logs by id, remembered: they never change. Bounded by the number of logs. */
export class LogNumbers {
  readonly #numbers = new Map<string, number>();
  readonly #ids = new Map<number, string>();

  async find(db: Db | Tx, id: string): Promise<number | undefined> {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const row = await db.selectFrom('ledger_log').select('no').where('id', '=', id).executeTakeFirst();
    if (row) this.#remember(id, row.no);
    return row?.no;
  }

  /** Throws `RangeError` for an unknown log. */
  async need(db: Db | Tx, id: string): Promise<number> {
    const found = await this.find(db, id);
    if (found === undefined) throw new RangeError(`unknown log ${id}`);
    return found;
  }

  async idOf(db: Db, no: number): Promise<string> {
    const known = this.#ids.get(no);
    if (known !== undefined) return known;
    const row = await db.selectFrom('ledger_log').select('id').where('no', '=', no).executeTakeFirstOrThrow();
    this.#remember(row.id, no);
    return row.id;
  }

  #remember(id: string, no: number): void {
    this.#numbers.set(id, no);
    this.#ids.set(no, id);
  }
}
