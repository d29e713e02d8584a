import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordToJson } from '../bundle/record.ts';
import { encodeUtf8 } from '../bytes.ts';
import { checkpointOf, makeLog, type TestLog } from '../testing/log.ts';
import { makeRecords, makeWorld, witnessedAt } from '../testing/world.ts';
import { type LiveOptions, type LivePort, type LiveVerdict, verifyLive } from './live.ts';
import type { LogState } from './options.ts';

const world = await makeWorld();
const { log: signer, platformLog } = world;
const records = makeRecords(600);
const at = (size: number): TestLog => makeLog(records.entries.slice(0, size));
const whole = at(600);
const platform = makeLog(makeRecords(5).entries);
const witness = { signer: world.witness, time: witnessedAt };
const note = await checkpointOf(whole, signer, witness);
const platformNote = await checkpointOf(platform, platformLog, witness);

/** A platform that serves these logs as it should. */
const honest: LivePort = {
  readCheckpoint: (origin) => Promise.resolve(origin === signer.key.name ? note : platformNote),
  readFile: (origin, path) => Promise.resolve((origin === signer.key.name ? whole : platform).tiles.get(path)),
  readRecord: (origin, index) => {
    const opening = (origin === signer.key.name ? records : makeRecords(5)).openings[index];
    return Promise.resolve(opening === undefined ? undefined : recordToJson(opening));
  },
  readAgreement: () => Promise.resolve({ document: world.agreement, signatures: world.signatures }),
};
let draws = 0;
const options: LiveOptions = { now: (witnessedAt + 5) * 1000, samples: 8, random: (bound) => (draws += 37) % bound };
const verify = (over: Partial<LivePort> = {}, more: Partial<LiveOptions> = {}): Promise<LiveVerdict> =>
  verifyLive({ ...honest, ...over }, world.anchors, { ...options, ...more });
const failed = (verdict: LiveVerdict): readonly string[] => [
  ...new Set(verdict.findings.flatMap((f) => (f.ok ? [] : [`${f.step} ${f.severity}`]))),
];
const stateOf = (log: TestLog): LogState => ({ origin: signer.key.name, size: log.entries.length, root: log.root });

test('design 6 live: an honest platform is valid, and its heads are worth remembering', async () => {
  const verdict = await verify();
  assert.deepEqual(failed(verdict), []);
  assert.equal(verdict.exitCode, 0);
  assert.deepEqual(
    verdict.logs.map(({ size, leaves }) => [size, leaves]),
    [
      [600, 8],
      [5, 5],
    ],
  );
  assert.deepEqual(
    verdict.remember.map(({ origin, size }) => [origin, size]),
    [
      [signer.key.name, 600],
      [platformLog.key.name, 5],
    ],
  );
});

test('design 6 live: growth from what was seen before is proven', async () => {
  for (const size of [0, 1, 256, 300, 600]) {
    const verdict = await verify({}, { remembered: [stateOf(at(size))] });
    assert.equal(verdict.exitCode, 0, `${size}`);
    assert.ok(verdict.findings.some(({ step, ok }) => step === 'consistency' && ok));
    assert.equal(verdict.remember.find(({ origin }) => origin === signer.key.name)?.size, 600);
  }
});

test('12.4 operator with the keys: a log that is shorter or rewritten is found, and the old head is kept', async () => {
  const rewritten = makeLog(records.entries.with(3, encodeUtf8('{}')));
  for (const before of [rewritten, makeLog([...records.entries, encodeUtf8('more')]), makeLog([encodeUtf8('other')])]) {
    const verdict = await verify({}, { remembered: [stateOf(before)] });
    assert.deepEqual(failed(verdict), ['consistency invalid']);
    assert.equal(verdict.exitCode, 1);
    assert.equal(verdict.remember.find(({ origin }) => origin === signer.key.name)?.size, before.entries.length);
  }
});

test('design 5 live: published and not witnessed is stale, unless a witnessed checkpoint stands behind it', async () => {
  const fresh = await checkpointOf(whole, signer);
  const readCheckpoint = (origin: string): Promise<Uint8Array> =>
    Promise.resolve(origin === signer.key.name ? fresh : platformNote);
  const alone = await verify({ readCheckpoint });
  assert.deepEqual(failed(alone), ['quorum stale']);
  assert.equal(alone.exitCode, 3);
  for (const size of [590, 600]) {
    const behind = await checkpointOf(at(size), signer, witness);
    const verdict = await verify({ readCheckpoint, readWitnessed: () => Promise.resolve(behind) });
    assert.deepEqual(failed(verdict), [], `${size}`);
    assert.equal(verdict.logs[0]?.witnessedAt, witnessedAt);
  }
  // The log grew, and was witnessed, between the two answers.
  const older = await checkpointOf(at(500), signer);
  const overtaken = await verify({
    readCheckpoint: (origin) => Promise.resolve(origin === signer.key.name ? older : platformNote),
    readWitnessed: () => Promise.resolve(note),
  });
  assert.deepEqual(failed(overtaken), []);
  assert.equal(overtaken.logs[0]?.size, 600);
  // A witnessed history beside the one that is shown.
  const other = await checkpointOf(makeLog(records.entries.slice(0, 500).with(1, encodeUtf8('{}'))), signer, witness);
  const split = await verify({ readCheckpoint, readWitnessed: () => Promise.resolve(other) });
  assert.deepEqual(failed(split), ['consistency invalid']);
});

test('design 6 live: exit 3 when the newest witness time is too old', async () => {
  const verdict = await verify({}, { now: (witnessedAt + 700) * 1000, maxWitnessAge: 600 });
  assert.equal(verdict.exitCode, 3);
});

test('design 6 live: what a dishonest platform may answer', async () => {
  const rows: readonly (readonly [string, Partial<LivePort>, readonly string[]])[] = [
    [
      'no checkpoint',
      { readCheckpoint: () => Promise.resolve(undefined) },
      ['log-signature invalid', 'log-signature incomplete'],
    ],
    ['another log', { readCheckpoint: () => Promise.resolve(platformNote) }, ['log-signature invalid']],
    ['garbage', { readCheckpoint: () => Promise.resolve(encodeUtf8('<html>')) }, ['log-signature invalid']],
    ['no tiles', { readFile: () => Promise.resolve(undefined) }, ['tiles invalid']],
    ['tiles of another log', { readFile: (_, path) => Promise.resolve(platform.tiles.get(path)) }, ['tiles invalid']],
    [
      'no entries',
      { readFile: (o, path) => (path.includes('entries') ? Promise.resolve(undefined) : honest.readFile(o, path)) },
      ['entries invalid'],
    ],
    ['a record that is none', { readRecord: () => Promise.resolve({ body: {} }) }, ['entries invalid']],
    [
      'the body of another record',
      {
        readRecord: () =>
          Promise.resolve(recordToJson({ index: 0, salt: new Uint8Array(32), body: {}, disclosures: [] })),
      },
      ['entries invalid'],
    ],
    [
      'an agreement that is none',
      { readAgreement: () => Promise.resolve({ document: encodeUtf8('{}'), signatures: world.signatures }) },
      ['agreement invalid'],
    ],
  ];
  for (const [name, over, want] of rows) {
    const verdict = await verify(over);
    assert.deepEqual(failed(verdict), want, name);
    assert.equal(verdict.exitCode, 1, name);
  }
});

test('design 6 live: without records and agreement to read there is less to check, and no fault', async () => {
  const { readCheckpoint, readFile } = honest;
  const verdict = await verifyLive({ readCheckpoint, readFile }, world.anchors, options);
  assert.equal(verdict.exitCode, 0);
  assert.ok(!verdict.findings.some(({ step }) => step === 'agreement'));
});

test('design 6 live: bodies nobody may read are not said to be what was committed to', async () => {
  const entriesOf = (verdict: LiveVerdict) =>
    verdict.findings.filter(({ step }) => step === 'entries').map(({ text }) => text.en);
  const open = await verify();
  assert.deepEqual(
    open.samples.map(({ records: drawn, bodies }) => [drawn, bodies]),
    [
      [8, 8],
      [5, 5],
    ],
  );
  assert.match(entriesOf(open)[0] ?? '', /; 8 bodies are what was committed to$/);
  const withheld = await verify({ readRecord: () => Promise.resolve(undefined) }, { samples: 1 });
  assert.deepEqual(
    withheld.samples.map(({ records: drawn, bodies }) => [drawn, bodies]),
    [
      [1, 0],
      [1, 0],
    ],
  );
  assert.deepEqual(new Set(entriesOf(withheld)), new Set(['1 record drawn at random is in the tree']));
  assert.match(entriesOf(await verify({}, { samples: 1 }))[0] ?? '', /is in the tree; 1 body is what/);
});

test('design 6 live: a broken network is no verdict', async () => {
  await assert.rejects(verify({ readFile: () => Promise.reject(new Error('reset')) }), { message: 'reset' });
});

test('design 6 live: random numbers out of range draw nothing, and the loop ends', async () => {
  const verdict = await verify({}, { random: () => -1 });
  assert.equal(verdict.logs[0]?.leaves, 1);
  assert.equal((await verify({}, { random: () => 0.5, samples: 1e9 })).exitCode, 0);
});
