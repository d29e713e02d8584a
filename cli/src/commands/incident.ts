import {
  agreementOption,
  type Command,
  deviceArgument,
  type Input,
  pageOf,
  pageOptions,
  withAgreement,
} from '../command.ts';
import { both } from '../language.ts';
import { type Column, list, type Output, time } from '../output.ts';
import { facts, wordOf } from '../vocabulary.ts';

async function setLevel(input: Input, level: number): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  const [minutes, incident] = [input.whole('minutes', 1, 525_600), input.text('incident')];
  const body = {
    level,
    reason: input.demand('reason'),
    ...(minutes === undefined ? {} : { minutes }),
    ...(incident === undefined ? {} : { incident }),
  };
  const json = await session.client.call('isolate', { params: { agreement, device: input.arg(0) }, body });
  return { json, text: facts(json, input.context.locale) };
}

async function revoke(input: Input): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  const body = { reason: input.demand('reason') };
  const json = await session.client.call('revoke', { params: { agreement, device: input.arg(0) }, body });
  return { json, text: facts(json, input.context.locale) };
}

async function incidents(input: Input): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  const { locale } = input.context;
  const page = await session.client.call('incidents', { params: { agreement }, query: pageOf(input) });
  const columns: readonly Column<(typeof page.items)[number]>[] = [
    { head: both('编号', 'id'), of: ({ id }) => id },
    { head: both('设备', 'device'), of: ({ device }) => device },
    { head: both('类型', 'type'), of: ({ type }) => wordOf('incidentType', type, locale) },
    { head: both('严重程度', 'severity'), of: ({ severity }) => wordOf('severity', severity, locale) },
    { head: both('状态', 'state'), of: ({ state }) => wordOf('incident', state, locale) },
    { head: both('开始', 'opened'), of: ({ openedAt }) => time(openedAt) },
    { head: both('报告数', 'reports'), of: ({ reports }) => reports },
    { head: both('摘要', 'summary'), of: ({ summary }) => summary },
  ];
  return { json: page, text: list(columns, page, locale) };
}

async function show(input: Input): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  const found = await session.client.call('incident', { params: { agreement, incident: input.arg(0) } });
  const { locale } = input.context;
  const { incident, timeline } = found;
  const head = facts(
    {
      id: incident.id,
      device: incident.device,
      type: wordOf('incidentType', incident.type, locale),
      severity: wordOf('severity', incident.severity, locale),
      state: wordOf('incident', incident.state, locale),
      opened: time(incident.openedAt),
      summary: incident.summary,
    },
    input.context.locale,
  );
  const columns: readonly Column<(typeof timeline)[number]>[] = [
    { head: both('时间', 'at'), of: ({ at }) => time(at) },
    { head: both('类别', 'kind'), of: ({ kind }) => wordOf('timeline', kind, locale) },
    { head: both('内容', 'what'), of: ({ text }) => text[locale] },
    { head: both('账本序号', 'record'), of: ({ index }) => index },
  ];
  return { json: found, text: `${head}\n\n${list(columns, { items: timeline }, locale)}` };
}

const steps = {
  confirm: both('确认安全事件', 'confirm an incident'),
  contain: both('标记事件已遏制', 'mark an incident as contained'),
  close: both('结束安全事件', 'close an incident'),
} as const;

const stepCommand = (step: keyof typeof steps): Command => ({
  name: `incident ${step}`,
  summary: steps[step],
  arguments: [{ name: 'INCIDENT', summary: both('事件编号', 'id of the incident') }],
  options: {
    ...agreementOption,
    note: { type: 'string', value: 'TEXT', required: true, summary: both('说明', 'note') },
  },
  examples: [`incident ${step} ID --note "seen by two sensors"`],
  uses: ['moveIncident'],
  run: async (input) => {
    const { session, agreement } = await withAgreement(input);
    const body = { step, note: input.demand('note') };
    const json = await session.client.call('moveIncident', { params: { agreement, incident: input.arg(0) }, body });
    return {
      json,
      text: facts({ id: json.id, state: wordOf('incident', json.state, input.context.locale) }, input.context.locale),
    };
  },
});

const reason = { type: 'string', value: 'TEXT', required: true, summary: both('理由', 'reason') } as const;
const incidentOption = { type: 'string', value: 'ID', summary: both('所属事件', 'incident it belongs to') } as const;

export const incidentCommands: readonly Command[] = [
  {
    name: 'isolate',
    summary: both('隔离设备', 'isolate a device'),
    arguments: deviceArgument,
    options: {
      ...agreementOption,
      level: {
        type: 'string',
        value: '1-4',
        summary: both(
          '级别：1 观察，2 受限，3 仅限更新，4 阻断（默认）',
          'level: 1 watch, 2 restrict, 3 update only, 4 block (default)',
        ),
      },
      reason,
      minutes: { type: 'string', value: 'N', summary: both('自动解除前的分钟数', 'minutes until it ends by itself') },
      incident: incidentOption,
    },
    examples: [
      'isolate pump-7 --reason "clone suspected"',
      'isolate pump-7 --level 3 --minutes 60 --reason "must update"',
    ],
    uses: ['isolate'],
    run: (input) => setLevel(input, input.whole('level', 1, 4) ?? 4),
  },
  {
    name: 'release',
    summary: both('解除隔离', 'release a device from isolation'),
    arguments: deviceArgument,
    options: { ...agreementOption, reason, incident: incidentOption },
    examples: ['release pump-7 --reason "cause removed"'],
    uses: ['isolate'],
    run: (input) => setLevel(input, 0),
  },
  {
    name: 'revoke',
    summary: both('吊销设备证书', 'revoke the certificates of a device'),
    arguments: deviceArgument,
    options: { ...agreementOption, reason },
    examples: ['revoke pump-7 --reason "key leaked"'],
    uses: ['revoke'],
    run: revoke,
  },
  {
    name: 'incident list',
    summary: both('安全事件', 'incidents'),
    options: { ...agreementOption, ...pageOptions },
    examples: ['incident list'],
    uses: ['incidents'],
    run: incidents,
  },
  {
    name: 'incident show',
    summary: both('一起安全事件及其经过', 'one incident and its course'),
    arguments: [{ name: 'INCIDENT', summary: both('事件编号', 'id of the incident') }],
    options: agreementOption,
    examples: ['incident show ID'],
    uses: ['incident'],
    run: show,
  },
  stepCommand('confirm'),
  stepCommand('contain'),
  stepCommand('close'),
];
