import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort, freePorts, type Ports } from '../tools/live/platform.ts';
import { node, type Running, root, run, start, until } from '../tools/live/process.ts';
import type { Load, Target } from './load.ts';

/** Topic of the telemetry the devices send; ours takes the identity from the certificate. */
const ownTopic = 'v1/me/up/telemetry/status';

/** A server under test, on its core. */
export interface Server extends Target {
  readonly name: 'ours' | 'bare' | 'mosquitto';
  readonly process: Running;
}

export interface Platform extends Server {
  readonly console: string;
  readonly devicePort: number;
  readonly rootSha256: string;
  readonly setupLink: string;
  readonly data: string;
}

/**
 * Limits as a benchmark raises them: one address stands for thousands of devices, and each sends as fast as it is
 * answered. Nothing is switched off. Evaluation and probes keep their rhythms of production.
 */
export const raisedLimits: Readonly<Record<string, string>> = {
  MQTT_PUBLISHES_PER_SECOND: '100000',
  MQTT_BYTES_PER_SECOND: '1000000000',
  MQTT_CONNECTS_PER_SECOND: '100000',
  MQTT_FAILURES_PER_MINUTE: '1000000',
  CONSOLE_RATE_PER_MINUTE: '1000000',
};

/** Collects garbage on SIGUSR2: memory is compared after it, in both Node servers alike. */
const collector = path.join(import.meta.dirname, 'collect.ts');
const nodeWords = ['--disable-warning=ExperimentalWarning', '--expose-gc', '--import', collector];
const readyLimit = 60_000;

interface Started {
  readonly process: Running;
  readonly line: string;
}

/** Starts a server on `core`; resolves with the first line of its output that `isReady` takes. */
async function startOn(
  core: number,
  command: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly isReady: (line: string) => boolean },
): Promise<Started> {
  const found: { line?: string } = {};
  const process = start('taskset', ['-c', String(core), ...command], {
    env: options.env ?? {},
    onLine: (line) => {
      if (options.isReady(line)) found.line ??= line;
    },
  });
  let over = false;
  void process.ended.then(() => {
    over = true;
  });
  await until(() => (over ? true : found.line && true), { within: readyLimit, every: 20 });
  if (found.line === undefined) {
    await process.stop(1_000);
    throw new Error(`${command.slice(0, 6).join(' ')} did not start:\n${process.tail()}`);
  }
  return { process, line: found.line };
}

/** Starts the platform in `data`, at the ports of an earlier start if given. */
export async function startPlatform(
  core: number,
  data: string,
  certificates: string,
  { ports, flags = [] }: { readonly ports?: Ports; readonly flags?: readonly string[] } = {},
): Promise<Platform & { readonly ports: Ports }> {
  const chosen = ports ?? (await freePorts());
  const wanted = {
    ...raisedLimits,
    CONSOLE_PORT: chosen.consolePort,
    DEVICE_PORT: chosen.devicePort,
    MQTT_PORT: chosen.mqttPort,
    LOG_LEVEL: 'warn',
  };
  const env = Object.fromEntries(Object.entries(wanted).map(([name, value]) => [`PACTGATE_${name}`, String(value)]));
  const program = path.join(root, 'platform/src/main.ts');
  const command = [node, ...nodeWords, ...flags, program, 'start', '--data', data, '--json'];
  const { process, line } = await startOn(core, command, { env, isReady: (text) => text.startsWith('{"ready":true') });
  const said = JSON.parse(line) as { console: string; rootSha256: string; setupLink?: string };
  return {
    name: 'ours',
    process,
    port: chosen.mqttPort,
    topic: ownTopic,
    certificates,
    console: said.console,
    devicePort: chosen.devicePort,
    rootSha256: said.rootSha256,
    setupLink: said.setupLink ?? '',
    data,
    ports: chosen,
  };
}

/** The plain Node responder: same runtime, same TLS, no check, nothing kept. */
export async function startBare(core: number, peers: string): Promise<Server> {
  const port = await freePort();
  const program = path.join(import.meta.dirname, 'bare-responder.ts');
  const command = [node, ...nodeWords, program, peers, String(port)];
  const { process } = await startOn(core, command, { isReady: (text) => text.startsWith('listening') });
  return { name: 'bare', process, port, topic: ownTopic, certificates: peers };
}

/** Mosquitto with client certificates, identity from the certificate and an ACL by it; nothing kept on disk. */
export async function startMosquitto(core: number, peers: string): Promise<Server> {
  const port = await freePort();
  const file = (name: string): string => path.join(peers, name);
  await writeFile(file('acl'), 'pattern write v1/%u/up/#\npattern read v1/%u/dn/#\n', { mode: 0o600 });
  const lines = [
    `listener ${port} 127.0.0.1`,
    `cafile ${file('ca.crt')}`,
    `certfile ${file('server.crt')}`,
    `keyfile ${file('server.key')}`,
    'require_certificate true',
    'use_identity_as_username true',
    `acl_file ${file('acl')}`,
    'persistence false',
    'set_tcp_nodelay true',
    'max_inflight_messages 0',
    'log_type warning',
    'log_type error',
    'log_dest stderr',
    ...(process.getuid?.() === 0 ? ['user root'] : []),
  ];
  await writeFile(file('mosquitto.conf'), `${lines.join('\n')}\n`);
  const running = start('taskset', ['-c', String(core), 'mosquitto', '-c', file('mosquitto.conf')]);
  await until(async () => ((await isListening(port)) ? true : undefined), { within: 10_000, every: 50 });
  if (!(await isListening(port))) throw new Error(`mosquitto did not start:\n${running.tail()}`);
  return { name: 'mosquitto', process: running, port, topic: 'v1/%i/up/telemetry/status', certificates: peers };
}

async function isListening(port: number): Promise<boolean> {
  const { stdout } = await run('ss', ['-Htln', `sport = :${port}`]);
  return stdout.includes(`:${port}`);
}

/**
 * Certificates for the other servers, the simplest there are: one CA, which signed the server and every device. Ours
 * has its real ones: root, platform CA, the party's issuing CA.
 */
export async function makePeerCertificates(
  load: Load,
  peers: string,
  { devices, warm, prefix }: { readonly devices: number; readonly warm: number; readonly prefix: string },
): Promise<void> {
  const { code, stderr } = await run(load.program, ['mkcerts', peers, String(Math.max(devices, warm))]);
  if (code !== 0) throw new Error(`mqttload mkcerts: ${stderr}`);
  for (let i = 0; i < warm; i++) {
    const digits = String(i).padStart(6, '0');
    await copyFile(path.join(peers, `dev-${digits}.crt`), path.join(peers, `${prefix}${digits}.crt`));
  }
}
