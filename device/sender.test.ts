import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '@pactgate/protocol';
import type { Link } from './link.ts';
import { ReportQueue } from './reports.ts';
import { Sender } from './sender.ts';
import { memoryStore } from './store.ts';

const openReports = (): Promise<ReportQueue> =>
  ReportQueue.open({ store: memoryStore(), now: () => 0, mono: () => 0, random: (size) => new Uint8Array(size) });

/** The transport's side of the contract of `Link`: each publish stays open until the test ends it. */
function makeLink(window: number) {
  const open: { topic: string; ack: PromiseWithResolvers<void> }[] = [];
  const link: Link = {
    window,
    publish: (topic) => {
      const ack = Promise.withResolvers<void>();
      open.push({ topic, ack });
      return ack.promise;
    },
    ended: new Promise(() => undefined),
    close: () => Promise.resolve(),
  };
  return { link, open };
}
const lost = new Problem('request/unavailable', 'the connection ended');
const settleAll = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('no more is under way than the platform allows (MQTT 5 section 3.3.4)', async () => {
  const sender = new Sender(await openReports(), 60_000, () => undefined);
  const { link, open } = makeLink(2);
  const sent = ['a', 'b', 'c'].map((name) => sender.publish(name, '{}'));
  sender.attach(link);
  assert.deepEqual(
    open.map(({ topic }) => topic),
    ['a', 'b'],
  );
  for (const { ack } of open) ack.resolve();
  await settleAll();
  assert.deepEqual(
    open.map(({ topic }) => topic),
    ['a', 'b', 'c'],
  );
  open[2]?.ack.resolve();
  await Promise.all(sent);
  sender.close();
});

test('what a connection took with it goes out again, in order', async () => {
  const sender = new Sender(await openReports(), 60_000, () => undefined);
  const first = makeLink(2);
  const sent = ['a', 'b', 'c'].map((name) => sender.publish(name, '{}'));
  sender.attach(first.link);
  sender.detach();
  for (const { ack } of first.open) ack.reject(lost);
  await settleAll();
  const second = makeLink(8);
  sender.attach(second.link);
  assert.deepEqual(
    second.open.map(({ topic }) => topic),
    ['a', 'b', 'c'],
  );
  for (const { ack } of second.open) ack.resolve();
  await Promise.all(sent);
  sender.close();
});

test('B2.4.1 a refusal reaches the caller with its code', async () => {
  const sender = new Sender(await openReports(), 60_000, () => undefined);
  const { link, open } = makeLink(2);
  sender.attach(link);
  const sent = sender.publish('up/telemetry/x', '{}');
  open[0]?.ack.reject(new Problem('data/channel-undeclared', 'reason 0x87'));
  await assert.rejects(sent, (error) => error instanceof Problem && error.code === 'data/channel-undeclared');
  sender.close();
});

test('B2.6.2 reports go first; one refused for what it says does not hold up the next', async () => {
  const reports = await openReports();
  const outcomes: [number, string | undefined][] = [];
  const sender = new Sender(reports, 60_000, (seq, problem) => outcomes.push([seq, problem?.code]));
  for (const n of [1, 2]) await reports.add({ type: 'custom', severity: 'low', detail: { n } });
  const telemetry = sender.publish('up/telemetry/x', '{}');
  const { link, open } = makeLink(1);
  sender.attach(link);
  open[0]?.ack.reject(new Problem('event/invalid', 'reason 0x99'));
  await settleAll();
  open[1]?.ack.resolve();
  await settleAll();
  open[2]?.ack.resolve();
  await telemetry;
  assert.deepEqual(
    open.map(({ topic }) => topic),
    ['up/event/low', 'up/event/low', 'up/telemetry/x'],
  );
  assert.deepEqual(outcomes, [
    [1, 'event/invalid'],
    [2, undefined],
  ]);
  assert.equal(reports.size, 0);
  sender.close();
});

test('the queue of messages is bounded, and what waits is told when the device closes', async () => {
  const sender = new Sender(await openReports(), 60_000, () => undefined);
  const sent = Array.from({ length: 1_001 }, () =>
    sender.publish('a', '{}').then(
      () => 'sent',
      (e: Problem) => e.code,
    ),
  );
  sender.close();
  assert.deepEqual(new Set(await Promise.all(sent)), new Set(['request/unavailable']));
  await assert.rejects(sender.publish('a', '{}'));
});
