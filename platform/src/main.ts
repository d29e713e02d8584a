import path from 'node:path';
import { parseArgs } from 'node:util';
import { Problem, problemRow } from '@pactgate/protocol';
import { askControl } from './compose/control.ts';
import { type Running, runPlatform } from './compose/run.ts';
import { readConfiguration } from './config.ts';

/** Exit codes of sysexits.h: usage, unavailable, internal, configuration. */
const exits = { usage: 64, unavailable: 69, internal: 70, config: 78 } as const;
const usage = `Usage: main.ts <start | link | config> [--data DIR] [--config FILE] [--json]

  start    starts the platform; the first start initialises the data directory
  link     prints a one-time sign-in link of the running platform (--email, default the first administrator)
  config   prints the configuration in force`;

const options = {
  data: { type: 'string' },
  config: { type: 'string' },
  email: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

interface Arguments {
  readonly command: string;
  readonly data: string;
  readonly config: string | undefined;
  readonly email: string | undefined;
  readonly json: boolean;
}

function readArguments(): Arguments {
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const data = path.resolve(values.data ?? process.env['PACTGATE_DATA'] ?? 'data');
    return { command: positionals[0] ?? '', data, config: values.config, email: values.email, json: values.json };
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

async function start({ data, config, json }: Arguments): Promise<void> {
  const running = await runPlatform(readConfiguration(config, data, process.env), data);
  announce(running, json);
  const stopped = Promise.withResolvers<void>();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopped.resolve());
  await stopped.promise;
  await running.stop();
}

async function link({ data, email, json }: Arguments): Promise<void> {
  const answer = await askControl(data, { ask: 'sign-in-link', ...(email === undefined ? {} : { email }) });
  if ('error' in answer) throw new Problem('request/not-found', answer.error);
  console.log(json ? JSON.stringify(answer) : answer.link);
}

const commands: Readonly<Record<string, (given: Arguments) => Promise<void>>> = {
  start,
  link,
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
