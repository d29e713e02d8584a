import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { decodeUtf8, parseNote, parseSignatureLine, verifySignature, webProofCrypto } from '@pactgate/proof';
import { makeClient } from '@pactgate/protocol/api';
import { Failure } from '../failure.ts';
import { logPath } from '../live-log.ts';
import { makePartyKeys } from '../party-keys.ts';
import type { Session } from '../session.ts';
import { agreementId, makeLog, type TestLog } from '../testing/evidence.ts';
import { logSigner } from '../testing/signer.ts';
import { lock } from './lock.ts';
import { witnessLog } from './round.ts';
import { readMemory } from './state.ts';

const root = await mkdtemp(path.join(tmpdir(), 'pactgate-witness-'));
after(() => rm(root, { recursive: true }));
const keys = await makePartyKeys(path.join(root, 'keys'), 'pumps.example/witness');
const signer = logSigner(`a.example/logs/${agreementId}/2026`);
const origin = signer.key.name;
const empty = { type: 'application/json', status: 200 };
const gone = { ...empty, status: 404, body: new TextEncoder().encode('{"code":"ledger/not-found"}') };

/** The platform as the witness reaches it: what it serves can be changed, what it is sent is kept. */
class Served {
  log: TestLog;
  readonly posts: { readonly path: string; readonly body: Record<string, unknown> }[] = [];
  onPost: () => Promise<void> = () => Promise.resolve();
  isGone = false;

  constructor(log: TestLog) {
    this.log = log;
  }

  session(): Session {
    const client = makeClient(async ({ method, path: at, body }) => {
      if (method === 'GET') return this.isGone ? gone : { ...empty, body: this.log.checkpoint };
      await this.onPost();
      this.posts.push({ path: at, body: JSON.parse(body ?? '{}') as Record<string, unknown> });
      return { ...empty, body: new TextEncoder().encode('{"accepted":true,"recorded":1}') };
    });
    return {
      profile: { v: 1, server: 'https://a.example', rootSha256: '', rootPem: '' },
      client,
      get: (at) => {
        const tile = this.log.tiles.get(at.slice(logPath(origin).length + 1));
        const found =
          tile === undefined ? { status: 404, body: Buffer.alloc(0) } : { status: 200, body: Buffer.from(tile) };
        return Promise.resolve({ ...found, type: '', cookies: [] });
      },
      agreement: () => Promise.resolve(agreementId),
      close: () => undefined,
    };
  }
}
let run = 0;
const fresh = async (count: number) => {
  const served = new Served(await makeLog(signer, count));
  const directory = path.join(root, `run-${run++}`);
  const parts = { session: served.session(), signer: keys.witness, directory, now: () => 1_770_000_000_000 };
  return { served, directory, step: () => witnessLog(parts, signer.key) };
};
const memoryOf = async (directory: string) => {
  const name = (await readdir(directory)).find((file) => file.endsWith('.json')) ?? '';
  return readMemory(directory, name.replace('.json', ''));
};

test('A3.3.5 a grown log is cosigned; the line verifies over its checkpoint', async () => {
  const { served, step } = await fresh(3);
  assert.deepEqual(await step(), { origin, outcome: 'cosigned', size: 3, grown: true });
  served.log = await makeLog(signer, 7);
  assert.deepEqual(await step(), { origin, outcome: 'cosigned', size: 7, grown: true });
  const { body } = served.posts.at(-1) ?? {};
  assert.equal(body?.['size'], 7);
  const line = parseSignatureLine(`${String(body?.['line'])}\n`);
  const { text } = parseNote(served.log.checkpoint);
  assert.ok(await verifySignature(webProofCrypto, text, line, keys.witness.key));
});

test('A3.3.5 the state is durable before the cosignature leaves', async () => {
  const { served, directory, step } = await fresh(3);
  let atPost: number | undefined;
  served.onPost = async () => {
    atPost = (await memoryOf(directory))?.state.size;
    throw new Error('the network is gone');
  };
  await assert.rejects(step());
  assert.equal(atPost, 3);
  served.onPost = () => Promise.resolve();
  assert.deepEqual(await step(), { origin, outcome: 'cosigned', size: 3, grown: false }, 'made up by the next step');
});

const conflicts = [
  { name: 'history taken back', kind: 'rollback', count: 2, mark: '' },
  { name: 'history of the same length rewritten', kind: 'fork', count: 4, mark: 'x' },
  { name: 'longer history that does not begin with the old one', kind: 'fork', count: 9, mark: 'x' },
];
for (const { name, kind, count, mark } of conflicts)
  test(`A3.3.5 ${name}: kept, reported with both notes, never cosigned again`, async () => {
    const { served, directory, step } = await fresh(4);
    await step();
    const seen = decodeUtf8(served.log.checkpoint);
    served.log = await makeLog(signer, count, { mark });
    const outcome = await step();
    assert.ok(outcome.outcome === 'conflict' && outcome.kind === kind);
    const report = served.posts.at(-1);
    assert.match(report?.path ?? '', /\/conflicts$/);
    assert.deepEqual(report?.body, { seen, served: decodeUtf8(served.log.checkpoint) });
    assert.equal(await readFile(outcome.files[0] ?? '', 'utf8'), seen);
    const posts = served.posts.length;
    served.log = await makeLog(signer, 12);
    assert.equal((await step()).outcome, 'conflict', 'a good answer later changes nothing');
    assert.equal(served.posts.length, posts);
    assert.equal((await memoryOf(directory))?.state.size, 4);
  });

test('A3.3.5 another log, or another signer, is not signed and not accused', async () => {
  const { served, step } = await fresh(3);
  served.log = await makeLog(logSigner('a.example/logs/platform/2026'), 3);
  assert.equal((await step()).outcome, 'invalid');
  served.log = await makeLog(logSigner(origin), 3);
  assert.equal((await step()).outcome, 'invalid');
  served.log = { ...(await makeLog(signer, 3)), tiles: new Map() };
  assert.equal((await step()).outcome, 'waiting');
  assert.deepEqual(served.posts, []);
});

test('A3.3.5 a log without a checkpoint is empty at first, and suspicious once it had one', async () => {
  const { served, step } = await fresh(3);
  served.isGone = true;
  assert.equal((await step()).outcome, 'empty');
  served.isGone = false;
  await step();
  served.isGone = true;
  assert.equal((await step()).outcome, 'waiting');
});

test('a damaged memory stops the witness; two witnesses do not share one', async () => {
  const { directory, step } = await fresh(3);
  await step();
  const [name = ''] = await readdir(directory);
  await writeFile(path.join(directory, name), '{"size":3}');
  await assert.rejects(step(), Failure);
  const release = await lock(directory);
  await assert.rejects(lock(directory), Failure);
  await release();
  await (await lock(directory))();
});
