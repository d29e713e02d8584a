import { isJsonObject, type JsonObject, type JsonValue, jwsPayload, parseCanonical, parseJws } from '@pactgate/proof';
import { documentTypes } from '@pactgate/protocol';
import { agreementOption, type Command, type Input, withAgreement } from '../command.ts';
import { Failure } from '../failure.ts';
import { readForeignJson, readJson } from '../files.ts';
import { both } from '../language.ts';
import { type Column, list, type Output, time, yesNo } from '../output.ts';
import { loadPartyKeys, partyDirectory } from '../party-keys.ts';
import { canonical, signBytes } from '../signed.ts';
import { facts, wordOf } from '../vocabulary.ts';

const modelArgument = [{ name: 'MODEL', summary: both('型号', 'model') }];

async function models(input: Input): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  const page = await session.client.call('models', { params: { agreement } });
  const { locale } = input.context;
  const columns: readonly Column<(typeof page.items)[number]>[] = [
    { head: both('型号', 'model'), of: ({ model }) => model },
    { head: both('状态', 'state'), of: ({ state }) => wordOf('model', state, locale) },
    { head: both('档案版本', 'file'), of: ({ fileVersion }) => fileVersion },
    { head: both('清单版本', 'manifest'), of: ({ manifestVersion }) => manifestVersion },
    { head: both('已会签', 'countersigned'), of: ({ countersigned }) => yesNo(countersigned, locale) },
    { head: both('支持终止', 'support end'), of: ({ supportEnd }) => time(supportEnd).slice(0, 10) },
    { head: both('设备数', 'devices'), of: ({ devices }) => devices },
    { head: both('缺少', 'missing'), of: ({ missing }) => missing.join(', ') },
  ];
  return { json: page, text: list(columns, page, locale) };
}

async function show(input: Input): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  const found = await session.client.call('model', { params: { agreement, model: input.arg(0) } });
  const { summary, file, manifest, sbom } = found;
  const text = [
    facts(
      {
        model: summary.model,
        state: wordOf('model', summary.state, input.context.locale),
        devices: summary.devices,
        missing: summary.missing.join(', '),
        sbom: sbom && `${sbom.format}, ${sbom.components}`,
      },
      input.context.locale,
    ),
    ...(file === undefined ? [] : [JSON.stringify(file, null, 2)]),
    ...(manifest === undefined ? [] : [JSON.stringify(manifest, null, 2)]),
  ].join('\n\n');
  return { json: found, text };
}

async function put(input: Input): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  const model = input.arg(0);
  const [file, manifest, sbom] = [input.text('file'), input.text('manifest'), input.text('sbom')];
  if (file === undefined && manifest === undefined && sbom === undefined)
    throw new Failure('usage', both('请给出 --file、--manifest 或 --sbom', 'give --file, --manifest or --sbom'));
  const keys = await loadPartyKeys(partyDirectory(input.text('dir'), session.profile));
  const digests: Record<string, string> = {};
  const signed = async (name: string, from: string, typ: (typeof documentTypes)[keyof typeof documentTypes]) => {
    const { bytes, digest } = canonical(await readJson(from));
    digests[name] = digest;
    return { [name]: await signBytes(bytes, typ, keys) };
  };
  const body = {
    ...(file === undefined ? {} : await signed('file', file, documentTypes.modelFile)),
    ...(manifest === undefined ? {} : await signed('manifest', manifest, documentTypes.manifest)),
    ...(sbom === undefined ? {} : { sbom: await readForeignJson(sbom, 8 * 1_024 * 1_024) }),
  };
  const summary = await session.client.call('putModel', { params: { agreement, model }, body });
  const { locale } = input.context;
  const text = facts(
    {
      model: summary.model,
      state: wordOf('model', summary.state, locale),
      missing: summary.missing.join(', '),
      modelFileSha256: digests['file'],
      manifestSha256: digests['manifest'],
    },
    locale,
  );
  return { json: { model: summary, digests }, text };
}

/**
 * The manifest inside an answer: the document itself, or a JWS around it. A `digest` beside its members is the server's
 * word, no part of the document (its schema is closed): the digest that counts is computed here.
 */
function manifestIn(answer: Record<string, unknown>): JsonObject {
  const { digest: _, ...value } = answer as JsonObject; // parsed from JSON
  const { payload, signatures } = value;
  if (payload === undefined || signatures === undefined) return value;
  const inner: JsonValue = parseCanonical(jwsPayload(parseJws({ payload, signatures })));
  if (isJsonObject(inner)) return inner;
  throw new Failure('refused', both('清单不是 JSON 对象', 'the manifest is no JSON object'));
}

async function activate(input: Input): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  const { locale, ask, note } = input.context;
  const model = input.arg(0);
  const found = await session.client.call('model', { params: { agreement, model } });
  if (found.manifest === undefined)
    throw new Failure('refused', both('该型号没有数据清单', 'the model has no data manifest'));
  const manifest = manifestIn(found.manifest);
  const { digest } = canonical(manifest);
  const given = input.text('digest')?.toLowerCase();
  if (given !== undefined && given !== digest)
    throw new Failure('refused', both(`摘要不符：此处计算为 ${digest}`, `another digest: it is ${digest} here`));
  if (!input.flag('yes')) {
    note(JSON.stringify(manifest, null, 2));
    const question =
      locale === 'zh'
        ? `会签该清单（${digest.slice(0, 16)}…）？输入 yes：`
        : `Countersign this manifest (${digest.slice(0, 16)}...)? Type yes: `;
    if ((await ask(question))?.trim().toLowerCase() !== 'yes')
      throw new Failure(
        'refused',
        both('未确认', 'not confirmed'),
        both('在脚本中请加 --yes 与 --digest。', 'In scripts give --yes and --digest.'),
      );
  }
  const json = await session.client.call('activateModel', {
    params: { agreement, model },
    body: { manifestDigest: digest },
  });
  return {
    json: { model: json, manifestDigest: digest },
    text: facts(
      { model: json.model, state: wordOf('model', json.state, locale), manifestSha256: digest },
      input.context.locale,
    ),
  };
}

export const modelCommands: readonly Command[] = [
  {
    name: 'model list',
    summary: both('设备型号', 'device models'),
    options: agreementOption,
    examples: ['model list'],
    uses: ['models'],
    run: models,
  },
  {
    name: 'model show',
    summary: both('型号的档案与数据清单', 'file and data manifest of a model'),
    arguments: modelArgument,
    options: agreementOption,
    examples: ['model show pump-2'],
    uses: ['model'],
    run: show,
  },
  {
    name: 'model put',
    summary: both(
      '设备方：签名并提交安全档案、数据清单、物料清单',
      'device party: sign and submit security file, data manifest, SBOM',
    ),
    arguments: modelArgument,
    options: {
      ...agreementOption,
      file: { type: 'string', value: 'FILE', summary: both('安全档案（JSON）', 'security file (JSON)') },
      manifest: { type: 'string', value: 'FILE', summary: both('数据清单（JSON）', 'data manifest (JSON)') },
      sbom: { type: 'string', value: 'FILE', summary: both('物料清单（CycloneDX JSON）', 'SBOM (CycloneDX JSON)') },
      dir: { type: 'string', value: 'DIR', summary: both('密钥目录', 'directory of the keys') },
    },
    examples: ['model put pump-2 --file pump-2.json --manifest pump-2.manifest.json --sbom bom.json'],
    uses: ['putModel'],
    run: put,
  },
  {
    name: 'model activate',
    summary: both('平台方：会签数据清单并激活型号', 'platform party: countersign the manifest and activate the model'),
    arguments: modelArgument,
    options: {
      ...agreementOption,
      yes: { type: 'boolean', short: 'y', summary: both('不再询问', 'do not ask') },
      digest: {
        type: 'string',
        value: 'HEX',
        summary: both('须等于本地计算的清单摘要', 'must equal the manifest digest computed here'),
      },
    },
    examples: ['model activate pump-2 --agreement acme', 'model activate pump-2 --agreement acme --yes'],
    uses: ['model', 'activateModel'],
    run: activate,
  },
];
