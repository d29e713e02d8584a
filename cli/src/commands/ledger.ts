import path from 'node:path';
import { decodeUtf8, encodeHex, encodeUtf8, sha256 } from '@pactgate/proof';
import type { Command, Input } from '../command.ts';
import { Failure } from '../failure.ts';
import { writePrivate } from '../files.ts';
import { both } from '../language.ts';
import { type Column, list, type Output, plain, time, yesNo } from '../output.ts';
import type { Session } from '../session.ts';
import { facts, wordOf } from '../vocabulary.ts';

/** Id of a log: SHA-256 of its origin, lower-case hex. */
export const logIdOf = (origin: string): string => encodeHex(sha256(encodeUtf8(origin)));

/** A log by id, by origin, or by what it is: `agreement` (the only one visible), `platform`, `master`. */
async function chooseLog(session: Session, wanted: string): Promise<string> {
  if (/^[0-9a-f]{64}$/.test(wanted)) return wanted;
  if (wanted.includes('/')) return logIdOf(wanted);
  const { items } = await session.client.call('logs', {});
  const fitting = items.filter(({ kind, agreement }) => kind === wanted || agreement === wanted);
  const [only, ...others] = fitting;
  if (only !== undefined && others.length === 0) return only.id;
  throw new Failure(
    'usage',
    both(`无法确定账本 ${wanted}`, `${wanted} names no single log`),
    both('请用 pactgate ledger logs 所列的编号。', 'Use an id from pactgate ledger logs.'),
  );
}

const withLog = async (input: Input) => {
  const session = await input.context.session();
  return { session, log: await chooseLog(session, input.arg(0)) };
};

async function logs(input: Input): Promise<Output> {
  const session = await input.context.session();
  const page = await session.client.call('logs', {});
  const { locale } = input.context;
  const columns: readonly Column<(typeof page.items)[number]>[] = [
    { head: both('类别', 'kind'), of: ({ kind }) => wordOf('log', kind, locale) },
    { head: both('名称', 'origin'), of: ({ origin }) => origin },
    { head: both('条目', 'size'), of: ({ size }) => size },
    { head: both('见证时间', 'cosigned'), of: ({ cosignedAt }) => time(cosignedAt) },
    { head: both('见证方', 'witnesses'), of: ({ witnesses }) => witnesses.join(', ') },
    { head: both('签名中', 'signing'), of: ({ signing }) => yesNo(signing, locale) },
    { head: both('编号', 'id'), of: ({ id }) => id },
  ];
  return { json: page, text: list(columns, page, locale) };
}

const word = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

async function records(input: Input): Promise<Output> {
  const { session, log } = await withLog(input);
  const [limit, after, kind, before] = [
    input.whole('limit', 1, 500),
    input.text('after'),
    input.text('kind'),
    input.whole('before'),
  ];
  const query = {
    ...(limit === undefined ? {} : { limit }),
    ...(after === undefined ? {} : { after }),
    ...(kind === undefined ? {} : { kind }),
    ...(before === undefined ? {} : { before }),
  };
  const { locale } = input.context;
  const page = await session.client.call('records', { params: { log }, query });
  const columns: readonly Column<(typeof page.items)[number]>[] = [
    { head: both('序号', 'index'), of: ({ index }) => index },
    { head: both('时间', 'at'), of: ({ leaf }) => word(leaf['t']) },
    { head: both('类别', 'kind'), of: ({ leaf }) => word(leaf['k']) },
    { head: both('结果', 'outcome'), of: ({ leaf }) => wordOf('outcome', word(leaf['o']), locale) },
    {
      head: both('正文', 'body'),
      of: ({ body, erased }) =>
        body === undefined ? (erased ? (locale === 'zh' ? '已擦除' : 'erased') : '-') : JSON.stringify(body),
    },
  ];
  return { json: page, text: list(columns, page, locale) };
}

const indexOf = (input: Input): number => {
  const text = input.arg(1);
  if (!/^\d{1,15}$/.test(text)) throw new Failure('usage', both('序号须为整数', 'INDEX is a whole number'));
  return Number(text);
};

async function record(input: Input): Promise<Output> {
  const { session, log } = await withLog(input);
  const json = await session.client.call('record', { params: { log, index: String(indexOf(input)) } });
  return { json, text: JSON.stringify(json, null, 2) };
}

/** Text that others' tools read: unchanged into a file, made safe for a terminal otherwise. */
async function verbatim(input: Input, bytes: Uint8Array, name: string): Promise<Output> {
  const file = input.text('output');
  const text = decodeUtf8(bytes);
  if (file === undefined)
    return {
      json: { [name]: text },
      text: text
        .trimEnd()
        .split('\n')
        .map((line) => plain(line))
        .join('\n'),
    };
  await writePrivate(path.resolve(file), bytes);
  return { json: { file }, text: facts({ file }, input.context.locale) };
}

async function proof(input: Input): Promise<Output> {
  const { session, log } = await withLog(input);
  const query = { index: indexOf(input) };
  return verbatim(input, await session.client.call('proof', { params: { log }, query }), 'proof');
}

async function checkpoint(input: Input): Promise<Output> {
  const { session, log } = await withLog(input);
  return verbatim(input, await session.client.call('checkpoint', { params: { log } }), 'checkpoint');
}

async function consistency(input: Input): Promise<Output> {
  const { session, log } = await withLog(input);
  const [before, now] = [input.whole('old'), input.whole('new')];
  if (before === undefined || now === undefined)
    throw new Failure('usage', both('缺少 --old 或 --new', '--old or --new is missing'));
  const json = await session.client.call('consistency', { params: { log }, query: { old: before, new: now } });
  return { json, text: json.proof.map((hash) => plain(hash)).join('\n') };
}

const log = {
  name: 'LOG',
  summary: both('账本：编号、名称，或 agreement、platform、master', 'log: id, origin, or agreement, platform, master'),
};
const index = { name: 'INDEX', summary: both('条目序号', 'index of the record') };
const output = { type: 'string', value: 'FILE', summary: both('原样写入文件', 'write it to a file as it is') } as const;

export const ledgerCommands: readonly Command[] = [
  { name: 'ledger logs', summary: both('账本列表', 'logs'), examples: ['ledger logs'], uses: ['logs'], run: logs },
  {
    name: 'ledger records',
    summary: both('账本条目，由新到旧', 'records of a log, newest first'),
    arguments: [log],
    options: {
      limit: { type: 'string', value: 'N', summary: both('最多条数', 'at most so many') },
      after: { type: 'string', value: 'CURSOR', summary: both('从上次的位置继续', 'go on where the last page ended') },
      before: { type: 'string', value: 'INDEX', summary: both('只看此序号之前', 'before this index') },
      kind: { type: 'string', value: 'KIND', summary: both('只看一种记录', 'one kind only') },
    },
    examples: ['ledger records agreement --limit 20', 'ledger records platform --kind session.reject'],
    uses: ['records'],
    run: records,
  },
  {
    name: 'ledger show',
    summary: both('一条账本条目及其正文', 'one record with its body'),
    arguments: [log, index],
    examples: ['ledger show agreement 42'],
    uses: ['record'],
    run: record,
  },
  {
    name: 'ledger proof',
    summary: both('包含证明（C2SP tlog-proof）', 'inclusion proof (C2SP tlog-proof)'),
    arguments: [log, index],
    options: { output },
    examples: ['ledger proof agreement 42 --output 42.tlog-proof'],
    uses: ['proof'],
    run: proof,
  },
  {
    name: 'ledger checkpoint',
    summary: both('最新检查点（签名文本）', 'newest checkpoint (signed note)'),
    arguments: [log],
    options: { output },
    examples: ['ledger checkpoint master'],
    uses: ['checkpoint'],
    run: checkpoint,
  },
  {
    name: 'ledger consistency',
    summary: both('两个大小之间的一致性证明', 'consistency proof between two sizes'),
    arguments: [log],
    options: {
      old: { type: 'string', value: 'N', required: true, summary: both('旧大小', 'older size') },
      new: { type: 'string', value: 'N', required: true, summary: both('新大小', 'newer size') },
    },
    examples: ['ledger consistency agreement --old 100 --new 200'],
    uses: ['consistency'],
    run: consistency,
  },
];
