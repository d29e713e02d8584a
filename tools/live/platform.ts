import { globSync, statSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { node, type Running, root, run, start, until } from './process.ts';

/** A platform as a process of its own, on free loopback ports, in a data directory of its own. */
export interface LivePlatform {
  readonly data: string;
  /** `https://localhost:PORT`. */
  readonly console: string;
  readonly consolePort: number;
  readonly devicePort: number;
  readonly mqttPort: number;
  readonly tripwirePort: number;
  readonly rootSha256: string;
  /** Of the first start only: creates the first administrator. */
  readonly setupLink?: string;
  readonly process: Running;
}

export interface PlatformOptions {
  readonly data: string;
  /** Further configuration, by variable name without `PACTGATE_`. */
  readonly config?: Readonly<Record<string, string>>;
  /** Ports of an earlier start, so that devices find the platform again. */
  readonly ports?: Ports;
  /** Further words of the command. */
  readonly words?: readonly string[];
}

export interface Ports {
  readonly consolePort: number;
  readonly devicePort: number;
  readonly mqttPort: number;
  readonly tripwirePort: number;
}

/** A port nobody listens on now. */
export function freePort(): Promise<number> {
  const server = net.createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

export async function freePorts(): Promise<Ports> {
  const [consolePort = 0, devicePort = 0, mqttPort = 0, tripwirePort = 0] = await Promise.all(
    Array.from({ length: 4 }, freePort),
  );
  return { consolePort, devicePort, mqttPort, tripwirePort };
}

/** Rhythms of seconds instead of hours: evidence comes soon. Limits and bans stay as they are. */
const brisk: Readonly<Record<string, string>> = {
  EVALUATION_RHYTHM_SECONDS: '1',
  EVALUATION_COLLECT_SECONDS: '4',
  EVALUATION_PROBE_SECONDS: '12',
  LEDGER_PUBLISH_MS: '400',
  LEDGER_MASTER_SECONDS: '5',
  CONSOLE_RATE_PER_MINUTE: '6000',
  LOG_LEVEL: 'warn',
};

const readyLimit = 30_000;

/** Starts `platform/src/main.ts start` and waits for its ready line. Throws with what it said when it does not start. */
export async function startPlatform({ data, config = {}, ports, words = [] }: PlatformOptions): Promise<LivePlatform> {
  const chosen = ports ?? (await freePorts());
  const wanted: Record<string, string> = {
    ...brisk,
    CONSOLE_PORT: String(chosen.consolePort),
    DEVICE_PORT: String(chosen.devicePort),
    MQTT_PORT: String(chosen.mqttPort),
    TRIPWIRE_PORTS: String(chosen.tripwirePort),
    ...config,
  };
  const env = Object.fromEntries(Object.entries(wanted).map(([name, value]) => [`PACTGATE_${name}`, value]));
  const ready: { line?: Readonly<Record<string, unknown>> } = {};
  const program = path.join(root, 'platform/src/main.ts');
  const process = start(
    node,
    ['--disable-warning=ExperimentalWarning', program, 'start', '--data', data, '--json', ...words],
    {
      env,
      onLine: (line) => {
        const said = readJsonLine(line);
        if (said?.['ready'] === true) ready.line = said;
      },
    },
  );
  await Promise.race([process.ended, until(() => ready.line, { within: readyLimit, every: 50 })]);
  const { line } = ready;
  if (line === undefined) {
    await process.stop();
    throw new Error(`the platform did not start:\n${process.tail()}`);
  }
  const text = (name: string): string | undefined => {
    const value = line[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const setupLink = text('setupLink');
  return {
    data,
    console: text('console') ?? `https://localhost:${chosen.consolePort}`,
    ...chosen,
    rootSha256: text('rootSha256') ?? '',
    ...(setupLink === undefined ? {} : { setupLink }),
    process,
  };
}

function readJsonLine(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined; // a line of something else
  }
}

/** A one-time sign-in link for the first administrator, as the operator of the machine gets it. */
export async function signInLink({ data }: LivePlatform): Promise<string> {
  const program = path.join(root, 'platform/src/main.ts');
  const words = ['--disable-warning=ExperimentalWarning', program, 'link', '--data', data, '--json'];
  const { code, stdout, stderr } = await run(node, words);
  const link = readJsonLine(stdout.trim())?.['link'];
  if (code !== 0 || typeof link !== 'string') throw new Error(`no sign-in link: ${stdout}${stderr}`);
  return link;
}

/** Builds the console where it is missing or older than what it is built of; answers what went wrong, if anything did. */
export async function ensureConsole(): Promise<string | undefined> {
  const built = statSync(path.join(root, 'console/dist/index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = ['console', 'protocol', 'proof', 'agreement'].flatMap((name) =>
    globSync(`${name}/**/*.{ts,tsx,css,html,json}`, { cwd: root, exclude: ['**/dist/**', '**/node_modules/**'] }),
  );
  if (sources.every((file) => statSync(path.join(root, file)).mtimeMs <= built)) return undefined;
  const vite = path.join(root, 'node_modules/.bin/vite');
  const { code, stdout, stderr } = await run(node, [vite, 'build', 'console', '--logLevel', 'error'], {
    cwd: root,
    timeout: 180_000,
  });
  return code === 0 ? undefined : `the console does not build:\n${(stdout + stderr).slice(-4_000)}`;
}
