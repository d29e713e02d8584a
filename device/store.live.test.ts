import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { type DeviceStore, directoryStore, memoryStore } from './store.ts';

const root = await mkdtemp(path.join(tmpdir(), 'pactgate-device-'));
after(() => rm(root, { recursive: true }));

const kinds: readonly { readonly name: string; readonly open: () => Promise<DeviceStore> }[] = [
  { name: 'memory', open: () => Promise.resolve(memoryStore()) },
  { name: 'directory', open: () => directoryStore(path.join(root, 'contract')) },
];
for (const { name, open } of kinds)
  test(`store contract: ${name}`, async () => {
    const store = await open();
    assert.equal(await store.read('a.json'), undefined);
    await store.write('b-2.json', '2');
    await store.write('b-1.json', 'one');
    await store.write('b-1.json', '1');
    await store.write('a.json', 'a');
    assert.deepEqual(await store.list('b-'), ['b-1.json', 'b-2.json']);
    assert.equal(await store.read('b-1.json'), '1');
    await store.remove('b-1.json');
    await store.remove('b-1.json');
    assert.deepEqual(await store.list('b-'), ['b-2.json']);
  });

test('A3.3.4 keys lie in files that only their owner reads, and no temporary file stays', async () => {
  const directory = path.join(root, 'modes');
  const store = await directoryStore(directory);
  await Promise.all(Array.from({ length: 20 }, (_, n) => store.write('identity.json', String(n))));
  assert.deepEqual(await readdir(directory), ['identity.json']);
  assert.equal((await stat(path.join(directory, 'identity.json'))).mode & 0o777, 0o600);
  assert.equal((await stat(directory)).mode & 0o777, 0o700);
});

test('a name cannot leave the directory', async () => {
  const store = await directoryStore(path.join(root, 'names'));
  for (const name of ['../a', '.hidden', 'a/b', ''])
    await assert.rejects(
      Promise.resolve().then(() => store.write(name, '')),
      RangeError,
    );
});
