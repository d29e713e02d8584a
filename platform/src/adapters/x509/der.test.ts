import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { elements, wrap } from './der.ts';

test('law: what is wrapped comes apart again, at every length of length', () => {
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom(127, 128, 255, 256, 65_535, 65_536).map((n) => new Uint8Array(n)),
  );
  fc.assert(
    fc.property(fc.array(content, { maxLength: 3 }), (contents) => {
      const found = elements(Buffer.concat(contents.map((bytes) => wrap(0x04, bytes))), 3);
      assert.deepEqual(
        found?.map((element) => Buffer.from(element.content)),
        contents.map((bytes) => Buffer.from(bytes)),
      );
    }),
    { numRuns: 50 },
  );
});
for (const [name, hex] of [
  ['indefinite length', '30800000'],
  ['padded length', '30810105'],
  ['long length with leading zero', '3082000105'],
  ['length past the end', '300205'],
  ['no length', '30'],
  ['tag of several octets', '1f8101'],
  ['one element too many', '050005000500'],
] as const)
  test(`X.690 10.1: ${name} is no DER`, () => assert.equal(elements(Buffer.from(hex, 'hex'), 2), undefined));
