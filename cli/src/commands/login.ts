import { hostname, userInfo } from 'node:os';
import type { Locale } from '@pactgate/protocol';
import type { Command, Input } from '../command.ts';
import { Failure } from '../failure.ts';
import { readSecret } from '../files.ts';
import { fetchBounded, fetchRoot } from '../https.ts';
import { both } from '../language.ts';
import { type Column, list, type Output, time, yesNo } from '../output.ts';
import {
  type OneTimeLink,
  type Profile,
  profileFile,
  readFingerprint,
  readLink,
  readProfile,
  readServer,
  writeProfile,
} from '../profile.ts';
import { openSession, type Session } from '../session.ts';
import { facts, reasonInWords, roleInWords, wordOf } from '../vocabulary.ts';

/** Fingerprint that a link is trusted with: named by the link, by the option, or both and then the same. */
export function rootOf(input: Input, link: OneTimeLink): string {
  const given = input.text('root-sha256');
  const pinned = given === undefined ? undefined : readFingerprint(given);
  if (pinned !== undefined && link.root !== undefined && pinned !== link.root)
    throw new Failure(
      'refused',
      both('链接中的根指纹与 --root-sha256 不同', 'the link names another root than --root-sha256'),
    );
  const root = pinned ?? link.root;
  if (root === undefined)
    throw new Failure(
      'usage',
      both('链接未带根指纹，请给出 --root-sha256', 'the link names no root: give --root-sha256'),
      both(
        '指纹由平台启动时显示；请以其他途径核对。',
        'The platform shows it when it starts; compare it by another way.',
      ),
    );
  return root;
}

export const fileOf = (input: Input): string =>
  profileFile(input.text('profile'), input.text('profile-dir'), input.context.environment);

/** Refuses to overwrite the profile of another platform. */
export async function demandFreeProfile(input: Input, server: string): Promise<void> {
  const known = await readProfile(fileOf(input));
  if (known === undefined || known.server === server || input.flag('force')) return;
  throw new Failure(
    'refused',
    both(`配置档属于 ${known.server}`, `the profile belongs to ${known.server}`),
    both(
      '请用 --profile 另起名称，或加 --force 覆盖。',
      'Choose another name with --profile, or overwrite with --force.',
    ),
  );
}

const tokenName = (): string =>
  `cli ${userInfo().username}@${hostname()}`.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 100);

/** Follows a sign-in link and makes an API token with the session it gives. */
async function tokenByLink(input: Input, link: OneTimeLink, profile: Profile): Promise<string> {
  const url = new URL(`/signin?token=${encodeURIComponent(link.token)}`, profile.server);
  const { signal, locale } = input.context;
  const answer = await fetchBounded({ method: 'GET', url, ca: profile.rootPem, timeout: 30_000, most: 65_536, signal });
  const cookie = answer.cookies.map((line) => line.split(';', 1)[0] ?? '').join('; ');
  if (cookie === '' || answer.status >= 400)
    throw new Failure(
      'refused',
      both('登录链接已使用、已过期或无效', 'the link was used, has expired or is none'),
      both('请重新申请链接。', 'Ask for a new link.'),
    );
  const session = openSession({ profile, locale, signal, cookie });
  try {
    const days = input.whole('days', 1, 365) ?? 30;
    const made = await session.client.call('createToken', { body: { name: tokenName(), days } });
    return made.secret;
  } finally {
    session.close();
  }
}

async function givenToken(input: Input): Promise<string> {
  const file = input.text('token-file');
  if (file !== undefined) return readSecret(file);
  return input.demand('token');
}

/** Who the token says we are, for the profile and for the person. */
async function describe(
  session: Session,
  locale: Locale,
): Promise<{ readonly profile: Profile; readonly output: Output }> {
  const me = await session.client.call('me', {});
  const [only, ...others] = me.agreements;
  const own = me.role.startsWith('b.') && only !== undefined && others.length === 0 ? { agreement: only } : {};
  const profile: Profile = { ...session.profile, party: me.party, role: me.role, ...own };
  const text = facts(
    {
      server: session.profile.server,
      party: me.party,
      role: roleInWords(me.role, locale),
      name: me.name,
      agreements: me.agreements.join(', '),
    },
    locale,
  );
  return { profile, output: { json: { server: session.profile.server, ...me }, text } };
}

async function login(input: Input): Promise<Output> {
  const linkText = input.text('link');
  const link = linkText === undefined ? undefined : readLink(linkText);
  const server = link?.server ?? readServer(input.demand('server'));
  await demandFreeProfile(input, server.origin);
  const rootSha256 = link === undefined ? readFingerprint(input.demand('root-sha256')) : rootOf(input, link);
  const bare: Profile = { v: 1, server: server.origin, rootSha256, rootPem: await fetchRoot(server, rootSha256) };
  const token = link === undefined ? await givenToken(input) : await tokenByLink(input, link, bare);
  const { locale, signal } = input.context;
  const session = openSession({ profile: { ...bare, token }, locale, signal });
  try {
    const { profile, output } = await describe(session, input.context.locale);
    const known = await readProfile(fileOf(input));
    const kept = known?.directory !== undefined && known.party === profile.party ? { directory: known.directory } : {};
    await writeProfile(fileOf(input), { ...profile, ...kept });
    return output;
  } finally {
    session.close();
  }
}

async function setUp(input: Input): Promise<Output> {
  const link = readLink(input.demand('link'));
  const rootSha256 = rootOf(input, link);
  const { locale, signal } = input.context;
  const profile: Profile = {
    v: 1,
    server: link.server.origin,
    rootSha256,
    rootPem: await fetchRoot(link.server, rootSha256),
  };
  const session = openSession({ profile, locale, signal });
  try {
    const body = {
      token: link.token,
      name: input.demand('name'),
      email: input.demand('email'),
      password: await readSecret(input.demand('password-file')),
    };
    const made = await session.client.call('setUp', { body });
    const done =
      locale === 'zh'
        ? '管理员已创建；请在控制台登录并设置一次性验证码。'
        : 'Administrator created; sign in at the console and set up a second factor.';
    return { json: made, text: done };
  } finally {
    session.close();
  }
}

async function whoami(input: Input): Promise<Output> {
  const session = await input.context.session();
  const { output } = await describe(session, input.context.locale);
  return output;
}

async function platform(input: Input): Promise<Output> {
  const session = await input.context.session();
  const about = await session.client.call('platform', {});
  const { rootPem: _, ...shown } = about;
  const { locale } = input.context;
  const [setupNeeded, mail] = [yesNo(shown.setupNeeded, locale), yesNo(shown.mail, locale)];
  const text = facts({ ...shown, setupNeeded, mail }, locale);
  return { json: about, text };
}

const link = {
  type: 'string',
  value: 'URL',
  summary: both(
    '一次性链接（#root= 或 --root-sha256 给出根指纹）',
    'one-time link (root named by #root= or --root-sha256)',
  ),
} as const;

export const loginCommands: readonly Command[] = [
  {
    name: 'login',
    summary: both('登录并保存配置档', 'sign in and keep a profile'),
    options: {
      link,
      token: {
        type: 'string',
        value: 'TOKEN',
        summary: both(
          'API 令牌（会留在命令历史中，宜用 --token-file）',
          'API token (stays in the shell history: prefer --token-file)',
        ),
      },
      days: {
        type: 'string',
        value: 'N',
        summary: both(
          '用链接登录时令牌的有效天数（默认 30）',
          'life of the token made with a link, in days (default 30)',
        ),
      },
      force: { type: 'boolean', summary: both('覆盖其他平台的配置档', 'overwrite the profile of another platform') },
    },
    examples: [
      "login --link 'https://localhost:8443/signin?token=...' --root-sha256 HEX",
      'login --server https://localhost:8443 --root-sha256 HEX --token-file token.txt',
    ],
    uses: ['platform', 'createToken', 'me'],
    run: login,
  },
  {
    name: 'setup',
    summary: both('用首次启动的链接创建首位管理员', 'create the first administrator with the link of the first start'),
    options: {
      link: { ...link, required: true },
      name: { type: 'string', value: 'NAME', required: true, summary: both('姓名', 'name') },
      email: { type: 'string', value: 'EMAIL', required: true, summary: both('邮箱', 'e-mail address') },
      'password-file': {
        type: 'string',
        value: 'FILE',
        required: true,
        summary: both('含密码的文件（- 为标准输入）', 'file with the password (-: stdin)'),
      },
    },
    examples: [
      "setup --link 'https://localhost:8443/setup?token=...' --root-sha256 HEX --name Li --email li@example.com --password-file -",
    ],
    uses: ['setUp'],
    run: setUp,
  },
  {
    name: 'whoami',
    summary: both('显示当前身份', 'show who the token says you are'),
    examples: ['whoami', 'whoami --json'],
    uses: ['me'],
    run: whoami,
  },
  {
    name: 'platform show',
    summary: both('平台概况', 'about the platform'),
    examples: ['platform show'],
    uses: ['platform'],
    run: platform,
  },
  {
    name: 'platform events',
    summary: both('平台日志中的事件', 'events of the platform log'),
    options: {
      limit: { type: 'string', value: 'N', summary: both('最多条数', 'at most so many') },
      after: { type: 'string', value: 'CURSOR', summary: both('从上次的位置继续', 'go on where the last page ended') },
      kind: { type: 'string', value: 'KIND', summary: both('只看一种事件', 'one kind only') },
    },
    examples: ['platform events --kind session.reject --limit 20'],
    uses: ['platformEvents'],
    run: platformEvents,
  },
];

async function platformEvents(input: Input): Promise<Output> {
  const session = await input.context.session();
  const [limit, after, kind] = [input.whole('limit', 1, 500), input.text('after'), input.text('kind')];
  const query = {
    ...(limit === undefined ? {} : { limit }),
    ...(after === undefined ? {} : { after }),
    ...(kind === undefined ? {} : { kind }),
  };
  const page = await session.client.call('platformEvents', { query });
  const { locale } = input.context;
  const columns: readonly Column<Readonly<Record<string, unknown>>>[] = [
    { head: both('时间', 'at'), of: ({ at }) => time(typeof at === 'number' ? at : undefined) },
    { head: both('类别', 'kind'), of: (item) => textOf(item['kind']) },
    { head: both('结果', 'outcome'), of: ({ outcome }) => wordOf('outcome', textOf(outcome), locale) },
    { head: both('问题', 'problem'), of: ({ body }) => reasonInWords(textOf(bodyOf(body)['code']), locale) },
    { head: both('内容', 'content'), of: ({ body }) => contentOf(bodyOf(body)) },
  ];
  return { json: page, text: list(columns, page, locale) };
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const bodyOf = (body: unknown): Readonly<Record<string, unknown>> =>
  typeof body === 'object' && body !== null ? { ...body } : {};

/** Members of a body that are not its content: digests of concealed ones, and the problem, which has its own column. */
const apart: ReadonlySet<string> = new Set(['_sd', 'code']);
const contentOf = (body: Readonly<Record<string, unknown>>): string =>
  Object.entries(body)
    .filter(([name]) => !apart.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
