import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRecordBody, type RecordKind, recordBodies } from '@pactgate/protocol';
import * as fc from 'fast-check';
import { isStoredBody } from './record-bodies.ts';

const opened = {
  device: 'd_AAAAAAAAAAAAAAAA',
  conn: '019aa0d2-7f3a-7b7a-9d1a-0a8f4f1f2a11',
  transport: 'mqtt',
  listener: 'mqtts',
  serial: '0a1b',
  spki: 'ab'.repeat(32),
  tls: 'TLSv1.3',
  suite: 'TLS_AES_256_GCM_SHA384',
  resumed: false,
  authenticated: true,
  notAfter: 1_763_800_000_000,
};

for (const { name, body, want } of [
  { name: 'complete', body: opened, want: true },
  { name: 'with an optional member', body: { ...opened, group: 'X25519' }, want: true },
  { name: 'with a disclosed member beside', body: { ...opened, address: '192.0.2.1' }, want: true },
  { name: 'a member missing', body: { ...opened, spki: undefined }, want: false },
  { name: 'a member of another type', body: { ...opened, resumed: 0 }, want: false },
] as const)
  test(`A3.4.1 a stored session.open, ${name}: ${want ? 'is' : 'is not'} of its kind`, () =>
    assert.equal(isStoredBody('session.open', body), want));

test('law: the compiled check agrees with the portable one, whatever the kind and body', () => {
  const kinds = Object.keys(recordBodies) as RecordKind[]; // its own keys
  const value = fc.oneof(fc.constantFrom(...Object.values(opened)), fc.nat(), fc.string(), fc.boolean());
  fc.assert(
    fc.property(
      fc.constantFrom(...kinds),
      fc.dictionary(fc.constantFrom(...Object.keys(opened)), value),
      (kind, other) => {
        const body = { ...opened, ...other };
        assert.equal(isStoredBody(kind, body), isRecordBody(kind, body));
      },
    ),
  );
});
