import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '@pactgate/protocol';
import { Keyring, type KeyScope } from '../../duties/data/index.ts';
import { dataKeyLife } from '../../duties/data/keys.ts';
import { MemoryVault } from '../../duties/data/testing/memory-vault.ts';
import { days, instant, later, millis } from '../../kernel/time.ts';
import { nodeSealCrypto as crypto } from './seal-crypto.ts';

const now = instant('2026-11-22T00:00Z');
const scope: KeyScope = { class: 'personal', retention: days(30) };
const unavailable = (thrown: unknown): boolean => thrown instanceof Problem && thrown.code === 'data/key-unavailable';
const open = (vault: MemoryVault, agreement = 'agr-1'): Promise<Keyring> => Keyring.open(agreement, vault, crypto, now);

test('A3.3.4 keys rest wrapped: master -> party -> data, 40 octets each, never in clear', async () => {
  const vault = new MemoryVault();
  const ring = await open(vault);
  const made = await ring.prepare(scope, now);
  assert.deepEqual(
    vault.keys.map(({ kind, wrapped, scope: of }) => [kind, wrapped.length, of]),
    [
      ['party', 40, undefined],
      ['data', 40, scope],
    ],
  );
  assert.equal(made?.kid, vault.keys[1]?.kid);
  const { key } = ring.current(scope, now);
  assert.ok(vault.keys.every(({ wrapped }) => !Buffer.from(wrapped).includes(Buffer.from(key))));
});
test('A3.3.4 a later process opens what an earlier one sealed, and seals with a key of its own', async () => {
  const vault = new MemoryVault();
  const first = await open(vault);
  await first.prepare(scope, now);
  const old = first.current(scope, now);
  const second = await open(vault);
  assert.deepEqual(Buffer.from(second.find(old.kid) ?? []), Buffer.from(old.key));
  assert.throws(() => second.current(scope, now), unavailable);
  await second.prepare(scope, now);
  assert.notDeepEqual(Buffer.from(second.current(scope, now).kid), Buffer.from(old.kid));
});
test('A3.3.4 a data key is replaced before 30 days are over, and refuses to seal once they are', async () => {
  const ring = await open(new MemoryVault());
  await ring.prepare(scope, now);
  const old = ring.current(scope, now);
  assert.equal(await ring.prepare(scope, later(now, days(26.9))), undefined);
  assert.doesNotThrow(() => ring.current(scope, later(now, millis(dataKeyLife - 1))));
  assert.throws(() => ring.current(scope, later(now, dataKeyLife)), unavailable);
  assert.ok(await ring.prepare(scope, later(now, days(27))));
  assert.notDeepEqual(ring.current(scope, later(now, dataKeyLife)).kid, old.kid);
  assert.ok(ring.find(old.kid));
});
test('A3.3.4 calls at once make one key', async () => {
  const vault = new MemoryVault();
  const ring = await open(vault);
  const made = await Promise.all([ring.prepare(scope, now), ring.prepare(scope, now), ring.prepare(scope, now)]);
  assert.equal(made.filter((key) => key !== undefined).length, 1);
  assert.equal(vault.keys.filter(({ kind }) => kind === 'data').length, 1);
});
test('A3.3.4 classes and retentions have keys of their own', async () => {
  const ring = await open(new MemoryVault());
  const other: KeyScope = { class: 'personal', retention: days(31) };
  await ring.prepare(scope, now);
  assert.throws(() => ring.current(other, now), unavailable);
  await ring.prepare(other, now);
  assert.notDeepEqual(ring.current(scope, now).kid, ring.current(other, now).kid);
});
test('A3.3.4 the keys of one agreement do not open rows of another', async () => {
  const vault = new MemoryVault();
  const [one, two] = [await open(vault), await open(vault, 'agr-2')];
  await one.prepare(scope, now);
  assert.equal(two.find(one.current(scope, now).kid), undefined);
});
test('A3.3.4 fail closed: no master key, a wrong one, a broken vault, a lost party key, a locked ring', async () => {
  const vault = new MemoryVault();
  const ring = await open(vault);
  await ring.prepare(scope, now);
  const { kid } = ring.current(scope, now);

  const without = new MemoryVault();
  without.masterKey = undefined;
  await assert.rejects(open(without), unavailable);
  vault.masterKey = new Uint8Array(32).fill(8);
  await assert.rejects(open(vault), unavailable);
  vault.masterKey = new Uint8Array(32).fill(7);
  vault.broken = true;
  await assert.rejects(open(vault), unavailable);
  await assert.rejects(ring.prepare({ ...scope, class: 'sensitive' }, now), unavailable);
  assert.throws(() => ring.current({ ...scope, class: 'sensitive' }, now), unavailable);
  vault.broken = false;
  const index = vault.keys.findIndex(({ kind }) => kind === 'party');
  vault.keys.splice(index, 1);
  await assert.rejects(open(vault), unavailable);

  ring.lock();
  assert.equal(ring.find(kid), undefined);
  assert.throws(() => ring.current(scope, now), unavailable);
  await assert.rejects(ring.prepare(scope, now), unavailable);
});
