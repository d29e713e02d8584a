import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, hash, type KeyObject, randomBytes, sign } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  encodeUtf8,
  formatVkey,
  keyTypes,
  type NoteSigner,
  noteKey,
  parseLeaf,
  parsePolicy,
  parseTlogProof,
  treeHasher,
  VerifiedLog,
  verifyCheckpoint,
  verifyTlogProof,
  webProofCrypto,
} from '@pactgate/proof';
import { instant, millis } from '../kernel/time.ts';
import type { HighWater, HighWaterFile, LogEntry, Refusal } from '../ledger/index.ts';
import { adoptServed, fsck } from '../ledger/index.ts';
import type { Tx } from '../store/db/schema.ts';
import { openStore, type Store } from '../store/open.ts';
import { type Ledger, makeLedger } from './ledger.ts';
import { type LogReader, makeLogReader } from './logs.ts';
import { makeRecorder, type Recorder } from './recorder.ts';

const crypto = { ...webProofCrypto, sha256: (bytes: Uint8Array) => new Uint8Array(hash('sha256', bytes, 'buffer')) };
const hasher = treeHasher(crypto);
const log: LogEntry = {
  id: '00000000-0000-7000-8000-000000000001',
  origin: 'localhost/logs/platform/2026',
  kind: 'platform',
  vkey: '',
  created: instant(1),
};

interface Bench {
  readonly dir: string;
  readonly store: Store;
  readonly ledger: Ledger;
  readonly recorder: Recorder<Tx>;
  readonly reader: LogReader;
  readonly entry: LogEntry;
  readonly refusal: Refusal | undefined;
  now: number;
}

function signerOf(key: KeyObject): NoteSigner {
  const publicKey = createPublic(key);
  return {
    key: noteKey(crypto, { name: log.origin, type: keyTypes.ed25519, publicKey }),
    sign: async (message) => new Uint8Array(sign(null, message, key)),
  };
}
const createPublic = (key: KeyObject): Uint8Array => {
  const jwk = key.export({ format: 'jwk' });
  return new Uint8Array(Buffer.from(jwk.x ?? '', 'base64url'));
};

/** Marks in memory: outlives the database like the real file does. */
function marks(): HighWaterFile {
  const map = new Map<string, HighWater>();
  return {
    read: async (id) => map.get(id),
    write: async (id, mark) => void map.set(id, mark),
  };
}

async function open(
  t: TestContext,
  dir: string,
  key: KeyObject,
  options: { readonly highWater: HighWaterFile; readonly at?: number },
): Promise<Bench> {
  const store = await openStore({ kind: 'sqlite', dir, now: instant(1) });
  t.after(() => store.close());
  const signer = signerOf(key);
  const entry = { ...log, vkey: formatVkey(signer.key) };
  if ((await store.ledger.logs()).length === 0) await store.ledger.addLog(entry);
  const bench = { now: options.at ?? 1_760_000_000_000 };
  const clock = { now: () => instant(bench.now) };
  const ledger = makeLedger({
    store: store.ledger,
    highWater: options.highWater,
    crypto,
    hasher,
    clock,
    bus: { publish: () => {}, subscribe: () => () => {} },
    keyOf: () => signer,
    publishEvery: millis(1_000),
    sequenced: () => {},
    published: () => {},
  });
  const refusal = await ledger.open(entry);
  const recorder = makeRecorder({
    store: store.ledger,
    crypto,
    random: (n) => new Uint8Array(randomBytes(n)),
    clock,
    source: 'gw-1',
    logOf: () => entry.id,
    queued: (logs) => ledger.mark(logs),
    numbered: () => {},
  });
  const reader = makeLogReader({ store: store.ledger, crypto, hasher }, [entry]);
  return Object.assign(bench, { dir, store, ledger, recorder, reader, entry, refusal });
}

const hit = (port: number) =>
  ({
    kind: 'probe.plaintext.hit',
    outcome: 'refused',
    body: { port, protocol: 'mqtt', attributed: false },
    personal: { address: `192.0.2.${port}` },
  }) as const;

function scratch(t: TestContext): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'pactgate-ledger-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

test('A3.3.5 records become entries under a signed checkpoint that anyone can verify', async (t) => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const bench = await open(t, scratch(t), privateKey, { highWater: marks() });
  for (let i = 0; i < 300; i++) await bench.recorder.record([hit(i + 1), hit(i + 1)]);
  assert.equal(await bench.ledger.flush(log.id), 600);
  const { size, note } = await bench.reader.checkpoint(bench.entry);
  assert.equal(size, 600);
  const policy = parsePolicy(crypto, `log ${bench.entry.vkey}\nquorum none\n`);
  const verified = await verifyCheckpoint(crypto, encodeUtf8(note), policy);
  const all = new VerifiedLog(hasher, bench.reader.tiles(bench.entry), verified.checkpoint);
  const sources = new Set<string>();
  for (const index of [0, 255, 256, 511, 599]) {
    const leaf = await all.entry(index);
    sources.add(parseLeaf(leaf).s);
    const proof = await bench.reader.proof(bench.entry, index);
    await verifyTlogProof(crypto, parseTlogProof(proof), leaf, policy);
  }
  assert.deepEqual([...sources], ['gw-1:1', 'gw-1:256', 'gw-1:257', 'gw-1:512', 'gw-1:600']);
  const record = await bench.reader.record(bench.entry, 3);
  assert.doesNotMatch(record.body ?? '', /192\.0\.2/, 'the address is a disclosure, not in the body');
  assert.equal(record.disclosures.length, 1);
});

test('A3.3.5 a tail and a full check find a changed body and a changed entry', async (t) => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const bench = await open(t, scratch(t), privateKey, { highWater: marks() });
  await bench.recorder.record(Array.from({ length: 20 }, (_, i) => hit(i + 1)));
  await bench.ledger.flush(log.id);
  const parts = { store: bench.store.ledger, hasher, crypto };
  for (const scope of ['tail', 'full'] as const) assert.equal((await fsck(parts, bench.entry, scope)).mismatches, 0);
  await bench.store.transaction(async (tx) => {
    await tx.updateTable('ledger_entry').set({ body: '{"port":1}' }).where('idx', '=', 4).execute();
  });
  assert.match((await fsck(parts, bench.entry, 'tail')).why ?? '', /body of entry 4/);
  await bench.store.transaction(async (tx) => {
    await tx
      .updateTable('ledger_entry')
      .set({ leaf: new Uint8Array([1]) })
      .where('idx', '=', 5)
      .execute();
  });
  assert.ok((await fsck(parts, bench.entry, 'full')).mismatches > 0);
});

test('A3.3.5 a database restored from an old copy refuses to sign', async (t) => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const dir = scratch(t);
  const highWater = marks();
  const first = await open(t, dir, privateKey, { highWater });
  await first.recorder.record([hit(1)]);
  await first.ledger.flush(log.id);
  await first.store.close();
  const copy = path.join(scratch(t), 'main.db');
  copyFileSync(path.join(dir, 'main.db'), copy);
  const second = await open(t, dir, privateKey, { highWater });
  assert.equal(second.refusal, undefined);
  await second.recorder.record([hit(2)]);
  await second.ledger.flush(log.id);
  await second.store.close();
  copyFileSync(copy, path.join(dir, 'main.db'));
  const third = await open(t, dir, privateKey, { highWater });
  assert.equal(third.refusal?.why, 'older-than-served');
  await third.recorder.record([hit(3)]);
  await assert.rejects(third.ledger.flush(log.id), /2 entries were served/);
});

test('A3.3.5 a copy in another place refuses to sign until somebody answers for it, and an older one all the same', async (t) => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const dir = scratch(t);
  const first = await open(t, dir, privateKey, { highWater: marks() });
  await first.recorder.record([hit(1)]);
  await first.ledger.flush(log.id);
  await first.store.close();
  const highWater = marks();
  const moved = await open(t, dir, privateKey, { highWater });
  assert.equal(moved.refusal?.why, 'never-served-here');
  await assert.rejects(moved.ledger.flush(log.id), { code: 'ledger/not-signing' });
  assert.deepEqual(await adoptServed(moved.store.ledger, highWater), [{ origin: log.origin, size: 1 }]);
  assert.deepEqual(await adoptServed(moved.store.ledger, highWater), [], 'a mark that is there stays');
  await moved.store.close();
  const adopted = await open(t, dir, privateKey, { highWater });
  assert.equal(adopted.refusal, undefined);
  await adopted.recorder.record([hit(2)]);
  assert.equal(await adopted.ledger.flush(log.id), 2);
});

test('A3.4.1 a clock behind the newest entry is refused, and one that runs back is flagged in the leaf', async (t) => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const dir = scratch(t);
  const highWater = marks();
  const first = await open(t, dir, privateKey, { highWater });
  await first.recorder.record([hit(1)]);
  await first.ledger.flush(log.id);
  first.now -= 3_600_000;
  await first.recorder.record([hit(2)]);
  await first.ledger.flush(log.id);
  const record = await first.reader.record(first.entry, 1);
  assert.deepEqual(parseLeaf(record.leaf).q, ['clock']);
  await first.store.close();
  const second = await open(t, dir, privateKey, { highWater, at: first.now });
  assert.equal(second.refusal?.why, 'clock-behind');
});

test('sha256 of the platform and of the verifier are the same function', () => {
  const bytes = randomBytes(1_000);
  assert.deepEqual(crypto.sha256(bytes), new Uint8Array(createHash('sha256').update(bytes).digest()));
});
