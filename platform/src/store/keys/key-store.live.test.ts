import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { createKeyStore, type KeyStore, KeyStoreError, type KeyStoreFault, maxKey, openKeyStore } from './key-store.ts';

const root = mkdtempSync(path.join(tmpdir(), 'pactgate-keys-'));
after(() => rmSync(root, { recursive: true }));
let places = 0;
const place = (): { dir: string; kekFile: string } => {
  const base = path.join(root, String(++places));
  return { dir: path.join(base, 'keys'), kekFile: path.join(base, 'kek') };
};
const fresh = async (): Promise<{ keys: KeyStore; dir: string; kekFile: string }> => {
  const where = place();
  await createKeyStore(where);
  return { ...where, keys: await openKeyStore(where) };
};
const fault =
  (want: KeyStoreFault) =>
  (error: unknown): boolean =>
    error instanceof KeyStoreError && error.fault === want;
const secret = new TextEncoder().encode('-----a private key-----');

test('keys: what is added is got back, after opening again too, and is not on disk in clear', async () => {
  const { keys, dir, kekFile } = await fresh();
  await keys.add('log-2026', secret);
  assert.deepEqual(await keys.get('log-2026'), secret);
  const again = await openKeyStore({ dir, kekFile });
  assert.deepEqual(await again.get('log-2026'), secret);
  assert.deepEqual(await again.names(), ['log-2026']);
  assert.equal(await again.has('log-2026'), true);
  assert.equal(await again.has('other'), false);
  assert.ok(!readFileSync(path.join(dir, 'log-2026.key')).includes(secret));
});

test('keys: a key that is there stays; who makes one at the same time gets the same', async () => {
  const { keys, dir } = await fresh();
  const makers = Array.from({ length: 50 }, (_, i) => keys.obtain('master', () => new Uint8Array(32).fill(i)));
  const [first, ...others] = await Promise.all(makers);
  assert.ok(first);
  for (const other of others) assert.deepEqual(other, first);
  assert.equal(await keys.add('master', secret), false);
  assert.deepEqual(await keys.get('master'), first);
  assert.deepEqual(readdirSync(dir), ['master.key'], 'and no temporary file is left');
});

test('keys: files and folder are for their owner alone', async () => {
  const { keys, dir, kekFile } = await fresh();
  await keys.add('a', secret);
  assert.equal(statSync(dir).mode & 0o777, 0o700);
  assert.equal(statSync(kekFile).mode & 0o777, 0o600);
  assert.equal(statSync(path.join(dir, 'a.key')).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(dir), ['a.key']);
});

test('keys: each flipped byte of a file is found', async () => {
  const { keys, dir } = await fresh();
  await keys.add('a', secret);
  const file = path.join(dir, 'a.key');
  const good = readFileSync(file);
  for (let i = 0; i < good.length; i++) {
    const bad = Buffer.from(good);
    bad[i] = (bad[i] ?? 0) ^ 1;
    writeFileSync(file, bad);
    await assert.rejects(keys.get('a'), fault('tampered'), `byte ${i}`);
  }
  for (const length of [0, 1, 28, good.length - 1]) {
    writeFileSync(file, good.subarray(0, length));
    await assert.rejects(keys.get('a'), fault('tampered'), `cut to ${length}`);
  }
});

test('keys: a file under another name, or another key-encryption key, does not open', async () => {
  const { keys, dir, kekFile } = await fresh();
  await keys.add('a', secret);
  copyFileSync(path.join(dir, 'a.key'), path.join(dir, 'b.key'));
  await assert.rejects(keys.get('b'), fault('tampered'));
  writeFileSync(kekFile, new Uint8Array(32));
  await assert.rejects((await openKeyStore({ dir, kekFile })).get('a'), fault('tampered'));
  writeFileSync(kekFile, new Uint8Array(31));
  await assert.rejects(openKeyStore({ dir, kekFile }), fault('tampered'));
});

test('keys: what others may read is refused', async () => {
  const { keys, dir, kekFile } = await fresh();
  await keys.add('a', secret);
  chmodSync(path.join(dir, 'a.key'), 0o640);
  await assert.rejects(keys.get('a'), fault('open-to-others'));
  chmodSync(kekFile, 0o604);
  await assert.rejects(openKeyStore({ dir, kekFile }), fault('open-to-others'));
  chmodSync(kekFile, 0o600);
  chmodSync(dir, 0o755);
  await assert.rejects(openKeyStore({ dir, kekFile }), fault('open-to-others'));
});

test('keys: what is missing is named', async () => {
  const { keys, kekFile, dir } = await fresh();
  await assert.rejects(keys.get('none'), fault('missing'));
  await assert.rejects(openKeyStore(place()), fault('missing'));
  rmSync(kekFile);
  await assert.rejects(openKeyStore({ dir, kekFile }), fault('missing'));
});

test('keys: a lost key-encryption key is never replaced while keys are sealed under it', async () => {
  const { keys, kekFile, dir } = await fresh();
  await createKeyStore({ dir, kekFile });
  await keys.add('a', secret);
  rmSync(kekFile);
  await assert.rejects(createKeyStore({ dir, kekFile }), fault('missing'));
});

test('keys: a removed key is gone, and names cannot leave the folder', async () => {
  const { keys } = await fresh();
  await keys.add('a', secret);
  await keys.remove('a');
  await keys.remove('a');
  await assert.rejects(keys.get('a'), fault('missing'));
  for (const bad of ['', '../kek', 'a/b', 'A', '.a', 'a..b', 'x'.repeat(129)])
    await assert.rejects(keys.add(bad, secret), fault('argument'));
  await assert.rejects(keys.add('a', new Uint8Array(maxKey + 1)), fault('argument'));
  await keys.add('a', new Uint8Array(maxKey));
  assert.equal((await keys.get('a')).length, maxKey);
});
