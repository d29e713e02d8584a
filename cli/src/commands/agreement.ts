import path from 'node:path';
import { formatAnchors, sha256 } from '@pactgate/proof';
import type { Locale } from '@pactgate/protocol';
import { agreementOption, type Command, type Input, withAgreement } from '../command.ts';
import { Failure } from '../failure.ts';
import { readBytes, readJson, writePrivate } from '../files.ts';
import { both } from '../language.ts';
import { anchorsOf, type OfferedDocument, readOffered } from '../offered.ts';
import { type Column, list, type Output, table, time } from '../output.ts';
import { loadPartyKeys, partyDirectory, partyFiles } from '../party-keys.ts';
import type { Session } from '../session.ts';
import { facts, wordOf } from '../vocabulary.ts';

type Summary = {
  readonly id: string;
  readonly party: string;
  readonly partyName: string;
  readonly state: string;
  readonly edition: string;
  readonly draftedAt: number;
  readonly inForceAt?: number;
  readonly digest?: string;
  readonly origin: string;
  readonly logId: string;
};

const summaryColumns = (locale: Locale): readonly Column<Summary>[] => [
  { head: both('编号', 'id'), of: ({ id }) => id },
  { head: both('设备方', 'party'), of: ({ party }) => party },
  { head: both('名称', 'name'), of: ({ partyName }) => partyName },
  { head: both('状态', 'state'), of: ({ state }) => wordOf('agreement', state, locale) },
  { head: both('版本', 'edition'), of: ({ edition }) => edition },
  { head: both('生效时间', 'in force'), of: ({ inForceAt }) => time(inForceAt) },
];

export const summaryText = (summary: Summary, locale: Locale): string =>
  facts(
    {
      id: summary.id,
      party: `${summary.partyName} (${summary.party})`,
      state: wordOf('agreement', summary.state, locale),
      edition: summary.edition,
      drafted: time(summary.draftedAt),
      inForce: time(summary.inForceAt),
      digest: summary.digest,
      log: summary.origin,
    },
    locale,
  );

/** The document of an agreement, fetched, checked and hashed here. */
export async function fetchOffered(session: Session, agreement: string): Promise<OfferedDocument> {
  const bytes = await session.client.call('agreementDocument', { params: { agreement } });
  return readOffered(bytes, agreement);
}

const short = (words: string | undefined): string => {
  const line = (words ?? '').replaceAll(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
};

/** Departures from the standard edition, as a table. */
export function differencesText({ differences }: OfferedDocument, locale: Locale): string {
  if (differences.length === 0)
    return locale === 'zh' ? '与本程序所带的标准版本完全一致。' : 'Equal to the standard edition of this program.';
  const head = locale === 'zh' ? ['位置', '变化', '标准', '本文档'] : ['place', 'change', 'standard', 'document'];
  return table(
    head,
    differences.map(({ path: at, kind, standard, document }) => [at, kind, short(standard), short(document)]),
  );
}

async function agreements(input: Input): Promise<Output> {
  const session = await input.context.session();
  const page = await session.client.call('agreements', {});
  return { json: page, text: list(summaryColumns(input.context.locale), page, input.context.locale) };
}

async function show(input: Input): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  const found = await session.client.call('agreement', { params: { agreement } });
  const signatures = list(
    [
      { head: both('签署方', 'signed by'), of: ({ party }) => party },
      { head: both('名称', 'name'), of: ({ name }) => name },
      { head: both('密钥指纹', 'thumbprint'), of: ({ thumbprint }) => thumbprint },
      { head: both('时间', 'at'), of: ({ at }) => time(at) },
    ] satisfies readonly Column<(typeof found.signatures)[number]>[],
    { items: found.signatures },
    input.context.locale,
  );
  return { json: found, text: `${summaryText(found.summary, input.context.locale)}\n\n${signatures}` };
}

/** `B2.2.4.window=1`: a row of the catalogue, a parameter, a number or text. */
function readParams(words: readonly string[]): Record<string, Record<string, number | string>> {
  const params: Record<string, Record<string, number | string>> = {};
  for (const word of words) {
    const [, row, name, value] = /^([AB]\d+(?:\.\d+)+)\.([A-Za-z]\w*)=(.+)$/.exec(word) ?? [];
    if (row === undefined || name === undefined || value === undefined)
      throw new Failure(
        'usage',
        both(`参数写法有误：${word}`, `not a parameter: ${word}`),
        both('写法：B2.2.4.window=1', 'Write it as B2.2.4.window=1.'),
      );
    params[row] = { ...params[row], [name]: /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value };
  }
  return params;
}

async function draft(input: Input): Promise<Output> {
  const session = await input.context.session();
  const file = input.text('params');
  // The server checks names and values against the catalogue.
  const fromFile =
    file === undefined ? {} : ((await readJson(file)) as Record<string, Record<string, number | string>>);
  const given = readParams(input.list('param'));
  const params = { ...fromFile };
  for (const [row, values] of Object.entries(given)) params[row] = { ...params[row], ...values };
  const made = await session.client.call('draftAgreement', { body: { party: input.arg(0), params } });
  return { json: made, text: summaryText(made, input.context.locale) };
}

/** Writes to `--output`, or hands the text out. */
async function deliver(input: Input, bytes: Uint8Array): Promise<Output> {
  const file = input.text('output');
  if (file !== undefined) {
    await writePrivate(path.resolve(file), bytes);
    return { json: { file, octets: bytes.length }, text: facts({ file }, input.context.locale) };
  }
  const text = new TextDecoder().decode(bytes);
  return { json: { text }, text };
}

async function showText(input: Input): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  const format = input.oneOf('format', ['html', 'md']) ?? 'md';
  const query = { lang: input.context.locale, format };
  return deliver(input, await session.client.call('agreementText', { params: { agreement }, query }));
}

async function showDocument(input: Input): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  const offered = await fetchOffered(session, agreement);
  const file = input.text('output');
  if (file !== undefined) await writePrivate(path.resolve(file), offered.bytes);
  const { digest } = offered;
  const words = new TextDecoder().decode(offered.bytes);
  return {
    json: { digest, ...(file === undefined ? { document: offered.document } : { file }) },
    text: file === undefined ? words : facts({ file, digest }, input.context.locale),
  };
}

async function diff(input: Input): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  const offered = await fetchOffered(session, agreement);
  const { digest, differences } = offered;
  const shown = `${facts({ digest }, input.context.locale)}\n${differencesText(offered, input.context.locale)}`;
  return { json: { agreement, digest, differences }, text: shown };
}

/** Names in the protected header of one signature; whatever the other party wrote that is none, is left out. */
function readHeader(head: string): { readonly kid?: string; readonly alg?: string; readonly typ?: string } {
  try {
    const header: unknown = JSON.parse(Buffer.from(head, 'base64url').toString('utf8'));
    const texts = Object.entries(header ?? {}).filter(([, value]) => typeof value === 'string');
    return Object.fromEntries(texts);
  } catch {
    return {};
  }
}

async function showSignatures(input: Input): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  const answer = await session.client.call('agreementSignatures', { params: { agreement } });
  // Who signed with which key, and when, stands in the summary; the signatures themselves name only the key.
  const { signatures } = await session.client.call('agreement', { params: { agreement } });
  const rows = (answer.jws?.signatures ?? []).map(({ protected: head }) => {
    const { kid, alg, typ } = readHeader(head);
    return { kid, alg, typ, by: signatures.find(({ thumbprint }) => thumbprint === kid) };
  });
  const columns: readonly Column<(typeof rows)[number]>[] = [
    { head: both('时间', 'at'), of: ({ by }) => time(by?.at) },
    { head: both('签署方', 'signed by'), of: ({ by }) => by?.party },
    { head: both('名称', 'name'), of: ({ by }) => by?.name },
    { head: both('密钥指纹', 'thumbprint'), of: ({ kid }) => kid },
    { head: both('算法', 'algorithm'), of: ({ alg }) => alg },
    { head: both('文档类型', 'document'), of: ({ typ }) => typ },
  ];
  return { json: answer, text: list(columns, { items: rows }, input.context.locale) };
}

/** Compares the anchors kept here with what the platform shows now. */
async function anchors(input: Input): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  const directory = partyDirectory(input.text('dir'), session.profile);
  const file = path.join(directory, partyFiles.policy);
  const kept = (await readBytes(file, 262_144)).toString('utf8');
  const keys = await loadPartyKeys(directory);
  const now = formatAnchors({ sha256 }, anchorsOf(await fetchOffered(session, agreement), keys));
  const same = kept === now;
  const { locale } = input.context;
  const words = same
    ? both('信任锚与平台现在出示的文档一致。', 'The anchors agree with the document the platform shows.')
    : both(
        '信任锚与平台现在出示的文档不一致：以本地文件为准，并联系平台方。',
        'The anchors differ from the document the platform shows: keep your file and ask party A.',
      );
  return { json: { agreement, file, same }, text: `${words[locale]}\n${kept}`, exitCode: same ? 0 : 1 };
}

const dir = {
  type: 'string',
  value: 'DIR',
  summary: both('密钥目录（默认为配置档所记）', 'directory of the keys (default: the one of the profile)'),
} as const;
const output = { type: 'string', value: 'FILE', summary: both('写入文件', 'write to a file') } as const;

export const agreementCommands: readonly Command[] = [
  {
    name: 'agreement list',
    summary: both('协议列表', 'agreements'),
    examples: ['agreement list'],
    uses: ['agreements'],
    run: agreements,
  },
  {
    name: 'agreement show',
    summary: both('协议状态与签名', 'state and signatures of an agreement'),
    options: agreementOption,
    examples: ['agreement show', 'agreement show --agreement acme'],
    uses: ['agreement'],
    run: show,
  },
  {
    name: 'agreement draft',
    summary: both('起草协议（标准版本）', 'draft an agreement (standard edition)'),
    arguments: [{ name: 'PARTY', summary: both('设备方标识', 'id of the device party') }],
    options: {
      param: {
        type: 'string',
        multiple: true,
        value: 'ROW.NAME=VALUE',
        summary: both('改变一个参数', 'set a parameter'),
      },
      params: { type: 'string', value: 'FILE', summary: both('含参数的 JSON 文件', 'JSON file with parameters') },
    },
    examples: ['agreement draft acme', 'agreement draft acme --param B2.2.4.window=1'],
    uses: ['draftAgreement'],
    run: draft,
  },
  {
    name: 'agreement text',
    summary: both(
      '平台渲染的协议文本（签署前请以 agreement sign 在本地渲染）',
      'the text as the platform renders it (before signing, agreement sign renders it here)',
    ),
    options: {
      ...agreementOption,
      format: { type: 'string', value: 'html|md', summary: both('格式（默认 md）', 'form (default: md)') },
      output,
    },
    examples: ['agreement text --lang zh --format html --output agreement.html'],
    uses: ['agreementText'],
    run: showText,
  },
  {
    name: 'agreement document',
    summary: both(
      '待签文档的规范字节及本地计算的摘要',
      'the canonical bytes to be signed, and their digest computed here',
    ),
    options: { ...agreementOption, output },
    examples: ['agreement document --output agreement.json'],
    uses: ['agreementDocument'],
    run: showDocument,
  },
  {
    name: 'agreement diff',
    summary: both('与标准版本的差异', 'departures from the standard edition'),
    options: agreementOption,
    examples: ['agreement diff'],
    uses: ['agreementDocument'],
    run: diff,
  },
  {
    name: 'agreement signatures',
    summary: both('签名', 'signatures'),
    options: agreementOption,
    examples: ['agreement signatures --json'],
    uses: ['agreementSignatures', 'agreement'],
    run: showSignatures,
  },
  {
    name: 'agreement anchors',
    summary: both(
      '设备方：比较本地信任锚与平台所示',
      'device party: compare the trust anchors kept here with what the platform shows',
    ),
    options: { ...agreementOption, dir },
    examples: ['agreement anchors --dir ./acme-keys'],
    uses: ['agreementDocument'],
    run: anchors,
  },
];
