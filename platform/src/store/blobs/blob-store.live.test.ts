import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { BlobError, type BlobStore, openBlobs } from './blob-store.ts';

const root = mkdtempSync(path.join(tmpdir(), 'pactgate-blobs-'));
after(() => rmSync(root, { recursive: true }));
let places = 0;
const fresh = (): { dir: string; blobs: BlobStore } => {
  const dir = path.join(root, String(++places));
  return { dir, blobs: openBlobs(dir, 1_000) };
};
const fault =
  (want: BlobError['fault']) =>
  (error: unknown): boolean =>
    error instanceof BlobError && error.fault === want;
const content = new TextEncoder().encode('an SBOM');
const hash = createHash('sha256').update(content).digest('hex');

const listed = async (blobs: BlobStore): Promise<readonly string[]> => {
  const hashes: string[] = [];
  for await (const found of blobs.list()) hashes.push(found);
  return hashes;
};

async function* parts(sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (const size of sizes) yield new Uint8Array(size);
}

test('blobs: content is named by its SHA-256 and comes back', async () => {
  const { blobs, dir } = fresh();
  assert.equal(await blobs.put(content), hash);
  assert.equal(await blobs.put(content), hash);
  assert.deepEqual(new Uint8Array((await blobs.get(hash)) ?? []), content);
  assert.equal(await blobs.has(hash), true);
  assert.deepEqual(await listed(blobs), [hash]);
  assert.deepEqual(readdirSync(dir), [hash.slice(0, 2)]);
});

test('blobs: what is not there is undefined, what is no hash is refused', async () => {
  const { blobs } = fresh();
  assert.equal(await blobs.get(hash), undefined);
  assert.equal(await blobs.has(hash), false);
  assert.deepEqual(await listed(blobs), []);
  await blobs.remove(hash);
  for (const bad of ['', hash.toUpperCase(), `../${hash}`, hash.slice(1)])
    await assert.rejects(blobs.get(bad), fault('hash'));
});

test('blobs: a changed byte is found at every read, and putting again repairs it', async () => {
  const { blobs, dir } = fresh();
  await blobs.put(content);
  writeFileSync(path.join(dir, hash.slice(0, 2), hash), 'an SBOm');
  await assert.rejects(blobs.get(hash), fault('corrupt'));
  await blobs.put(content);
  assert.ok(await blobs.get(hash));
  await blobs.remove(hash);
  assert.equal(await blobs.get(hash), undefined);
});

test('blobs: at the bound it is stored, past it nothing is left', async () => {
  const { blobs, dir } = fresh();
  const good = await blobs.put(parts([400, 600]));
  assert.equal((await blobs.get(good))?.length, 1_000);
  await assert.rejects(blobs.put(parts([400, 601])), fault('too-large'));
  await assert.rejects(blobs.put(new Uint8Array(1_001)), fault('too-large'));
  assert.deepEqual(readdirSync(dir), [good.slice(0, 2)]);
  await assert.rejects(openBlobs(dir, 999).get(good), fault('too-large'));
});
