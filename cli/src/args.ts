import { parseArgs } from 'node:util';
import type { Texts } from '@pactgate/protocol';
import { type Command, globalOptions, type OptionSpecs } from './command.ts';
import { Failure } from './failure.ts';
import { both } from './language.ts';

export interface Parsed {
  readonly command: Command;
  readonly args: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
}

/** What the words mean: a command to run, or help about one, a group of them, or all. */
export type Meaning =
  | { readonly kind: 'run'; readonly parsed: Parsed }
  | {
      readonly kind: 'help';
      readonly words: readonly string[];
      readonly values: Readonly<Record<string, unknown>>;
      readonly asked: boolean;
    };

const optionsForParser = (specs: OptionSpecs) =>
  Object.fromEntries(
    Object.entries(specs).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...(short === undefined ? {} : { short }), ...(multiple === undefined ? {} : { multiple }) },
    ]),
  );

/** Global options in front of the command (`pactgate --json device list`), moved behind it. */
function splitFront(argv: readonly string[]): { readonly front: readonly string[]; readonly rest: readonly string[] } {
  let at = 0;
  for (let word = argv[at]; word?.startsWith('-'); word = argv[at]) {
    const name = word.replace(/^--?/, '').split('=', 1)[0] ?? '';
    const spec = globalOptions[name] ?? Object.values(globalOptions).find(({ short }) => short === name);
    if (spec === undefined) break;
    at += spec.type === 'string' && !word.includes('=') ? 2 : 1;
  }
  return { front: argv.slice(0, at), rest: argv.slice(at) };
}

/** The command whose name is the longest beginning of the words. */
export function findCommand(commands: readonly Command[], words: readonly string[]): Command | undefined {
  const fits = commands.filter(({ name }) => name.split(' ').every((word, place) => words[place] === word));
  return fits.toSorted((a, b) => b.name.length - a.name.length)[0];
}

/** Single edits between two words; long words are no near misses. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function unknown(commands: readonly Command[], words: readonly string[]): Failure {
  const given = words.slice(0, 2).join(' ').slice(0, 40);
  const [near] = commands
    .map(({ name }) => ({ name, edits: distance(given, name) }))
    .filter(({ edits }) => edits <= 3)
    .toSorted((a, b) => a.edits - b.edits);
  const next =
    near === undefined
      ? both('请用 pactgate --help 查看全部命令。', 'pactgate --help lists all commands.')
      : both(`是否指 pactgate ${near.name}？`, `Did you mean pactgate ${near.name}?`);
  return new Failure('usage', both(`没有命令 ${given}`, `there is no command ${given}`), next);
}

function parseWith(specs: OptionSpecs, words: readonly string[], strict: boolean) {
  try {
    return parseArgs({ args: [...words], options: optionsForParser(specs), allowPositionals: true, strict });
  } catch (cause) {
    throw new Failure('usage', faultInWords(cause), undefined, { cause });
  }
}

/** What `parseArgs` refuses, in both languages; its own words name the option in quotes, `'-f, --force'`. */
function faultInWords(cause: unknown): Texts {
  const why = cause instanceof Error ? cause.message : String(cause);
  const option = /'(?:-\w, )?(-[^ '=]*)/.exec(why)?.[1];
  if (option === undefined) return both(`命令行写法有误：${why}`, why);
  if (why.startsWith('Unknown option')) return both(`没有选项 ${option}`, `there is no option ${option}`);
  if (why.includes('does not take an argument')) return both(`选项 ${option} 不带值`, `${option} takes no value`);
  if (why.includes('ambiguous'))
    return both(
      `选项 ${option} 缺少值；值以 - 开头时请写作 ${option}=值`,
      `${option} needs a value; one that begins with - is written ${option}=VALUE`,
    );
  return both(`选项 ${option} 缺少值`, `${option} needs a value`);
}

function demandComplete(command: Command, args: readonly string[], values: Readonly<Record<string, unknown>>): void {
  const specs = command.arguments ?? [];
  const missing = specs.find(({ optional }, place) => optional !== true && args[place] === undefined);
  if (missing !== undefined) throw new Failure('usage', both(`缺少 ${missing.name}`, `${missing.name} is missing`));
  const surplus = specs.at(-1)?.many === true ? undefined : args[specs.length];
  if (surplus !== undefined)
    throw new Failure('usage', both(`多余的参数 ${surplus}`, `unexpected argument ${surplus}`));
  for (const [name, { required }] of Object.entries(command.options ?? {}))
    if (required === true && values[name] === undefined)
      throw new Failure('usage', both(`缺少 --${name}`, `--${name} is missing`));
}

/** Reads a command line by the table. Throws `Failure` of kind usage. */
export function parse(commands: readonly Command[], argv: readonly string[]): Meaning {
  const { front, rest } = splitFront(argv[0] === '--version' ? ['version', ...argv.slice(1)] : argv);
  if (rest[0] === 'help' || rest.length === 0) {
    const { values } = parseWith(globalOptions, [...front, ...rest.slice(1)], false);
    return { kind: 'help', words: rest.slice(1), values, asked: rest.length > 0 || values['help'] === true };
  }
  const command = findCommand(commands, rest);
  if (command === undefined) return groupHelp(commands, front, rest);
  const words = [...front, ...rest.slice(command.name.split(' ').length)];
  const { values, positionals } = parseWith({ ...globalOptions, ...command.options }, words, true);
  if (values['help'] === true) return { kind: 'help', words: command.name.split(' '), values, asked: true };
  demandComplete(command, positionals, values);
  return { kind: 'run', parsed: { command, args: positionals, values } };
}

/** `pactgate device`, `pactgate device --help`: the commands that begin so. */
function groupHelp(commands: readonly Command[], front: readonly string[], rest: readonly string[]): Meaning {
  const words = rest.filter((word) => !word.startsWith('-'));
  const isGroup = commands.some(({ name }) => name.startsWith(`${words[0] ?? ''} `));
  if (!isGroup || words.length > 1) throw unknown(commands, words);
  const { values } = parseWith(globalOptions, [...front, ...rest.slice(1)], false);
  return { kind: 'help', words, values, asked: values['help'] === true };
}
