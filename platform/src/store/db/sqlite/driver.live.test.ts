import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { Kysely, sql } from 'kysely';
import { StoreError } from '../errors.ts';
import { sqliteDialect } from './driver.ts';
import { openWorkers, type SqliteWorkers } from './store.ts';

interface Tables {
  readonly t: { readonly id: number; readonly text: string | null; readonly big: number | null };
}
const root = mkdtempSync(path.join(tmpdir(), 'pactgate-sqlite-'));
const open: SqliteWorkers[] = [];
after(async () => {
  for (const workers of open) await workers.close();
  rmSync(root, { recursive: true });
});
let places = 0;

async function setUp(): Promise<{
  db: Kysely<Tables>;
  workers: SqliteWorkers;
  deaths: StoreError[];
  file: string;
}> {
  const dir = mkdtempSync(path.join(root, `${++places}-`));
  const deaths: StoreError[] = [];
  const file = path.join(dir, 'main.db');
  const workers = await openWorkers({ file, telemetryDir: dir }, (error) => deaths.push(error));
  open.push(workers);
  const db = new Kysely<Tables>({ dialect: sqliteDialect(workers) });
  await sql`create table t (id integer primary key, text text, big integer) strict`.execute(db);
  return { db, workers, deaths, file };
}
const pragma = async (db: Kysely<Tables>, name: string): Promise<unknown> => {
  const { rows } = await sql.raw<Record<string, unknown>>(`pragma ${name}`).execute(db);
  return Object.values(rows[0] ?? {})[0];
};

test('sqlite: the writing connection is durable, checks foreign keys and overwrites what is deleted', async () => {
  const { db } = await setUp();
  assert.equal(await pragma(db, 'journal_mode'), 'wal');
  assert.equal(await pragma(db, 'synchronous'), 2);
  assert.equal(await pragma(db, 'secure_delete'), 1);
  assert.equal(await pragma(db, 'foreign_keys'), 1);
  assert.equal(await pragma(db, 'busy_timeout'), 5_000);
});

test('sqlite: the reading connection cannot write', async () => {
  const { workers } = await setUp();
  await assert.rejects(workers.read({ sql: 'insert into t (id) values (1)', parameters: [] }), /readonly|read.only/i);
});

test('sqlite: a read sees every write that resolved before it', async () => {
  const { db } = await setUp();
  for (let id = 1; id <= 50; id++) {
    await db.insertInto('t').values({ id, text: 'x' }).execute();
    const { n } = await db
      .selectFrom('t')
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow();
    assert.equal(n, id);
  }
});

test('sqlite: inside a transaction reads see its own writes, outside nobody does before the commit', async () => {
  const { db } = await setUp();
  const inside = Promise.withResolvers<void>();
  const looked = Promise.withResolvers<void>();
  const work = db.transaction().execute(async (tx) => {
    await tx.insertInto('t').values({ id: 1, text: null }).execute();
    assert.equal((await tx.selectFrom('t').select('id').execute()).length, 1);
    inside.resolve();
    await looked.promise;
  });
  await inside.promise;
  assert.equal((await db.selectFrom('t').select('id').execute()).length, 0);
  looked.resolve();
  await work;
  assert.equal((await db.selectFrom('t').select('id').execute()).length, 1);
});

test('sqlite: transactions and single writes take turns and none is lost', async () => {
  const { db } = await setUp();
  await db.insertInto('t').values({ id: 1, text: '0' }).execute();
  const add = (): Promise<void> =>
    db.transaction().execute(async (tx) => {
      const { text } = await tx.selectFrom('t').select('text').where('id', '=', 1).executeTakeFirstOrThrow();
      await tx
        .updateTable('t')
        .set({ text: String(Number(text) + 1) })
        .where('id', '=', 1)
        .execute();
    });
  const single = (id: number): Promise<unknown> => db.insertInto('t').values({ id, text: 'x' }).execute();
  await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? add() : single(100 + i))));
  const { text } = await db.selectFrom('t').select('text').where('id', '=', 1).executeTakeFirstOrThrow();
  assert.equal(text, '20');
});

test('sqlite: a transaction that throws leaves nothing and gives its turn back', async () => {
  const { db } = await setUp();
  await assert.rejects(
    db.transaction().execute(async (tx) => {
      await tx.insertInto('t').values({ id: 1, text: null }).execute();
      throw new Error('changed our mind');
    }),
    /changed our mind/,
  );
  await db.insertInto('t').values({ id: 1, text: null }).execute();
});

test('sqlite: a transaction that waits for a write outside itself is rolled back at its limit', async () => {
  const { workers } = await setUp();
  const db = new Kysely<Tables>({ dialect: sqliteDialect({ ...workers, transactionLimit: 50 }) });
  const insert = (where: Kysely<Tables>, id: number): Promise<unknown> =>
    where.insertInto('t').values({ id, text: null }).execute();
  const stuck = db.transaction().execute(async (tx) => {
    await insert(tx, 1);
    await insert(db, 2);
    await insert(tx, 3);
  });
  await assert.rejects(stuck, { name: 'StoreError', kind: 'timeout' });
  assert.deepEqual(await db.selectFrom('t').select('id').execute(), [{ id: 2 }]);
});

test('sqlite: counts and ids of writes come back', async () => {
  const { db } = await setUp();
  const inserted = await db.insertInto('t').values({ id: 7, text: 'a' }).executeTakeFirstOrThrow();
  assert.equal(inserted.insertId, 7n);
  const updated = await db.updateTable('t').set({ text: 'b' }).executeTakeFirstOrThrow();
  assert.equal(updated.numUpdatedRows, 1n);
  assert.deepEqual(await db.insertInto('t').values({ id: 8, text: 'c' }).returning(['id', 'text']).execute(), [
    { id: 8, text: 'c' },
  ]);
});

test('sqlite: parameters it would change without a word are refused and nothing is sent', async () => {
  const { db } = await setUp();
  for (const bad of [undefined, true, Number.NaN, new Date(0)])
    await assert.rejects(sql`insert into t (text) values (${bad})`.execute(db), TypeError);
  assert.equal((await db.selectFrom('t').select('id').execute()).length, 0);
});

test('sqlite: integers past 2^53 are stored and refuse to be read wrong', async () => {
  const { db } = await setUp();
  await sql`insert into t (big) values (${2n ** 62n})`.execute(db);
  await assert.rejects(db.selectFrom('t').select('big').execute(), RangeError);
});

test('sqlite: when a worker is gone every waiting call rejects, later ones too, and the owner is told once', async () => {
  const { workers, deaths, db } = await setUp();
  const long = `with recursive n(x) as (select 1 union all select x + 1 from n where x < 4e6) select max(x) from n`;
  const waiting = assert.rejects(workers.read({ sql: long, parameters: [] }), { kind: 'dead' });
  const behind = assert.rejects(workers.read({ sql: 'select 1', parameters: [] }), { kind: 'dead' });
  await workers.reader.kill();
  await Promise.all([waiting, behind]);
  await assert.rejects(db.selectFrom('t').select('id').execute(), { kind: 'dead' });
  assert.equal(deaths.length, 1);
  assert.ok(deaths[0] instanceof StoreError);
  await db.insertInto('t').values({ id: 1, text: null }).execute();
});

test('sqlite: closing waits for the open transaction, then refuses', async () => {
  const { db, workers, file } = await setUp();
  const inside = Promise.withResolvers<void>();
  const work = db.transaction().execute(async (tx) => {
    await tx.insertInto('t').values({ id: 1, text: 'kept' }).execute();
    inside.resolve();
    await tx.insertInto('t').values({ id: 2, text: 'kept' }).execute();
  });
  await inside.promise;
  await Promise.all([work, workers.close()]);
  await assert.rejects(db.insertInto('t').values({ id: 3, text: null }).execute(), { kind: 'dead' });
  assert.ok(!existsSync(`${file}-wal`), 'the WAL was not emptied into the file');
});

test('B2.4.5 sqlite: deleted bytes are gone from file and WAL', async () => {
  const { db, workers, file } = await setUp();
  const secret = 'a-secret-that-must-be-gone';
  await db.insertInto('t').values({ id: 1, text: secret }).execute();
  assert.ok(readFileSync(`${file}-wal`).includes(secret));
  await db.deleteFrom('t').execute();
  assert.deepEqual(await workers.writer.call('truncateWal', {}), { truncated: true });
  assert.ok(!readFileSync(file).includes(secret));
  assert.equal(readFileSync(`${file}-wal`).length, 0);
});

test('sqlite: a file that is no database is refused as such', async () => {
  const dir = mkdtempSync(path.join(root, 'bad-'));
  const file = path.join(dir, 'main.db');
  writeFileSync(file, 'this is not a database, it is a text of some length'.repeat(100));
  chmodSync(file, 0o600);
  const deaths: StoreError[] = [];
  await assert.rejects(
    openWorkers({ file, telemetryDir: dir }, (error) => deaths.push(error)),
    { name: 'StoreError', kind: 'corrupt' },
  );
  assert.deepEqual(deaths, []);
});
