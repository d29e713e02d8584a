import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { instant } from '../kernel/time.ts';
import { BackupError, type BackupManifest, backup, backupKeys, restore } from './backup.ts';
import { openBlobs } from './blobs/blob-store.ts';
import { openDataDir } from './datadir.ts';
import { createKeyStore, openKeyStore } from './keys/key-store.ts';
import { openStore, type Store } from './open.ts';

const root = mkdtempSync(path.join(tmpdir(), 'pactgate-backup-'));
/** Also after a test that failed: an open store keeps the process alive. */
const stops: (() => Promise<void>)[] = [];
after(async () => {
  for (const stop of stops) await stop();
  rmSync(root, { recursive: true });
});
let places = 0;
const fresh = (): string => path.join(root, String(++places));
const now = instant('2026-11-22T12:00:00Z');
const maxBlob = 1_000_000;
const content = new TextEncoder().encode('a blob');

const samples = (n: number, device = 1) =>
  Array.from({ length: n }, (_, i) => ({
    device,
    channel: 1,
    at: instant(now + i),
    received: instant(now + i),
    body: Uint8Array.of(i % 256),
  }));

async function running(): Promise<{ dataDir: string; store: Store; stop: () => Promise<void> }> {
  const dataDir = fresh();
  const data = await openDataDir(dataDir);
  const store = await openStore({ kind: 'sqlite', dir: dataDir, now });
  await openBlobs(data.blobs, maxBlob).put(content);
  await createKeyStore({ dir: data.keys, kekFile: data.kek });
  await (await openKeyStore({ dir: data.keys, kekFile: data.kek })).add('root', content);
  await data.highWater.write('log-1', { size: 1, root: Buffer.alloc(32).toString('base64') });
  await store.telemetry.append(samples(50));
  await store.telemetry.ref('device', 'acme', 'pump-1');
  const stop = async (): Promise<void> => {
    await store.close();
    data.release();
  };
  stops.push(stop);
  return { dataDir, store, stop };
}
const fault =
  (want: BackupError['fault']) =>
  (error: unknown): boolean =>
    error instanceof BackupError && error.fault === want;

test('backup: database, telemetry and blobs of a running platform come back in an empty directory', async () => {
  const { dataDir, store, stop } = await running();
  const to = fresh();
  const made = await backup({ store, dataDir, to, now, maxBlob });
  assert.deepEqual(
    made.files.map((file) => file.path.replace(/[0-9a-f]{64}/, 'hash').replace(/\/[0-9a-f]{2}\//, '/xx/')),
    ['main.db', 'telemetry/2026-11-22.db', 'blobs/xx/hash'],
  );
  await store.telemetry.append(samples(1));
  const keys = fresh();
  assert.deepEqual(await backupKeys(dataDir, keys), ['root.key']);
  const kek = readFileSync(path.join(dataDir, 'kek'));
  await stop();

  const again = fresh();
  assert.deepEqual(await restore({ from: to, dataDir: again, keysFrom: keys }), { ...made, keys: 1 });
  writeFileSync(path.join(again, 'kek'), kek, { mode: 0o600 });
  const data = await openDataDir(again);
  assert.equal(data.fresh, false);
  const restored = await openStore({ kind: 'sqlite', dir: again, now });
  assert.equal(await restored.telemetry.count(), 50);
  assert.equal(await restored.telemetry.ref('device', 'acme', 'pump-1'), 1);
  for await (const hash of openBlobs(data.blobs, maxBlob).list())
    assert.deepEqual(new Uint8Array((await openBlobs(data.blobs, maxBlob).get(hash)) ?? []), content);
  const opened = await openKeyStore({ dir: data.keys, kekFile: data.kek });
  assert.deepEqual(await opened.get('root'), content);
  await restored.close();
  data.release();
});

test('backup: holds no key, no key-encryption key and no high-water mark', async () => {
  const { dataDir, store, stop } = await running();
  const to = fresh();
  await backup({ store, dataDir, to, now, maxBlob });
  await stop();
  assert.deepEqual(readdirSync(to).toSorted(), ['blobs', 'main.db', 'manifest.json', 'telemetry']);
});

test('backup: appends are acknowledged while it runs, and it holds a state between two commits', async () => {
  const { dataDir, store, stop } = await running();
  const to = fresh();
  const done = new AbortController();
  const work = (async () => {
    let acknowledged = 50;
    while (!done.signal.aborted) {
      await store.telemetry.append(samples(20));
      acknowledged += 20;
    }
    return acknowledged;
  })();
  await backup({ store, dataDir, to, now, maxBlob }).finally(() => {
    done.abort();
  });
  const acknowledged = await work;
  assert.equal(await store.telemetry.count(), acknowledged);
  await stop();
  const again = fresh();
  await restore({ from: to, dataDir: again });
  const restored = await openStore({ kind: 'sqlite', dir: again, now });
  const count = await restored.telemetry.count();
  assert.ok(count >= 50 && count <= acknowledged && (count - 50) % 20 === 0, `${count} of ${acknowledged}`);
  await restored.close();
});

test('restore: only into an empty directory, only what the manifest says, only a whole backup', async () => {
  const { dataDir, store, stop } = await running();
  const to = fresh();
  const made = await backup({ store, dataDir, to, now, maxBlob });
  await assert.rejects(backup({ store, dataDir, to, now, maxBlob }), fault('not-empty'));
  await stop();
  await assert.rejects(restore({ from: to, dataDir }), fault('not-empty'));

  const manifest = path.join(to, 'manifest.json');
  const write = (changed: object): void => writeFileSync(manifest, JSON.stringify(changed));
  const [first] = made.files;
  for (const file of ['../../etc/passwd', '/etc/passwd', 'keys/root.key', 'telemetry/../main.db']) {
    write({ ...made, files: [{ ...first, path: file }] } satisfies Omit<BackupManifest, 'files'> & { files: object[] });
    await assert.rejects(restore({ from: to, dataDir: fresh() }), fault('not-a-backup'));
  }
  write({ ...made, layout: 2 });
  await assert.rejects(restore({ from: to, dataDir: fresh() }), fault('newer'));
  rmSync(manifest);
  await assert.rejects(restore({ from: to, dataDir: fresh() }), fault('not-a-backup'));

  write(made);
  const day = path.join(to, 'telemetry/2026-11-22.db');
  const bytes = readFileSync(day);
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  writeFileSync(day, bytes);
  const target = fresh();
  await assert.rejects(restore({ from: to, dataDir: target }), fault('damaged'));
  await assert.rejects(openDataDir(target), { name: 'DataDirError', fault: 'not-ours' });
});
