import type { Locale } from '@pactgate/protocol';
import { type Command, globalOptions, type OptionSpecs } from './command.ts';
import { both } from './language.ts';
import { widthOf } from './output.ts';

const words = {
  usage: both('用法', 'Usage'),
  commands: both('命令', 'Commands'),
  arguments: both('参数', 'Arguments'),
  options: both('选项', 'Options'),
  global: both('通用选项', 'Options of every command'),
  examples: both('示例', 'Examples'),
  intro: both(
    'Pactgate：以协议为规格的物联网设备接入平台。双方的每项义务都被执行、取证，并可各自验证。',
    'Pactgate: an IoT device access platform whose specification is an agreement; both parties can check every duty.',
  ),
  more: both('pactgate help 命令 显示某个命令的用法。', 'pactgate help COMMAND tells about one command.'),
  exits: both(
    '退出码：0 成功；1 被拒绝或无效；2、3 见 verify；64 用法错误；69 服务不可用；70 内部错误。',
    'Exit codes: 0 done; 1 refused or invalid; 2, 3 see verify; 64 usage; 69 unavailable; 70 internal error.',
  ),
};

const rows = (pairs: readonly (readonly [string, string])[]): string => {
  const width = Math.max(0, ...pairs.map(([left]) => widthOf(left)));
  return pairs.map(([left, right]) => `  ${left}${' '.repeat(width - widthOf(left))}  ${right}`).join('\n');
};

const optionRows = (specs: OptionSpecs, locale: Locale): string =>
  rows(
    Object.entries(specs).map(([name, { short, value, summary, required, multiple }]) => {
      const left = `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
      const marks = [
        ...(required === true ? [locale === 'zh' ? '必填' : 'required'] : []),
        ...(multiple === true ? [locale === 'zh' ? '可重复' : 'may be repeated'] : []),
      ];
      return [left, marks.length === 0 ? summary[locale] : `${summary[locale]} (${marks.join(', ')})`] as const;
    }),
  );

const section = (title: string, body: string): readonly string[] => (body === '' ? [] : ['', `${title}:`, body]);

function usageOf(command: Command): string {
  const args = (command.arguments ?? []).map(({ name, optional, many }) => {
    const shown = many === true ? `${name}...` : name;
    return optional === true ? `[${shown}]` : shown;
  });
  const required = Object.entries(command.options ?? {}).filter(([, spec]) => spec.required === true);
  const flags = required.map(([name, { value }]) => `--${name} ${value ?? ''}`.trim());
  return ['pactgate', command.name, ...args, ...flags, '[OPTIONS]'].join(' ');
}

/** Help of one command, made from its row of the table. */
export function helpOf(command: Command, locale: Locale): string {
  const args = rows((command.arguments ?? []).map(({ name, summary }) => [name, summary[locale]]));
  return [
    command.summary[locale],
    ...section(words.usage[locale], `  ${usageOf(command)}`),
    ...section(words.arguments[locale], args),
    ...section(words.options[locale], optionRows(command.options ?? {}, locale)),
    ...section(words.examples[locale], command.examples.map((example) => `  pactgate ${example}`).join('\n')),
    ...section(words.global[locale], optionRows(globalOptions, locale)),
  ].join('\n');
}

/** Help about all commands, or about those that begin with a word. */
export function overview(commands: readonly Command[], locale: Locale, group?: string): string {
  const shown = commands.filter(({ name }) => group === undefined || name.split(' ')[0] === group);
  const table = rows(shown.map(({ name, summary }) => [name, summary[locale]]));
  return [
    ...(group === undefined ? [words.intro[locale]] : []),
    ...section(words.usage[locale], `  pactgate ${group ?? ''}${group === undefined ? '' : ' '}COMMAND [OPTIONS]`),
    ...section(words.commands[locale], table),
    ...section(words.global[locale], optionRows(globalOptions, locale)),
    '',
    words.more[locale],
    words.exits[locale],
  ].join('\n');
}
