import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql, type TableMetadata } from 'kysely';
import { instant } from '../../kernel/time.ts';
import { migrations } from '../migrations/index.ts';
import { openStore, type Store } from '../open.ts';
import { eachDatabase } from '../testing.ts';
import type { Column, DatabaseKind } from './columns.ts';
import { storeErrorKind } from './errors.ts';
import { migrate, NewerDatabase } from './migrate.ts';
import { tables } from './schema.ts';

/** How each catalogue calls a column of our four kinds. */
const catalogueTypes: Readonly<Record<DatabaseKind, ReadonlyMap<string, string>>> = {
  sqlite: new Map([
    ['INTEGER', 'int'],
    ['TEXT', 'text'],
    ['BLOB', 'bytes'],
  ]),
  postgres: new Map([
    ['int8', 'int'],
    ['text', 'text'],
    ['bytea', 'bytes'],
  ]),
};

const declared = (column: Column): string => (column === 'serial' ? 'int' : column);

/** Tables of this store alone: PostgreSQL's catalogue lists every schema of the server. */
async function tablesOf(store: Store): Promise<readonly TableMetadata[]> {
  const found = await store.db.introspection.getTables();
  if (store.kind === 'sqlite') return found;
  const { rows } = await sql<{ readonly name: string }>`select current_schema() as name`.execute(store.db);
  return found.filter(({ schema }) => schema === rows[0]?.name);
}

const sorted = (it: object): object => Object.fromEntries(Object.entries(it).toSorted(([a], [b]) => (a < b ? -1 : 1)));

async function catalogue(store: Store): Promise<Record<string, Record<string, string>>> {
  const found = await tablesOf(store);
  const types = catalogueTypes[store.kind];
  const own = found.filter(({ name }) => name in tables[store.kind]);
  return Object.fromEntries(
    own.map(({ name, columns }) => [
      name,
      Object.fromEntries(
        columns.map(({ name: column, dataType, isNullable, isAutoIncrementing }) => [
          column,
          `${types.get(store.kind === 'sqlite' ? dataType.toUpperCase() : dataType) ?? dataType}${isNullable && !isAutoIncrementing ? '?' : ''}`,
        ]),
      ),
    ]),
  );
}

eachDatabase('schema', ({ kind, open, config }) => {
  test('interface Database is what the catalogue has: every table, column, type and null', async () => {
    const want = Object.fromEntries(
      Object.entries(tables[kind]).map(([name, columns]) => [
        name,
        Object.fromEntries(Object.entries(columns).map(([column, type]) => [column, declared(type)])),
      ]),
    );
    const found = await catalogue(await open());
    for (const [name, columns] of Object.entries(want)) {
      assert.deepEqual(sorted(found[name] ?? {}), sorted(columns), name);
    }
  });

  test('no table of the database is undeclared', async () => {
    const found = await tablesOf(await open());
    const names = found.map(({ name }) => name).filter((name) => !/^sample_\d{8}$/.test(name));
    assert.deepEqual(names.toSorted(), Object.keys(tables[kind]).toSorted());
  });

  test('migrations are recorded and applied once', async () => {
    const where = await config();
    const first = await openStore(where);
    await first.close();
    const store = await openStore(where);
    const rows = await store.db.selectFrom('migration').select('id').orderBy('id').execute();
    assert.deepEqual(
      rows.map(({ id }) => id),
      migrations.map(({ id }) => id),
    );
    assert.deepEqual(await migrate(store.db, kind, migrations, instant(1)), []);
    await store.close();
  });

  test('a database of a newer version is refused by name and left as it is', async () => {
    const where = await config();
    const store = await openStore(where);
    await store.db.insertInto('migration').values({ id: '9999-later', applied: 1 }).execute();
    await store.close();
    await assert.rejects(
      openStore(where),
      (error: unknown) =>
        error instanceof NewerDatabase && error.found === '9999-later' && error.known === migrations.at(-1)?.id,
    );
  });

  test('a migration that fails leaves nothing of itself', async () => {
    const store = await open();
    const broken = {
      id: '9998-broken',
      up: async (db: Parameters<(typeof migrations)[0]['up']>[0]) => {
        await sql.raw('create table half (a text)').execute(db);
        await sql.raw('create table half (a text)').execute(db);
      },
    };
    await assert.rejects(migrate(store.db, kind, [...migrations, broken], instant(1)));
    const found = await tablesOf(store);
    assert.ok(!found.some(({ name }) => name === 'half'));
    assert.deepEqual(await migrate(store.db, kind, migrations, instant(1)), []);
  });

  test('errors: a duplicate key has one name on both databases', async () => {
    const store = await open();
    const insert = (): Promise<object> =>
      store.db.insertInto('migration').values({ id: 'x', applied: 1 }).executeTakeFirstOrThrow();
    await insert();
    await assert.rejects(insert(), (error: unknown) => storeErrorKind(error) === 'duplicate-key');
    const ref = { kind: 'device', scope: 'a', name: 'b' };
    await store.db.insertInto('telemetry_ref').values(ref).execute();
    await assert.rejects(
      store.transaction((tx) => tx.insertInto('telemetry_ref').values(ref).execute()),
      { name: 'StoreError', kind: 'duplicate-key' },
    );
  });

  test('an integer column carries milliseconds and refuses what a number cannot hold', async () => {
    const store = await open();
    const time = 253_402_300_799_999;
    await store.db.insertInto('migration').values({ id: 'time', applied: time }).execute();
    const row = await store.db
      .selectFrom('migration')
      .select('applied')
      .where('id', '=', 'time')
      .executeTakeFirstOrThrow();
    assert.equal(row.applied, time);
    await sql`update migration set applied = ${2n ** 60n} where id = 'time'`.execute(store.db);
    await assert.rejects(store.db.selectFrom('migration').select('applied').where('id', '=', 'time').execute());
  });
});
