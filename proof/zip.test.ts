import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import * as fc from 'fast-check';
import { encodeUtf8 } from './bytes.ts';
import { isZipName, readZip, writeZip } from './zip.ts';

const files = new Map([
  ['b/two.txt', encodeUtf8('two')],
  ['a.json', encodeUtf8('{}')],
  ['empty', new Uint8Array(0)],
]);
const zip = writeZip(files);

test('APPNOTE 4.3: the layout is a plain zip of stored files, sorted', () => {
  const view = new DataView(zip.buffer);
  assert.equal(view.getUint32(0, true), 0x0403_4b50);
  assert.deepEqual([...readZip(zip).keys()], ['a.json', 'b/two.txt', 'empty']);
  assert.equal(view.getUint32(14, true), crc32('{}'));
  assert.equal(view.getUint16(zip.length - 12, true), 3);
  assert.deepEqual(writeZip(new Map([...files].toReversed())), zip);
  assert.equal(readZip(writeZip(new Map())).size, 0);
});

test('law: files written are the files read', () => {
  const name = fc.array(fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom(...'aZ09_.-'.split('')) }), {
    minLength: 1,
    maxLength: 4,
  });
  const entry = fc.tuple(
    name.map((parts) => parts.join('/')).filter((path) => isZipName(path)),
    fc.uint8Array({ maxLength: 50 }),
  );
  fc.assert(
    fc.property(fc.uniqueArray(entry, { selector: ([path]) => path, maxLength: 8 }), (entries) => {
      const back = readZip(writeZip(new Map(entries)));
      assert.equal(back.size, entries.length);
      for (const [path, bytes] of entries) assert.deepEqual([...(back.get(path) ?? [])], [...bytes]);
    }),
  );
});

test('design 6: every changed, missing or added byte is found', () => {
  for (let at = 0; at < zip.length; at++) {
    for (const bit of [1, 0x80]) {
      const changed = zip.with(at, (zip[at] ?? 0) ^ bit);
      // A changed content byte leaves a zip whose checksum is off: also found.
      assert.throws(() => readZip(changed), { name: 'ProofError' }, `byte ${at}`);
    }
    assert.throws(() => readZip(zip.subarray(0, at)), { name: 'ProofError' }, `cut at ${at}`);
  }
  assert.throws(() => readZip(Uint8Array.of(...zip, 0)), { code: 'bad-zip' });
  assert.throws(() => readZip(Uint8Array.of(0, ...zip)), { code: 'bad-zip' });
});

test('traps: names that leave the folder, or that another system reads differently', () => {
  for (const name of [
    '',
    '/a',
    'a/',
    '../a',
    'a/../b',
    './a',
    'a//b',
    'a\\b',
    'C:a',
    'ü',
    'a b',
    'a\n',
    'x'.repeat(257),
  ]) {
    assert.throws(() => writeZip(new Map([[name, new Uint8Array(0)]])), { code: 'bad-zip' }, name);
  }
});

test('limits: size and number of files', () => {
  assert.throws(() => readZip(zip, { maxBytes: zip.length - 1, maxFiles: 10 }), { code: 'too-large' });
  assert.throws(() => readZip(zip, { maxBytes: 1e6, maxFiles: 2 }), { code: 'too-large' });
  assert.throws(() => writeZip(files, { maxBytes: 1e6, maxFiles: 2 }), { code: 'too-large' });
  assert.throws(() => writeZip(files, { maxBytes: zip.length - 1, maxFiles: 10 }), { code: 'too-large' });
});
