import type { RefKind } from '../../duties/data/index.ts';
import type { Db } from '../db/schema.ts';
import { checkRef } from './check.ts';

/** References remembered; the oldest goes. A fleet of 100,000 devices fits. */
const kept = 200_000;

/** Numbers of devices, channels and fields, from table `telemetry_ref`. */
export class References {
  readonly #db: Db;
  readonly #known = new Map<string, Promise<number>>();

  constructor(db: Db) {
    this.#db = db;
  }

  /** Calls for one name share one look-up; a failed one is forgotten. */
  get(kind: RefKind, scope: string, name: string): Promise<number> {
    try {
      checkRef(scope, name);
    } catch (error) {
      return Promise.reject(error);
    }
    const key = `${kind}\n${scope}\n${name}`;
    const known = this.#known.get(key);
    if (known) return known;
    const asked = this.#find(kind, scope, name);
    asked.catch(() => this.#known.delete(key));
    if (this.#known.size >= kept) {
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest);
        break;
      }
    }
    this.#known.set(key, asked);
    return asked;
  }

  async #find(kind: RefKind, scope: string, name: string): Promise<number> {
    const found = await this.#select(kind, scope, name);
    if (found !== undefined) return found;
    // Another process may come first: then its row is the one.
    await this.#db
      .insertInto('telemetry_ref')
      .values({ kind, scope, name })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const added = await this.#select(kind, scope, name);
    if (added === undefined) throw new Error('a reference was removed while it was being made');
    return added;
  }

  async #select(kind: RefKind, scope: string, name: string): Promise<number | undefined> {
    const row = await this.#db
      .selectFrom('telemetry_ref')
      .select('id')
      .where('kind', '=', kind)
      .where('scope', '=', scope)
      .where('name', '=', name)
      .executeTakeFirst();
    return row?.id;
  }
}
