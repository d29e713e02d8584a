import path from 'node:path';
import { formatAnchors, sha256 } from '@pactgate/proof';
import { documentTypes, type Locale } from '@pactgate/protocol';
import { agreementOption, type Command, type Input, withAgreement } from '../command.ts';
import { Failure } from '../failure.ts';
import { writePrivate } from '../files.ts';
import { both } from '../language.ts';
import { type AnchorCheck, anchorsOf, checkAnchors, type OfferedDocument, renderPages } from '../offered.ts';
import { fields, type Output } from '../output.ts';
import { loadPartyKeys, partyDirectory, partyFiles } from '../party-keys.ts';
import { signBytes } from '../signed.ts';
import { facts } from '../vocabulary.ts';
import { differencesText, fetchOffered, summaryText } from './agreement.ts';

const named = ({ name, representative, register }: OfferedDocument['document']['partyA']): string =>
  `${name}, ${representative}, ${register.number}`;

/** Both parties, numbers and departures: what a person looks at before saying yes. */
function reading(offered: OfferedDocument, locale: Locale): string {
  const { document, digest } = offered;
  const shown = fields([
    [locale === 'zh' ? '协议' : 'agreement', document.id],
    [locale === 'zh' ? '版本' : 'edition', document.edition],
    [locale === 'zh' ? '甲方' : 'party A', named(document.partyA)],
    [locale === 'zh' ? '乙方' : 'party B', named(document.partyB)],
    ['SHA-256', digest],
  ]);
  return `${shown}\n\n${differencesText(offered, locale)}`;
}

/** A person says yes, or `--yes` does; `--digest` must be the one computed here, whoever says it. */
async function demandConsent(input: Input, { digest }: OfferedDocument): Promise<void> {
  const given = input.text('digest')?.toLowerCase();
  if (given !== undefined && given !== digest)
    throw new Failure(
      'refused',
      both(`摘要不符：此处计算为 ${digest}`, `another digest: it is ${digest} here`),
      both('请重新审阅文档；以本地计算的摘要为准。', 'Read the document again; the digest computed here counts.'),
    );
  if (input.flag('yes')) return;
  const { locale, ask } = input.context;
  const question =
    locale === 'zh' ? `同意并签署请输入摘要的前 8 位：` : 'To agree and sign, type the first 8 digits of the digest: ';
  const answer = await ask(question);
  if (answer === undefined)
    throw new Failure(
      'usage',
      both('无人可确认', 'nobody is there to confirm'),
      both(
        '请在终端运行，或加 --yes（建议同时给出 --digest）。',
        'Run it at a terminal, or give --yes (better with --digest).',
      ),
    );
  if (answer.trim().toLowerCase() !== digest.slice(0, 8)) throw new Failure('refused', both('未确认', 'not confirmed'));
}

const checksText = (checks: readonly AnchorCheck[], locale: Locale): string =>
  checks.map(({ ok, what, found }) => `${ok ? '✓' : '✗'} ${what[locale]}: ${found}`).join('\n');

async function sign(input: Input): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  const { locale, note } = input.context;
  const directory = partyDirectory(input.text('dir'), session.profile);
  const keys = await loadPartyKeys(directory);
  const offered = await fetchOffered(session, agreement);
  const checks = checkAnchors(offered, keys, session.profile.rootSha256);
  const pages = renderPages(offered);
  for (const { name, html } of pages) await writePrivate(path.join(directory, name), html);
  await writePrivate(path.join(directory, `agreement-${agreement}.json`), offered.bytes);
  note(`${reading(offered, locale)}\n\n${checksText(checks, locale)}\n`);
  for (const { name } of pages) note(path.join(directory, name));
  const bad = checks.filter(({ ok }) => !ok);
  if (bad.length > 0) {
    const why = { zh: bad.map(({ what }) => what.zh).join('；'), en: bad.map(({ what }) => what.en).join('; ') };
    throw new Failure(
      'refused',
      both(`以下各项不成立：${why.zh}`, `these do not hold: ${why.en}`),
      both('请勿签署；与平台方核对密钥与指纹。', 'Do not sign; compare keys and fingerprints with party A.'),
    );
  }
  await demandConsent(input, offered);
  // Before the signature leaves: what was signed and whom to believe must outlive everything that follows.
  const policyFile = path.join(directory, partyFiles.policy);
  await writePrivate(policyFile, formatAnchors({ sha256 }, anchorsOf(offered, keys)));
  const jws = await signBytes(offered.bytes, documentTypes.agreement, keys);
  const signed = await session.client.call('signAgreement', { params: { agreement }, body: { jws } });
  const json = {
    agreement: signed,
    digest: offered.digest,
    differences: offered.differences,
    checks: checks.map(({ what, ok, found }) => ({ check: what.en, ok, found })),
    pages: pages.map(({ name }) => path.join(directory, name)),
    policyFile,
  };
  return { json, text: `${summaryText(signed, input.context.locale)}\n${facts({ policy: policyFile }, locale)}` };
}

async function countersign(input: Input): Promise<Output> {
  const { session, agreement } = await withAgreement(input);
  const offered = await fetchOffered(session, agreement);
  input.context.note(reading(offered, input.context.locale));
  await demandConsent(input, offered);
  input.context.step(both('会签并设立签发机构', 'countersigning, making the issuing CA'));
  const body = { digest: offered.digest };
  const signed = await session.client.call('countersignAgreement', { params: { agreement }, body });
  return { json: { agreement: signed, digest: offered.digest }, text: summaryText(signed, input.context.locale) };
}

const consent = {
  yes: { type: 'boolean', short: 'y', summary: both('不再询问', 'do not ask') },
  digest: {
    type: 'string',
    value: 'HEX',
    summary: both('须等于本地计算的摘要', 'must equal the digest computed here'),
  },
} as const;

export const signCommands: readonly Command[] = [
  {
    name: 'agreement sign',
    summary: both(
      '设备方：获取、核对、本地渲染并计算摘要，用本方密钥签署，写出信任锚',
      'device party: fetch, check, render and hash here, sign with your own key, write the trust anchors',
    ),
    options: {
      ...agreementOption,
      dir: {
        type: 'string',
        value: 'DIR',
        summary: both('密钥目录（默认为配置档所记）', 'directory of the keys (default: the one of the profile)'),
      },
      ...consent,
    },
    examples: ['agreement sign', 'agreement sign --dir ./acme-keys --yes --digest HEX'],
    uses: ['agreementDocument', 'signAgreement'],
    run: sign,
  },
  {
    name: 'agreement countersign',
    summary: both('平台方：会签，协议生效', 'platform party: countersign, the agreement comes into force'),
    options: { ...agreementOption, ...consent },
    examples: ['agreement countersign --agreement acme', 'agreement countersign --agreement acme --yes --digest HEX'],
    uses: ['agreementDocument', 'countersignAgreement'],
    run: countersign,
  },
];
