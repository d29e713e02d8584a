import { isRole, type Role, roleNames } from '@pactgate/protocol';
import type { Command, Input } from '../command.ts';
import { Failure } from '../failure.ts';
import { readSecret } from '../files.ts';
import { fetchRoot } from '../https.ts';
import { both } from '../language.ts';
import { type Column, list, type Output, time, yesNo } from '../output.ts';
import { readLink } from '../profile.ts';
import { openSession, type Session } from '../session.ts';
import { facts, roleInWords, wordOf } from '../vocabulary.ts';
import { rootOf } from './login.ts';

function roleOf(input: Input): Role | undefined {
  const text = input.text('role');
  if (text === undefined || isRole(text)) return text;
  throw new Failure(
    'usage',
    both(`没有角色 ${text}`, `there is no role ${text}`),
    both(roleNames.join('、'), `Roles: ${roleNames.join(', ')}`),
  );
}

/** Work with the holder of a one-time link, who has no profile yet. */
async function withLink<T>(input: Input, work: (session: Session, token: string) => Promise<T>): Promise<T> {
  const link = readLink(input.text('link') ?? input.args[0] ?? input.demand('link'));
  const rootSha256 = rootOf(input, link);
  const profile = {
    v: 1,
    server: link.server.origin,
    rootSha256,
    rootPem: await fetchRoot(link.server, rootSha256),
  } as const;
  const session = openSession({ profile, locale: input.context.locale, signal: input.context.signal });
  try {
    return await work(session, link.token);
  } finally {
    session.close();
  }
}

const shownLink = (
  made: { readonly link: string; readonly expiresAt: number; readonly mailed: boolean },
  input: Input,
): Output => ({
  json: made,
  text: facts(
    { link: made.link, expires: time(made.expiresAt), mailed: yesNo(made.mailed, input.context.locale) },
    input.context.locale,
  ),
});

async function people(input: Input): Promise<Output> {
  const session = await input.context.session();
  const { locale } = input.context;
  const page = await session.client.call('people', {});
  const columns: readonly Column<(typeof page.items)[number]>[] = [
    { head: both('编号', 'id'), of: ({ id }) => id },
    { head: both('姓名', 'name'), of: ({ name }) => name },
    { head: both('邮箱', 'email'), of: ({ email }) => email },
    { head: both('角色', 'role'), of: ({ role }) => roleInWords(role, locale) },
    { head: both('第二因素', 'second factor'), of: ({ secondFactor }) => yesNo(secondFactor, locale) },
    { head: both('创建时间', 'created'), of: ({ createdAt }) => time(createdAt) },
  ];
  return { json: page, text: list(columns, page, locale) };
}

async function invite(input: Input): Promise<Output> {
  const session = await input.context.session();
  const role = roleOf(input);
  if (role === undefined) throw new Failure('usage', both('缺少 --role', '--role is missing'));
  const email = input.text('email');
  const made = await session.client.call('invitePerson', { body: { role, ...(email === undefined ? {} : { email }) } });
  return shownLink(made, input);
}

async function tokens(input: Input): Promise<Output> {
  const session = await input.context.session();
  const { locale } = input.context;
  const page = await session.client.call('tokens', {});
  const columns: readonly Column<(typeof page.items)[number]>[] = [
    { head: both('编号', 'id'), of: ({ id }) => id },
    { head: both('名称', 'name'), of: ({ name }) => name },
    { head: both('角色', 'role'), of: ({ role }) => roleInWords(role, locale) },
    { head: both('有效至', 'expires'), of: ({ expiresAt }) => time(expiresAt) },
    { head: both('最近使用', 'last used'), of: ({ lastUsedAt }) => time(lastUsedAt) },
  ];
  return { json: page, text: list(columns, page, locale) };
}

async function createToken(input: Input): Promise<Output> {
  const session = await input.context.session();
  const role = roleOf(input);
  const days = input.whole('days', 1, 365) ?? 90;
  const made = await session.client.call('createToken', {
    body: { name: input.arg(0), days, ...(role === undefined ? {} : { role }) },
  });
  const shown = facts(
    {
      id: made.token.id,
      role: roleInWords(made.token.role, input.context.locale),
      expires: time(made.token.expiresAt),
      secret: made.secret,
    },
    input.context.locale,
  );
  const once = input.context.locale === 'zh' ? '令牌只显示这一次。' : 'The secret is shown only this once.';
  return { json: made, text: `${shown}\n${once}` };
}

const link = { type: 'string', value: 'URL', required: true, summary: both('一次性链接', 'one-time link') } as const;
const passwordFile = {
  type: 'string',
  value: 'FILE',
  required: true,
  summary: both('含新密码的文件（- 为标准输入）', 'file with the new password (-: stdin)'),
} as const;
const role = {
  type: 'string',
  value: 'ROLE',
  summary: both('角色，如 a.operator、b.engineer', 'role, such as a.operator, b.engineer'),
} as const;
const person = [{ name: 'PERSON', summary: both('人员编号', 'id of the person') }];

export const peopleCommands: readonly Command[] = [
  {
    name: 'people list',
    summary: both('本方人员', 'people of your party'),
    examples: ['people list'],
    uses: ['people'],
    run: people,
  },
  {
    name: 'people invite',
    summary: both('邀请人员', 'invite a person'),
    options: {
      role: { ...role, required: true },
      email: {
        type: 'string',
        value: 'EMAIL',
        summary: both('邮箱；配置邮件后自动发送', 'e-mail address; the link is mailed when mail is configured'),
      },
    },
    examples: ['people invite --role a.auditor --email wang@example.com'],
    uses: ['invitePerson'],
    run: invite,
  },
  {
    name: 'people remove',
    summary: both('移除人员', 'remove a person'),
    arguments: person,
    examples: ['people remove PERSON'],
    uses: ['removePerson'],
    run: async (input) => {
      const session = await input.context.session();
      const json = await session.client.call('removePerson', { params: { person: input.arg(0) } });
      return { json, text: yesNo(json.removed, input.context.locale) };
    },
  },
  {
    name: 'people recover',
    summary: both('为人员签发恢复链接', 'issue a recovery link for a person'),
    arguments: person,
    examples: ['people recover PERSON'],
    uses: ['recoverPerson'],
    run: async (input) => {
      const session = await input.context.session();
      return shownLink(await session.client.call('recoverPerson', { params: { person: input.arg(0) } }), input);
    },
  },
  {
    name: 'people join',
    summary: both('接受人员邀请', 'accept an invitation as a person'),
    options: {
      link,
      name: { type: 'string', value: 'NAME', required: true, summary: both('姓名', 'name') },
      email: { type: 'string', value: 'EMAIL', required: true, summary: both('邮箱', 'e-mail address') },
      'password-file': passwordFile,
    },
    examples: [
      "people join --link 'https://localhost:8443/join?token=...' --root-sha256 HEX --name Wang --email wang@example.com --password-file -",
    ],
    uses: ['acceptPerson'],
    run: (input) =>
      withLink(input, async ({ client }, token) => {
        const body = {
          name: input.demand('name'),
          email: input.demand('email'),
          password: await readSecret(input.demand('password-file')),
        };
        const json = await client.call('acceptPerson', { params: { token }, body });
        return { json, text: facts({ person: json.person }, input.context.locale) };
      }),
  },
  {
    name: 'people reset',
    summary: both('用恢复链接设置新密码', 'set a new password with a recovery link'),
    options: { link, 'password-file': passwordFile },
    examples: ["people reset --link 'https://localhost:8443/recover?token=...' --root-sha256 HEX --password-file -"],
    uses: ['acceptRecovery'],
    run: (input) =>
      withLink(input, async ({ client }, token) => {
        const body = { password: await readSecret(input.demand('password-file')) };
        const json = await client.call('acceptRecovery', { params: { token }, body });
        return { json, text: facts({ person: json.person }, input.context.locale) };
      }),
  },
  {
    name: 'invitation show',
    summary: both('查看邀请链接', 'look at an invitation without using it'),
    arguments: [
      {
        name: 'LINK',
        optional: true,
        summary: both('完整的邀请链接（加引号），或用 --link', 'the whole link in quotes, or --link'),
      },
    ],
    options: { link: { ...link, required: false } },
    examples: [
      "invitation show 'https://localhost:8443/join#token=...&root=HEX'",
      "invitation show --link 'https://localhost:8443/join#token=...&root=HEX'",
    ],
    uses: ['invitation'],
    run: (input) =>
      withLink(input, async ({ client }, token) => {
        const json = await client.call('invitation', { params: { token } });
        const text = facts(
          {
            kind: wordOf('invitation', json.kind, input.context.locale),
            party: `${json.partyName} (${json.party})`,
            role: roleInWords(json.role, input.context.locale),
            expires: time(json.expiresAt),
          },
          input.context.locale,
        );
        return { json, text };
      }),
  },
  {
    name: 'token list',
    summary: both('API 令牌', 'API tokens'),
    examples: ['token list'],
    uses: ['tokens'],
    run: tokens,
  },
  {
    name: 'token create',
    summary: both('创建 API 令牌', 'create an API token'),
    arguments: [{ name: 'NAME', summary: both('用途', 'what it is for') }],
    options: {
      days: { type: 'string', value: 'N', summary: both('有效天数（默认 90）', 'life in days (default 90)') },
      role,
    },
    examples: ['token create ci --days 30 --role b.engineer'],
    uses: ['createToken'],
    run: createToken,
  },
  {
    name: 'token revoke',
    summary: both('吊销 API 令牌', 'revoke an API token'),
    arguments: [{ name: 'TOKEN', summary: both('令牌编号', 'id of the token') }],
    examples: ['token revoke ID'],
    uses: ['revokeToken'],
    run: async (input) => {
      const session = await input.context.session();
      const json = await session.client.call('revokeToken', { params: { token: input.arg(0) } });
      return { json, text: yesNo(json.revoked, input.context.locale) };
    },
  },
];
