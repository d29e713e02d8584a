import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { instant } from '../kernel/time.ts';
import { maxBatch, type QueuedRow } from '../ledger/ports.ts';
import { openDataDir } from './datadir.ts';
import { openStore, type Store } from './open.ts';

/**
 * A child process appends telemetry and outbox rows, writes down each acknowledgement, and is killed at a different
 * moment in each round: everything it had acknowledged must be there, numbered without a gap, in sound files.
 */
const rounds = Number(process.env['PACTGATE_KILL_ROUNDS'] ?? 5);
const perDirectory = 8;
const root = mkdtempSync(path.join(tmpdir(), 'pactgate-kill-'));
after(() => rmSync(root, { recursive: true, force: true }));

const day = '2026-11-22';
const start = instant(`${day}T00:00:00Z`);
const whole = {
  device: 1,
  channel: 1,
  from: instant(0),
  to: instant(8e15),
  limit: 10_000,
  order: 'ascending',
} as const;

interface Acknowledged {
  /** Highest number of a telemetry sample. */
  telemetry: number;
  /** Highest sequence number of a transaction, and of a row on its own. */
  transaction: number;
  alone: number;
}

function startChild(dir: string, from: number): ChildProcess {
  const child = spawn(
    process.execPath,
    [path.join(import.meta.dirname, 'testdata/append-until-killed.ts'), dir, String(from)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  return child;
}

/** Reads acknowledgements until there are `enough`, then kills; those already written down count too. */
async function killAfter(child: ChildProcess, enough: number): Promise<Acknowledged> {
  const seen: Acknowledged = { telemetry: 0, transaction: 0, alone: 0 };
  let lines = 0;
  assert.ok(child.stdout);
  const input = createInterface({ input: child.stdout });
  const ended = once(input, 'close');
  input.on('line', (line) => {
    const [kind, number] = line.split(' ');
    if (kind === 'telemetry' || kind === 'transaction' || kind === 'alone')
      seen[kind] = Math.max(seen[kind], Number(number));
    if (++lines === enough) child.kill('SIGKILL');
  });
  await ended;
  return seen;
}

async function check(store: Store, seen: Acknowledged): Promise<void> {
  const [log] = await store.ledger.logs();
  assert.ok(log, 'the log that was acknowledged is gone');
  const stored = await store.telemetry.range(whole);
  const numbers = stored.map(({ at }) => at - start);
  assert.deepEqual(
    numbers,
    numbers.map((_, i) => i + 1),
    'a sample is missing or doubled',
  );
  assert.ok(numbers.length >= seen.telemetry, `${numbers.length} stored, ${seen.telemetry} acknowledged`);
  assert.equal(await store.telemetry.count(), numbers.length);
  for (const source of ['transaction', 'alone'] as const) {
    const last = await store.ledger.lastSequence(source, log.id);
    assert.ok(last >= seen[source], `${source}: ${last} stored, ${seen[source]} acknowledged`);
    const queued: readonly QueuedRow[] = await store.ledger.takeOutbox(log.id, maxBatch);
    const rows = queued.filter((row) => row.source === source);
    assert.deepEqual(
      rows.map(({ seq }) => seq),
      Array.from({ length: last }, (_, i) => i + 1),
    );
  }
}

function demandSound(file: string): void {
  const db = new DatabaseSync(file);
  assert.deepEqual(
    db
      .prepare('pragma integrity_check')
      .all()
      .map((row) => Object.values(row)[0]),
    ['ok'],
  );
  db.close();
}

test(`A3.4.1 kill -9 in the middle of writing loses nothing acknowledged (${rounds} rounds)`, async () => {
  let last = 0;
  for (let round = 0; round < rounds; round++) {
    // A new directory now and then, so that one page still holds all there is.
    if (round % perDirectory === 0) last = 0;
    const dir = path.join(root, String(Math.floor(round / perDirectory)));
    const child = startChild(dir, last === 0 ? 0 : await storedSamples(dir));
    const seen = await killAfter(child, 40 + ((round * 37) % 90));
    assert.ok(seen.telemetry > last && seen.alone > 0 && seen.transaction > 0, 'the child did nothing');
    const data = await openDataDir(dir);
    const store = await openStore({ kind: 'sqlite', dir, now: start });
    await check(store, seen);
    await store.close();
    data.release();
    for (const file of ['main.db', `telemetry/${day}.db`]) demandSound(path.join(dir, file));
    last = seen.telemetry;
  }
});

/** Where the child goes on counting. */
async function storedSamples(dir: string): Promise<number> {
  const store = await openStore({ kind: 'sqlite', dir, now: start });
  const count = await store.telemetry.count();
  await store.close();
  return count;
}
