import { homedir } from 'node:os';
import path from 'node:path';
import { plainFingerprint, readIfThere } from '@pactgate/device';
import { Failure } from './failure.ts';
import { demandPrivate, writePrivate } from './files.ts';
import { both } from './language.ts';

/** Which platform a person works with, and as whom. Kept in a file of mode 0600: it holds a token. */
export interface Profile {
  readonly v: 1;
  /** Origin, such as `https://localhost:8443`. */
  readonly server: string;
  /** SHA-256 of the platform's root certificate, compared out of band. */
  readonly rootSha256: string;
  readonly rootPem: string;
  readonly token?: string;
  readonly party?: string;
  readonly role?: string;
  /** The party's own agreement, for device parties. */
  readonly agreement?: string;
  /** Where the party's keys, policy and witness state lie. */
  readonly directory?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Path of a profile's file. */
export function profileFile(name: string | undefined, directory: string | undefined, environment: Environment): string {
  const chosen = name ?? environment['PACTGATE_PROFILE'] ?? 'default';
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(chosen))
    throw new Failure(
      'usage',
      both('配置档名称只能含字母、数字、- 和 _', 'a profile name has letters, digits, - and _ only'),
    );
  const config = environment['XDG_CONFIG_HOME'] || path.join(homedir(), '.config');
  const base = directory ?? environment['PACTGATE_PROFILE_DIR'] ?? path.join(config, 'pactgate');
  return path.join(base, `${chosen}.json`);
}

/** Reads a profile; `undefined` when there is none. */
export async function readProfile(file: string): Promise<Profile | undefined> {
  const text = await readIfThere(file);
  if (text === undefined) return undefined;
  await demandPrivate(file);
  try {
    const profile = JSON.parse(text) as Profile;
    const sound = profile.v === 1 && URL.canParse(profile.server) && plainFingerprint(profile.rootSha256) !== undefined;
    if (sound && typeof profile.rootPem === 'string') return profile;
  } catch (cause) {
    throw new Failure('refused', both(`${file} 已损坏`, `${file} is damaged`), undefined, { cause });
  }
  throw new Failure(
    'refused',
    both(`${file} 不是本版本的配置档`, `${file} is no profile of this version`),
    both('请重新登录或加入。', 'Log in or join again.'),
  );
}

export const writeProfile = (file: string, profile: Profile): Promise<void> =>
  writePrivate(file, `${JSON.stringify(profile, null, 2)}\n`);

/** Origin of an address people give: HTTPS only. */
export function readServer(text: string): URL {
  const url = URL.parse(text.includes('://') ? text : `https://${text}`);
  if (url?.protocol !== 'https:')
    throw new Failure('usage', both(`不是 https 地址：${text}`, `not an https address: ${text}`));
  return new URL(url.origin);
}

/** A fingerprint people give. */
export function readFingerprint(text: string): string {
  const plain = plainFingerprint(text);
  if (plain === undefined)
    throw new Failure('usage', both('根指纹应为 64 位十六进制', 'a root fingerprint has 64 hexadecimal digits'));
  return plain;
}

/** What a one-time link says: where, the secret, and the root's fingerprint if it names one. */
export interface OneTimeLink {
  readonly server: URL;
  readonly token: string;
  readonly root?: string;
}

/** Reads `https://host:port/join#token=...&root=...`; the words may stand in the query instead. */
export function readLink(text: string): OneTimeLink {
  const url = URL.parse(text.trim());
  const inHash = new URLSearchParams(url?.hash.slice(1) ?? '');
  const token = inHash.get('token') ?? url?.searchParams.get('token');
  const root = inHash.get('root') ?? url?.searchParams.get('root');
  if (url?.protocol !== 'https:' || !token || token.length > 256)
    throw new Failure(
      'usage',
      both('不是一次性链接：应为 https 地址并含 token', 'no one-time link: an https address with a token'),
    );
  const server = new URL(url.origin);
  return root ? { server, token, root: readFingerprint(root) } : { server, token };
}
