import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultSourceSettings, prefixOf, SourceLimits } from './limits.ts';

const limits = (settings: Partial<typeof defaultSourceSettings> = {}): SourceLimits =>
  new SourceLimits({ ...defaultSourceSettings, ...settings });
const at = 1_000_000_000;

for (const [address, want] of [
  ['192.0.2.77', '192.0.2.0/24'],
  ['::ffff:192.0.2.77', '192.0.2.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
] as const)
  test(`A3.1.4 prefix of ${address}`, () => assert.equal(prefixOf(address), want));

test('A3.1.4 accept budget: per prefix and for the process, refilled by time', () => {
  const budget = limits({ acceptBurst: 3, acceptsPerSecond: 1, acceptBurstTotal: 5, acceptsPerSecondTotal: 10 });
  assert.deepEqual(
    [0, 1, 2, 3].map(() => budget.accept('192.0.2.1', at)),
    ['ok', 'ok', 'ok', 'busy'],
  );
  assert.equal(budget.accept('192.0.2.2', at), 'busy'); // same prefix
  assert.equal(budget.accept('198.51.100.1', at), 'ok');
  assert.equal(budget.accept('198.51.100.1', at), 'ok');
  assert.equal(budget.accept('198.51.100.1', at), 'busy'); // the process
  assert.equal(budget.accept('192.0.2.1', at + 999), 'busy');
  assert.equal(budget.accept('192.0.2.1', at + 1_999), 'ok');
});

test('A3.1.4 ban: the 15th failure within 60 s, for 5 minutes', () => {
  const l = limits();
  for (let i = 0; i < 14; i++) assert.equal(l.failed('192.0.2.1', at + i), undefined);
  const ban = l.failed('192.0.2.9', at + 60_000);
  assert.deepEqual(ban, { kind: 'address', value: '192.0.2.0/24', until: at + 360_000, failures: 15, at: at + 60_000 });
  assert.equal(l.accept('192.0.2.200', at + 359_999), 'banned');
  assert.equal(l.accept('192.0.2.200', at + 360_000), 'ok');
  assert.deepEqual(l.bans(at + 61_000), [{ value: '192.0.2.0/24', until: at + 360_000 }]);
});

test('A3.1.4 no ban: 15 failures in 60.001 s; successful connects do not count', () => {
  const l = limits();
  for (let i = 0; i < 14; i++) l.failed('192.0.2.1', at + i);
  for (let i = 0; i < 100; i++) l.proved('198.51.100.1', at + i);
  assert.equal(l.failed('192.0.2.1', at + 60_001), undefined);
  assert.equal(l.accept('198.51.100.1', at + 200), 'ok');
});

test('A3.1.4 bans double up to the maximum and are forgotten after a day', () => {
  const l = limits({ failures: 1, ban: 1_000, banMaximum: 3_000 });
  const lengths = [0, 10_000, 20_000, 30_000].map((t) => (l.failed('192.0.2.1', at + t)?.until ?? 0) - at - t);
  assert.deepEqual(lengths, [1_000, 2_000, 3_000, 3_000]);
  const later = at + 30_000 + 86_400_000;
  assert.equal(l.failed('192.0.2.1', later)?.until, later + 1_000);
});

test('A3.1.4 a verified key is banned itself, its address is not', () => {
  const l = limits();
  const key = { spki: 'ab', verified: true };
  for (let i = 0; i < 14; i++) l.failed('192.0.2.1', at, key);
  assert.equal(l.failed('192.0.2.1', at, key)?.kind, 'key');
  assert.equal(l.isKeyBanned('ab', at + 1), true);
  assert.equal(l.isKeyBanned('cd', at + 1), false);
  assert.equal(l.accept('192.0.2.1', at + 1), 'ok');
});

test('A3.1.4 NAT guard: where a good certificate came from in the last day, no address ban, but one of the key', () => {
  const l = limits();
  l.proved('192.0.2.1', at);
  for (let i = 0; i < 30; i++) assert.equal(l.failed('192.0.2.1', at + 1), undefined);
  const key = { spki: 'ef', verified: false };
  for (let i = 0; i < 14; i++) l.failed('192.0.2.1', at + 1, key);
  assert.equal(l.failed('192.0.2.1', at + 1, key)?.value, 'ef');
  const late = at + 86_400_000;
  for (let i = 0; i < 14; i++) l.failed('192.0.2.1', late);
  assert.equal(l.failed('192.0.2.1', late)?.kind, 'address');
});

test('A3.1.4 a ban can be lifted, and sources are bounded', () => {
  const l = limits({ failures: 1, capacity: 10 });
  l.failed('192.0.2.1', at);
  assert.equal(l.lift('192.0.2.0/24'), true);
  assert.equal(l.lift('192.0.2.0/24'), false);
  assert.equal(l.accept('192.0.2.1', at), 'ok');
  l.failed('192.0.2.1', at);
  for (let i = 0; i < 10; i++) l.accept(`10.0.${i}.1`, at);
  assert.deepEqual(l.bans(at), []);
});
