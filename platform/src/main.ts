import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Locale, Problem, type ProblemCode, problemRow, type Texts } from '@pactgate/protocol';
import { askControl, controlSocket } from './compose/control.ts';
import {
  adopt,
  type BackupAnswer,
  backUpOffline,
  demandInitialised,
  initialise,
  restoreInto,
} from './compose/offline.ts';
import { type Running, runPlatform } from './compose/run.ts';
import { readConfiguration, settingsOf } from './config.ts';

/** Exit codes of sysexits.h: usage, unavailable, internal, configuration. */
const exits = { usage: 64, unavailable: 69, internal: 70, config: 78 } as const;
const usage = `Usage: main.ts <init | start | link | backup | restore | config> [--data DIR] [--config FILE] [--json] [--lang zh|en]

  init     makes keys, root and database without starting
  start    starts the platform; the first start initialises the data directory (--no-init: refuse then;
           --adopt: this restored copy is the newest state, its ledgers may be signed again)
  link     prints a one-time sign-in link of the running platform (--email, default the first administrator)
  backup   --output DIR [--keys DIR]: copies database and telemetry, while the platform runs or not
  restore  --input DIR [--keys DIR]: lays a backup out as a new data directory
  config   prints the configuration in force (--json), or its keys with variables, values and descriptions`;

const options = {
  data: { type: 'string' },
  config: { type: 'string' },
  email: { type: 'string' },
  output: { type: 'string' },
  input: { type: 'string' },
  keys: { type: 'string' },
  adopt: { type: 'boolean', default: false },
  'no-init': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  lang: { type: 'string' },
} as const;

interface Arguments {
  readonly command: string;
  readonly data: string;
  readonly config?: string;
  readonly email?: string;
  readonly output?: string;
  readonly input?: string;
  readonly keys?: string;
  readonly adopt: boolean;
  readonly noInit: boolean;
  readonly json: boolean;
  /** Absent: what matters most is said in both languages. */
  readonly lang?: Locale;
}

function readArguments(): Arguments {
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const data = path.resolve(values.data ?? process.env['PACTGATE_DATA'] ?? 'data');
    const { 'no-init': noInit, lang, ...rest } = values;
    if (lang !== undefined && lang !== 'zh' && lang !== 'en') throw new Error('--lang is zh or en');
    return { command: positionals[0] ?? '', ...rest, ...(lang === undefined ? {} : { lang }), noInit, data };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return process.exit(exits.usage);
  }
}

/** A refusal for programs: what start always said, and the error as the command line prints every other one. */
const refusalInJson = (code: ProblemCode, detail: string, lang: Locale = 'en'): string => {
  const { title, next } = problemRow(code);
  const error = { code, title: title[lang], detail, next: next[lang] };
  return JSON.stringify({ ready: false, code, detail, next, error });
};

/** A refusal for people: code, cause and next step in the language asked for, else in both. */
function refusalInWords(code: ProblemCode, detail: string, lang?: Locale): string {
  const { title, next } = problemRow(code);
  if (lang === undefined) return `${title.en} (${code}): ${detail}\n${next.en}\n${title.zh}：${next.zh}`;
  const [error, cause, step] = lang === 'zh' ? ['错误', '原因', '下一步'] : ['error', 'cause', 'next'];
  return `${error}: ${code}: ${title[lang]}\n${cause}: ${detail}\n${step}: ${next[lang]}`;
}

/** An expected refusal in words, with its code and the next step; anything else is a bug and shows its stack. */
function fail(error: unknown, { json, lang }: Arguments): never {
  if (error instanceof Problem) {
    if (json) console.log(refusalInJson(error.code, error.detail, lang));
    console.error(refusalInWords(error.code, error.detail, lang));
    process.exit(error.code === 'start/config-invalid' ? exits.config : exits.unavailable);
  }
  if (json) console.log(refusalInJson('internal', error instanceof Error ? error.message : String(error), lang));
  console.error(error);
  process.exit(exits.internal);
}

function announce({ core, addresses, tripwirePorts, setupLink }: Running, { json, lang }: Arguments): void {
  const { consolePort, devicePort, mqttPort, host } = addresses;
  const rootSha256 = core.identity.authority.rootSha256();
  const address = `https://${host}:${consolePort}`;
  if (json) {
    const first = setupLink === undefined ? {} : { setupLink };
    console.log(
      JSON.stringify({
        ready: true,
        console: address,
        host,
        consolePort,
        devicePort,
        mqttPort,
        tripwirePorts,
        rootSha256,
        pid: process.pid,
        ...first,
      }),
    );
    return;
  }
  const enrolment = `https://${host}:${devicePort}/.well-known/est`;
  const ready: Texts = {
    zh: `Pactgate 已就绪。
  控制台    ${address}
  设备接入  MQTT over TLS ${host}:${mqttPort}，注册 ${enrolment}
  根指纹    SHA-256 ${rootSha256}`,
    en: `Pactgate is ready.
  console             ${address}
  devices             MQTT over TLS ${host}:${mqttPort}, enrolment ${enrolment}
  root fingerprint    SHA-256 ${rootSha256}`,
  };
  console.log(ready[lang ?? 'en']);
  if (setupLink !== undefined) console.log(nextStep(setupLink, lang));
}

/** How the first administrator comes to be; in both languages when none was asked for. */
function nextStep(setupLink: string, lang?: Locale): string {
  const zh = '下一步：用此一次性链接（30 分钟内有效）创建首位管理员';
  if (lang === 'zh') return `\n${zh}：\n  ${setupLink}\n然后填写平台方信息并起草第一份协议。`;
  const rest = "Then fill in party A's particulars and draft the first agreement.";
  const en = `\nNext: create the first administrator with this link (30 minutes, works once):\n  ${setupLink}\n${rest}`;
  return lang === 'en' ? en : `${en} ${zh}。`;
}

async function start(given: Arguments): Promise<void> {
  const { data, config, noInit } = given;
  if (noInit) demandInitialised(data);
  const configuration = readConfiguration(config, data, process.env);
  if (given.adopt)
    for (const { origin, size } of await adopt(configuration, data))
      console.error(`adopted ${origin}: ${size} entries are taken for the newest state`);
  const running = await runPlatform(configuration, data);
  announce(running, given);
  const stopped = Promise.withResolvers<void>();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopped.resolve());
  await stopped.promise;
  await running.stop();
}

async function link({ data, email, json }: Arguments): Promise<void> {
  const answer = await askControl(data, { ask: 'sign-in-link', ...(email === undefined ? {} : { email }) });
  if ('error' in answer) throw new Problem('request/not-found', answer.error);
  if (!('link' in answer)) throw new Error('the platform answered something else');
  console.log(json ? JSON.stringify(answer) : answer.link);
}

async function init({ data, config, json, lang = 'en' }: Arguments): Promise<void> {
  const rootSha256 = await initialise(readConfiguration(config, data, process.env), data);
  const words: Texts = {
    zh: `已初始化 ${data}\n根指纹  SHA-256 ${rootSha256}`,
    en: `Initialised ${data}\nroot fingerprint  SHA-256 ${rootSha256}`,
  };
  console.log(json ? JSON.stringify({ initialised: data, rootSha256 }) : words[lang]);
}

/** A path that a command cannot do without. */
function demandPath(value: string | undefined, option: string): string {
  if (value !== undefined) return path.resolve(value);
  console.error(`--${option} is needed\n${usage}`);
  return process.exit(exits.usage);
}

/** What was copied: as an object for programs, in one line for people. */
function told(answer: BackupAnswer, { json, lang = 'en' }: Arguments): void {
  const { files, bytes, keys } = answer;
  const words: Texts = {
    zh: `文件 ${files} 个，共 ${bytes} 字节；密钥文件 ${keys} 个`,
    en: `files ${files}, bytes ${bytes}, key files ${keys}`,
  };
  console.log(json ? JSON.stringify(answer) : words[lang]);
}

async function backUpNow(wanted: Arguments): Promise<void> {
  const { data, config, output, keys } = wanted;
  const to = demandPath(output, 'output');
  const keysTo = keys === undefined ? undefined : path.resolve(keys);
  const running = existsSync(controlSocket(data));
  const answer = running
    ? await askControl(data, { ask: 'backup', to, ...(keysTo === undefined ? {} : { keysTo }) })
    : await backUpOffline(readConfiguration(config, data, process.env), data, to, keysTo);
  if ('error' in answer) throw new Problem('store/backup', answer.error);
  if (!('files' in answer)) throw new Error('the platform answered something else');
  told(answer, wanted);
}

async function restoreNow(wanted: Arguments): Promise<void> {
  const { data, input, keys } = wanted;
  told(
    await restoreInto(demandPath(input, 'input'), data, keys === undefined ? undefined : path.resolve(keys)),
    wanted,
  );
}

const commands: Readonly<Record<string, (given: Arguments) => Promise<void>>> = {
  init,
  start,
  link,
  backup: backUpNow,
  restore: restoreNow,
  config: async ({ data, config, json }) => {
    const configuration = readConfiguration(config, data, process.env);
    console.log(JSON.stringify(json ? configuration : settingsOf(configuration), undefined, 2));
  },
};

const given = readArguments();
const command = commands[given.command];
if (!command) {
  console.error(usage);
  process.exit(exits.usage);
}
command(given).then(
  () => process.exit(0),
  (error: unknown) => fail(error, given),
);
