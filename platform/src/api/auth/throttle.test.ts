import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '@pactgate/protocol';
import { type Instant, instant, later, minutes, seconds } from '../../kernel/time.ts';
import { RetryProblem } from '../problems.ts';
import { sourceOf, Throttle, type ThrottleLimits } from './throttle.ts';

const quick: Partial<ThrottleLimits> = { firstDelay: 0, longestDelay: 0 };
function clock(): { now: () => Instant; pass: (ms: number) => void } {
  let at = instant('2026-03-01T00:00Z');
  return { now: () => at, pass: (ms) => (at = (at + ms) as Instant) };
}
const ann = { account: 'mail ann@example.org', address: '192.0.2.1' };
const locked = async (work: Promise<void>): Promise<RetryProblem> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof RetryProblem && error.code === 'auth/locked') return error;
    throw error;
  }
  throw new Error('not locked');
};

test('five failures of an account from one address lock them for 15 minutes', async () => {
  const time = clock();
  const throttle = new Throttle(quick, time.now);
  for (let i = 0; i < 5; i++) await throttle.begin(ann);
  assert.equal(throttle.isNewlyLocked(ann), true);
  assert.equal((await locked(throttle.begin(ann))).retryAfter, 900);
  time.pass(minutes(15) - 1);
  assert.equal((await locked(throttle.begin(ann))).retryAfter, 1);
  time.pass(1);
  await throttle.begin(ann);
});

test('a hundred attempts at once are five attempts', async () => {
  const throttle = new Throttle(quick, clock().now);
  const all = await Promise.allSettled(Array.from({ length: 100 }, () => throttle.begin(ann)));
  assert.equal(all.filter(({ status }) => status === 'fulfilled').length, 5);
});

test('a stranger locks nobody out: the account works from its own address', async () => {
  const throttle = new Throttle(quick, clock().now);
  for (let i = 0; i < 5; i++) await throttle.begin({ ...ann, address: '198.51.100.9' });
  await locked(throttle.begin({ ...ann, address: '198.51.100.9' }));
  await throttle.begin(ann);
});

test('one address that tries many accounts is locked after 30 failures', async () => {
  const throttle = new Throttle(quick, clock().now);
  for (let i = 0; i < 30; i++) await throttle.begin({ account: `mail ${i}`, address: '198.51.100.9' });
  await locked(throttle.begin({ account: 'mail 31', address: '198.51.100.9' }));
});

test('success forgets the failures of the pair, not those of the address', async () => {
  const throttle = new Throttle(quick, clock().now);
  for (let i = 0; i < 4; i++) await throttle.begin(ann);
  await throttle.begin(ann);
  throttle.succeeded(ann);
  for (let i = 0; i < 5; i++) await throttle.begin(ann);
  await locked(throttle.begin(ann));
});

test('delays grow: none, none, 1, 2, 4, then the longest', async () => {
  const limits = { firstDelay: 1_000, longestDelay: 4_000, perPair: 100 };
  const waits: number[] = [];
  const throttle = new Throttle(limits, clock().now, async (ms) => waits.push(ms));
  for (let i = 0; i < 7; i++) await throttle.begin(ann);
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 4_000, 4_000]);
});

test('an account that is tried from many addresses answers later, from everywhere', async () => {
  const waits: number[] = [];
  const throttle = new Throttle({ firstDelay: 1_000 }, clock().now, async (ms) => waits.push(ms));
  for (let i = 0; i < 3; i++) await throttle.begin({ ...ann, address: `198.51.100.${i}` });
  await throttle.begin(ann);
  assert.deepEqual(waits, [1_000, 2_000]);
});

test('too many failures of everybody in one minute make everybody wait', async () => {
  const waits: number[] = [];
  const time = clock();
  const throttle = new Throttle({ perMinute: 10, longestDelay: 4_000 }, time.now, async (ms) => waits.push(ms));
  for (let i = 0; i < 12; i++) await throttle.begin({ account: `mail ${i}`, address: `10.0.0.${i}` });
  assert.deepEqual(waits, [2_000]);
  time.pass(minutes(1));
  await throttle.begin(ann);
  assert.deepEqual(waits, [2_000]);
});

test('too many waiting attempts are told to come back', async () => {
  const limits = { firstDelay: 1_000, longestDelay: 1_000, perPair: 100, perAddress: 100, waiting: 2 };
  const { promise, resolve } = Promise.withResolvers<void>();
  const throttle = new Throttle(limits, clock().now, () => promise);
  await throttle.begin(ann);
  await throttle.begin(ann);
  const waiting = [throttle.begin(ann), throttle.begin(ann)];
  await assert.rejects(throttle.begin(ann), (e) => e instanceof Problem && e.code === 'request/unavailable');
  resolve();
  await Promise.all(waiting);
});

test('what is remembered is bounded', async () => {
  const throttle = new Throttle({ ...quick, keys: 50, perMinute: 1e9 }, clock().now);
  for (let i = 0; i < 1_000; i++) await throttle.begin({ account: `mail ${i}`, address: `10.0.${i >> 8}.${i & 255}` });
  for (let i = 0; i < 5; i++) await throttle.begin(ann);
  await locked(throttle.begin(ann));
});

for (const [address, source] of [
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2:ffff::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
] as const)
  test(`source of ${address} is ${source}`, () => assert.equal(sourceOf(address), source));

test('a failure is remembered for the length of a lock', async () => {
  const time = clock();
  const throttle = new Throttle(quick, time.now);
  for (let i = 0; i < 4; i++) await throttle.begin(ann);
  time.pass(later(time.now(), minutes(15)) - time.now());
  for (let i = 0; i < 5; i++) await throttle.begin(ann);
  time.pass(seconds(1));
  await locked(throttle.begin(ann));
});
