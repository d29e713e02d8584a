import path from 'node:path';
import { encodeHex, sha256 } from '@pactgate/proof';
import {
  agreementOption,
  type Command,
  deviceArgument,
  type Input,
  type OptionSpecs,
  pageOf,
  pageOptions,
  withAgreement,
} from '../command.ts';
import { Failure } from '../failure.ts';
import { readBytes, writePrivate } from '../files.ts';
import { both } from '../language.ts';
import { type Column, list, type Output, plain, table, time, yesNo } from '../output.ts';
import { readTime } from '../times.ts';
import { facts, levelInWords, reasonInWords, wordOf } from '../vocabulary.ts';
import { sheetText } from './device-sheet.ts';

const params = async (input: Input) => {
  const { session, agreement } = await withAgreement(input);
  return { session, params: { agreement, device: input.arg(0) } };
};

const states = ['registered', 'pending', 'active', 'suspended', 'retired'] as const;

async function devices(input: Input): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  const [model, state, search] = [input.text('model'), input.oneOf('state', states), input.text('search')];
  const query = {
    ...pageOf(input),
    ...(model === undefined ? {} : { model }),
    ...(state === undefined ? {} : { state }),
    ...(search === undefined ? {} : { search }),
  };
  const page = await session.client.call('devices', { params: { agreement }, query });
  const { locale } = input.context;
  const columns: readonly Column<(typeof page.items)[number]>[] = [
    { head: both('设备', 'device'), of: ({ id }) => id },
    { head: both('型号', 'model'), of: (device) => device.model },
    { head: both('状态', 'state'), of: (device) => wordOf('device', device.state, locale) },
    { head: both('在线', 'online'), of: ({ online }) => yesNo(online, locale) },
    { head: both('隔离级别', 'level'), of: ({ level }) => levelInWords(level, locale) },
    { head: both('固件', 'version'), of: ({ version }) => version },
    { head: both('最近通信', 'last seen'), of: ({ lastSeen }) => time(lastSeen) },
    { head: both('24 小时拒绝', 'refusals 24 h'), of: ({ refusals24h }) => refusals24h },
  ];
  const total =
    locale === 'zh' ? `共 ${page.total} 台，在线 ${page.online} 台` : `${page.total} devices, ${page.online} online`;
  return { json: page, text: `${list(columns, page, locale)}\n${total}` };
}

/** Ids of the arguments, and lines `id` or `id,model` of `--file`. */
async function wantedDevices(input: Input): Promise<readonly { id: string; model: string }[]> {
  const model = input.text('model');
  const file = input.text('file');
  const lines = file === undefined ? [] : (await readBytes(file, 262_144)).toString('utf8').split(/\r?\n/);
  const rows = [
    ...input.args,
    ...lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#')),
  ];
  if (rows.length === 0) throw new Failure('usage', both('请给出设备标识或 --file', 'name devices, or give --file'));
  return rows.map((row) => {
    const [id = '', own = model] = row.split(',').map((part) => part.trim());
    if (own === undefined)
      throw new Failure('usage', both(`${id} 没有型号：请给出 --model`, `${id} has no model: give --model`));
    return { id, model: own };
  });
}

/** Devices of one call of the API. */
const batch = 1_000;

async function register(input: Input): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  const wanted = await wantedDevices(input);
  const made: {
    readonly id: string;
    readonly pseudonym: string;
    readonly code: string;
    readonly codeExpiresAt: number;
  }[] = [];
  for (let at = 0; at < wanted.length; at += batch) {
    input.context.step(both(`登记 ${at}/${wanted.length}`, `registering ${at}/${wanted.length}`));
    const answer = await session.client.call('registerDevices', {
      params: { agreement },
      body: { devices: wanted.slice(at, at + batch) },
    });
    made.push(...answer.devices);
  }
  const file = input.text('output');
  if (file !== undefined) {
    await writePrivate(path.resolve(file), `${JSON.stringify({ devices: made }, null, 2)}\n`);
    return {
      json: { file, devices: made.length },
      text: facts({ file, devices: made.length }, input.context.locale),
    };
  }
  const columns: readonly Column<(typeof made)[number]>[] = [
    { head: both('设备', 'device'), of: ({ id }) => id },
    { head: both('假名', 'pseudonym'), of: ({ pseudonym }) => pseudonym },
    { head: both('注册码（仅显示一次）', 'code (shown once)'), of: ({ code }) => code },
    { head: both('有效至', 'expires'), of: ({ codeExpiresAt }) => time(codeExpiresAt) },
  ];
  return { json: { devices: made }, text: list(columns, { items: made }, input.context.locale) };
}

async function show(input: Input): Promise<Output> {
  const { session, params: at } = await params(input);
  const found = await session.client.call('device', { params: at });
  const { locale } = input.context;
  const { summary, certificates, versions, isolation, channels } = found;
  const head = facts(
    {
      device: summary.id,
      pseudonym: summary.pseudonym,
      model: summary.model,
      state: wordOf('device', summary.state, locale),
      online: yesNo(summary.online, locale),
      lastSeen: time(summary.lastSeen),
      version: versions[0]?.version,
      isolation:
        isolation === undefined
          ? levelInWords(summary.level, locale)
          : `${levelInWords(isolation.level, locale)}: ${isolation.reason} (${isolation.by}, ${time(isolation.from)})`,
    },
    input.context.locale,
  );
  const shownCertificates = list(
    [
      { head: both('证书序列号', 'certificate'), of: ({ serial }) => serial },
      { head: both('状态', 'state'), of: ({ state }) => wordOf('certificate', state, locale) },
      { head: both('有效至', 'until'), of: ({ notAfter }) => time(notAfter) },
    ] satisfies readonly Column<(typeof certificates)[number]>[],
    { items: certificates },
    locale,
  );
  const fieldsOf = channels.flatMap(({ channel, fields: own }) =>
    own.map((field) => [
      channel,
      field.path,
      wordOf('fieldType', field.type, locale),
      wordOf('class', field.class, locale),
      yesNo(field.visible, locale),
    ]),
  );
  const heads =
    locale === 'zh' ? ['通道', '字段', '类型', '类别', '可见'] : ['channel', 'field', 'type', 'class', 'visible'];
  return { json: found, text: [head, shownCertificates, table(heads, fieldsOf)].join('\n\n') };
}

async function newCode(input: Input): Promise<Output> {
  const { session, params: at } = await params(input);
  const json = await session.client.call('newCode', { params: at });
  return {
    json,
    text: facts({ code: json.code, expires: time(json.codeExpiresAt) }, input.context.locale),
  };
}

async function sheet(input: Input): Promise<Output> {
  const { session, params: at } = await params(input);
  const found = await session.client.call('sheet', { params: at });
  return { json: found, text: sheetText(found, input.context.locale) };
}

async function sessions(input: Input): Promise<Output> {
  const { session, params: at } = await params(input);
  const { locale } = input.context;
  const page = await session.client.call('sessions', { params: at, query: pageOf(input) });
  const columns: readonly Column<(typeof page.items)[number]>[] = [
    { head: both('客户端', 'client id'), of: ({ clientId }) => clientId },
    { head: both('开始', 'opened'), of: ({ openedAt }) => time(openedAt) },
    { head: both('结束', 'closed'), of: ({ closedAt }) => time(closedAt) },
    { head: both('结束原因', 'why it closed'), of: ({ reason }) => reasonInWords(reason, locale) },
    { head: both('传输', 'transport'), of: ({ transport }) => transport },
    { head: both('加密', 'encryption'), of: ({ tls, suite, group }) => `${tls} ${suite} ${group ?? ''}`.trim() },
    { head: both('收', 'received'), of: ({ received }) => received },
    { head: both('发', 'sent'), of: ({ sent }) => sent },
  ];
  return { json: page, text: list(columns, page, locale) };
}

async function refusals(input: Input): Promise<Output> {
  const { session, params: at } = await params(input);
  const page = await session.client.call('refusals', { params: at, query: pageOf(input) });
  const { locale } = input.context;
  const columns: readonly Column<(typeof page.items)[number]>[] = [
    { head: both('时间', 'at'), of: (refusal) => time(refusal.at) },
    { head: both('代码', 'code'), of: (refusal) => refusal.code },
    { head: both('次数', 'count'), of: ({ count }) => count },
    { head: both('对象', 'resource'), of: ({ resource }) => resource },
    { head: both('原因', 'cause'), of: ({ cause }) => cause[locale] },
    { head: both('下一步', 'next'), of: ({ next }) => next[locale] },
  ];
  return { json: page, text: list(columns, page, locale) };
}

function rangeOf(input: Input): { channel: string; from?: number; to?: number } {
  const now = Date.now();
  const moment = (name: string): number | undefined => readTime(name, input.text(name), now);
  const [from, to] = [moment(`from`), moment('to')];
  return {
    channel: input.demand('channel'),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}

async function telemetry(input: Input): Promise<Output> {
  const { session, params: at } = await params(input);
  const order = input.oneOf('order', ['asc', 'desc']);
  const query = { ...rangeOf(input), ...pageOf(input), ...(order === undefined ? {} : { order }) };
  const page = await session.client.call('telemetry', { params: at, query });
  const columns: readonly Column<(typeof page.items)[number]>[] = [
    { head: both('时间', 'at'), of: (item) => time(item.at) },
    { head: both('收到', 'received'), of: ({ received }) => time(received) },
    { head: both('数值', 'values'), of: ({ values }) => JSON.stringify(values) },
  ];
  const { locale } = input.context;
  const masked =
    page.masked.length === 0
      ? ''
      : `\n${locale === 'zh' ? '按角色脱敏' : 'masked for your role'}: ${plain(page.masked.join(', '))}`;
  return { json: page, text: `${list(columns, page, locale)}${masked}` };
}

async function series(input: Input): Promise<Output> {
  const { session, params: at } = await params(input);
  const step = input.oneOf('step', ['raw', '5m', '1h']);
  const query = { ...rangeOf(input), field: input.demand('field'), ...(step === undefined ? {} : { step }) };
  const found = await session.client.call('series', { params: at, query });
  const columns: readonly Column<(typeof found.points)[number]>[] = [
    { head: both('时间', 'at'), of: (point) => time(point.at) },
    { head: both('个数', 'count'), of: ({ count }) => count },
    { head: both('最小', 'min'), of: ({ min }) => min },
    { head: both('平均', 'mean'), of: ({ mean }) => mean },
    { head: both('最大', 'max'), of: ({ max }) => max },
    { head: both('最后', 'last'), of: ({ last }) => last },
  ];
  return { json: found, text: list(columns, { items: found.points }, input.context.locale) };
}

async function exportTelemetry(input: Input): Promise<Output> {
  const { session, params: at } = await params(input);
  const format = input.oneOf('format', ['csv', 'json']) ?? 'csv';
  const query = { ...rangeOf(input), format };
  input.context.step(both('导出', 'exporting'));
  const bytes = await session.client.call('exportTelemetry', { params: at, query });
  const file = path.resolve(input.text('output') ?? `${input.arg(0)}-${query.channel}.${format}`);
  await writePrivate(file, bytes);
  const json = { file, octets: bytes.length, sha256: encodeHex(sha256(bytes)) };
  return { json, text: facts(json, input.context.locale) };
}

const range: OptionSpecs = {
  channel: { type: 'string', value: 'NAME', required: true, summary: both('通道', 'channel') },
  from: {
    type: 'string',
    value: 'TIME',
    summary: both('起（含），如 2026-03-01T08:00:00Z 或 90m', 'from, such as 2026-03-01T08:00:00Z or 90m'),
  },
  to: { type: 'string', value: 'TIME', summary: both('止', 'to') },
};

export const deviceCommands: readonly Command[] = [
  {
    name: 'device list',
    summary: both('设备列表', 'devices'),
    options: {
      ...agreementOption,
      ...pageOptions,
      model: { type: 'string', value: 'MODEL', summary: both('型号', 'of one model') },
      state: {
        type: 'string',
        value: 'STATE',
        summary: both(`状态：${states.join('、')}`, `state: ${states.join(', ')}`),
      },
      search: { type: 'string', value: 'TEXT', summary: both('标识中含', 'whose id contains') },
    },
    examples: ['device list', 'device list --state active --limit 100'],
    uses: ['devices'],
    run: devices,
  },
  {
    name: 'device register',
    summary: both('设备方：登记设备，取得一次性注册码', 'device party: register devices, get their one-time codes'),
    arguments: [{ name: 'DEVICE', optional: true, many: true, summary: both('设备标识', 'device ids') }],
    options: {
      ...agreementOption,
      model: { type: 'string', value: 'MODEL', summary: both('型号', 'model') },
      file: { type: 'string', value: 'FILE', summary: both('每行 标识 或 标识,型号', 'lines of id, or id,model') },
      output: {
        type: 'string',
        value: 'FILE',
        summary: both('将注册码写入文件（0600）', 'write the codes to a file (0600)'),
      },
    },
    examples: ['device register pump-7 pump-8 --model pump-2', 'device register --file fleet.csv --output codes.json'],
    uses: ['registerDevices'],
    run: register,
  },
  {
    name: 'device show',
    summary: both('一个设备', 'one device'),
    arguments: deviceArgument,
    options: agreementOption,
    examples: ['device show pump-7'],
    uses: ['device'],
    run: show,
  },
  {
    name: 'device code',
    summary: both('设备方：签发新注册码', 'device party: issue a new enrolment code'),
    arguments: deviceArgument,
    options: agreementOption,
    examples: ['device code pump-7'],
    uses: ['newCode'],
    run: newCode,
  },
  {
    name: 'device sheet',
    summary: both('接入说明：根证书、主题、可复制的命令', 'connection sheet: root, topics, commands to copy'),
    arguments: deviceArgument,
    options: agreementOption,
    examples: ['device sheet pump-7'],
    uses: ['sheet'],
    run: sheet,
  },
  {
    name: 'device sessions',
    summary: both('设备会话', 'sessions of a device'),
    arguments: deviceArgument,
    options: { ...agreementOption, ...pageOptions },
    examples: ['device sessions pump-7'],
    uses: ['sessions'],
    run: sessions,
  },
  {
    name: 'device refusals',
    summary: both('拒绝记录：代码、原因、下一步', 'refusals of a device: code, cause, next step'),
    arguments: deviceArgument,
    options: { ...agreementOption, ...pageOptions },
    examples: ['device refusals pump-7 --lang zh'],
    uses: ['refusals'],
    run: refusals,
  },
  {
    name: 'device telemetry',
    summary: both('遥测数据（按角色脱敏）', 'telemetry, masked by role'),
    arguments: deviceArgument,
    options: {
      ...agreementOption,
      ...range,
      ...pageOptions,
      order: { type: 'string', value: 'asc|desc', summary: both('次序', 'order') },
    },
    examples: ['device telemetry pump-7 --channel status --from 1h'],
    uses: ['telemetry'],
    run: telemetry,
  },
  {
    name: 'device series',
    summary: both('一个字段的曲线数据', 'series of one field'),
    arguments: deviceArgument,
    options: {
      ...agreementOption,
      ...range,
      field: {
        type: 'string',
        value: 'PATH',
        required: true,
        summary: both('字段，如 /temperature', 'field, such as /temperature'),
      },
      step: { type: 'string', value: 'raw|5m|1h', summary: both('步长', 'step') },
    },
    examples: ['device series pump-7 --channel status --field /temperature --step 5m'],
    uses: ['series'],
    run: series,
  },
  {
    name: 'device export',
    summary: both('导出遥测数据', 'export telemetry to a file'),
    arguments: deviceArgument,
    options: {
      ...agreementOption,
      ...range,
      format: { type: 'string', value: 'csv|json', summary: both('格式（默认 csv）', 'form (default: csv)') },
      output: { type: 'string', value: 'FILE', summary: both('文件', 'file') },
    },
    examples: ['device export pump-7 --channel status --format csv --output pump-7.csv'],
    uses: ['exportTelemetry'],
    run: exportTelemetry,
  },
];
