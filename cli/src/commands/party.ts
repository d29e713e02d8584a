import path from 'node:path';
import type { Command, Input, OptionSpecs } from '../command.ts';
import { Failure } from '../failure.ts';
import { readJson } from '../files.ts';
import { fetchRoot } from '../https.ts';
import { both } from '../language.ts';
import { type Column, list, type Output, time, yesNo } from '../output.ts';
import { makePartyKeys } from '../party-keys.ts';
import { type Profile, readLink, writeProfile } from '../profile.ts';
import { openSession } from '../session.ts';
import { facts, wordOf } from '../vocabulary.ts';
import { demandFreeProfile, fileOf, rootOf } from './login.ts';

const particularsOptions: OptionSpecs = {
  file: { type: 'string', value: 'FILE', summary: both('含全部信息的 JSON 文件', 'JSON file with all particulars') },
  name: { type: 'string', value: 'NAME', summary: both('名称', 'name') },
  representative: { type: 'string', value: 'NAME', summary: both('法定代表人', 'representative') },
  address: { type: 'string', value: 'TEXT', summary: both('地址', 'address') },
  uscc: { type: 'string', value: 'CODE', summary: both('统一社会信用代码', 'unified social credit code') },
  register: { type: 'string', value: 'NAME', summary: both('其他登记机关名称', 'name of another register') },
  number: { type: 'string', value: 'TEXT', summary: both('在该登记机关的编号', 'number in that register') },
  email: { type: 'string', value: 'EMAIL', summary: both('联系邮箱', 'contact e-mail address') },
};

interface Particulars {
  readonly name: string;
  readonly representative: string;
  readonly address: string;
  readonly register: { kind: 'uscc'; number: string } | { kind: 'other'; registerName: string; number: string };
  readonly contactEmail: string;
}

/** A party's particulars from a file or from the options. What they must be, the platform checks. */
async function particularsOf(input: Input): Promise<Particulars> {
  const file = input.text('file');
  // The server parses it by its closed schema and names what is wrong.
  if (file !== undefined) return (await readJson(file)) as unknown as Particulars;
  const uscc = input.text('uscc');
  const register =
    uscc === undefined
      ? ({ kind: 'other', registerName: input.demand('register'), number: input.demand('number') } as const)
      : ({ kind: 'uscc', number: uscc } as const);
  return {
    name: input.demand('name'),
    representative: input.demand('representative'),
    address: input.demand('address'),
    register,
    contactEmail: input.demand('email'),
  };
}

async function parties(input: Input): Promise<Output> {
  const session = await input.context.session();
  const { locale } = input.context;
  const page = await session.client.call('parties', {});
  const columns: readonly Column<(typeof page.items)[number]>[] = [
    { head: both('标识', 'id'), of: ({ id }) => id },
    { head: both('名称', 'name'), of: ({ particulars }) => particulars.name },
    { head: both('登记号', 'number'), of: ({ particulars }) => particulars.register.number },
    { head: both('协议', 'agreement'), of: ({ agreement }) => agreement },
    { head: both('状态', 'state'), of: ({ state }) => wordOf('agreement', state, locale) },
    { head: both('设备数', 'devices'), of: ({ devices }) => devices },
  ];
  return { json: page, text: list(columns, page, locale) };
}

/** B's side of an invitation: keys made here, their public halves registered there, a token and a profile kept here. */
async function join(input: Input): Promise<Output> {
  const { locale, signal, step } = input.context;
  const link = readLink(input.demand('invite'));
  const directory = path.resolve(input.demand('dir'));
  await demandFreeProfile(input, link.server.origin);
  const rootSha256 = rootOf(input, link);
  const bare: Profile = {
    v: 1,
    server: link.server.origin,
    rootSha256,
    rootPem: await fetchRoot(link.server, rootSha256),
    directory,
  };
  const session = openSession({ profile: bare, locale, signal });
  try {
    const invitation = await session.client.call('invitation', { params: { token: link.token } });
    if (invitation.kind !== 'party')
      throw new Failure(
        'refused',
        both('该链接不是设备方邀请', 'the link is no invitation of a device party'),
        both('人员邀请请用 pactgate people join。', 'For a person use pactgate people join.'),
      );
    step(both('生成密钥', 'making keys'));
    const keys = await makePartyKeys(directory, `${invitation.party}.${link.server.hostname}/witness`);
    const email = input.text('email');
    const body = {
      key: { ...keys.jwk },
      witnessKey: keys.vkey,
      ...(email === undefined ? {} : { contactEmail: email }),
    };
    const { token, agreement } = await session.client.call('acceptParty', { params: { token: link.token }, body });
    await writeProfile(fileOf(input), {
      ...bare,
      token,
      party: invitation.party,
      role: 'b.admin',
      agreement: agreement.id,
    });
    const json = {
      party: invitation.party,
      agreement,
      thumbprint: keys.thumbprint,
      witnessKey: keys.vkey,
      directory,
      profile: fileOf(input),
    };
    return { json, text: joined(json, locale) };
  } finally {
    session.close();
  }
}

function joined(
  {
    party,
    agreement,
    thumbprint,
    witnessKey,
    directory,
  }: {
    readonly party: string;
    readonly agreement: { readonly id: string; readonly state: string };
    readonly thumbprint: string;
    readonly witnessKey: string;
    readonly directory: string;
  },
  locale: 'zh' | 'en',
): string {
  const shown = facts(
    {
      party,
      agreement: `${agreement.id} (${wordOf('agreement', agreement.state, locale)})`,
      thumbprint,
      witness: witnessKey,
      keys: directory,
    },
    locale,
  );
  const next =
    locale === 'zh'
      ? '请以其他途径与平台方核对指纹；下一步：pactgate agreement sign'
      : 'Compare the thumbprint with party A by another way; next: pactgate agreement sign';
  return `${shown}\n${next}`;
}

const party = [
  { name: 'PARTY', summary: both('设备方标识（小写字母、数字、-）', 'id of the device party (lower case, digits, -)') },
];

export const partyCommands: readonly Command[] = [
  {
    name: 'platform set',
    summary: both('填写平台方信息', "set party A's particulars"),
    options: particularsOptions,
    examples: [
      'platform set --file platform.json',
      'platform set --name "Example IoT" --representative Li --address "1 Road" --uscc 91350100M000100Y43 --email a@example.com',
    ],
    uses: ['setPlatformParticulars'],
    run: async (input) => {
      const session = await input.context.session();
      const json = await session.client.call('setPlatformParticulars', { body: await particularsOf(input) });
      return { json, text: yesNo(json.saved, input.context.locale) };
    },
  },
  { name: 'party list', summary: both('当事方', 'parties'), examples: ['party list'], uses: ['parties'], run: parties },
  {
    name: 'party add',
    summary: both('登记设备方', 'register a device party'),
    arguments: party,
    options: particularsOptions,
    examples: [
      'party add acme --name "Acme Pumps" --representative Zhang --address "2 Road" --uscc 91350100M000100Y43 --email b@example.com',
      'party add acme --file acme.json',
    ],
    uses: ['createParty'],
    run: async (input) => {
      const session = await input.context.session();
      const json = await session.client.call('createParty', {
        body: { id: input.arg(0), particulars: await particularsOf(input) },
      });
      return { json, text: facts({ party: json.id }, input.context.locale) };
    },
  },
  {
    name: 'party invite',
    summary: both('邀请设备方（先起草协议）', 'invite a device party (draft its agreement first)'),
    arguments: party,
    options: { email: { type: 'string', value: 'EMAIL', summary: both('邮箱', 'e-mail address') } },
    examples: ['party invite acme', 'party invite acme --email b@example.com'],
    uses: ['inviteParty'],
    run: invite,
  },
  {
    name: 'party join',
    summary: both(
      '设备方：接受邀请，在本地生成签名与见证密钥',
      'device party: accept an invitation, making signing and witness keys here',
    ),
    options: {
      invite: { type: 'string', value: 'LINK', required: true, summary: both('邀请链接', 'link of the invitation') },
      dir: {
        type: 'string',
        value: 'DIR',
        required: true,
        summary: both('密钥目录（0600，私钥不出此处）', 'directory of the keys (0600; private keys never leave it)'),
      },
      email: { type: 'string', value: 'EMAIL', summary: both('联系邮箱', 'contact e-mail address') },
      force: { type: 'boolean', summary: both('覆盖其他平台的配置档', 'overwrite the profile of another platform') },
    },
    examples: ["party join --invite 'https://localhost:8443/join#token=...&root=HEX' --dir ./acme-keys"],
    uses: ['invitation', 'acceptParty'],
    run: join,
  },
];

async function invite(input: Input): Promise<Output> {
  const session = await input.context.session();
  const email = input.text('email');
  const made = await session.client.call('inviteParty', {
    params: { party: input.arg(0) },
    body: email === undefined ? {} : { email },
  });
  const { locale } = input.context;
  const link = withRoot(made.link, session.profile.rootSha256);
  const text = facts(
    {
      link,
      expires: time(made.expiresAt),
      mailed: yesNo(made.mailed, locale),
      rootSha256: session.profile.rootSha256,
    },
    locale,
  );
  return { json: { ...made, link, rootSha256: session.profile.rootSha256 }, text };
}

/** The link with the root's fingerprint in its fragment, where servers never see it and `party join` finds it. */
function withRoot(link: string, sha256: string): string {
  const url = URL.parse(link);
  if (url === null) return link;
  const words = new URLSearchParams(url.hash.slice(1));
  if (!words.has('root')) words.set('root', sha256);
  url.hash = words.toString();
  return url.href;
}
