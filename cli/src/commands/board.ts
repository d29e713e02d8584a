import path from 'node:path';
import { encodeHex, sha256 } from '@pactgate/proof';
import { agreementOption, type Command, type Input, pageOf, pageOptions, withAgreement } from '../command.ts';
import { readBytes, writePrivate } from '../files.ts';
import { both } from '../language.ts';
import { type Column, fields, list, type Output, table, time } from '../output.ts';
import { facts, wordOf } from '../vocabulary.ts';

async function board(input: Input): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  const found = await session.client.call('board', { params: { agreement } });
  const { locale } = input.context;
  const status = (name: string): string | undefined => wordOf('status', name, locale);
  const heads = ['met', 'at-risk', 'breached', 'unknown', 'n/a', 'waived', 'not-implemented'].map(
    (name) => status(name) ?? name,
  );
  const clauses = table(
    [locale === 'zh' ? '条款' : 'clause', locale === 'zh' ? '标题' : 'title', ...heads],
    found.clauses.map((c) => [
      c.clause,
      c.title[locale],
      c.met,
      c.atRisk,
      c.breached,
      c.unknown,
      c.notApplicable,
      c.waived,
      c.notImplemented,
    ]),
  );
  const wanted = input.text('status');
  const rows = found.rows.filter((row) =>
    wanted === undefined ? row.status !== 'not-implemented' : row.status === wanted,
  );
  const columns: readonly Column<(typeof rows)[number]>[] = [
    { head: both('义务', 'duty'), of: ({ row }) => row },
    { head: both('责任方', 'owner'), of: ({ owner }) => wordOf('owner', owner, locale) },
    { head: both('状态', 'status'), of: (row) => status(row.status) },
    { head: both('名称', 'name'), of: ({ name }) => name[locale] },
    { head: both('证据时间', 'evidence'), of: ({ evidenceAt }) => time(evidenceAt) },
    { head: both('违约', 'breaches'), of: ({ breaches }) => breaches },
    { head: both('原因', 'why'), of: ({ why }) => why.map((text) => text[locale]).join('; ') },
  ];
  return { json: found, text: `${clauses}\n\n${list(columns, { items: rows }, locale)}` };
}

async function duty(input: Input): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  const found = await session.client.call('duty', { params: { agreement, row: input.arg(0) } });
  const { locale } = input.context;
  const { row, subjects } = found;
  const head = fields([
    [locale === 'zh' ? '义务' : 'duty', `${row.row} ${row.name[locale]}`],
    [locale === 'zh' ? '内容' : 'text', row.duty[locale]],
    [locale === 'zh' ? '判据' : 'criterion', row.criterion[locale]],
    [locale === 'zh' ? '状态' : 'status', wordOf('status', row.status, locale)],
    [locale === 'zh' ? '判定时间' : 'judged', time(row.judgedAt)],
  ]);
  const columns: readonly Column<(typeof subjects)[number]>[] = [
    { head: both('对象', 'subject'), of: ({ subject, name }) => name ?? subject },
    { head: both('状态', 'status'), of: ({ status }) => wordOf('status', status, locale) },
    { head: both('原因', 'why'), of: ({ why }) => why[locale] },
    { head: both('证据', 'evidence'), of: ({ evidence }) => evidence.map(({ index }) => `#${index}`).join(' ') },
  ];
  return { json: found, text: `${head}\n\n${list(columns, { items: subjects }, locale)}` };
}

async function showBreaches(input: Input): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  const page = await session.client.call('breaches', { params: { agreement }, query: pageOf(input) });
  const { locale } = input.context;
  const columns: readonly Column<(typeof page.items)[number]>[] = [
    { head: both('义务', 'duty'), of: ({ row }) => row },
    { head: both('代码', 'code'), of: ({ code }) => code },
    { head: both('责任方', 'owner'), of: ({ owner }) => wordOf('owner', owner, locale) },
    { head: both('对象', 'subject'), of: ({ subject }) => subject },
    { head: both('状态', 'state'), of: ({ state }) => wordOf('breach', state, locale) },
    { head: both('开始', 'opened'), of: ({ openedAt }) => time(openedAt) },
    { head: both('期限', 'deadline'), of: ({ deadline }) => time(deadline) },
    { head: both('所见', 'observed'), of: ({ observed }) => observed[locale] },
  ];
  return { json: page, text: list(columns, page, locale) };
}

async function exportEvidence(input: Input): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  input.context.step(both('汇集账本与证据', 'gathering logs and evidence'));
  const bytes = await session.client.call('evidence', { params: { agreement } });
  const file = path.resolve(input.text('output') ?? `evidence-${agreement}.zip`);
  await writePrivate(file, bytes);
  const json = { agreement, file, octets: bytes.length, sha256: encodeHex(sha256(bytes)) };
  return { json, text: facts(json, input.context.locale) };
}

async function challenge(input: Input): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  const index = input.whole('index');
  const body = { claim: input.arg(0), ...(index === undefined ? {} : { index }) };
  const json = await session.client.call('challenge', { params: { agreement }, body });
  return { json, text: facts({ challenge: json.challenge }, input.context.locale) };
}

async function policy(input: Input): Promise<Output> {
  const session = await input.context.session();
  const found = await session.client.call('policy', {});
  const head = facts(
    { version: found.version, digest: found.digest, published: time(found.publishedAt) },
    input.context.locale,
  );
  const texts = found.policies.map(({ id, text }) => `// ${id}\n${text.trim()}`);
  return { json: found, text: [head, ...texts].join('\n\n') };
}

async function publish(input: Input): Promise<Output> {
  const session = await input.context.session();
  const policies = await Promise.all(
    input.args.map(async (file) => ({
      id: path.basename(file, path.extname(file)),
      text: (await readBytes(file, 65_536)).toString('utf8'),
    })),
  );
  const json = await session.client.call('publishPolicy', { body: { policies } });
  return { json, text: facts(json, input.context.locale) };
}

export const boardCommands: readonly Command[] = [
  {
    name: 'board',
    summary: both('条款看板：双方义务的状态', 'clause board: where both parties stand'),
    options: {
      ...agreementOption,
      status: {
        type: 'string',
        value: 'STATUS',
        summary: both('只看一种状态（默认除未实现外）', 'one status only (default: all but not-implemented)'),
      },
    },
    examples: ['board', 'board --agreement acme --status breached'],
    uses: ['board'],
    run: board,
  },
  {
    name: 'duty',
    summary: both('一项义务：判据、对象、原因、证据', 'one duty: criterion, subjects, why, evidence'),
    arguments: [{ name: 'ROW', summary: both('义务编号，如 B2.2.4', 'id of the duty, such as B2.2.4') }],
    options: agreementOption,
    examples: ['duty B2.2.4'],
    uses: ['duty'],
    run: duty,
  },
  {
    name: 'breaches',
    summary: both('违约记录', 'breaches'),
    options: { ...agreementOption, ...pageOptions },
    examples: ['breaches', 'breaches --limit 20 --json'],
    uses: ['breaches'],
    run: showBreaches,
  },
  {
    name: 'challenge',
    summary: both('设备方：质疑证据', 'device party: challenge evidence'),
    arguments: [{ name: 'CLAIM', summary: both('主张', 'what you claim') }],
    options: {
      ...agreementOption,
      index: { type: 'string', value: 'N', summary: both('账本条目序号', 'index of the record') },
    },
    examples: ['challenge "session counted twice" --index 1017'],
    uses: ['challenge'],
    run: challenge,
  },
  {
    name: 'evidence export',
    summary: both('导出证据包，供 pactgate verify 验证', 'export the evidence bundle for pactgate verify'),
    options: {
      ...agreementOption,
      output: {
        type: 'string',
        value: 'FILE',
        summary: both('文件（默认 evidence-协议.zip）', 'file (default: evidence-AGREEMENT.zip)'),
      },
    },
    examples: ['evidence export --output evidence.zip'],
    uses: ['evidence'],
    run: exportEvidence,
  },
  {
    name: 'policy show',
    summary: both('现行访问策略', 'access policy in force'),
    examples: ['policy show'],
    uses: ['policy'],
    run: policy,
  },
  {
    name: 'policy publish',
    summary: both(
      '发布访问策略（Cedar 文件，文件名即策略标识）',
      'publish an access policy (Cedar files; their names are the policy ids)',
    ),
    arguments: [{ name: 'FILE', many: true, summary: both('全部策略文件', 'all files of the policy') }],
    examples: ['policy publish policies/*.cedar'],
    uses: ['publishPolicy'],
    run: publish,
  },
];
