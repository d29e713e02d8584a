import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryBus } from './memory.ts';

const setUp = () => {
  const errors: unknown[] = [];
  return { errors, bus: memoryBus((error) => errors.push(error)) };
};

test('bus: delivers at once, in order, to the subscribers of the topic alone', () => {
  const { bus } = setUp();
  const seen: string[] = [];
  bus.subscribe('ledger.outbox', ({ log }) => seen.push(`a ${log}`));
  bus.subscribe('ledger.outbox', ({ log }) => seen.push(`b ${log}`));
  bus.subscribe('dn.ready', () => seen.push('other'));
  bus.publish('ledger.outbox', { log: '1' });
  bus.publish('ledger.outbox', { log: '2' });
  assert.deepEqual(seen, ['a 1', 'b 1', 'a 2', 'b 2']);
});

test('bus: a subscriber that throws is reported and stops nobody', () => {
  const { bus, errors } = setUp();
  const seen: string[] = [];
  bus.subscribe('ledger.outbox', () => {
    throw new Error('broken');
  });
  bus.subscribe('ledger.outbox', ({ log }) => seen.push(log));
  bus.publish('ledger.outbox', { log: '1' });
  assert.deepEqual(seen, ['1']);
  assert.equal(errors.length, 1);
});

test('bus: an ended subscription gets nothing more, its twin does', () => {
  const { bus } = setUp();
  let count = 0;
  const listener = (): void => {
    count++;
  };
  const end = bus.subscribe('ledger.outbox', listener);
  bus.subscribe('ledger.outbox', listener);
  end();
  end();
  bus.publish('ledger.outbox', { log: '1' });
  assert.equal(count, 1);
});

test('bus: an event published by a listener comes after the one being delivered', () => {
  const { bus } = setUp();
  const seen: string[] = [];
  bus.subscribe('ledger.outbox', ({ log }) => {
    if (log === '1') bus.publish('ledger.outbox', { log: '2' });
  });
  bus.subscribe('ledger.outbox', ({ log }) => seen.push(log));
  bus.publish('ledger.outbox', { log: '1' });
  assert.deepEqual(seen, ['1', '2']);
});
