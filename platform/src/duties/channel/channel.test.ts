import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../../kernel/time.ts';
import { attribute, RecentAddresses, type SeenDevice } from './attribution.ts';
import { acceptedSuites, judgeChannel, type MinTls } from './suites.ts';

const gcm13 = 'TLS_AES_128_GCM_SHA256';
const gcm12 = 'ECDHE-ECDSA-AES128-GCM-SHA256';
for (const [name, version, suite, min, want] of [
  ['1.3 at the floor 1.2', 'TLSv1.3', gcm13, '1.2', undefined],
  ['1.2 at the floor', 'TLSv1.2', gcm12, '1.2', undefined],
  ['1.2 by its IANA name', 'TLSv1.2', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', '1.2', undefined],
  ['1.2 below the floor', 'TLSv1.2', gcm12, '1.3', 'channel/tls-too-old'],
  ['1.1', 'TLSv1.1', 'ECDHE-ECDSA-AES128-SHA', '1.2', 'channel/tls-too-old'],
  ['nothing', '', '', '1.2', 'channel/tls-too-old'],
  ['CBC', 'TLSv1.2', 'ECDHE-ECDSA-AES128-SHA256', '1.2', 'channel/weak-suite'],
  ['no forward secrecy', 'TLSv1.2', 'AES128-GCM-SHA256', '1.2', 'channel/weak-suite'],
  ['suite of the other version', 'TLSv1.3', gcm12, '1.2', 'channel/weak-suite'],
  ['a name of Object', 'TLSv1.2', 'constructor', '1.2', 'channel/weak-suite'],
] as const)
  test(`B2.3.1 channel: ${name}`, () => assert.equal(judgeChannel(version, suite, min satisfies MinTls), want));
test('B2.3.1 accept-list: AEAD suites with forward secrecy only', () => {
  for (const suite of acceptedSuites) assert.match(suite, /^(TLS_(AES|CHACHA20)|ECDHE-).*(GCM|POLY1305)/);
});

const now = instant('2026-03-02T00:00Z');
const seen = (device: string, hoursAgo: number, party = 'acme'): SeenDevice => ({
  party,
  agreement: `ag-${party}`,
  device,
  at: instant(now - hoursAgo * 3_600_000),
});
const acme = { party: 'acme', agreement: 'ag-acme' };
for (const [name, list, want] of [
  ['never seen', [], undefined],
  ['one device', [seen('d1', 1)], { ...acme, device: 'd1' }],
  ['two devices of one party', [seen('d1', 1), seen('d2', 2)], acme],
  ['two parties', [seen('d1', 1), seen('d2', 2, 'beta')], undefined],
  ['the other party was there just less than a day ago', [seen('d1', 1), seen('d2', 23.999, 'beta')], undefined],
  ['the other party was there a day ago', [seen('d1', 1), seen('d2', 24, 'beta')], { ...acme, device: 'd1' }],
  ['a day ago', [seen('d1', 24)], undefined],
] as const)
  test(`B2.3.2 attribution: ${name}`, () => assert.deepEqual(attribute(list, now), want));
test('B2.3.2 recent addresses are bounded, the one seen longest ago goes first', () => {
  const recent = new RecentAddresses(2);
  for (const [address, device] of [
    ['192.0.2.1', 'd1'],
    ['192.0.2.2', 'd2'],
    ['192.0.2.1', 'd1'],
    ['192.0.2.3', 'd3'],
  ] as const)
    recent.note(address, seen(device, 1));
  assert.deepEqual(recent.attribute('192.0.2.1', now), { ...acme, device: 'd1' });
  assert.equal(recent.attribute('192.0.2.2', now), undefined);
});
test('B2.3.2 a hundred devices behind one address stay one party', () => {
  const recent = new RecentAddresses();
  for (let i = 0; i < 100; i++) recent.note('192.0.2.1', seen(`d${i}`, 1));
  assert.deepEqual(recent.attribute('192.0.2.1', now), acme);
});
test('B2.3.2 a crowd of one party does not make the other one forgotten', () => {
  const recent = new RecentAddresses();
  recent.note('192.0.2.1', seen('lone', 2, 'beta'));
  for (let i = 0; i < 100; i++) recent.note('192.0.2.1', seen(`d${i}`, 1));
  assert.equal(recent.attribute('192.0.2.1', now), undefined);
});
