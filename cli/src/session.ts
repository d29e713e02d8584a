import type { Agent } from 'node:https';
import type { Locale } from '@pactgate/protocol';
import { type Client, makeClient } from '@pactgate/protocol/api';
import { Failure } from './failure.ts';
import { fetchBounded, type HttpAnswer, keepAlive } from './https.ts';
import { both } from './language.ts';
import type { Profile } from './profile.ts';

/** A platform, its root pinned, and whoever the token says we are. */
export interface Session {
  readonly profile: Profile;
  readonly client: Client;
  /** Any other resource of the same server, such as the tiles of a log; a path with its query. */
  get(path: string, most: number): Promise<HttpAnswer>;
  /** Id of the agreement a command is about: named by id or party, of the profile, or the only one there is. */
  agreement(wanted: string | undefined): Promise<string>;
  close(): void;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const ordinary = { timeout: 60_000, most: 32 * 1_024 * 1_024 };
/** Evidence bundles take their time and their place. */
const bulky = { timeout: 600_000, most: 512 * 1_024 * 1_024 };

export interface SessionParts {
  readonly profile: Profile;
  readonly locale: Locale;
  readonly signal: AbortSignal;
  /** Sent instead of a token, by a sign-in that has just been made. */
  readonly cookie?: string;
}

export function openSession(parts: SessionParts): Session {
  const { profile, signal } = parts;
  const agent = keepAlive();
  const client = makeClient(async ({ method, path, body, accept }) => {
    const bounds = accept.startsWith('application/zip') ? bulky : ordinary;
    const headers = {
      ...headersOf(parts),
      accept,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const url = new URL(path, profile.server);
    const common = { method, url, headers, ca: profile.rootPem, agent, signal, ...bounds };
    return fetchBounded(body === undefined ? common : { ...common, body });
  });
  return {
    profile,
    client,
    get: (path, most) => getFrom(parts, agent, path, most),
    agreement: (wanted) => chooseAgreement(client, wanted ?? profile.agreement),
    close: () => agent.destroy(),
  };
}

function headersOf({ profile, locale, cookie }: SessionParts): Readonly<Record<string, string>> {
  const language = { 'accept-language': locale === 'zh' ? 'zh-CN' : 'en', 'user-agent': 'pactgate-cli' };
  // A browser would send Origin with a cookie; the server takes its absence for another site's request.
  if (cookie !== undefined) return { ...language, cookie, origin: profile.server };
  return profile.token === undefined ? language : { ...language, authorization: `Bearer ${profile.token}` };
}

function getFrom(parts: SessionParts, agent: Agent, path: string, most: number): Promise<HttpAnswer> {
  const { profile, signal } = parts;
  const url = new URL(path, profile.server);
  // The path may come from an origin in a document: it must stay on the server whose root is pinned.
  if (url.origin !== new URL(profile.server).origin)
    throw new Failure('refused', both('地址指向另一台服务器', 'the path leads to another server'));
  const headers = headersOf(parts);
  return fetchBounded({
    method: 'GET',
    url,
    headers,
    ca: profile.rootPem,
    agent,
    signal,
    timeout: ordinary.timeout,
    most,
  });
}

async function chooseAgreement(client: Client, wanted: string | undefined): Promise<string> {
  if (wanted !== undefined && uuid.test(wanted)) return wanted;
  const { items } = await client.call('agreements', {});
  const fitting = items.filter(({ party }) => wanted === undefined || party === wanted);
  const [only, ...others] = fitting;
  if (only !== undefined && others.length === 0) return only.id;
  const names = items.map(({ party }) => party).join(', ');
  if (only !== undefined)
    throw new Failure(
      'usage',
      both('有多份协议', 'there are several agreements'),
      both(`请用 --agreement 指定：${names}`, `Choose with --agreement: ${names}`),
    );
  throw new Failure(
    'refused',
    both('没有这份协议', 'there is no such agreement'),
    names === '' ? undefined : both(`现有：${names}`, `There are: ${names}`),
  );
}
