import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { instant } from '../../kernel/time.ts';
import {
  type Append,
  type Cosignature,
  keptCheckpoints,
  type LedgerStore,
  type LogEntry,
  maxBatch,
  type OutboxRow,
  type QueuedRow,
} from '../../ledger/ports.ts';
import type { Store } from '../open.ts';
import { eachDatabase } from '../testing.ts';
import type { Tx } from './schema.ts';

const at = instant('2026-03-02T07:19:25.123Z');
let ids = 0;
const id = (): string => `018f0000-0000-7000-8000-${String(++ids).padStart(12, '0')}`;

const newLog = (changes: Partial<LogEntry> = {}): LogEntry => ({
  id: id(),
  origin: `log.example/logs/${++ids}/2026`,
  kind: 'agreement',
  agreement: 'ag-1',
  vkey: 'log.example+00000000+AA==',
  created: at,
  ...changes,
});
const row = (log: string, changes: Partial<OutboxRow> = {}): OutboxRow => ({
  id: id(),
  log,
  source: 'gw-1',
  kind: 'session.open',
  duties: ['B2.3.1'],
  outcome: 'ok',
  n: 1,
  time: at,
  flags: [],
  salt: new Uint8Array(32).fill(7),
  body: '{"a":1}',
  ...changes,
});
const withoutPosition = ({ pos, ...rest }: QueuedRow): object => {
  assert.ok(pos > 0);
  return rest;
};
const leafOf = ({ source, seq }: QueuedRow): Uint8Array => new TextEncoder().encode(`${source}:${seq}`);
const line = (cosigner: string, time: number): Cosignature => ({
  size: 1,
  cosigner,
  line: `${cosigner} ${time}`,
  time,
});
const hashes = (n: number, fill = 1): Uint8Array => new Uint8Array(n * 32).fill(fill);

const appendOf = (log: string, expectedSize: number, rows: readonly QueuedRow[]): Append => ({
  log,
  expectedSize,
  newSize: expectedSize + rows.length,
  entries: rows.map((queued) => ({ pos: queued.pos, leaf: leafOf(queued) })),
  tiles: [{ level: 0, index: 0, from: expectedSize, hashes: hashes(rows.length) }],
  edge: Uint8Array.of(expectedSize + rows.length),
});

async function withLog(open: () => Promise<Store>): Promise<{ ledger: LedgerStore<Tx>; log: string; store: Store }> {
  const store = await open();
  const entry = newLog();
  await store.ledger.addLog(entry);
  return { store, ledger: store.ledger, log: entry.id };
}
/** Enqueues rows, takes them and appends them all. */
async function sequence(ledger: LedgerStore<Tx>, log: string, rows: readonly OutboxRow[]): Promise<void> {
  await ledger.enqueueAlone(rows);
  const head = await ledger.head(log);
  const taken = await ledger.takeOutbox(log, rows.length);
  assert.equal(await ledger.appendEntries(appendOf(log, head?.size ?? 0, taken)), 'appended');
}

eachDatabase('A3.3.5 ledger store', ({ open }) => {
  test('a log is registered once by id and origin', async () => {
    const { ledger } = await open();
    const entry = newLog({ kind: 'platform' });
    const { agreement: _, ...platform } = entry;
    await ledger.addLog(platform);
    assert.deepEqual(await ledger.logs(), [platform]);
    await assert.rejects(ledger.addLog(newLog({ id: entry.id })), { name: 'StoreError', kind: 'duplicate-key' });
    await assert.rejects(ledger.addLog(newLog({ origin: entry.origin })), { kind: 'duplicate-key' });
    assert.deepEqual(await ledger.head(entry.id), { size: 0, edge: new Uint8Array() });
    assert.equal(await ledger.head('unknown'), undefined);
  });

  test('a closed log takes no entries, and keeps its first end', async () => {
    const { ledger, log } = await withLog(open);
    await ledger.enqueueAlone([row(log)]);
    await ledger.closeLog(log, at);
    await ledger.closeLog(log, instant(at + 1));
    assert.equal((await ledger.logs())[0]?.closed, at);
    assert.equal(await ledger.appendEntries(appendOf(log, 0, await ledger.takeOutbox(log, 10))), 'conflict');
  });

  test('outbox rows come back as they went in, numbered per (source, log)', async () => {
    const { ledger, log, store } = await withLog(open);
    const other = newLog();
    await ledger.addLog(other);
    const rows = [
      row(log),
      row(other.id),
      row(log, { source: 'gw-2', m: 'abc', flags: ['clock'], disclosures: ['d1', 'd2'], body: '{"名":"值"}' }),
      row(log, { n: 12 }),
    ];
    const seqs = await store.transaction((tx) => ledger.enqueue(tx, rows));
    assert.deepEqual(seqs, [1, 1, 1, 2]);
    const taken = await ledger.takeOutbox(log, 10);
    assert.deepEqual(taken.map(withoutPosition), [
      { ...rows[0], seq: 1 },
      { ...rows[2], seq: 1 },
      { ...rows[3], seq: 2 },
    ]);
    assert.deepEqual((await ledger.logsWaiting()).toSorted(), [log, other.id].toSorted());
    assert.equal(await ledger.lastSequence('gw-1', log), 2);
    assert.equal(await ledger.lastSequence('gw-9', log), 0);
    assert.deepEqual(await ledger.enqueueAlone([]), []);
  });

  test('a transaction that fails takes its numbers back: no gap', async () => {
    const { ledger, log, store } = await withLog(open);
    await store.transaction((tx) => ledger.enqueue(tx, [row(log)]));
    await assert.rejects(
      store.transaction(async (tx) => {
        await ledger.enqueue(tx, [row(log), row(log)]);
        throw new Error('the business change failed');
      }),
      /business change/,
    );
    assert.deepEqual(await ledger.enqueueAlone([row(log)]), [2]);
    assert.deepEqual(
      (await ledger.takeOutbox(log, 10)).map(({ seq }) => seq),
      [1, 2],
    );
  });

  test('concurrent sources and transactions: every number once, in outbox order', async () => {
    const { ledger, log, store } = await withLog(open);
    const work = Array.from({ length: 60 }, (_, i) => {
      const rows = [row(log, { source: `gw-${i % 3}` }), row(log, { source: `gw-${(i + 1) % 3}` })];
      return i % 2 === 0 ? ledger.enqueueAlone(rows) : store.transaction((tx) => ledger.enqueue(tx, rows));
    });
    await Promise.all(work);
    const taken = await ledger.takeOutbox(log, maxBatch);
    assert.equal(taken.length, 120);
    for (const source of ['gw-0', 'gw-1', 'gw-2']) {
      const seqs = taken.filter((queued) => queued.source === source).map(({ seq }) => seq);
      assert.deepEqual(
        seqs,
        Array.from({ length: 40 }, (_, i) => i + 1),
      );
    }
  });

  test('rows that no log or no record can hold are refused before anything is written', async () => {
    const { ledger, log } = await withLog(open);
    for (const bad of [
      row('unknown'),
      row(log, { source: 'a:b' }),
      row(log, { source: '' }),
      row(log, { salt: new Uint8Array(31) }),
      row(log, { n: 0 }),
    ])
      await assert.rejects(ledger.enqueueAlone([row(log), bad]), RangeError);
    await assert.rejects(ledger.takeOutbox(log, maxBatch + 1), RangeError);
    await assert.rejects(ledger.takeOutbox(log, 0), RangeError);
    assert.deepEqual(await ledger.takeOutbox(log, 10), []);
  });

  test('appending moves rows out of the outbox into the log, with tiles, edge and size', async () => {
    const { ledger, log } = await withLog(open);
    const rows = [row(log, { disclosures: ['d1'] }), row(log, { kind: 'session.close' }), row(log)];
    await ledger.enqueueAlone(rows);
    const taken = await ledger.takeOutbox(log, 2);
    assert.equal(await ledger.appendEntries(appendOf(log, 0, taken)), 'appended');
    assert.deepEqual(await ledger.head(log), { size: 2, edge: Uint8Array.of(2) });
    assert.deepEqual(
      (await ledger.takeOutbox(log, 10)).map(({ seq }) => seq),
      [3],
    );
    assert.deepEqual(await ledger.entries(log, 0, 5), taken.map(leafOf));
    assert.deepEqual(await ledger.record(log, 0), {
      index: 0,
      id: rows[0]?.id,
      kind: 'session.open',
      time: at,
      leaf: taken[0] && leafOf(taken[0]),
      salt: rows[0]?.salt,
      body: '{"a":1}',
      disclosures: ['d1'],
    });
    assert.equal(await ledger.record(log, 2), undefined);
  });

  test('two sequencers at once: one wins, none forks', async () => {
    const { ledger, log } = await withLog(open);
    await ledger.enqueueAlone([row(log), row(log)]);
    const taken = await ledger.takeOutbox(log, 10);
    const results = await Promise.all([
      ledger.appendEntries(appendOf(log, 0, taken)),
      ledger.appendEntries(appendOf(log, 0, taken)),
    ]);
    assert.deepEqual(results.toSorted(), ['appended', 'conflict']);
    assert.equal((await ledger.head(log))?.size, 2);
  });

  test('a row that was taken already, or a tile of another width, is a conflict and changes nothing', async () => {
    const { ledger, log } = await withLog(open);
    await ledger.enqueueAlone([row(log), row(log)]);
    const taken = await ledger.takeOutbox(log, 10);
    const first = appendOf(log, 0, taken.slice(0, 1));
    assert.equal(await ledger.appendEntries(first), 'appended');
    assert.equal(await ledger.appendEntries(appendOf(log, 1, taken)), 'conflict');
    const second = appendOf(log, 1, taken.slice(1));
    const wrong = { ...second, tiles: [{ level: 0, index: 0, from: 0, hashes: hashes(1) }] };
    assert.equal(await ledger.appendEntries(wrong), 'conflict');
    const gap = { ...second, tiles: [{ level: 1, index: 0, from: 1, hashes: hashes(1) }] };
    assert.equal(await ledger.appendEntries(gap), 'conflict');
    assert.equal((await ledger.head(log))?.size, 1);
    assert.equal((await ledger.takeOutbox(log, 10)).length, 1);
    assert.equal(await ledger.appendEntries(second), 'appended');
  });

  test('a batch that contradicts itself is a bug of the caller', async () => {
    const { ledger, log } = await withLog(open);
    await ledger.enqueueAlone([row(log)]);
    const good = appendOf(log, 0, await ledger.takeOutbox(log, 1));
    for (const bad of [
      { ...good, entries: [] },
      { ...good, newSize: 2 },
      { ...good, tiles: [{ level: 0, index: 0, from: 0, hashes: new Uint8Array(31) }] },
      { ...good, tiles: [{ level: 0, index: 0, from: 256, hashes: hashes(1) }] },
      { ...good, edge: new Uint8Array(16_385) },
    ])
      await assert.rejects(ledger.appendEntries(bad), RangeError);
  });

  test('a tile grows by what each batch completes and serves every narrower width', async () => {
    const { ledger, log } = await withLog(open);
    await sequence(ledger, log, [row(log), row(log), row(log)]);
    await ledger.enqueueAlone([row(log)]);
    const more = appendOf(log, 3, await ledger.takeOutbox(log, 10));
    assert.equal(
      await ledger.appendEntries({ ...more, tiles: [{ level: 0, index: 0, from: 3, hashes: hashes(1, 9) }] }),
      'appended',
    );
    assert.deepEqual(await ledger.tile(log, 0, 0, 4), new Uint8Array([...hashes(3), ...hashes(1, 9)]));
    assert.deepEqual(await ledger.tile(log, 0, 0, 2), hashes(2));
    assert.equal(await ledger.tile(log, 0, 0, 5), undefined);
    assert.equal(await ledger.tile(log, 1, 0, 1), undefined);
    await assert.rejects(ledger.tile(log, 0, 0, 0), RangeError);
    await assert.rejects(ledger.tile(log, 0, 0, 257), RangeError);
  });

  test('records of kinds, in order, in pages', async () => {
    const { ledger, log } = await withLog(open);
    const kinds = ['a', 'b', 'c', 'a', 'c', 'b', 'a'];
    await sequence(
      ledger,
      log,
      kinds.map((kind) => row(log, { kind })),
    );
    const found = async (from: number, limit: number): Promise<readonly number[]> =>
      (await ledger.recordsOfKinds(log, ['a', 'c', 'a'], from, limit)).map(({ index }) => index);
    assert.deepEqual(await found(0, 10), [0, 2, 3, 4, 6]);
    assert.deepEqual(await found(0, 3), [0, 2, 3]);
    assert.deepEqual(await found(4, 10), [4, 6]);
    assert.deepEqual(await found(7, 10), []);
    await assert.rejects(ledger.recordsOfKinds(log, [], 0, 1), RangeError);
    const newest = async (before: number, limit: number): Promise<readonly number[]> =>
      (await ledger.newestOfKind(log, 'a', before, limit)).map(({ index }) => index);
    const [last = 0, ...earlier] = await newest(7, 10);
    assert.deepEqual([last, ...earlier], kinds.flatMap((kind, i) => (kind === 'a' ? [i] : [])).toReversed());
    assert.deepEqual(await newest(7, 1), [last]);
    assert.deepEqual(await newest(last, 10), earlier);
    assert.deepEqual(await newest(0, 10), []);
    const range = async (from: number, limit: number): Promise<readonly number[]> =>
      (await ledger.records(log, from, limit)).map(({ index }) => index);
    assert.deepEqual(await range(2, 3), [2, 3, 4]);
    assert.deepEqual(await range(5, 10), [5, 6]);
    await assert.rejects(ledger.records(log, 0, maxBatch + 1), RangeError);
  });

  test('checkpoints are swapped, never past the head, never backwards', async () => {
    const { ledger, log } = await withLog(open);
    await sequence(ledger, log, [row(log), row(log), row(log)]);
    assert.equal(await ledger.storeCheckpoint(log, { size: 4, note: 'x' }, undefined), 'conflict');
    assert.equal(await ledger.storeCheckpoint(log, { size: 2, note: 'two' }, undefined), 'stored');
    assert.equal(await ledger.storeCheckpoint(log, { size: 3, note: 'x' }, undefined), 'conflict');
    assert.equal(await ledger.storeCheckpoint(log, { size: 1, note: 'x' }, 2), 'conflict');
    assert.equal(await ledger.storeCheckpoint(log, { size: 3, note: 'three' }, 2), 'stored');
    assert.equal(await ledger.storeCheckpoint(log, { size: 3, note: 'three again' }, 3), 'stored');
    assert.deepEqual(await ledger.checkpoint(log), { size: 3, note: 'three again' });
    assert.deepEqual(await ledger.checkpointAt(log, 2), { size: 2, note: 'two' });
    assert.equal(await ledger.checkpointAt(log, 1), undefined);
    assert.equal(await ledger.storeCheckpoint('unknown', { size: 0, note: 'x' }, undefined), 'conflict');
  });

  test('two signers of one log: one checkpoint is stored', async () => {
    const { ledger, log } = await withLog(open);
    await sequence(ledger, log, [row(log), row(log)]);
    const results = await Promise.all([
      ledger.storeCheckpoint(log, { size: 1, note: 'a' }, undefined),
      ledger.storeCheckpoint(log, { size: 2, note: 'b' }, undefined),
    ]);
    assert.deepEqual(results.toSorted(), ['conflict', 'stored']);
  });

  test('cosignatures: one line for each size and cosigner, replaced only by a later one', async () => {
    const { ledger, log } = await withLog(open);
    await sequence(ledger, log, [row(log)]);
    await ledger.storeCheckpoint(log, { size: 1, note: 'one' }, undefined);
    assert.equal(await ledger.newestCosigned(log), undefined);
    assert.equal(await ledger.addCosignature(log, line('w2', 100)), 'added');
    assert.equal(await ledger.addCosignature(log, line('w1', 100)), 'added');
    assert.equal(await ledger.addCosignature(log, line('w1', 200)), 'added');
    assert.equal(await ledger.addCosignature(log, line('w1', 150)), 'added');
    assert.equal(await ledger.addCosignature(log, { ...line('w1', 1), size: 2 }), 'unknown-size');
    assert.deepEqual(await ledger.cosignatures(log, 1), [line('w1', 200), line('w2', 100)]);
    assert.deepEqual(await ledger.newestCosigned(log), { size: 1, note: 'one' });
    await sequence(ledger, log, [row(log)]);
    await ledger.storeCheckpoint(log, { size: 2, note: 'two' }, 1);
    assert.equal(await ledger.addCosignature(log, { ...line('w2', 300), size: 2 }), 'added');
    assert.deepEqual(await ledger.newestCosigned(log), { size: 2, note: 'two' });
    assert.deepEqual(await ledger.newestCosigned(log, line('w1', 1).cosigner), { size: 1, note: 'one' });
    assert.equal(await ledger.newestCosigned(log, 'w3+00000000'), undefined);
    const w2 = line('w2', 1).cosigner;
    assert.deepEqual(await ledger.newestCosigned(log, w2, 3), { size: 2, note: 'two' });
    assert.deepEqual(await ledger.newestCosigned(log, w2, 2), { size: 1, note: 'one' });
    assert.equal(await ledger.newestCosigned(log, w2, 1), undefined);
  });

  test('B2.4.5 a disclosure is erased with its salt; the record and the others stay', async () => {
    const { ledger, log, store } = await withLog(open);
    await sequence(ledger, log, [row(log, { disclosures: ['secret-one', 'secret-two'] })]);
    const digest = createHash('sha256').update('secret-one').digest('base64url');
    const want = store.kind === 'sqlite' ? 'erased' : 'erased-later';
    assert.equal(await ledger.eraseDisclosure(log, 0, digest), want);
    assert.equal(await ledger.eraseDisclosure(log, 0, digest), 'absent');
    assert.equal(await ledger.eraseDisclosure(log, 9, digest), 'absent');
    assert.deepEqual((await ledger.record(log, 0))?.disclosures, ['secret-two']);
  });
});

eachDatabase('A3.3.5 ledger store, old checkpoints', ({ open }) => {
  test('checkpoints without cosignature go when they are too old, cosigned ones stay', async () => {
    const { ledger, log, store } = await withLog(open);
    await growTo(ledger, log, keptCheckpoints + 4);
    const { no } = await store.db.selectFrom('ledger_log').select('no').where('id', '=', log).executeTakeFirstOrThrow();
    const full = Array.from({ length: keptCheckpoints }, (_, i) => ({ log: no, size: i + 1, note: 'n' }));
    await store.db.insertInto('ledger_checkpoint').values(full).execute();
    await ledger.addCosignature(log, { ...line('w', 1), size: 2 });
    for (let size = keptCheckpoints + 1; size <= keptCheckpoints + 4; size++)
      assert.equal(await ledger.storeCheckpoint(log, { size, note: 'n' }, size - 1), 'stored');
    const kept = async (size: number): Promise<boolean> => (await ledger.checkpointAt(log, size)) !== undefined;
    assert.deepEqual(await Promise.all([1, 2, 3, 4, 5].map(kept)), [false, true, false, false, true]);
  });
});

/** Appends until the log has `size` entries; tiles do not matter here. */
async function growTo(ledger: LedgerStore<Tx>, log: string, size: number): Promise<void> {
  const head = (await ledger.head(log))?.size ?? 0;
  await ledger.enqueueAlone(Array.from({ length: size - head }, () => row(log)));
  const taken = await ledger.takeOutbox(log, maxBatch);
  assert.equal(await ledger.appendEntries({ ...appendOf(log, head, taken), tiles: [] }), 'appended');
}
