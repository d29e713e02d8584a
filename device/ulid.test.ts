import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMessage, SecurityReport } from '@pactgate/protocol';
import * as fc from 'fast-check';
import { ulid } from './ulid.ts';

test('B2.6.2 report ids: the time stands first, so that ids sort by it', () => {
  // time and prefix of the example in the ULID specification
  assert.equal(ulid(1_469_918_176_385, new Uint8Array(10)), `01ARYZ6S41${'0'.repeat(16)}`);
  assert.equal(ulid(1_469_918_176_385, new Uint8Array(10).fill(255)), `01ARYZ6S41${'Z'.repeat(16)}`);
});

test('law: every id has the form that the report schema asks for', () => {
  const bytes = fc.uint8Array({ minLength: 10, maxLength: 10 });
  fc.assert(
    fc.property(fc.nat(2 ** 31), bytes, (at, random) =>
      assert.ok(isMessage(SecurityReport.properties.id, ulid(at * 1_000, random))),
    ),
  );
});
