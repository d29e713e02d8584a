import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { DataDirError, type DataDirFault, openDataDir } from './datadir.ts';
import { HighWaterDamaged } from './high-water.ts';

const root = mkdtempSync(path.join(tmpdir(), 'pactgate-dir-'));
after(() => rmSync(root, { recursive: true }));
let places = 0;
const fresh = (): string => path.join(root, String(++places));
const fault =
  (want: DataDirFault, text = /./) =>
  (error: unknown): boolean =>
    error instanceof DataDirError && error.fault === want && text.test(error.message);

test('data directory: the first start makes it, for its owner alone; the next finds it', async () => {
  const dir = fresh();
  const first = await openDataDir(dir);
  assert.equal(first.fresh, true);
  assert.equal(statSync(dir).mode & 0o777, 0o700);
  first.release();
  first.release();
  const second = await openDataDir(dir);
  assert.equal(second.fresh, false);
  second.release();
  assert.deepEqual(readdirSync(dir).toSorted(), [
    'VERSION',
    'blobs',
    'high-water',
    'keys',
    'lock',
    'lock.json',
    'telemetry',
  ]);
});

test('data directory: a second process is refused with the number of the first, also in the same process', async () => {
  const dir = fresh();
  const held = await openDataDir(dir);
  await assert.rejects(openDataDir(dir), fault('in-use', new RegExp(`process ${process.pid}$`)));
  held.release();
  (await openDataDir(dir)).release();
});

test('data directory: what a killed process held is free at once', async () => {
  const dir = fresh();
  const script = `const { openDataDir } = await import(${JSON.stringify(new URL('./datadir.ts', import.meta.url).href)});
    await openDataDir(${JSON.stringify(dir)}); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  await assert.rejects(openDataDir(dir), fault('in-use', new RegExp(`process ${child.pid}$`)));
  child.kill('SIGKILL');
  await once(child, 'exit');
  (await openDataDir(dir)).release();
});

test('data directory: of a newer version, of somebody else, or not to be used', async () => {
  const newer = fresh();
  mkdirSync(newer);
  writeFileSync(path.join(newer, 'VERSION'), '2\n');
  await assert.rejects(openDataDir(newer), fault('newer'));
  const foreign = fresh();
  mkdirSync(foreign);
  writeFileSync(path.join(foreign, 'thesis.txt'), 'do not touch');
  await assert.rejects(openDataDir(foreign), fault('not-ours', /thesis\.txt/));
  assert.deepEqual(readdirSync(foreign), ['thesis.txt']);
  writeFileSync(path.join(foreign, 'VERSION'), 'one\n');
  await assert.rejects(openDataDir(foreign), fault('not-ours'));
  const file = fresh();
  writeFileSync(file, '');
  await assert.rejects(openDataDir(file), fault('unusable'));
});

test('data directory: an interrupted first start is taken up again', async () => {
  const dir = fresh();
  mkdirSync(path.join(dir, 'keys'), { recursive: true });
  writeFileSync(path.join(dir, 'lock'), '');
  const opened = await openDataDir(dir);
  assert.equal(opened.fresh, true);
  opened.release();
});

test('A3.3.5 high-water mark: kept, growing only, and a damaged one is not taken for none', async () => {
  const dir = fresh();
  const first = await openDataDir(dir);
  const root32 = Buffer.alloc(32).toString('base64');
  assert.equal(await first.highWater.read('log-1'), undefined);
  await first.highWater.write('log-1', { size: 7, root: root32 });
  await first.highWater.write('log-1', { size: 7, root: root32 });
  await assert.rejects(first.highWater.write('log-1', { size: 6, root: root32 }), RangeError);
  await assert.rejects(first.highWater.write('../x', { size: 6, root: root32 }), RangeError);
  await assert.rejects(first.highWater.write('log-2', { size: 6, root: 'short' }), RangeError);
  first.release();
  const second = await openDataDir(dir);
  assert.deepEqual(await second.highWater.read('log-1'), { size: 7, root: root32 });
  assert.ok(!existsSync(path.join(dir, 'high-water', 'log-2')));
  writeFileSync(path.join(dir, 'high-water', 'log-3'), '');
  await assert.rejects(second.highWater.read('log-3'), HighWaterDamaged);
  second.release();
});
