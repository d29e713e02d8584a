import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { decodeBase64, parseCheckpoint, parseNote, verifyConsistency } from '@pactgate/proof';
import { nodeHasher, nodeProofCrypto } from '../../platform/src/adapters/proof-crypto.ts';
import { instant } from '../../platform/src/kernel/time.ts';
import { type FsckResult, fsck } from '../../platform/src/ledger/fsck.ts';
import { openStore } from '../../platform/src/store/open.ts';
import { until } from '../../tools/live/process.ts';
import { recordsOf } from '../../tools/live/records.ts';
import type { Ready } from '../platform.ts';
import { type Acknowledged, numberOf } from './load.ts';

/** What is wrong after a fault, each in a line; empty: nothing was lost. */
export type Losses = readonly string[];

export interface Head {
  readonly log: string;
  readonly size: number;
  readonly root: Uint8Array;
}

/** The newest checkpoints as a reader of both logs holds them: what was published must stay the history. */
export async function headsOf(ready: Ready): Promise<readonly Head[]> {
  const { items } = await ready.admin.client.call('logs', {});
  const heads: Head[] = [];
  for (const { id, size } of items) {
    if (size === 0) continue;
    const note = await ready.admin.client.call('checkpoint', { params: { log: id } });
    heads.push({ log: id, ...parseCheckpoint(parseNote(note).text) });
  }
  return heads;
}

/** Whether the logs now are extensions of those seen before, proven, not believed. */
async function checkHeads(ready: Ready, before: readonly Head[]): Promise<Losses> {
  const now = new Map((await headsOf(ready)).map((head) => [head.log, head]));
  const losses: string[] = [];
  for (const old of before) {
    const head = now.get(old.log);
    if (!head || head.size < old.size) {
      losses.push(`log ${old.log}: ${old.size} entries were published, ${head?.size ?? 0} are there`);
      continue;
    }
    const query = { old: old.size, new: head.size };
    const { proof } = await ready.admin.client.call('consistency', { params: { log: old.log }, query });
    const hashes = proof.map((hash) => decodeBase64(hash));
    const claim = { oldSize: old.size, oldRoot: old.root, newSize: head.size, newRoot: head.root };
    try {
      verifyConsistency(nodeHasher, hashes, claim);
    } catch (error) {
      losses.push(`log ${old.log}: ${String(error)}`);
    }
  }
  return losses;
}

/** Every acknowledged message is there, per device. */
async function checkMessages(ready: Ready, { messages }: Acknowledged): Promise<Losses> {
  const [party] = ready.parties;
  const losses: string[] = [];
  for (const [device, numbers] of messages) {
    const stored = new Set<number>();
    let after: string | undefined;
    do {
      const query = { channel: 'status', limit: 500, ...(after === undefined ? {} : { after }) };
      const page = await party.admin.client.call('telemetry', {
        params: { agreement: party.agreement, device },
        query,
      });
      for (const { values } of page.items) stored.add(numberOf(values));
      after = page.next;
    } while (after !== undefined && !numbers.isSubsetOf(stored));
    const lost = [...numbers.difference(stored)];
    if (lost.length > 0) losses.push(`${device}: ${lost.length} acknowledged messages are gone, first ${lost[0]}`);
  }
  return losses;
}

const recordWait = 10_000;

/** Every operation that was answered has its effect and its record. */
async function checkOperations(ready: Ready, acknowledged: Acknowledged, from: number): Promise<Losses> {
  const [party] = ready.parties;
  const wanted = new Set([
    ...acknowledged.commands.map((id) => `command.send ${id}`),
    ...acknowledged.orders.map(({ order }) => `device.isolate ${order}`),
  ]);
  const missing = async (): Promise<readonly string[]> => {
    const records = await recordsOf(party.admin.client, party.log, { kinds: ['command.send', 'device.isolate'], from });
    const found = new Set(records.map(({ kind, body }) => `${kind} ${String(body['command'] ?? body['order'])}`));
    return [...wanted.difference(found)];
  };
  await until(async () => ((await missing()).length === 0 ? true : undefined), { within: recordWait });
  const losses = (await missing()).map((name) => `no record: ${name}`);
  for (const id of acknowledged.registered) {
    const params = { agreement: party.agreement, device: id };
    const found = await party.admin.client.call('device', { params }).catch(() => undefined);
    if (!found) losses.push(`registered device ${id} is gone`);
  }
  return losses;
}

/** Looks for anything the platform acknowledged and does not have any more, over its public API. */
export async function findLosses(
  ready: Ready,
  acknowledged: Acknowledged,
  before: { readonly heads: readonly Head[]; readonly entries: number },
): Promise<Losses> {
  return [
    ...(await checkMessages(ready, acknowledged)),
    ...(await checkOperations(ready, acknowledged, before.entries)),
    ...(await checkHeads(ready, before.heads)),
  ];
}

/** Every file of a resting data directory is sound, and every log recomputes to the root that was signed. */
export async function checkFiles(data: string): Promise<Losses> {
  const copy = mkdtempSync(path.join(tmpdir(), 'pactgate-fsck-'));
  try {
    const files = ['main.db', 'main.db-wal', 'telemetry'].filter((name) => existsSync(path.join(data, name)));
    for (const name of files) cpSync(path.join(data, name), path.join(copy, name), { recursive: true });
    const losses: string[] = [];
    const store = await openStore({ kind: 'sqlite', dir: copy, now: instant(Date.now()) });
    const parts = { store: store.ledger, hasher: nodeHasher, crypto: nodeProofCrypto };
    for (const log of await store.ledger.logs())
      for (const scope of ['full', 'tail'] as const) losses.push(...mismatchesOf(await fsck(parts, log, scope)));
    await store.close();
    return [...losses, ...integrity(path.join(copy, 'main.db'))];
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

const mismatchesOf = ({ origin, mismatches, why = '' }: FsckResult): Losses =>
  mismatches === 0 ? [] : [`${origin}: ${mismatches} mismatches: ${why}`];

function integrity(file: string): Losses {
  const db = new DatabaseSync(file);
  const found = db
    .prepare('pragma integrity_check')
    .all()
    .map((row) => String(Object.values(row)[0]));
  db.close();
  return found.length === 1 && found[0] === 'ok' ? [] : found.slice(0, 3).map((line) => `${file}: ${line}`);
}
