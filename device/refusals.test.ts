import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProblemCode } from '@pactgate/protocol';
import { isPassing, problemOfReason } from './refusals.ts';

const rows: readonly {
  readonly name: string;
  readonly at: readonly [number, string | undefined, 4 | 5];
  readonly want: ProblemCode;
}[] = [
  { name: 'the Reason String names the problem', at: [0x99, 'data/required-field', 5], want: 'data/required-field' },
  { name: 'a Reason String with a detail', at: [0x87, 'access/denied: policy 3', 5], want: 'access/denied' },
  { name: 'no Reason String', at: [0x97, undefined, 5], want: 'data/rate' },
  { name: 'a Reason String of somebody else', at: [0x8a, 'go away', 5], want: 'device/isolated' },
  { name: 'a number we do not know', at: [0xfe, undefined, 5], want: 'internal' },
  { name: 'MQTT 3.1.1 not authorized', at: [5, undefined, 4], want: 'access/denied' },
  { name: 'MQTT 3.1.1 unavailable', at: [3, undefined, 4], want: 'request/unavailable' },
];
for (const { name, at, want } of rows)
  test(`B2.2.6 reason of a refusal: ${name}`, () => assert.equal(problemOfReason(...at).code, want));

test('a refusal of the message itself is for good, one of the moment is not', () => {
  assert.equal(isPassing('event/invalid'), false);
  assert.equal(isPassing('store/full'), true);
});
