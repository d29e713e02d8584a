import type { Texts } from '@pactgate/protocol';
import type { Command, OptionSpecs } from '../command.ts';
import { both } from '../language.ts';
import { runPlatform } from '../platform-child.ts';

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
  /** The platform's own words where they differ from ours. */
  readonly subcommand?: string;
}

/** A command that is the platform's own subcommand of the same words. */
const own = ({ name, summary, examples, options = {}, subcommand = name }: Row): Command => ({
  name,
  summary,
  examples,
  options: { ...data, ...options },
  passThrough: true,
  run: async ({ args, context }) => {
    // The platform prints its own words or its own JSON object, and runs as long as it likes.
    context.step(undefined);
    const exitCode = await runPlatform(subcommand.split(' '), args, context.signal);
    return { json: undefined, text: '', exitCode };
  },
});

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
      input: { type: 'string', value: 'DIR', summary: both('备份目录', 'directory to read') },
      keys: { type: 'string', value: 'DIR', summary: both('密钥副本的目录', 'directory of the sealed keys') },
    },
  }),
  own({
    name: 'config show',
    subcommand: 'config',
    summary: both('显示配置项、环境变量及当前值', 'show configuration keys, variables and values'),
    examples: ['config show', 'config show --json --data /var/lib/pactgate'],
  }),
];
