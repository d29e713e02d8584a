import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Problem, problemRow } from '@pactgate/protocol';
import { askControl, controlSocket } from './compose/control.ts';
import { adopt, backUpOffline, demandInitialised, initialise, restoreInto } from './compose/offline.ts';
import { type Running, runPlatform } from './compose/run.ts';
import { readConfiguration } from './config.ts';

/** Exit codes of sysexits.h: usage, unavailable, internal, configuration. */
const exits = { usage: 64, unavailable: 69, internal: 70, config: 78 } as const;
const usage = `Usage: main.ts <init | start | link | backup | restore | config> [--data DIR] [--config FILE] [--json]

  init     makes keys, root and database without starting
  start    starts the platform; the first start initialises the data directory (--no-init: refuse then;
           --adopt: this restored copy is the newest state, its ledgers may be signed again)
  link     prints a one-time sign-in link of the running platform (--email, default the first administrator)
  backup   --output DIR [--keys DIR]: copies database and telemetry, while the platform runs or not
  restore  --input DIR [--keys DIR]: lays a backup out as a new data directory
  config   prints the configuration in force`;

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
}

function readArguments(): Arguments {
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const data = path.resolve(values.data ?? process.env['PACTGATE_DATA'] ?? 'data');
    const { 'no-init': noInit, ...rest } = values;
    return { command: positionals[0] ?? '', ...rest, noInit, data };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return process.exit(exits.usage);
  }
}

/** An expected refusal in words, with its code and the next step; anything else is a bug and shows its stack. */
function fail(error: unknown, json: boolean): never {
  if (error instanceof Problem) {
    const { title, next } = problemRow(error.code);
    if (json) console.log(JSON.stringify({ ready: false, code: error.code, detail: error.detail, next }));
    console.error(`${title.en} (${error.code}): ${error.detail}\n${next.en}\n${title.zh}：${next.zh}`);
    process.exit(error.code === 'start/config-invalid' ? exits.config : exits.unavailable);
  }
  console.error(error);
  process.exit(exits.internal);
}

function announce({ core, addresses, tripwirePorts, setupLink }: Running, json: boolean): void {
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
  console.log(`Pactgate is ready.
  console             ${address}
  devices             MQTT over TLS ${host}:${mqttPort}, enrolment https://${host}:${devicePort}/.well-known/est
  root fingerprint    SHA-256 ${rootSha256}`);
  if (setupLink !== undefined)
    console.log(`
Next: create the first administrator with this link (30 minutes, works once):
  ${setupLink}
Then fill in party A's particulars and draft the first agreement. 下一步：用上面的一次性链接创建首位管理员。`);
}

async function start({ data, config, json, noInit, ...given }: Arguments): Promise<void> {
  if (noInit) demandInitialised(data);
  const configuration = readConfiguration(config, data, process.env);
  if (given.adopt)
    for (const { origin, size } of await adopt(configuration, data))
      console.error(`adopted ${origin}: ${size} entries are taken for the newest state`);
  const running = await runPlatform(configuration, data);
  announce(running, json);
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

async function init({ data, config, json }: Arguments): Promise<void> {
  const rootSha256 = await initialise(readConfiguration(config, data, process.env), data);
  console.log(
    json
      ? JSON.stringify({ initialised: data, rootSha256 })
      : `Initialised ${data}\nroot fingerprint  SHA-256 ${rootSha256}`,
  );
}

/** A path that a command cannot do without. */
function demandPath(value: string | undefined, option: string): string {
  if (value !== undefined) return path.resolve(value);
  console.error(`--${option} is needed\n${usage}`);
  return process.exit(exits.usage);
}

const told = (answer: object, json: boolean): void =>
  console.log(
    json
      ? JSON.stringify(answer)
      : Object.entries(answer)
          .map(([name, value]) => `${name.padEnd(8)}${String(value)}`)
          .join('\n'),
  );

async function backUpNow({ data, config, output, keys, json }: Arguments): Promise<void> {
  const to = demandPath(output, 'output');
  const keysTo = keys === undefined ? undefined : path.resolve(keys);
  const running = existsSync(controlSocket(data));
  const answer = running
    ? await askControl(data, { ask: 'backup', to, ...(keysTo === undefined ? {} : { keysTo }) })
    : await backUpOffline(readConfiguration(config, data, process.env), data, to, keysTo);
  if ('error' in answer) throw new Problem('store/backup', answer.error);
  told(answer, json);
}

async function restoreNow({ data, input, keys, json }: Arguments): Promise<void> {
  told(await restoreInto(demandPath(input, 'input'), data, keys === undefined ? undefined : path.resolve(keys)), json);
}

const commands: Readonly<Record<string, (given: Arguments) => Promise<void>>> = {
  init,
  start,
  link,
  backup: backUpNow,
  restore: restoreNow,
  config: async ({ data, config }) => {
    console.log(JSON.stringify(readConfiguration(config, data, process.env), undefined, 2));
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
  (error: unknown) => fail(error, given.json),
);
