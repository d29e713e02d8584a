import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { tilesFromMap } from '../bundle/bundle.ts';
import { encodeUtf8 } from '../bytes.ts';
import { proveConsistency, proveInclusion, rootAt, rootOfLeaves } from '../merkle/tree.ts';
import { verifyConsistency, verifyInclusion } from '../merkle/verify.ts';
import { hasher, makeLog } from '../testing/log.ts';
import { decodeEntries, encodeEntries } from './entries.ts';
import { demandLogTree, emptyLogTree, growTree, partialTilesOf } from './grow.ts';
import { entryTileOf, entryTilesOf, partialTiles, tileAt, tileLayout } from './layout.ts';
import { entriesPath, formatTileIndex, parseLogPath, parseTileIndex, tilePath } from './path.ts';
import { VerifiedLog } from './reader.ts';

test('C2SP tlog-tiles: the tiles of size 70,000', () => {
  assert.deepEqual(tileLayout(70_000), [
    { level: 0, full: 273, partial: 112 },
    { level: 1, full: 1, partial: 17 },
    { level: 2, full: 0, partial: 1 },
  ]);
  assert.deepEqual(
    partialTiles(70_000).map((tile) => tilePath(tile)),
    ['tile/0/273.p/112', 'tile/1/001.p/17', 'tile/2/000.p/1'],
  );
  assert.deepEqual(
    partialTiles(256).map((tile) => tilePath(tile)),
    ['tile/1/000.p/1'],
  );
  assert.deepEqual(tileLayout(0), []);
  assert.equal(tileAt(70_000, 0, 274), undefined);
  assert.equal(tileAt(70_000, 3, 0), undefined);
});

test('C2SP tlog-tiles: a log of 70,000 entries has exactly these tiles', () => {
  const leaf = hasher.leaf(encodeUtf8('x'));
  let tree = emptyLogTree;
  const full: string[] = [];
  for (let size = 0; size < 70_000; size += 2_000) {
    const grown = growTree(
      hasher,
      tree,
      Array.from({ length: 2_000 }, () => leaf),
    );
    tree = grown.tree;
    full.push(...grown.full.map(({ tile }) => `${tile.level}/${tile.index}`));
  }
  assert.equal(full.filter((name) => name.startsWith('0/')).length, 273);
  assert.deepEqual(
    full.filter((name) => !name.startsWith('0/')),
    ['1/0'],
  );
  assert.deepEqual(
    partialTilesOf(tree).map(({ tile }) => tile.width),
    [112, 17, 1],
  );
});

test('C2SP tlog-tiles: paths', () => {
  assert.equal(formatTileIndex(1_234_067), 'x001/x234/067');
  assert.equal(tilePath({ level: 0, index: 5, width: 256 }), 'tile/0/005');
  assert.equal(entriesPath({ index: 1_000, width: 3 }), 'tile/entries/x001/000.p/3');
  assert.deepEqual(parseLogPath('tile/63/x001/234.p/255'), {
    kind: 'tile',
    tile: { level: 63, index: 1_234, width: 255 },
  });
});

test('C2SP tlog-tiles: law: a path written is the path read', () => {
  const width = fc.integer({ min: 1, max: 256 });
  const place = fc.record({ level: fc.nat(63), index: fc.maxSafeNat(), width }, { noNullPrototype: true });
  fc.assert(
    fc.property(place, ({ level, index, width: w }) => {
      assert.equal(parseTileIndex(formatTileIndex(index)), index);
      const tile = { level, index, width: w };
      assert.deepEqual(parseLogPath(tilePath(tile)), { kind: 'tile', tile });
      const entries = { index, width: w };
      assert.deepEqual(parseLogPath(entriesPath(entries)), { kind: 'entries', entries });
    }),
  );
});

test('traps: paths that are none', () => {
  for (const path of [
    '',
    'tile',
    'tile/0',
    'tile/0/',
    'tile/0/0',
    'tile/0/0000',
    'tile/00/000',
    'tile/64/000',
    'tile/-1/000',
    'tile/1e1/000',
    'tile/0/x000/000',
    'tile/0/x000/001',
    'tile/0/001/000',
    'tile/0/x001/x000',
    'tile/0/X001/000',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/000.p/1/',
    'tile/0/000.p',
    'tile/0/000/',
    '/tile/0/000',
    'tile/0/../000',
    'tile/entries/000.p/300',
    'tile/entries/x999/x999/x999/x999/x999/x999/999',
    'tile/0/x009/x007/x199/x254/x740/992',
    'tile/data/000',
    'checkpoint',
  ]) {
    assert.throws(() => parseLogPath(path), { code: 'bad-path' }, path);
  }
  for (const width of [0, 257, 1.5, Number.NaN]) {
    assert.throws(() => tilePath({ level: 0, index: 0, width }), { code: 'bad-path' });
  }
});

test('C2SP tlog-tiles: law: entries written are the entries read, and every cut is found', () => {
  const entries = fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 1, maxLength: 256 });
  fc.assert(
    fc.property(entries, fc.nat(), (list, cut) => {
      const bytes = encodeEntries(list);
      assert.deepEqual(
        decodeEntries(bytes, list.length).map((entry) => Uint8Array.from(entry)),
        list.map((entry) => Uint8Array.from(entry)),
      );
      assert.throws(() => decodeEntries(bytes.subarray(0, cut % bytes.length), list.length), { code: 'bad-tile' });
      assert.throws(() => decodeEntries(bytes, list.length + 1), { code: 'bad-tile' });
      assert.throws(() => decodeEntries(bytes, list.length - 1), { code: 'bad-tile' });
    }),
  );
  const long = new Uint8Array(65_535);
  assert.equal(decodeEntries(encodeEntries([long]), 1)[0]?.length, 65_535);
  assert.throws(() => encodeEntries([new Uint8Array(65_536)]), { code: 'too-large' });
  assert.throws(() => encodeEntries([]), { code: 'bad-tile' });
});

const entries = Array.from({ length: 700 }, (_, i) => encodeUtf8(`entry ${i}`));
const hashes = entries.map((entry) => hasher.leaf(entry));

test('law: however a log is batched, it has the same tree and tiles', () => {
  const whole = makeLog(entries, 700);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), (batch) => {
      const log = makeLog(entries, batch);
      assert.deepEqual(log.root, whole.root);
      assert.deepEqual([...log.tiles.keys()].toSorted(), [...whole.tiles.keys()].toSorted());
      for (const [path, bytes] of whole.tiles) assert.deepEqual(log.tiles.get(path), bytes, path);
    }),
    { numRuns: 15 },
  );
});

test('a tree from storage that disagrees with its size is refused', () => {
  const { tree } = makeLog(entries.slice(0, 300));
  demandLogTree(tree);
  for (const wrong of [
    { ...tree, edge: { ...tree.edge, size: 301 } },
    { ...tree, edge: { ...tree.edge, hashes: tree.edge.hashes.slice(1) } },
    { ...tree, partials: tree.partials.slice(1) },
    { ...tree, partials: tree.partials.map((bytes) => bytes.subarray(1)) },
  ]) {
    assert.throws(() => growTree(hasher, wrong, []), { code: 'bad-argument' });
  }
  assert.throws(() => growTree(hasher, tree, [new Uint8Array(31)]), { code: 'bad-argument' });
});

test('tlog-tiles: roots, inclusion and consistency of a log of 700 through verified tiles', async () => {
  const log = makeLog(entries);
  const verified = new VerifiedLog(hasher, log.reader, { size: 700, root: log.root });
  await verified.verifyHead();
  for (const size of [0, 1, 255, 256, 257, 511, 512, 600, 700]) {
    const root = rootOfLeaves(hasher, hashes.slice(0, size));
    assert.deepEqual(await rootAt(hasher, verified, size), root);
    if (size === 0) continue;
    const proof = await proveConsistency(hasher, verified, { oldSize: size, newSize: 700 });
    verifyConsistency(hasher, proof, { oldSize: size, newSize: 700, oldRoot: root, newRoot: log.root });
  }
  for (const index of [0, 255, 256, 511, 512, 699]) {
    const path = await proveInclusion(hasher, verified, { index, size: 700 });
    verifyInclusion(hasher, path, { index, size: 700, leafHash: hashes[index] ?? hasher.empty, root: log.root });
    assert.deepEqual(await verified.entry(index), entries[index]);
  }
});

test('tlog-tiles: a changed byte in any tile or bundle is found by whoever reads it', async () => {
  const log = makeLog(entries);
  for (const [path, bytes] of log.tiles) {
    for (const at of [0, Math.floor(bytes.length / 2), bytes.length - 1]) {
      const tiles = new Map([...log.tiles, [path, bytes.with(at, (bytes[at] ?? 0) ^ 1)]]);
      const verified = new VerifiedLog(hasher, tilesFromMap(tiles), { size: 700, root: log.root });
      const read = Promise.all(entryTilesOf(700, 0, 700).map((tile) => verified.entries(tile)));
      await assert.rejects(read, { code: 'bad-tile' }, `${path} at ${at}`);
    }
  }
});

test('tlog-tiles: missing tiles are missing; partial ones are cut from the full one that replaced them', async () => {
  const small = makeLog(entries.slice(0, 300));
  const large = makeLog(entries);
  const onlyFull = new Map([...large.tiles].filter(([path]) => !path.startsWith('tile/1')));
  const partOfLevel1 = [...small.tiles].filter(([path]) => path.startsWith('tile/1'));
  const tiles = tilesFromMap(new Map([...onlyFull, ...partOfLevel1]));
  const verified = new VerifiedLog(hasher, tiles, { size: 300, root: small.root });
  assert.equal((await verified.entries(entryTileOf(300, 299).entries)).length, 44);

  const nothing = new VerifiedLog(hasher, tilesFromMap(new Map()), { size: 300, root: small.root });
  await assert.rejects(nothing.verifyHead(), { code: 'missing' });
  const noEntries = new Map([...small.tiles].filter(([path]) => !path.includes('entries')));
  const headOnly = new VerifiedLog(hasher, tilesFromMap(noEntries), { size: 300, root: small.root });
  await assert.rejects(headOnly.entry(0), { code: 'missing' });
});

test('tlog-tiles: an answer that failed once may be good the next time', async () => {
  const log = makeLog(entries);
  let isDown = true;
  const reader = {
    ...log.reader,
    readTile: (tile: Parameters<typeof log.reader.readTile>[0]): Promise<Uint8Array | undefined> =>
      isDown ? Promise.resolve(undefined) : log.reader.readTile(tile),
  };
  const verified = new VerifiedLog(hasher, reader, { size: 700, root: log.root });
  await assert.rejects(verified.verifyHead(), { code: 'missing' });
  await assert.rejects(verified.entry(0), { code: 'missing' });
  isDown = false;
  await verified.verifyHead();
  assert.deepEqual(await verified.entry(0), entries[0]);
});

test('tlog-tiles: the empty log', async () => {
  const log = makeLog([]);
  assert.deepEqual(log.root, hasher.empty);
  await new VerifiedLog(hasher, log.reader, { size: 0, root: hasher.empty }).verifyHead();
  const wrong = new VerifiedLog(hasher, log.reader, { size: 0, root: new Uint8Array(32) });
  await assert.rejects(wrong.verifyHead(), { code: 'bad-tile' });
});
