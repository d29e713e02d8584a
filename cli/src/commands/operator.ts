import type { Locale, Texts } from '@pactgate/protocol';
import type { Command, Input, OptionSpecs } from '../command.ts';
import { both } from '../language.ts';
import { type Column, list, type Output } from '../output.ts';
import { askPlatform, runPlatform } from '../platform-child.ts';

const data: OptionSpecs = {
  data: { type: 'string', value: 'DIR', summary: both('数据目录（默认 ./data）', 'data directory (default: ./data)') },
  config: {
    type: 'string',
    value: 'FILE',
    summary: both(
      '配置文件（默认 数据目录/pactgate.yaml）',
      'configuration (default: pactgate.yaml of the data directory)',
    ),
  },
};

interface Row {
  readonly name: string;
  readonly summary: Texts;
  readonly examples: readonly string[];
  readonly options?: OptionSpecs;
}

/** Our options as words for the platform's program, which understands the same names. */
function wordsOf(input: Input, specs: OptionSpecs): readonly string[] {
  const { json, locale } = input.context;
  const given = Object.keys(specs).flatMap((name) => {
    const text = input.text(name);
    if (text !== undefined) return [`--${name}=${text}`];
    return input.flag(name) ? [`--${name}`] : [];
  });
  return [...given, `--lang=${locale}`, ...(json ? ['--json'] : [])];
}

/** A command that is the platform's own subcommand of the same name; what it is called with is checked here. */
const own = ({ name, summary, examples, options = {} }: Row): Command => ({
  name,
  summary,
  examples,
  options: { ...data, ...options },
  run: async (input) => {
    // The platform prints its own words or its own JSON object, and runs as long as it likes.
    input.context.step(undefined);
    const exitCode = await runPlatform(name, wordsOf(input, { ...data, ...options }), input.context.signal);
    return { json: undefined, text: '', exitCode };
  },
});

/** A key of the configuration as the platform's program tells it. */
interface Setting {
  readonly key: string;
  readonly variable: string;
  readonly value: unknown;
  readonly description: Texts;
}

const settingColumns = (locale: Locale): readonly Column<Setting>[] => [
  { head: both('配置项', 'key'), of: ({ key }) => key },
  { head: both('环境变量', 'variable'), of: ({ variable }) => variable },
  { head: both('当前值', 'value'), of: ({ value }) => (Array.isArray(value) ? value.join(',') : String(value)) },
  { head: both('说明', 'description'), of: ({ description }) => description[locale] },
];

/** The configuration in force: a table for people, the whole of it as one object for programs. */
async function showConfiguration(input: Input): Promise<Output> {
  const { locale, json, signal } = input.context;
  input.context.step(undefined);
  const { exitCode, text } = await askPlatform('config', wordsOf(input, data), signal);
  // Our own program, of the same checkout: what it prints is what it documents.
  if (json) return { json: JSON.parse(text) as object, text: '', exitCode };
  if (exitCode !== 0) return { json: undefined, text: '', exitCode };
  const settings = JSON.parse(text) as readonly Setting[];
  return { json: undefined, text: list(settingColumns(locale), { items: settings }, locale) };
}

/** What is done where the platform runs; these start its own program. */
export const operatorCommands: readonly Command[] = [
  own({
    name: 'init',
    summary: both('初始化数据目录：密钥、根证书、数据库', 'initialise a data directory: keys, root, database'),
    examples: ['init --data /var/lib/pactgate'],
  }),
  own({
    name: 'start',
    summary: both('启动平台（首次启动自动初始化）', 'start the platform (the first start initialises)'),
    examples: ['start', 'start --data /var/lib/pactgate --no-init'],
    options: {
      adopt: {
        type: 'boolean',
        summary: both(
          '声明恢复的副本即最新状态（如停机迁移），其账本可重新签名',
          'state that this restored copy is the newest state (a planned move): its ledgers may be signed again',
        ),
      },
      'no-init': { type: 'boolean', summary: both('未初始化则不启动', 'refuse to start when not initialised') },
    },
  }),
  own({
    name: 'link',
    summary: both('为运行中的平台签发一次性登录链接', 'make a one-time sign-in link of the running platform'),
    examples: ['link', 'link --data /var/lib/pactgate --email li@example.com'],
    options: {
      email: {
        type: 'string',
        value: 'EMAIL',
        summary: both('为谁（默认首位管理员）', 'for whom (default: the first administrator)'),
      },
    },
  }),
  own({
    name: 'backup',
    summary: both('备份到一个新目录（平台可在运行）', 'back up into a new directory, while the platform runs or not'),
    examples: ['backup --data /var/lib/pactgate --output /backup/2026-11-22 --keys /safe/2026-11-22'],
    options: {
      output: {
        type: 'string',
        value: 'DIR',
        required: true,
        summary: both('备份目录（须为空）', 'directory to write, absent or empty'),
      },
      keys: {
        type: 'string',
        value: 'DIR',
        summary: both('密钥副本的单独目录', 'separate directory for a copy of the sealed keys'),
      },
    },
  }),
  own({
    name: 'restore',
    summary: both('从备份恢复到空的数据目录', 'restore a backup into an empty data directory'),
    examples: ['restore --data /var/lib/pactgate --input /backup/2026-11-22 --keys /safe/2026-11-22'],
    options: {
      input: { type: 'string', value: 'DIR', required: true, summary: both('备份目录', 'directory to read') },
      keys: { type: 'string', value: 'DIR', summary: both('密钥副本的目录', 'directory of the sealed keys') },
    },
  }),
  {
    name: 'config show',
    summary: both('显示配置项、环境变量及当前值', 'show configuration keys, variables and values'),
    options: data,
    examples: ['config show', 'config show --json --data /var/lib/pactgate'],
    run: showConfiguration,
  },
];
