import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordBodies } from '@pactgate/protocol';
import * as fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { CedarEngine } from '../../adapters/cedar/engine.ts';
import { hours, type Instant, instant, later, millis, minutes } from '../../kernel/time.ts';
import { DenialBursts, maxWatched } from './bursts.ts';
import { TableCompiler } from './compiler.ts';
import { maxDevicesPerRecord, PermitCounters } from './permits.ts';
import { makePolicySet } from './policy-set.ts';
import { DecisionSamples, joinReplays, replay } from './replay.ts';
import { channelLevel, sourceOf } from './source.ts';
import { sha256, standardSet, subject } from './testing/sample.ts';

const now = instant('2026-11-22T10:00Z');
const limits = { warnAbove: 10, throttleAbove: 50, isolateAbove: 200 };
const pseudonym = (i: number): string => `d_${String(i).padStart(16, '0')}`;
const burstBody = Compile(recordBodies['authz.deny.burst']);
const decideBody = Compile(recordBodies['authz.decide']);
const replayBody = Compile(recordBodies['probe.authz.replay']);

for (const [count, level] of [
  [1, 0],
  [10, 0],
  [11, 1],
  [50, 1],
  [51, 2],
  [200, 2],
  [201, 3],
  [500, 3],
] as const)
  test(`B2.2.6 ${count} denials in an hour demand level ${level}`, () => {
    const bursts = new DenialBursts(limits);
    for (let i = 0; i < count; i++) bursts.deny(pseudonym(1), 'publish', later(now, millis(i)));
    assert.equal(bursts.levelOf(pseudonym(1), later(now, minutes(1))), level);
    assert.equal(bursts.levelOf(pseudonym(2), later(now, minutes(1))), 0);
  });
test('B2.2.6 each limit is told once when it is crossed, and again after it fell', () => {
  const bursts = new DenialBursts(limits);
  const told: string[] = [];
  const deny = (at: Instant): void => {
    const burst = bursts.deny(pseudonym(1), 'publish', at);
    if (burst === undefined) return;
    assert.ok(burstBody.Check(burst.body));
    told.push(`${burst.level}:${burst.body.count}`);
  };
  for (let i = 0; i < 300; i++) deny(now);
  assert.deepEqual(told, ['1:11', '2:51', '3:201']);
  assert.equal(bursts.levelOf(pseudonym(1), later(now, millis(hours(1) - 1))), 3);
  assert.equal(bursts.levelOf(pseudonym(1), later(now, hours(1))), 0);
  for (let i = 0; i < 11; i++) deny(later(now, hours(2)));
  assert.deepEqual(told.slice(3), ['1:11']);
});
test('B2.2.6 the hour slides: 11 denials spread over more than an hour are no burst', () => {
  const bursts = new DenialBursts(limits);
  for (let i = 0; i < 11; i++)
    assert.equal(bursts.deny(pseudonym(1), 'publish', later(now, minutes(i * 6))), undefined);
  const tight = new DenialBursts(limits);
  const last = Array.from({ length: 11 }, (_, i) =>
    tight.deny(pseudonym(1), 'publish', later(now, minutes(i * 5.9))),
  ).at(-1);
  assert.equal(last?.level, 1);
});
test('B2.2.6 watched devices are bounded, and forgotten an hour after their last denial', () => {
  const bursts = new DenialBursts(limits);
  for (let i = 0; i < maxWatched + 5; i++) bursts.deny(pseudonym(i), 'publish', now);
  assert.equal(bursts.size, maxWatched);
  bursts.sweep(later(now, millis(hours(1) - 1)));
  assert.equal(bursts.size, maxWatched);
  bursts.sweep(later(now, hours(1)));
  assert.equal(bursts.size, 0);
});
test('law: the level is that of a plain count over the last hour', () => {
  const small = { warnAbove: 2, throttleAbove: 4, isolateAbove: 6 };
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1_200_000 }), { maxLength: 30 }), (gaps) => {
      const bursts = new DenialBursts(small);
      const times: number[] = [];
      let at: number = now;
      for (const gap of gaps) {
        at += gap;
        times.push(at);
        bursts.deny(pseudonym(1), 'publish', instant(at));
        const count = times.filter((time) => time > at - hours(1)).length;
        const want = count > 6 ? 3 : count > 4 ? 2 : count > 2 ? 1 : 0;
        assert.equal(bursts.levelOf(pseudonym(1), instant(at)), want);
      }
    }),
  );
});

test('A3.1.3 permits are aggregated per device, digest and window, with their policies and times', () => {
  const counters = new PermitCounters(now, () => 10);
  const one = counters.open('agr-1', standardSet, pseudonym(1));
  const two = counters.open('agr-1', standardSet, pseudonym(2));
  counters.permitted(one, ['acme_pump-2']);
  counters.timed(one, [0.3, 10, 10.1]);
  one.count += 5;
  two.count++;
  const end = later(now, minutes(5));
  assert.deepEqual(counters.flush(end), [
    {
      agreement: 'agr-1',
      n: 6,
      body: {
        policy: standardSet.digest,
        policies: ['acme_pump-2'],
        from: now,
        to: end,
        devices: { [pseudonym(1)]: 5, [pseudonym(2)]: 1 },
        timed: 3,
        within: 2,
        limitMs: 10,
      },
    },
  ]);
  assert.deepEqual(counters.flush(later(end, minutes(5))), []);
});
test('A3.1.3 two sessions of one device count together; a closed one is still recorded, then forgotten', () => {
  const counters = new PermitCounters(now, () => 10);
  const one = counters.open('agr-1', standardSet, pseudonym(1));
  assert.equal(counters.open('agr-1', standardSet, pseudonym(1)), one);
  one.count = 3;
  counters.close(one);
  counters.close(one);
  assert.equal(counters.flush(now)[0]?.n, 3);
  assert.notEqual(counters.open('agr-1', standardSet, pseudonym(1)), one);
});
test('A3.1.3 agreements and policy digests are recorded apart', () => {
  const counters = new PermitCounters(now, () => 10);
  const other = makePolicySet([], 2, sha256);
  counters.open('agr-1', standardSet, pseudonym(1)).count++;
  counters.open('agr-1', other, pseudonym(1)).count++;
  counters.open('agr-2', standardSet, pseudonym(1)).count++;
  assert.equal(counters.flush(now).length, 3);
});
test('A3.1.3 a record holds 500 devices at most, and times are counted once', () => {
  const counters = new PermitCounters(now, () => 10);
  for (let i = 0; i < maxDevicesPerRecord + 1; i++) counters.open('agr-1', standardSet, pseudonym(i)).count = 1;
  counters.timed(counters.open('agr-1', standardSet, pseudonym(0)), [1]);
  const records = counters.flush(now);
  assert.deepEqual(
    records.map(({ n, body }) => [n, body.timed]),
    [
      [500, 1],
      [1, undefined],
    ],
  );
  assert.ok(records.every(({ body }) => decideBody.Check(body)));
});
test('A3.1.3 times of a window without a permit wait for the next record', () => {
  const counters = new PermitCounters(now, () => 10);
  const slot = counters.open('agr-1', standardSet, pseudonym(1));
  counters.timed(slot, [1, 2]);
  assert.deepEqual(counters.flush(now), []);
  slot.count = 1;
  assert.equal(counters.flush(now)[0]?.body.timed, 2);
});

const compiler = new TableCompiler(new CedarEngine(), () => 0);
const topics = ['v1/me/up/version', 'v1/me/up/state', 'v1/me/up/telemetry/env'];
/** Numbers of a fixed sequence, so that the test is the same every time. */
const sequence = (): (() => number) => {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
};
test('A3.1.3 samples are bounded, even over the stream, and answer the same when replayed', () => {
  const { table } = compiler.compileTable(subject({ isolation: 3 }), standardSet);
  const samples = new DecisionSamples(100, sequence());
  for (let i = 0; i < 30_000; i++) {
    const topic = topics[i % 3] ?? '';
    samples.offer(table, topic, table.permitPublish(topic).ok);
  }
  assert.equal(samples.size, 100);
  const taken = samples.drain();
  const share = taken.filter(({ request }) => request.resource.id === 'up/version').length;
  assert.ok(share > 15 && share < 55, String(share));
  assert.equal(samples.size, 0);
  const body = replay(
    taken,
    () => standardSet,
    (set, request) => compiler.decideAnew(set, request),
  );
  assert.deepEqual(body, { samples: 100, equal: 100, diverged: [] });
  assert.ok(replayBody.Check(body));
});
test('A3.1.3 a changed answer, and a set that is gone, are found', () => {
  const { table } = compiler.compileTable(subject(), standardSet);
  const samples = new DecisionSamples(10, sequence());
  for (const topic of topics) samples.offer(table, topic, true);
  const taken = samples.drain();
  assert.equal(taken.length, 3);
  const empty = makePolicySet([], 2, sha256);
  const changed = replay(
    taken,
    () => empty,
    (set, request) => compiler.decideAnew(set, request),
  );
  assert.deepEqual([changed.equal, changed.diverged.length], [0, 3]);
  assert.match(changed.diverged[0] ?? '', /publish up\/version: allow, now deny/);
  const gone = replay(
    taken,
    () => undefined,
    (set, request) => compiler.decideAnew(set, request),
  );
  assert.match(gone.diverged[0] ?? '', /no policy set/);
  const joined = joinReplays([changed, gone]);
  assert.deepEqual([joined.samples, joined.equal, joined.diverged.length], [6, 0, 6]);
  assert.ok(replayBody.Check(joined));
});
test('A3.1.3 the first decisions are all kept, and the sample starts afresh after a drain', () => {
  const { table } = compiler.compileTable(subject(), standardSet);
  const samples = new DecisionSamples(5, sequence());
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 4; i++) samples.offer(table, topics[0] ?? '', true);
    assert.equal(samples.drain().length, 4);
  }
  samples.offer(table, 'v1/dev-2/up/state', false);
  assert.equal(samples.size, 0);
});

for (const [address, want] of [
  ['127.0.0.1', 'loopback'],
  ['128.0.0.1', 'public'],
  ['10.255.0.1', 'private'],
  ['11.0.0.1', 'public'],
  ['172.15.0.1', 'public'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['172.32.0.1', 'public'],
  ['192.168.1.1', 'private'],
  ['192.169.1.1', 'public'],
  ['169.254.1.1', 'private'],
  ['100.64.0.1', 'public'],
  ['::1', 'loopback'],
  ['::ffff:10.0.0.1', 'private'],
  ['::FFFF:127.0.0.1', 'loopback'],
  ['fe80::1%eth0', 'private'],
  ['fec0::1', 'public'],
  ['fd12:3456::1', 'private'],
  ['fe00::1', 'public'],
  ['2001:db8::1', 'public'],
  ['256.1.1.1', 'unknown'],
  ['1.2.3', 'unknown'],
  ['01.2.3.4', 'unknown'],
  ['localhost', 'unknown'],
  ['', 'unknown'],
] as const)
  test(`B2.2.6 source of ${address || '(empty)'}: ${want}`, () => assert.equal(sourceOf(address), want));
for (const [tls, group, want] of [
  ['TLSv1.1', undefined, 0],
  ['TLSv1.2', 'X25519MLKEM768', 1],
  ['TLSv1.3', undefined, 2],
  ['TLSv1.3', 'X25519', 2],
  ['TLSv1.3', 'X25519MLKEM768', 3],
] as const)
  test(`B2.3.1 channel level of ${tls} ${group ?? '-'}: ${want}`, () => assert.equal(channelLevel(tls, group), want));
