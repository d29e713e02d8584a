import { createInterface } from 'node:readline/promises';
import type { Locale } from '@pactgate/protocol';
import { findCommand, type Meaning, type Parsed, parse } from './args.ts';
import { type Command, type Context, Input } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { type Explained, explain, Failure } from './failure.ts';
import { readSecret } from './files.ts';
import { helpOf, overview } from './help.ts';
import { fetchRoot } from './https.ts';
import { both, chooseLocale } from './language.ts';
import { plain } from './output.ts';
import { type Profile, profileFile, readFingerprint, readProfile, readServer } from './profile.ts';
import { Progress } from './progress.ts';
import { openSession, type Session } from './session.ts';

/** The process around a command line. */
export interface Surroundings {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** A person reads stderr and answers on stdin. */
  readonly isTerminal: boolean;
  readonly signal: AbortSignal;
}

/** Runs one command line and answers its exit code. Never throws. */
export async function run(commands: readonly Command[], around: Surroundings): Promise<number> {
  const wish = wishOf(around.argv);
  let locale = chooseLocale(wish.lang, around.environment);
  try {
    const meaning = parse(commands, around.argv);
    locale = localeOf(meaning, around);
    return meaning.kind === 'help'
      ? help(commands, meaning, locale, around)
      : await runCommand(meaning.parsed, locale, around);
  } catch (error) {
    return fail(error, locale, wish.json, around);
  }
}

/** `--json` and `--lang` of a line that may not parse: the error comes in the form that was asked for. */
function wishOf(argv: readonly string[]): { readonly json: boolean; readonly lang: string | undefined } {
  const at = argv.indexOf('--lang');
  const lang = at < 0 ? argv.find((word) => word.startsWith('--lang='))?.slice('--lang='.length) : argv[at + 1];
  return { json: argv.includes('--json'), lang };
}

function localeOf(meaning: Meaning, { environment }: Surroundings): Locale {
  const { lang } = meaning.kind === 'help' ? meaning.values : meaning.parsed.values;
  const known = lang === undefined || lang === 'zh' || lang === 'en';
  if (!known) throw new Failure('usage', both('--lang 只能是 zh 或 en', '--lang is zh or en'));
  return chooseLocale(lang, environment);
}

function help(
  commands: readonly Command[],
  meaning: Extract<Meaning, { kind: 'help' }>,
  locale: Locale,
  { out, err }: Surroundings,
): number {
  const words = meaning.words.filter((word) => !word.startsWith('-'));
  const command = findCommand(commands, words);
  const isGroup = commands.some(({ name }) => name.startsWith(`${words[0] ?? ''} `));
  const text =
    command === undefined ? overview(commands, locale, isGroup ? words[0] : undefined) : helpOf(command, locale);
  (meaning.asked ? out : err)(`${text}\n`);
  return meaning.asked ? exitCodes.ok : exitCodes.usage;
}

async function runCommand({ command, args, values }: Parsed, locale: Locale, around: Surroundings): Promise<number> {
  const json = values['json'] === true;
  const progress = new Progress({ write: around.err, isTerminal: around.isTerminal }, locale);
  const sessions: Session[] = [];
  const context: Context = {
    locale,
    json,
    signal: around.signal,
    environment: around.environment,
    step: (what) => progress.step(what),
    note: (line) => {
      progress.clear();
      around.err(`${line}\n`);
    },
    ask: (question) => ask(question, progress, around),
    session: async () => {
      const [open] = sessions;
      if (open !== undefined) return open;
      const profile = await chooseProfile(new Input(args, values, context));
      const session = openSession({ profile, locale, signal: around.signal });
      sessions.push(session);
      return session;
    },
  };
  try {
    const output = await command.run(new Input(args, values, context));
    progress.stop();
    if (json && output.json !== undefined) around.out(`${JSON.stringify(output.json)}\n`);
    else if (!json && output.text !== '') around.out(`${output.text}\n`);
    return output.exitCode ?? exitCodes.ok;
  } catch (error) {
    progress.stop();
    return fail(error, locale, json, around);
  } finally {
    for (const session of sessions) session.close();
  }
}

async function ask(
  question: string,
  progress: Progress,
  { isTerminal, signal }: Surroundings,
): Promise<string | undefined> {
  if (!isTerminal) return undefined;
  progress.clear();
  const line = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await line.question(question, { signal });
  } finally {
    line.close();
  }
}

/** Platform and identity of a call: `--server` with its fingerprint, else the profile's file. */
async function chooseProfile(input: Input): Promise<Profile> {
  const file = profileFile(input.text('profile'), input.text('profile-dir'), input.context.environment);
  const server = input.text('server');
  const tokenFile = input.text('token-file');
  const token = tokenFile === undefined ? undefined : await readSecret(tokenFile);
  const own = token === undefined ? {} : { token };
  if (server !== undefined) {
    const origin = readServer(server);
    const rootSha256 = readFingerprint(input.demand('root-sha256'));
    return { v: 1, server: origin.origin, rootSha256, rootPem: await fetchRoot(origin, rootSha256), ...own };
  }
  const profile = await readProfile(file);
  if (profile !== undefined) return { ...profile, ...own };
  throw new Failure(
    'usage',
    both(`没有配置档 ${file}`, `there is no profile ${file}`),
    both(
      '请先运行 pactgate login 或 pactgate party join，或给出 --server、--root-sha256 与 --token-file。',
      'Run pactgate login or pactgate party join first, or give --server, --root-sha256 and --token-file.',
    ),
  );
}

function fail(error: unknown, locale: Locale, json: boolean, { out, err, environment }: Surroundings): number {
  const explained = explain(error, locale);
  const { exitCode, ...shown } = explained;
  if (json) out(`${JSON.stringify({ error: shown })}\n`);
  else err(inWords(explained, locale));
  if (environment['PACTGATE_TRACE'] === '1' && error instanceof Error) err(`${error.stack ?? ''}\n`);
  return exitCode;
}

/** Code, cause, next step. */
function inWords({ code, title, detail, next }: Explained, locale: Locale): string {
  const labels = locale === 'zh' ? (['错误', '原因', '下一步'] as const) : (['error', 'cause', 'next'] as const);
  const lines = [`${labels[0]}: ${code}: ${title}`];
  if (detail !== '') lines.push(`${labels[1]}: ${plain(detail)}`);
  if (next !== '') lines.push(`${labels[2]}: ${next}`);
  return `${lines.join('\n')}\n`;
}
