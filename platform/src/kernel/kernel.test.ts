import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeviceId, isPartyId, uuidv7 } from './ids.ts';
import { instant, iso } from './time.ts';

test('uuidv7 carries the instant, version and variant (RFC 9562 5.7)', () => {
  const id = uuidv7(instant(0x017f22e279b0), (n) => new Uint8Array(n).fill(0xff));
  assert.equal(id, '017f22e2-79b0-7fff-bfff-ffffffffffff');
});
const zero = (n: number): Uint8Array => new Uint8Array(n);
test('uuidv7 sorts by time', () => {
  assert.ok(uuidv7(instant(1_000), zero) < uuidv7(instant(1_001), zero));
});
for (const [id, want] of [
  ['dev-1', true],
  ['a'.repeat(64), true],
  ['a'.repeat(65), false],
  ['', false],
  ['dev1:x', false],
  ['dev/1', false],
  ['dév', false],
] as const)
  test(`device id ${id.slice(0, 8)} (${id.length}) is ${want ? 'accepted' : 'refused'}`, () =>
    assert.equal(isDeviceId(id), want));
for (const [id, want] of [
  ['acme-pumps', true],
  ['-acme', false],
  ['Acme', false],
  ['a'.repeat(64), false],
] as const)
  test(`party id ${id.slice(0, 12)} is ${want ? 'accepted' : 'refused'}`, () => assert.equal(isPartyId(id), want));
test('an instant is a safe integer or an ISO text', () => {
  assert.equal(iso(instant('2026-01-01T00:00Z')), '2026-01-01T00:00:00.000Z');
  assert.throws(() => instant('yesterday'), RangeError);
  assert.throws(() => instant(1.5), RangeError);
});
