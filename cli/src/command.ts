import type { Locale, Texts } from '@pactgate/protocol';
import type { RouteName } from '@pactgate/protocol/api';
import { Failure } from './failure.ts';
import { both } from './language.ts';
import type { Output } from './output.ts';
import type { Session } from './session.ts';

interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: boolean;
  /** What stands behind the name in the help: `FILE`, `HEX`. */
  readonly value?: string;
  readonly summary: Texts;
  readonly required?: boolean;
}
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

export interface ArgumentSpec {
  readonly name: string;
  readonly summary: Texts;
  readonly optional?: boolean;
  /** Takes all that follow; the last argument only. */
  readonly many?: boolean;
}

/** What a command is run with, besides its own words. */
export interface Context {
  readonly locale: Locale;
  readonly json: boolean;
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Says what is being done, shown on stderr once it takes longer than two seconds; `undefined`: nothing to wait for. */
  readonly step: (what: Texts | undefined) => void;
  /** A line for people on stderr, at once. */
  readonly note: (line: string) => void;
  /** Asks a person; `undefined` when there is none at the terminal. */
  readonly ask: (question: string) => Promise<string | undefined>;
  /** The platform of the profile or of `--server`; opened once. */
  readonly session: () => Promise<Session>;
}

/** The words of one call. */
export class Input {
  readonly args: readonly string[];
  readonly context: Context;
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(args: readonly string[], values: Readonly<Record<string, unknown>>, context: Context) {
    this.args = args;
    this.#values = values;
    this.context = context;
  }

  /** The argument at this place; the parser has demanded those that are not optional. */
  arg(place: number): string {
    return this.args[place] ?? '';
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  demand(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === '') throw new Failure('usage', both(`缺少 --${name}`, `--${name} is missing`));
    return value;
  }

  list(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  /** A whole number within bounds; `undefined` when the option is absent. */
  whole(name: string, least = 0, most = Number.MAX_SAFE_INTEGER): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value) || value < least || value > most)
      throw new Failure(
        'usage',
        both(`--${name} 须为 ${least} 至 ${most} 的整数`, `--${name} must be a whole number from ${least} to ${most}`),
      );
    return value;
  }

  /** One of the words given; `undefined` when the option is absent. */
  oneOf<const T extends string>(name: string, words: readonly T[]): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const found = words.find((word) => word === text);
    if (found === undefined)
      throw new Failure(
        'usage',
        both(`--${name} 须为 ${words.join('、')} 之一`, `--${name} must be one of ${words.join(', ')}`),
      );
    return found;
  }
}

/** One command: the table of these is the parser, the help and the list of what is covered. */
export interface Command {
  /** One to three words. */
  readonly name: string;
  readonly summary: Texts;
  readonly arguments?: readonly ArgumentSpec[];
  readonly options?: OptionSpecs;
  /** Without the word `pactgate`. */
  readonly examples: readonly string[];
  /** Routes of the REST API that it calls. */
  readonly uses?: readonly RouteName[];
  readonly run: (input: Input) => Promise<Output>;
}

/** Options that every command takes. */
export const globalOptions: OptionSpecs = {
  help: { type: 'boolean', short: 'h', summary: both('显示帮助', 'show help') },
  json: { type: 'boolean', summary: both('输出一个 JSON 对象', 'print one JSON object') },
  lang: { type: 'string', value: 'zh|en', summary: both('语言（默认按 LANG）', 'language (default: LANG)') },
  profile: { type: 'string', value: 'NAME', summary: both('配置档名称', 'profile to use (default: default)') },
  'profile-dir': {
    type: 'string',
    value: 'DIR',
    summary: both('配置档目录（默认 ~/.config/pactgate）', 'directory of profiles (default: ~/.config/pactgate)'),
  },
  server: {
    type: 'string',
    value: 'URL',
    summary: both('平台地址，代替配置档', 'platform to talk to, instead of a profile'),
  },
  'token-file': {
    type: 'string',
    value: 'FILE',
    summary: both('含 API 令牌的文件（- 为标准输入）', 'file with the API token (-: stdin)'),
  },
  'root-sha256': {
    type: 'string',
    value: 'HEX',
    summary: both('平台根证书的 SHA-256 指纹', "SHA-256 of the platform's root certificate"),
  },
};

export const agreementOption: OptionSpecs = {
  agreement: {
    type: 'string',
    value: 'ID|PARTY',
    summary: both('协议编号或设备方标识', 'agreement, by id or device party'),
  },
};
export const pageOptions: OptionSpecs = {
  limit: { type: 'string', value: 'N', summary: both('最多条数（1-500）', 'at most so many (1-500)') },
  after: { type: 'string', value: 'CURSOR', summary: both('从上次的位置继续', 'go on where the last page ended') },
};
export const deviceArgument: readonly ArgumentSpec[] = [{ name: 'DEVICE', summary: both('设备标识', 'device id') }];

/** `limit` and `after` as the API takes them. */
export function pageOf(input: Input): { limit?: number; after?: string } {
  const limit = input.whole('limit', 1, 500);
  const after = input.text('after');
  return { ...(limit === undefined ? {} : { limit }), ...(after === undefined ? {} : { after }) };
}

/** The session and the agreement the command is about. */
export async function withAgreement(input: Input): Promise<{ readonly session: Session; readonly agreement: string }> {
  const session = await input.context.session();
  return { session, agreement: await session.agreement(input.text('agreement')) };
}
