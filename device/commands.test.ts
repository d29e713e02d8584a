import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandResult, isMessage } from '@pactgate/protocol';
import { Commands, readCommand } from './commands.ts';

const command = (id: string, name: string, payload: unknown = {}) => ({ id, name, payload, deadline: 60_000 });

function setUp(): { commands: Commands; published: [string, unknown][] } {
  const published: [string, unknown][] = [];
  const commands = new Commands({
    publish: (topic, payload) => {
      published.push([topic, JSON.parse(payload)]);
      return Promise.resolve();
    },
    now: () => 0,
    failed: (cause) => assert.fail(String(cause)),
  });
  return { commands, published };
}

test('A3.6.2 a command is accepted, run and answered', async () => {
  const { commands, published } = setUp();
  commands.on('reboot', (payload) => ({ got: payload }));
  await commands.receive(command('c1', 'reboot', { in: 5 }));
  assert.deepEqual(published, [
    ['up/cmd/c1/accepted', {}],
    ['up/cmd/c1/result', { outcome: 'done', result: { got: { in: 5 } } }],
  ]);
});

test('A3.6.2 a command that comes again is answered again and not run again', async () => {
  const { commands, published } = setUp();
  let runs = 0;
  commands.on('reboot', () => ({ run: ++runs }));
  await commands.receive(command('c1', 'reboot'));
  await commands.receive(command('c1', 'reboot'));
  assert.equal(runs, 1);
  assert.deepEqual(published[1], published[2]);
});

const failing = [
  { name: 'unknown name', run: undefined },
  {
    name: 'handler throws',
    run: () => {
      throw new Error('valve stuck');
    },
  },
  { name: 'result too long', run: () => ({ text: 'x'.repeat(5_000) }) },
] as const;
for (const { name, run } of failing)
  test(`A3.6.2 a command fails with a cause: ${name}`, async () => {
    const { commands, published } = setUp();
    if (run) commands.on('open', run);
    await commands.receive(command('c1', 'open'));
    const [topic, result] = published.at(-1) ?? [];
    assert.equal(topic, 'up/cmd/c1/result');
    assert.ok(isMessage(CommandResult, result));
    assert.equal(result.outcome, 'failed');
    assert.equal(typeof result.result?.['error'], 'string');
  });

test('A3.6.2 at the deadline the answer is failed and the handler is told', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { commands, published } = setUp();
  let told = false;
  commands.on('open', (_payload, { signal }) => {
    signal.addEventListener('abort', () => {
      told = true;
    });
    return new Promise(() => undefined);
  });
  const received = commands.receive(command('c1', 'open'));
  await Promise.resolve();
  await Promise.resolve();
  t.mock.timers.tick(60_000);
  await received;
  assert.ok(told);
  assert.deepEqual(published.at(-1)?.[1], { outcome: 'failed', result: { error: 'not finished before the deadline' } });
});

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
test('a command is read only in its own form, under its own topic', () => {
  const good = command('c1', 'open', [1]);
  assert.deepEqual(readCommand('dn/cmd/c1', bytes(good)), good);
  assert.equal(readCommand('dn/cmd/c2', bytes(good)), undefined);
  assert.equal(readCommand('dn/cmd/c1', bytes({ ...good, name: 'a/b' })), undefined);
  assert.equal(readCommand('dn/cmd/c1', bytes({ ...good, deadline: 'soon' })), undefined);
  assert.equal(readCommand('dn/cmd/c1', bytes(null)), undefined);
  assert.equal(readCommand('dn/cmd/c1', Uint8Array.of(0xff)), undefined);
});
