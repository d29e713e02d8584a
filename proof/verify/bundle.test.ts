import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bundle, type BundleLog, buildBundle, parseBundle, tilesFromMap } from '../bundle/bundle.ts';
import { gatherLog } from '../bundle/gather.ts';
import type { RecordOpening } from '../bundle/record.ts';
import { encodeUtf8 } from '../bytes.ts';
import { webProofCrypto as crypto } from '../crypto.ts';
import { proveInclusion } from '../merkle/tree.ts';
import { formatVkey } from '../note/key.ts';
import { signerOf } from '../testing/keys.ts';
import { checkpointOf, hasher, makeLog, makeRecord } from '../testing/log.ts';
import { agreementId, bundleLogOf, makeBundle, makeRecords, makeWorld, witnessedAt } from '../testing/world.ts';
import { VerifiedLog } from '../tiles/reader.ts';
import { formatTlogProof } from '../tlog-proof.ts';
import { readZip, writeZip } from '../zip.ts';
import type { BundleOptions, Evaluator } from './options.ts';
import type { Severity, Step } from './report.ts';
import { type BundleVerdict, verifyBundle } from './verifier.ts';

const world = await makeWorld();
const bundle = await makeBundle(world);
const agrees: Evaluator = { recompute: () => ({ ok: true, why: { zh: '一致', en: 'agrees' } }) };
const options: BundleOptions = { now: (witnessedAt + 60) * 1000, evaluator: agrees };
const verify = (changed: Bundle, over: Partial<BundleOptions> = {}, anchors = world.anchors): Promise<BundleVerdict> =>
  verifyBundle(buildBundle(crypto, changed), anchors, { ...options, ...over });

const [log, platformLog] = bundle.logs;
assert.ok(log && platformLog);
/** The bundle with its first log changed. */
const withLog = (over: Partial<BundleLog>): Bundle => ({ ...bundle, logs: [{ ...log, ...over }, platformLog] });
const openingsWith = (index: number, over: Partial<RecordOpening>): readonly RecordOpening[] =>
  log.records.map((record) => (record.index === index ? Object.assign({}, record, over) : record));

/** Tiles of the first log without those whose path begins so. */
const without = (name: string): ReadonlyMap<string, Uint8Array> =>
  new Map([...log.tiles].filter(([path]) => !path.startsWith(name)));

/** The steps that failed, with their severity. */
const failed = (verdict: BundleVerdict): readonly string[] => [
  ...new Set(verdict.findings.flatMap((f) => (f.ok ? [] : [`${f.step} ${f.severity}`]))),
];
const only = (step: Step, severity: Severity): readonly string[] => [`${step} ${severity}`];

test('design 6: a whole bundle is valid, every step says so in both languages', async () => {
  const verdict = await verify(bundle);
  assert.deepEqual(failed(verdict), []);
  assert.equal(verdict.exitCode, 0);
  const said = new Set(verdict.findings.map(({ step }) => step));
  for (const step of [
    'manifest',
    'anchors',
    'agreement',
    'log-signature',
    'quorum',
    'cosignature-times',
    'tiles',
    'entries',
    'bounds',
    'records',
    'sequences',
    'evaluations',
  ] as const) {
    assert.ok(said.has(step), step);
  }
  for (const { text } of verdict.findings) assert.ok(/[\u4e00-\u9fff]/.test(text.zh) && text.en.length > 0);
  assert.deepEqual(
    verdict.logs.map(({ size, leaves, witnessedAt: at }) => [size, leaves, at]),
    [
      [4, 4, witnessedAt],
      [3, 3, witnessedAt],
    ],
  );
  assert.equal(verdict.records[1]?.body?.['person'], 'user 1');
});

test('design 6: a flipped byte anywhere is found, and nothing but a flipped byte', async () => {
  // The smallest whole bundle: every byte of it is tried.
  const small = { ...bundle, logs: [await bundleLogOf(world, world.log, makeRecords(2))] };
  const bytes = buildBundle(crypto, small);
  assert.equal((await verifyBundle(bytes, world.anchors, options)).exitCode, 0);
  for (let at = 0; at < bytes.length; at++) {
    const verdict = await verifyBundle(bytes.with(at, (bytes[at] ?? 0) ^ (1 << (at % 8))), world.anchors, options);
    assert.equal(verdict.exitCode, 1, `byte ${at} of ${bytes.length}`);
  }
});

test('design 6: a flipped byte is found even by who packs zip and manifest anew', async () => {
  const files = readZip(buildBundle(crypto, bundle));
  for (const [name, bytes] of files) {
    if (name === 'manifest.json') continue;
    for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 12)) {
      const changed = new Map([...files, [name, bytes.with(at, (bytes[at] ?? 0) ^ 1)]]);
      changed.delete('manifest.json');
      const digests = Object.fromEntries(
        [...changed]
          .map(([file, content]) => [file, Buffer.from(crypto.sha256(content)).toString('hex')] as const)
          .toSorted(([a], [b]) => (a < b ? -1 : 1)),
      );
      changed.set('manifest.json', encodeUtf8(JSON.stringify({ files: digests, v: 1 })));
      const verdict = await verifyBundle(writeZip(changed), world.anchors, options);
      // A false time in a cosignature or a flipped signature alike end in 1; nothing may end in 0.
      assert.equal(verdict.exitCode, 1, `${name} at ${at}`);
    }
  }
});

test('design 6: what is cut, empty or no bundle', async () => {
  const bytes = buildBundle(crypto, bundle);
  const rows: readonly (readonly [string, Uint8Array])[] = [
    ['empty', new Uint8Array(0)],
    ['text', encodeUtf8('PK is not enough')],
    ['cut in half', bytes.subarray(0, bytes.length / 2)],
    ['one byte more', Uint8Array.of(...bytes, 0)],
    ['a zip without a manifest', writeZip(new Map([['a', encodeUtf8('b')]]))],
    ['an empty manifest', writeZip(new Map([['manifest.json', encodeUtf8('{"files":{},"v":1}')]]))],
  ];
  for (const [name, file] of rows) {
    const verdict = await verifyBundle(file, world.anchors, options);
    assert.equal(verdict.exitCode, 1, name);
    assert.equal(verdict.records.length, 0, name);
  }
  const files = new Map(readZip(bytes));
  files.set('more', encodeUtf8('not in the manifest'));
  assert.deepEqual(failed(await verifyBundle(writeZip(files), world.anchors, options)), only('manifest', 'invalid'));
  files.delete('more');
  files.delete('policy.tlog');
  assert.deepEqual(failed(await verifyBundle(writeZip(files), world.anchors, options)), only('manifest', 'invalid'));
  const limits = { maxBytes: 1000, maxFiles: 100 };
  assert.deepEqual(failed(await verify(bundle, { limits })), only('manifest', 'invalid'));
});

test('decisions 13: trust comes from the anchors alone', async () => {
  const stranger = await makeWorld();
  assert.deepEqual(failed(await verify(bundle, {}, stranger.anchors)), only('agreement', 'invalid'));
  const comment = { ...bundle, policy: `# ours\n${bundle.policy}` };
  assert.deepEqual(failed(await verify(comment)), only('anchors', 'invalid'));
  // A whole world of A's own making, with B's id and host: all signatures in it are good, none is of the anchors.
  const forged = await makeBundle(stranger);
  assert.ok(failed(await verify(forged)).includes('agreement invalid'));
});

test('design 8: the document is the one B hashed, signed by both, and names the keys of the anchors', async () => {
  const other = await makeWorld({ edition: 'mine' });
  assert.deepEqual(failed(await verify({ ...bundle, agreement: other.agreement })), only('agreement', 'invalid'));
  assert.deepEqual(failed(await verify({ ...bundle, signatures: other.signatures })), only('agreement', 'invalid'));
  const oneSigned = JSON.parse(Buffer.from(world.signatures).toString()) as { payload: string; signatures: object[] };
  for (const keep of [0, 1]) {
    const signatures = encodeUtf8(
      JSON.stringify({ ...oneSigned, signatures: oneSigned.signatures.slice(keep, keep + 1) }),
    );
    assert.deepEqual(failed(await verify({ ...bundle, signatures })), only('agreement', 'invalid'));
  }
  for (const over of [{ id: 'another' }, { anchors: {} }, { anchors: { rootSha256: '00' } }]) {
    const wrong = await makeWorld(over);
    const verdict = await verify(await makeBundle(wrong), {}, wrong.anchors);
    assert.deepEqual(failed(verdict), only('agreement', 'invalid'));
    assert.equal(verdict.agreement, undefined);
  }
});

test('tlog-checkpoint: a checkpoint that the log did not sign, of another log, or of no log at all', async () => {
  const tree = makeLog(makeRecords(4).entries);
  const thief = await signerOf(world.log.key.name, 1, 99);
  const stranger = await signerOf('a.example/logs/other/2026', 1, 1);
  for (const signer of [thief, stranger]) {
    const checkpoint = await checkpointOf(tree, signer, { signer: world.witness, time: witnessedAt });
    assert.deepEqual(failed(await verify(withLog({ checkpoint }))), only('log-signature', 'invalid'));
  }
  assert.deepEqual(failed(await verify(withLog({ checkpoint: encodeUtf8('none') }))), only('log-signature', 'invalid'));
  assert.deepEqual(failed(await verify({ ...bundle, logs: [platformLog] })), only('log-signature', 'invalid'));
  assert.deepEqual(failed(await verify({ ...bundle, logs: [log, log] })), only('log-signature', 'invalid'));
});

test('tlog-policy: without the quorum A alone could have written it', async () => {
  const tree = makeLog(makeRecords(3).entries);
  const alone = { ...platformLog, checkpoint: await checkpointOf(tree, world.platformLog) };
  assert.deepEqual(failed(await verify({ ...bundle, logs: [log, alone] })), only('quorum', 'invalid'));
  const falseWitness = await signerOf('b.example/w', 4, 77);
  const checkpoint = await checkpointOf(tree, world.platformLog, { signer: falseWitness, time: witnessedAt });
  assert.deepEqual(
    failed(await verify({ ...bundle, logs: [log, { ...alone, checkpoint }] })),
    only('quorum', 'invalid'),
  );
  const policy = `log ${formatVkey(world.log.key)}\nlog ${formatVkey(world.platformLog.key)}\nquorum none\n`;
  const free = await verify({ ...bundle, policy, logs: [log, alone] }, {}, { ...world.anchors, policy });
  assert.equal(free.exitCode, 0);
});

test('design 6: exit 3 when the newest witness time is too old, 1 when it lies ahead', async () => {
  for (const [seconds, exitCode, max] of [
    [86_400, 0, undefined],
    [86_401, 3, undefined],
    [601, 3, 600],
    [600, 0, 600],
    [-300, 0, undefined],
    [-301, 1, undefined],
  ] as const) {
    const now = (witnessedAt + seconds) * 1000;
    const verdict = await verify(bundle, { now, ...(max === undefined ? {} : { maxWitnessAge: max }) });
    assert.equal(verdict.exitCode, exitCode, `${seconds}`);
  }
});

test('design 6: 1 beats 3 beats 2', async () => {
  const late = { now: (witnessedAt + 1e6) * 1000 };
  const gap = withLog({ records: log.records.slice(1) });
  assert.equal((await verify(gap)).exitCode, 2);
  assert.equal((await verify(gap, late)).exitCode, 3);
  const body = { seen: 99 };
  assert.equal((await verify(withLog({ records: openingsWith(0, { body }) }), late)).exitCode, 1);
});

test('tlog-tiles: tiles and entries that are not of this tree, or are missing', async () => {
  const other = makeLog(makeRecords(4).entries.with(0, makeRecord(0, { seen: 'other' }).entry));
  const tile = (name: string): ReadonlyMap<string, Uint8Array> =>
    new Map([...log.tiles, ...[...other.tiles].filter(([path]) => path.startsWith(name))]);
  assert.deepEqual(failed(await verify(withLog({ tiles: tile('tile/0') }))).includes('tiles invalid'), true);
  assert.deepEqual(failed(await verify(withLog({ tiles: tile('tile/entries') }))).includes('entries invalid'), true);
  assert.ok(failed(await verify(withLog({ tiles: without('tile/0') }))).includes('tiles invalid'));
});

test('design 3: a leaf that is no record, and an id used twice', async () => {
  const records = makeRecords(4);
  const odd = { entries: records.entries.with(2, encodeUtf8('{"v":1}')), openings: [] };
  const twice = { entries: records.entries.with(3, records.entries[2] ?? new Uint8Array(0)), openings: [] };
  for (const changed of [odd, twice]) {
    const part = await bundleLogOf(world, world.log, changed);
    assert.ok(failed(await verify({ ...bundle, logs: [part, platformLog] })).includes('entries invalid'));
  }
});

test('design 3: a body that is not the one committed to, and one that belongs nowhere', async () => {
  const invalid = only('records', 'invalid');
  assert.deepEqual(failed(await verify(withLog({ records: openingsWith(0, { body: { seen: 1 } }) }))), invalid);
  assert.deepEqual(failed(await verify(withLog({ records: openingsWith(0, { salt: new Uint8Array(32) }) }))), invalid);
  const disclosures = log.records[1]?.disclosures ?? [];
  assert.equal(disclosures.length, 1);
  assert.deepEqual(failed(await verify(withLog({ records: openingsWith(0, { disclosures }) }))), invalid);
  const extra = { ...makeRecord(200, { seen: 1 }).opening };
  assert.deepEqual(failed(await verify(withLog({ records: [...log.records, extra] }))), invalid);
});

test('12.5 erasure: missing bodies and disclosures make it incomplete, never false', async () => {
  const erased = await verify(withLog({ records: openingsWith(1, { disclosures: [] }) }));
  assert.equal(erased.exitCode, 2);
  assert.deepEqual(failed(erased), only('records', 'incomplete'));
  assert.ok(erased.findings.some(({ text }) => text.en.startsWith('1 fields erased or withheld (records 1)')));
  assert.equal(erased.records[1]?.body?.['person'], undefined);
  assert.equal(erased.records[1]?.hidden.length, 1);
  const gone = await verify(withLog({ records: log.records.filter(({ index }) => index === 0) }));
  assert.deepEqual(failed(gone), ['records incomplete', 'evaluations incomplete']);
  assert.ok(gone.findings.some(({ text }) => text.en.endsWith('3 records are erased or not provided: 1, 2, 3')));
});

/** A log of records with these sources and kinds. */
const sequenceOf = async (
  rows: readonly (readonly [source: string, kind: string, last?: number])[],
): Promise<readonly string[]> => {
  const made = rows.map(([s, k, last], i) => makeRecord(i, last === undefined ? {} : { last }, { s, k }));
  const part = await bundleLogOf(world, world.log, {
    entries: made.map(({ entry }) => entry),
    openings: made.map(({ opening }) => opening),
  });
  return failed(await verify({ ...bundle, logs: [part, platformLog] }));
};

test('A3.4.1: sources count without a gap, and a restart accounts for the numbers before it', async () => {
  const kind = 'authz.decide';
  const invalid = only('sequences', 'invalid');
  assert.deepEqual(
    await sequenceOf([
      ['a:1', kind],
      ['b:1', kind],
      ['a:2', kind],
    ]),
    [],
  );
  assert.deepEqual(
    await sequenceOf([
      ['a:1', kind],
      ['a:3', kind],
    ]),
    invalid,
  );
  assert.deepEqual(
    await sequenceOf([
      ['a:1', kind],
      ['a:1', kind],
    ]),
    invalid,
  );
  assert.deepEqual(
    await sequenceOf([
      ['a:2', kind],
      ['a:1', kind],
    ]),
    invalid,
  );
  assert.deepEqual(await sequenceOf([['a:2', kind]]), invalid);
  assert.deepEqual(
    await sequenceOf([
      ['a:1', kind],
      ['a:2', 'source.start', 1],
      ['a:3', kind],
    ]),
    [],
  );
  assert.deepEqual(
    await sequenceOf([
      ['a:1', kind],
      ['a:2', kind],
      ['a:1', 'source.start', 2],
      ['a:2', kind],
    ]),
    [],
  );
  assert.deepEqual(
    await sequenceOf([
      ['a:1', kind],
      ['a:2', kind],
      ['a:1', 'source.start', 1],
    ]),
    invalid,
  );
  assert.deepEqual(
    await sequenceOf([
      ['a:1', kind],
      ['a:2', kind],
      ['a:1', 'source.start'],
    ]),
    invalid,
  );
});

const bounded = async (b: string): Promise<readonly string[]> => {
  const made = [makeRecord(0, {}), makeRecord(1, {}), makeRecord(2, {}, { b })];
  const part = await bundleLogOf(world, world.log, {
    entries: made.map(({ entry }) => entry),
    openings: made.map(({ opening }) => opening),
  });
  return failed(await verify({ ...bundle, logs: [part, platformLog] }));
};
const rootOf = (count: number): string =>
  Buffer.from(makeLog(Array.from({ length: count }, (_, i) => makeRecord(i, {}).entry)).root)
    .toString('base64')
    .slice(0, 12);

test('design 3: a quoted checkpoint must be one of this log, and of its past', async () => {
  assert.deepEqual(await bounded(`2:${rootOf(2)}`), []);
  assert.deepEqual(await bounded(`0:${rootOf(0)}`), []);
  assert.deepEqual(await bounded(`2:${rootOf(1)}`), only('bounds', 'invalid'));
  assert.deepEqual(await bounded(`3:${rootOf(2)}`), only('bounds', 'invalid'));
});

test('design 6: evaluations are recomputed by the reader', async () => {
  const seen: string[] = [];
  const evaluator = (ok: boolean, incomplete?: boolean): Evaluator => ({
    recompute: (record, { records, agreement }) => {
      seen.push(`${record.index} of ${records.length} under ${JSON.stringify(agreement['id'])}`);
      return { ok, why: { zh: '不同', en: 'differs' }, ...(incomplete === undefined ? {} : { incomplete }) };
    },
  });
  assert.equal((await verify(bundle, { evaluator: evaluator(true) })).exitCode, 0);
  assert.deepEqual(seen, [`3 of 7 under "${agreementId}"`, `2 of 7 under "${agreementId}"`]);
  assert.deepEqual(failed(await verify(bundle, { evaluator: evaluator(false) })), only('evaluations', 'invalid'));
  assert.deepEqual(
    failed(await verify(bundle, { evaluator: evaluator(false, true) })),
    only('evaluations', 'incomplete'),
  );
  const bytes = buildBundle(crypto, bundle);
  const { exitCode } = await verifyBundle(bytes, world.anchors, { now: options.now });
  assert.equal(exitCode, 2);
});

test('C2SP tlog-proof: single proofs in a bundle are about its leaves', async () => {
  const tree = makeLog(makeRecords(4, makeLog(makeRecords(4).entries.slice(0, 2))).entries);
  const verified = new VerifiedLog(hasher, tilesFromMap(log.tiles), { size: 4, root: tree.root });
  const proofOf = async (index: number): Promise<string> =>
    formatTlogProof({
      index,
      path: await proveInclusion(hasher, verified, { index, size: 4 }),
      checkpoint: log.checkpoint,
    });
  const good = await verify(withLog({ proofs: new Map([[2, await proofOf(2)]]) }));
  assert.equal(good.exitCode, 0);
  assert.ok(good.findings.some(({ step, ok }) => step === 'proofs' && ok));
  const invalid = only('proofs', 'invalid');
  assert.deepEqual(failed(await verify(withLog({ proofs: new Map([[1, await proofOf(2)]]) }))), invalid);
  assert.deepEqual(failed(await verify(withLog({ proofs: new Map([[9, await proofOf(2)]]) }))), invalid);
  assert.deepEqual(failed(await verify(withLog({ proofs: new Map([[2, 'no proof']]) }))), invalid);
});

test('design 6: a bundle of a range of a larger log, gathered as the platform does', async () => {
  const made = Array.from({ length: 600 }, (_, i) => makeRecord(i, { seen: i }));
  const tree = makeLog(made.map(({ entry }) => entry));
  const checkpoint = await checkpointOf(tree, world.log, { signer: world.witness, time: witnessedAt });
  const tiles = await gatherLog(crypto, tree.reader, checkpoint, { from: 300, to: 310 });
  assert.deepEqual([...tiles.keys()].toSorted(), [
    'tile/0/001',
    'tile/0/002.p/88',
    'tile/1/000.p/2',
    'tile/entries/001',
  ]);
  const records = made.slice(256, 512).map(({ opening }) => opening);
  const verdict = await verify({ ...bundle, logs: [{ checkpoint, tiles, records, proofs: new Map() }] });
  assert.deepEqual(failed(verdict), []);
  assert.deepEqual(verdict.logs, [{ origin: world.log.key.name, size: 600, leaves: 256, witnessedAt }]);
  // The same with its middle bundle of entries left out of a wider range.
  const all = await gatherLog(crypto, tree.reader, checkpoint, { from: 0, to: 600 });
  const holed = new Map([...all].filter(([path]) => path !== 'tile/entries/001'));
  const holedLog = { checkpoint, tiles: holed, records: [], proofs: new Map<number, string>() };
  assert.ok(failed(await verify({ ...bundle, logs: [holedLog] })).includes('entries invalid'));
  const elsewhere = await gatherLog(crypto, tree.reader, checkpoint, { from: 5, to: 5 });
  assert.ok(![...elsewhere.keys()].some((path) => path.includes('entries')));
});

test('bundle: the same parts give the same bytes, and read back', () => {
  const bytes = buildBundle(crypto, { ...bundle, extras: new Map([['REPORT.en.md', encodeUtf8('# Report')]]) });
  const back = parseBundle(crypto, bytes);
  assert.deepEqual(buildBundle(crypto, back), bytes);
  assert.deepEqual([...(back.extras?.keys() ?? [])], ['REPORT.en.md']);
  for (const extra of ['manifest.json', 'policy.tlog', 'logs/0/checkpoint', '../x']) {
    const extras = new Map([[extra, new Uint8Array(0)]]);
    assert.throws(() => buildBundle(crypto, { ...bundle, extras }), { name: 'ProofError' }, extra);
  }
  assert.throws(() => buildBundle(crypto, { ...bundle, logs: [] }), { code: 'bad-bundle' });
  assert.throws(() => buildBundle(crypto, withLog({ records: log.records.toReversed() })), { code: 'bad-bundle' });
  assert.throws(() => buildBundle(crypto, withLog({ tiles: new Map([['tile/x', new Uint8Array(0)]]) })), {
    code: 'bad-path',
  });
});
