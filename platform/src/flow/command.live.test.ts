import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { instant, minutes } from '../kernel/time.ts';
import type { NewRecord } from '../parties/record.ts';
import { memoryBus } from '../store/bus/memory.ts';
import { commandStore } from '../store/db/commands.ts';
import type { Tx } from '../store/db/schema.ts';
import { eachDatabase } from '../store/testing.ts';
import { type Commands, makeCommands } from './command.ts';
import type { DeliveryResult } from './gateway-port.ts';
import type { CommandStore } from './ports.ts';

const device = { agreement: '01890a5d-ac96-774b-bcce-b302099a8057', device: 'dev-1' };
const order = { name: 'blink', payload: '{}', deadline: minutes(10), by: 'somebody' };

interface Bench {
  readonly commands: Commands;
  readonly store: CommandStore<Tx>;
  readonly records: NewRecord[];
  /** Messages sent, each with the way to acknowledge it. */
  readonly sent: { readonly id: string; readonly ack: (result: DeliveryResult) => void }[];
  readonly failures: unknown[];
}

eachDatabase('3.6 commands', ({ open }) => {
  const bench = async (outcome: () => 'sent' | 'offline' = () => 'sent'): Promise<Bench> => {
    const store = await open();
    const records: NewRecord[] = [];
    const sent: Bench['sent'] = [];
    const failures: unknown[] = [];
    const commands = commandStore(store.db);
    return {
      store: commands,
      records,
      sent,
      failures,
      commands: makeCommands({
        store: commands,
        recorder: {
          recordIn: async (_, more) => void records.push(...more),
          record: async (more) => void records.push(...more),
        },
        transact: store.transaction.bind(store),
        random: (n) => new Uint8Array(randomBytes(n)),
        clock: { now: () => instant(Date.now()) },
        bus: memoryBus((error) => failures.push(error)),
        target: () => Promise.resolve({ party: 'acme', pseudonym: 'd_AAAAAAAAAAAAAAAA' }),
        deliver: (_party, _device, message, ack) => {
          const answer = outcome();
          if (answer === 'sent') sent.push({ id: message.topic.slice('dn/cmd/'.length), ack });
          return answer;
        },
        failed: (error) => failures.push(error),
      }),
    };
  };

  test('PUBACK and result of a fast device at once: the acknowledged result is never lost', async () => {
    const { commands, store, sent, failures } = await bench();
    for (let round = 0; round < 25; round++) {
      const { id } = await commands.send(device, order);
      await commands.deliverWaiting(device);
      sent.at(-1)?.ack('acknowledged');
      await commands.answered(device, id, { outcome: 'done', result: '{"n":1}' });
      const row = await store.command(id);
      assert.deepEqual([row?.state, row?.result], ['done', '{"n":1}']);
    }
    assert.deepEqual(failures, []);
  });

  test('a command on its way is not sent again, however often it is woken; a lost one is', async () => {
    const { commands, sent } = await bench();
    await commands.send(device, order);
    await Promise.all(Array.from({ length: 5 }, () => commands.deliverWaiting(device)));
    assert.equal(sent.length, 1);
    sent[0]?.ack('lost');
    await Promise.resolve();
    await new Promise((resolve) => void setImmediate(resolve));
    await commands.deliverWaiting(device);
    assert.equal(sent.length, 2);
  });

  test('a device that is away, or may not receive now, gets it when it is woken again', async () => {
    let away = true;
    const { commands, sent, store } = await bench(() => (away ? 'offline' : 'sent'));
    const { id } = await commands.send(device, order);
    await commands.deliverWaiting(device);
    assert.deepEqual([sent.length, (await store.command(id))?.state], [0, 'waiting']);
    away = false;
    await commands.deliverWaiting(device);
    assert.equal(sent.length, 1);
  });

  test('an answer of another device, and one after the end, are refused', async () => {
    const { commands } = await bench();
    const { id } = await commands.send(device, order);
    const done = { outcome: 'done', result: '{}' } as const;
    await assert.rejects(commands.answered({ ...device, device: 'dev-2' }, id, done), { code: 'command/closed' });
    await commands.answered(device, id, 'accepted');
    await commands.answered(device, id, done);
    await assert.rejects(commands.answered(device, id, done), { code: 'command/closed' });
  });
});
