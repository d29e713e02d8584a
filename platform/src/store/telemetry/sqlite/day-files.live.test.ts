import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import type { Sample } from '../../../duties/data/index.ts';
import { type Instant, instant } from '../../../kernel/time.ts';
import { openStore, type Store } from '../../open.ts';

const root = mkdtempSync(path.join(tmpdir(), 'pactgate-days-'));
const stores: Store[] = [];
after(async () => {
  for (const store of stores) await store.close();
  rmSync(root, { recursive: true });
});
const noon = instant('2026-11-22T12:00:00Z');
const dayLength = 86_400_000;
let places = 0;
const fresh = (): string => path.join(root, String(++places));
const open = async (dir: string): Promise<Store> => {
  const store = await openStore({ kind: 'sqlite', dir, now: noon });
  stores.push(store);
  return store;
};
const samples = (n: number, received: Instant = noon): readonly Sample[] =>
  Array.from({ length: n }, (_, i) => ({
    device: 1 + (i % 50),
    channel: 1,
    at: instant(received + i),
    received,
    body: Uint8Array.of(i % 256),
    fields: [1],
    values: [1],
  }));
const bucketsOf = async (store: Store): Promise<number> => {
  const query = { device: 1, channel: 1, field: 1, step: '1h', from: noon, to: instant(noon + 9 * dayLength) } as const;
  const buckets = await store.telemetry.rollups(query);
  return buckets.reduce((sum, { count }) => sum + count, 0);
};
/** How far index and roll-ups reach, read from the file as anybody could. */
function marks(dir: string, day: string): readonly [number, number] {
  const db = new DatabaseSync(path.join(dir, 'telemetry', `${day}.db`), { readOnly: true });
  const row = db.prepare('select indexed, rolled from day').get();
  db.close();
  return [Number(row?.['indexed']), Number(row?.['rolled'])];
}

test('B2.4.2 day files: index and roll-ups come by themselves once enough rows wait', async () => {
  const dir = fresh();
  const store = await open(dir);
  await store.telemetry.append(samples(12_000));
  const until = performance.now() + 20_000;
  while (marks(dir, '2026-11-22').some((mark) => mark < 12_000)) {
    assert.ok(performance.now() < until, 'nothing was built in 20 s');
    await store.telemetry.count();
  }
  assert.equal(await bucketsOf(store), 240);
});

test('B2.4.2 day files: what a stop left behind is taken up by the next start, each row once', async () => {
  const dir = fresh();
  const first = await open(dir);
  await first.telemetry.append(samples(100));
  await first.telemetry.catchUp();
  await first.telemetry.append(samples(100));
  await first.close();
  assert.deepEqual(marks(dir, '2026-11-22'), [100, 100]);
  const second = await open(dir);
  assert.equal(await bucketsOf(second), 4);
  await second.telemetry.catchUp();
  assert.deepEqual(marks(dir, '2026-11-22'), [200, 200]);
  assert.equal(await bucketsOf(second), 4);
});

test('B2.4.2 day files: more days than are kept open, written in any order', async () => {
  const dir = fresh();
  const store = await open(dir);
  for (const day of [0, 1, 2, 3, 4, 5, 6, 0, 3])
    await store.telemetry.append(samples(50, instant(noon + day * dayLength)));
  assert.equal((await store.telemetry.days()).length, 7);
  assert.equal(await store.telemetry.count(), 450);
  assert.equal(await bucketsOf(store), 9);
  // The first days were closed, and brought up to date before.
  assert.deepEqual(marks(dir, '2026-11-23'), [50, 50]);
});

test('B2.4.5 day files: a removed day leaves no file of any kind', async () => {
  const dir = fresh();
  const store = await open(dir);
  await store.telemetry.append(samples(10));
  await store.telemetry.count();
  await store.telemetry.deleteDay('2026-11-22');
  assert.deepEqual(readdirSync(path.join(dir, 'telemetry')), []);
});
