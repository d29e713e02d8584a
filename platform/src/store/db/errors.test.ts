import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { isBusy, isDiskFull, isDuplicateKey, SqliteError, StoreError, storeErrorKind, toStoreError } from './errors.ts';
import { safeNumber } from './postgres/dialect.ts';
import { errorFromData, errorToData } from './sqlite/messages.ts';
import { checkedParameters } from './sqlite/parameters.ts';

const withCode = (code: string): Error => Object.assign(new Error(code), { code });
const cases: readonly { name: string; error: unknown; want: string | undefined }[] = [
  { name: 'SQLITE_CONSTRAINT_PRIMARYKEY', error: new SqliteError('', 1555), want: 'duplicate-key' },
  { name: 'SQLITE_CONSTRAINT_UNIQUE', error: new SqliteError('', 2067), want: 'duplicate-key' },
  { name: 'SQLITE_CONSTRAINT_NOTNULL', error: new SqliteError('', 1299), want: undefined },
  { name: 'SQLITE_BUSY_SNAPSHOT', error: new SqliteError('', 517), want: 'busy' },
  { name: 'SQLITE_FULL', error: new SqliteError('', 13), want: 'disk-full' },
  { name: 'SQLITE_NOTADB', error: new SqliteError('', 26), want: 'corrupt' },
  { name: 'unique_violation', error: withCode('23505'), want: 'duplicate-key' },
  { name: 'not_null_violation', error: withCode('23502'), want: undefined },
  { name: 'deadlock_detected', error: withCode('40P01'), want: 'busy' },
  { name: 'disk_full', error: withCode('53100'), want: 'disk-full' },
  { name: 'query_canceled', error: withCode('57014'), want: 'timeout' },
  { name: 'connection_failure', error: withCode('08006'), want: 'connection' },
  { name: 'a refused socket', error: withCode('ECONNREFUSED'), want: 'connection' },
  { name: 'pg lost its connection', error: new Error('Connection terminated unexpectedly'), want: 'connection' },
  { name: 'a bug', error: new TypeError('x is undefined'), want: undefined },
  { name: 'no error', error: 'text', want: undefined },
];
for (const { name, error, want } of cases)
  test(`errors: ${name} is ${want ?? 'nothing known'}`, () => assert.equal(storeErrorKind(error), want));

test('errors: a known one is wrapped with its cause, an unknown one stays itself', () => {
  const known = new SqliteError('constraint', 2067);
  const wrapped = toStoreError(known);
  assert.ok(wrapped instanceof StoreError);
  assert.equal(wrapped.cause, known);
  assert.equal(toStoreError(wrapped), wrapped);
  const bug = new TypeError('bug');
  assert.equal(toStoreError(bug), bug);
  assert.deepEqual([isDuplicateKey(known), isBusy(known), isDiskFull(known)], [true, false, false]);
});

const there = (error: Error): Error => errorFromData(structuredClone(errorToData(error)));

test('errors: cross the thread border with code, kind and class', () => {
  const sqlite = there(Object.assign(new Error('full'), { errcode: 13 }));
  assert.ok(sqlite instanceof SqliteError);
  assert.deepEqual([sqlite.errcode, sqlite.message], [13, 'full']);
  const store = there(new StoreError('corrupt', 'x'));
  assert.ok(store instanceof StoreError);
  assert.equal(store.kind, 'corrupt');
  assert.ok(there(new RangeError('x')) instanceof RangeError);
});

test('parameters: text, number, bigint, bytes and null pass', () => {
  const good = ['a', 1, -1.5, 2n ** 60n, Uint8Array.of(1), null];
  assert.deepEqual(checkedParameters(good), good);
});
for (const bad of [undefined, true, Number.NaN, Infinity, 2 ** 53, new Date(0), {}, [1]])
  test(`parameters: ${inspect(bad)} is refused`, () =>
    assert.throws(() => checkedParameters([1, bad]), /^TypeError: parameter 2 is /));

test('numbers of PostgreSQL: exact or refused', () => {
  assert.equal(safeNumber('9007199254740991'), 9_007_199_254_740_991);
  assert.equal(safeNumber('-12'), -12);
  for (const bad of ['9007199254740993', '1.5', 'NaN']) assert.throws(() => safeNumber(bad), RangeError);
});
