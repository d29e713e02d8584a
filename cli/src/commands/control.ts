import { setTimeout as wait } from 'node:timers/promises';
import type { Locale } from '@pactgate/protocol';
import {
  agreementOption,
  type Command,
  deviceArgument,
  type Input,
  pageOf,
  pageOptions,
  withAgreement,
} from '../command.ts';
import { Failure } from '../failure.ts';
import { both } from '../language.ts';
import { type Column, list, type Output, time } from '../output.ts';
import type { Session } from '../session.ts';
import { facts, wordOf } from '../vocabulary.ts';

type CommandState = Awaited<ReturnType<typeof fetchCommand>>;
const ended: ReadonlySet<string> = new Set(['done', 'failed', 'expired']);

const fetchCommand = (session: Session, params: { agreement: string; device: string; command: string }) =>
  session.client.call('command', { params });

const shown = (command: CommandState, locale: Locale): string =>
  facts(
    {
      id: command.id,
      name: command.name,
      state: wordOf('command', command.state, locale),
      deadline: time(command.deadline),
      delivered: time(command.deliveredAt),
      finished: time(command.finishedAt),
      result: command.result === undefined ? undefined : JSON.stringify(command.result),
    },
    locale,
  );

function payloadOf(text: string | undefined): { payload?: Record<string, unknown> } {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { payload: value as Record<string, unknown> };
  } catch (cause) {
    throw new Failure('usage', both('--payload 不是 JSON', '--payload is no JSON'), undefined, { cause });
  }
  throw new Failure('usage', both('--payload 不是 JSON 对象', '--payload is no JSON object'));
}

async function send(input: Input): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  const device = input.arg(0);
  const deadlineSeconds = input.whole('deadline', 1, 604_800);
  const body = {
    name: input.arg(1),
    ...payloadOf(input.text('payload')),
    ...(deadlineSeconds === undefined ? {} : { deadlineSeconds }),
  };
  let command: CommandState = await session.client.call('sendCommand', { params: { agreement, device }, body });
  const until = performance.now() + (input.whole('wait', 0, 86_400) ?? 0) * 1_000;
  input.context.step(both('等待设备', 'waiting for the device'));
  for (let pause = 100; !ended.has(command.state) && performance.now() < until; pause = Math.min(2_000, pause * 2)) {
    await wait(Math.min(pause, Math.max(1, until - performance.now())), undefined, { signal: input.context.signal });
    command = await fetchCommand(session, { agreement, device, command: command.id });
  }
  const failed = command.state === 'failed' || command.state === 'expired';
  return { json: command, text: shown(command, input.context.locale), exitCode: failed ? 1 : 0 };
}

async function one(input: Input): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  const command = await fetchCommand(session, { agreement, device: input.arg(0), command: input.arg(1) });
  return { json: command, text: shown(command, input.context.locale) };
}

async function commands(input: Input): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  const page = await session.client.call('commands', {
    params: { agreement, device: input.arg(0) },
    query: pageOf(input),
  });
  const columns: readonly Column<(typeof page.items)[number]>[] = [
    { head: both('编号', 'id'), of: ({ id }) => id },
    { head: both('命令', 'name'), of: ({ name }) => name },
    { head: both('状态', 'state'), of: ({ state }) => wordOf('command', state, input.context.locale) },
    { head: both('下发', 'sent'), of: ({ createdAt }) => time(createdAt) },
    { head: both('结束', 'finished'), of: ({ finishedAt }) => time(finishedAt) },
    { head: both('下发者', 'by'), of: ({ by }) => by },
  ];
  return { json: page, text: list(columns, page, input.context.locale) };
}

const [deviceName] = deviceArgument;
const device = deviceName === undefined ? [] : [deviceName];

export const controlCommands: readonly Command[] = [
  {
    name: 'device command',
    summary: both('向设备下发命令', 'send a command to a device'),
    arguments: [...device, { name: 'NAME', summary: both('命令名', 'name of the command') }],
    options: {
      ...agreementOption,
      payload: { type: 'string', value: 'JSON', summary: both('命令内容（JSON 对象）', 'content, a JSON object') },
      deadline: { type: 'string', value: 'SECONDS', summary: both('期限，秒', 'deadline in seconds') },
      wait: {
        type: 'string',
        value: 'SECONDS',
        summary: both('等待结果的秒数（默认 0）', 'wait for the result so long (default: 0)'),
      },
    },
    examples: ['device command pump-7 reboot --wait 30', `device command pump-7 set-rate --payload '{"seconds":10}'`],
    uses: ['sendCommand', 'command'],
    run: send,
  },
  {
    name: 'device command-status',
    summary: both('一条命令的状态', 'state of one command'),
    arguments: [...device, { name: 'COMMAND', summary: both('命令编号', 'id of the command') }],
    options: agreementOption,
    examples: ['device command-status pump-7 ID'],
    uses: ['command'],
    run: one,
  },
  {
    name: 'device commands',
    summary: both('设备的命令', 'commands of a device'),
    arguments: device,
    options: { ...agreementOption, ...pageOptions },
    examples: ['device commands pump-7'],
    uses: ['commands'],
    run: commands,
  },
];
