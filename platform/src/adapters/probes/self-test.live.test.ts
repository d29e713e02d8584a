import assert from 'node:assert/strict';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import {
  appendLeaf,
  concatBytes,
  decodeUtf8,
  type Edge,
  edgeRoot,
  emptyEdge,
  encodeEntries,
  encodeUtf8,
  formatCheckpoint,
  formatNote,
  formatTlogProof,
  formatVkey,
  type NoteSigner,
  parseLogPath,
  proveInclusion,
  rootOfLeaves,
  signText,
  type TileReader,
  tileWidth,
  VerifiedLog,
} from '@pactgate/proof';
import { TestAuthority } from '../../gateway/testing/certificates.ts';
import { nodeHasher } from '../proof-crypto.ts';
import { logSigner, newLogKey } from '../signers.ts';
import { memoryKeys } from '../testing/memory-keys.ts';
import { draw, type LogTarget, verifyIndependently, verifyLog } from './self-test.ts';

const script = path.resolve(import.meta.dirname, '../../../../tools/verify_log.py');
const origin = 'localhost/logs/ag-1/2026';
const token = 'pgk_test';
const size = 700;
const entries = Array.from({ length: size }, (_, i) => encodeUtf8(`{"entry":${i}}`));
const leaves = entries.map((entry) => nodeHasher.leaf(entry));

/** What an operator with bad intentions serves; nothing: the truth. */
interface Lies {
  readonly entry?: number;
  readonly tile?: string;
  readonly missing?: string;
  readonly otherKey?: boolean;
  /** An honest signature over a root of other entries. */
  readonly otherRoot?: boolean;
  /** The first requests are told to wait. */
  readonly busy?: number;
}
let lies: Lies = {};
let signer: NoteSigner;
let other: NoteSigner;
let server: https.Server;
let target: LogTarget;

const hashesOf = (level: number): readonly Uint8Array[] =>
  level === 0
    ? leaves
    : Array.from({ length: Math.floor(size / tileWidth) }, (_, i) =>
        rootOfLeaves(nodeHasher, leaves.slice(i * tileWidth, (i + 1) * tileWidth)),
      );

const honest: TileReader = {
  readTile: async ({ level, index, width }) =>
    concatBytes(hashesOf(level).slice(index * tileWidth, index * tileWidth + width)),
  readEntries: async ({ index, width }) => encodeEntries(entries.slice(index * tileWidth, index * tileWidth + width)),
};

async function checkpoint(): Promise<Uint8Array> {
  const taken = lies.otherRoot === true ? leaves.toReversed() : leaves;
  const edge = taken.reduce((sum: Edge, leaf) => appendLeaf(nodeHasher, sum, leaf), emptyEdge);
  const text = formatCheckpoint({ origin, size, root: edgeRoot(nodeHasher, edge) });
  return formatNote({ text, signatures: [await signText(text, lies.otherKey === true ? other : signer)] });
}

/** Bytes of a resource, with its lie. */
async function serve(url: string): Promise<Uint8Array | undefined> {
  if (url.startsWith('/api/')) {
    const index = Number(new URLSearchParams(url.slice(url.indexOf('?'))).get('index'));
    const head = { size, root: rootOf() };
    const proven = await proveInclusion(nodeHasher, new VerifiedLog(nodeHasher, honest, head), { index, size });
    return encodeUtf8(formatTlogProof({ index, path: proven, checkpoint: await checkpoint() }));
  }
  const wanted = url.slice('/logs/ag-1/2026/'.length);
  if (wanted === 'checkpoint') return checkpoint();
  if (wanted === lies.missing) return undefined;
  const at = parseLogPath(wanted);
  if (at.kind === 'tile')
    return wanted === lies.tile ? flipped(await honest.readTile(at.tile)) : honest.readTile(at.tile);
  const { index, width } = at.entries;
  const lied = entries.map((entry, i) => (i === lies.entry ? flipped(entry) : entry));
  return encodeEntries(lied.slice(index * tileWidth, index * tileWidth + width));
}
const rootOf = (): Uint8Array =>
  edgeRoot(
    nodeHasher,
    leaves.reduce((sum: Edge, leaf) => appendLeaf(nodeHasher, sum, leaf), emptyEdge),
  );
function flipped(bytes: Uint8Array = new Uint8Array()): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[0] = (copy[0] ?? 0) ^ 1;
  return copy;
}

before(async () => {
  const box = memoryKeys({ log: newLogKey(), other: newLogKey() });
  signer = await logSigner(box, 'log', origin);
  other = await logSigner(box, 'other', origin);
  const authority = await TestAuthority.create();
  let waits = 0;
  server = https.createServer({ ...(await authority.server()) }, (request, response) => {
    if (request.headers.authorization !== `Bearer ${token}`) {
      response.writeHead(401).end();
      return;
    }
    if (waits < (lies.busy ?? 0)) {
      waits++;
      response.writeHead(429, { 'retry-after': '1' }).end();
      return;
    }
    serve(request.url ?? '').then(
      (bytes) => response.writeHead(bytes ? 200 : 404).end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const signal = AbortSignal.timeout(60_000);
  const vkey = formatVkey(signer.key);
  target = { host: '127.0.0.1', port, roots: [authority.root], token, origin, vkey, id: 'x', signal };
});
after(() => server.close());

test('A3.4.6 self-test: both verifiers prove the same leaves of a log of three tiles', async () => {
  lies = { busy: 1 };
  const { size: seen, indexes } = await verifyLog(target, 40);
  assert.equal(seen, size);
  assert.equal(new Set(indexes).size, 40);
  assert.ok(indexes.includes(size - 1), 'the newest is the easiest to fake');
  const second = await verifyIndependently(script, target, indexes);
  assert.equal(second.kind, 'passed', JSON.stringify(second));
  assert.equal(second.leaves, 40);
  assert.match(second.verifier, /^verify_log\.py \(Python 3\.\d+, cryptography /);
});

const lying: readonly { name: string; lie: Lies }[] = [
  { name: 'an entry was changed', lie: { entry: 300 } },
  { name: 'an entry of the last, partial tile was changed', lie: { entry: size - 1 } },
  { name: 'a full tile was changed', lie: { tile: 'tile/0/001' } },
  { name: 'the tile above it was changed', lie: { tile: 'tile/1/000.p/2' } },
  { name: 'a partial tile was changed', lie: { tile: 'tile/0/002.p/188' } },
  { name: 'a tile is missing', lie: { missing: 'tile/0/000' } },
  { name: 'another key has signed', lie: { otherKey: true } },
  { name: 'the signed root is of other entries', lie: { otherRoot: true } },
];
for (const { name, lie } of lying) {
  test(`A3.4.6 self-test: found by both verifiers: ${name}`, async () => {
    const all = Array.from({ length: size }, (_, i) => i);
    lies = lie;
    await assert.rejects(verifyLog(target, size));
    assert.equal((await verifyIndependently(script, target, all)).kind, 'failed');
  });
}

test('A3.4.6 self-test: without Python, or with a script that dies, nothing is claimed', async () => {
  lies = {};
  assert.deepEqual(await verifyIndependently(script, target, [0], 'no-such-python'), { kind: 'absent' });
  assert.equal((await verifyIndependently(import.meta.filename, target, [0])).kind, 'failed');
  const denied = await verifyIndependently(script, { ...target, token: 'other' }, [0]);
  assert.ok(denied.kind === 'failed' && denied.error.includes('401'), JSON.stringify(denied));
});

test('A3.4.6 self-test: leaves are drawn without repetition, all of them where there are few', () => {
  assert.deepEqual(draw(3, 100), [0, 1, 2]);
  assert.deepEqual(draw(0, 100), []);
  const drawn = draw(1_000, 100);
  assert.equal(new Set(drawn).size, 100);
  assert.ok(drawn.every((index) => index >= 0 && index < 1_000));
  assert.equal(decodeUtf8(entries[2] ?? new Uint8Array()), '{"entry":2}');
});
