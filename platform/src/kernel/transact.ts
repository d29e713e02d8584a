/**
 * Runs `body` in one database transaction: all of its writes or none. `body` may only wait for the database. Rejects
 * with what `body` threw, or with the store's error; nothing is retried inside.
 */
export type Transact<Tx> = <T>(body: (tx: Tx) => Promise<T>) => Promise<T>;
