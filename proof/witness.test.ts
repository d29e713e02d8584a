import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tilesFromMap } from './bundle/bundle.ts';
import { concatBytes, encodeUtf8 } from './bytes.ts';
import { openCheckpoint } from './checkpoint.ts';
import { webProofCrypto as crypto } from './crypto.ts';
import { formatVkey } from './note/key.ts';
import { parsePolicy } from './policy.ts';
import { signerOf } from './testing/keys.ts';
import { checkpointOf, makeLog, type TestLog } from './testing/log.ts';
import { type WitnessInput, type WitnessResult, type WitnessState, witnessCheckpoint } from './witness.ts';

const signer = await signerOf('a.example/logs/ag-1/2026', 1, 1);
const stranger = await signerOf('a.example/logs/ag-1/2026', 1, 9);
const elsewhere = await signerOf('a.example/logs/ag-2/2026', 1, 1);
const witness = await signerOf('b.example/w', 4, 2);
const now = 1_700_000_000;

const entriesOf = (count: number, word = 'entry'): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => encodeUtf8(`${word} ${i}`));
const honest = makeLog(entriesOf(600));
const at = (size: number): TestLog => makeLog(entriesOf(600).slice(0, size));
/** The same log with one record of the past rewritten. */
const rewritten = makeLog(entriesOf(600).with(3, encodeUtf8('it never happened')));

async function step(
  state: WitnessState | undefined,
  log: TestLog,
  over: Partial<WitnessInput> = {},
): Promise<WitnessResult> {
  const checkpoint = await checkpointOf(log, signer);
  return witnessCheckpoint({
    crypto,
    log: signer.key,
    state,
    checkpoint,
    tiles: log.reader,
    signer: witness,
    now,
    ...over,
  });
}
const stateOf = (log: TestLog): WitnessState => ({
  origin: signer.key.name,
  size: log.entries.length,
  root: log.root,
  time: now - 60,
});

test('A3.3.5 witness: cosigns growth it has proven, and the line makes the quorum', async () => {
  for (const [before, after] of [
    [undefined, 300],
    [0, 300],
    [1, 600],
    [255, 256],
    [256, 257],
    [300, 600],
    [512, 600],
  ] as const) {
    const log = at(after);
    const result = await step(before === undefined ? undefined : stateOf(at(before)), log);
    assert.ok(result.ok, `${before} to ${after}`);
    assert.deepEqual(result.state, { origin: signer.key.name, size: after, root: log.root, time: now });
    assert.equal(result.grown, true);
    const note = concatBytes([await checkpointOf(log, signer), encodeUtf8(result.line)]);
    const policy = parsePolicy(
      crypto,
      `log ${formatVkey(signer.key)}\nwitness b ${formatVkey(witness.key)}\nquorum b\n`,
    );
    const opened = await openCheckpoint(crypto, note, policy);
    assert.deepEqual(opened.cosignatures, [{ witness: 'b', time: now }]);
  }
});

test('A3.3.5 witness: an idle log gets its cosignature renewed, without reading tiles', async () => {
  const result = await step(stateOf(honest), honest, { tiles: tilesFromMap(new Map()) });
  assert.ok(result.ok);
  assert.equal(result.grown, false);
  assert.equal(result.state.time, now);
});

test('A3.3.5 witness: a clock set back does not date a statement before the last one', async () => {
  const result = await step({ ...stateOf(honest), time: now + 500 }, honest);
  assert.ok(result.ok);
  assert.equal(result.state.time, now + 500);
});

test('12.4 operator with the keys: rollback and fork are told apart, and nothing is signed', async () => {
  const other = makeLog(entriesOf(300, 'other'));
  const rows: readonly (readonly [string, WitnessState | undefined, TestLog, string])[] = [
    ['fewer records than cosigned', stateOf(honest), at(300), 'rollback'],
    ['an empty log again', stateOf(honest), at(0), 'rollback'],
    ['same size, a record rewritten', stateOf(honest), rewritten, 'fork'],
    ['larger, a record of the past rewritten', stateOf(at(300)), rewritten, 'fork'],
    ['larger, a power of two rewritten', stateOf(at(256)), rewritten, 'fork'],
    ['another log altogether', stateOf(other), honest, 'fork'],
  ];
  for (const [name, state, log, kind] of rows) {
    const result = await step(state, log);
    assert.ok(!result.ok, name);
    assert.equal(result.conflict.kind, kind, name);
    // A's own signature under the contradiction: what B shows to others.
    assert.deepEqual(result.conflict.note, await checkpointOf(log, signer), name);
    assert.equal(result.conflict.seen?.size, log.entries.length, name);
  }
});

test('A3.3.5 witness: an empty log must have the empty root', async () => {
  const empty = { ...at(0), root: new Uint8Array(32) };
  const result = await step(undefined, empty);
  assert.ok(!result.ok);
  assert.equal(result.conflict.kind, 'fork');
  assert.equal((await step(undefined, at(0))).ok, true);
});

test('A3.3.5 witness: what is no checkpoint of this log', async () => {
  const rows: readonly (readonly [string, Uint8Array, string])[] = [
    ['no note', encodeUtf8('hello'), 'malformed'],
    ['no checkpoint', encodeUtf8('a\n\n— a.example/logs/ag-1/2026 AAAAAAA=\n'), 'malformed'],
    ['another key', await checkpointOf(honest, stranger), 'signature'],
    ['another log', await checkpointOf(honest, elsewhere), 'origin'],
  ];
  for (const [name, checkpoint, kind] of rows) {
    const result = await step(undefined, honest, { checkpoint });
    assert.ok(!result.ok, name);
    assert.equal(result.conflict.kind, kind, name);
  }
});

test('A3.3.5 witness: missing or false tiles accuse nobody of a fork', async () => {
  const path = 'tile/0/000';
  const tile = honest.tiles.get(path) ?? new Uint8Array(0);
  for (const [name, tiles] of [
    ['no tiles', new Map<string, Uint8Array>()],
    ['a needed tile is missing', new Map([...honest.tiles].filter(([key]) => key !== path))],
    ['a needed tile is changed', new Map([...honest.tiles, [path, tile.with(0, (tile[0] ?? 0) ^ 1)]])],
  ] as const) {
    const result = await step(stateOf(at(100)), honest, { tiles: tilesFromMap(tiles) });
    assert.ok(!result.ok, name);
    assert.equal(result.conflict.kind, 'tiles', name);
  }
  await assert.rejects(
    step(stateOf(at(100)), honest, {
      tiles: { ...honest.reader, readTile: () => Promise.reject(new Error('network')) },
    }),
    { message: 'network' },
  );
});
