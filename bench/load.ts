import path from 'node:path';
import { type Ended, type Running, run, start, until } from '../tools/live/process.ts';

/** Compiles the load generator into `scratch`; throws with the compiler's words when it does not. */
export async function compileLoad(scratch: string): Promise<string> {
  const out = path.join(scratch, 'mqttload');
  const source = path.join(import.meta.dirname, 'mqttload.c');
  const { code, stderr } = await run('gcc', ['-O2', '-o', out, source, '-lssl', '-lcrypto']);
  if (code !== 0) throw new Error(`gcc (packages gcc and libssl-dev of Debian): ${stderr.slice(-2_000)}`);
  return out;
}

/** The load generator on its core. */
export interface Load {
  readonly program: string;
  readonly core: number;
}

/** Where a load goes: a server of the comparison, or ours. */
export interface Target {
  readonly port: number;
  /** Directory of the devices: `ca.crt`, and for each of them `dev-000000.crt` with its key, or one `device.key`. */
  readonly certificates: string;
  /** `%i` is the client id. */
  readonly topic: string;
}

type Options = Readonly<Record<string, string | number>>;
const optionWords = (options: Options): string[] =>
  Object.entries(options).flatMap(([name, value]) => [`-${name}`, `${value}`]);

const args = ({ program, core }: Load, mode: string, target: Target, options: Options): string[] => [
  '-c',
  String(core),
  program,
  mode,
  ...optionWords({ D: target.certificates, p: target.port, ...options }),
];

function failed({ code, stdout, stderr }: Ended): Error {
  return new Error(`mqttload ended with ${code}:\n${stdout}${stderr}`.slice(0, 2_000));
}

const numbers = (text: string, pattern: RegExp): readonly number[] => (pattern.exec(text) ?? []).slice(1).map(Number);

export interface Published {
  /** Messages acknowledged positively per second. */
  readonly rate: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** The load generator warms the server up for so long before it measures (seconds). */
export const warmUp = 1;

/**
 * QoS 1 publishes of `devices` devices, each with `inFlight` unacknowledged, for `seconds` after the warm-up.
 * `onStart` is called when all are connected and the warm-up begins.
 */
export async function publish(
  load: Load,
  target: Target,
  options: {
    readonly devices: number;
    readonly inFlight: number;
    readonly seconds: number;
    readonly onStart?: () => void;
  },
): Promise<Published> {
  const { devices, inFlight, seconds, onStart } = options;
  const words = { t: target.topic, c: devices, w: inFlight, d: seconds };
  let stdout = '';
  const running = start('taskset', args(load, 'publish', target, words), {
    onLine: (line) => {
      stdout += `${line}\n`;
      if (line.startsWith('connected')) onStart?.();
    },
  });
  const limit = setTimeout(() => void running.stop(100), 60_000 + seconds * 1_000);
  const code = await running.ended;
  clearTimeout(limit);
  return readRate(/acked ([\d.]+) msg\/s p50 ([\d.]+) ms p99 ([\d.]+) ms/, { code, stdout, stderr: running.tail() });
}

function readRate(pattern: RegExp, ended: Ended): Published {
  const found = numbers(ended.stdout, pattern);
  const [rate = 0, p50Ms = 0, p99Ms = 0] = found;
  if (ended.code !== 0 || found.length === 0) throw failed(ended);
  return { rate, p50Ms, p99Ms };
}

/** Full handshake, CONNECT, CONNACK, reset, again. */
export async function connect(
  load: Load,
  target: Target,
  { devices, seconds }: { readonly devices: number; readonly seconds: number },
): Promise<Published> {
  const options = { c: devices, P: devices, d: seconds };
  const ended = await run('taskset', args(load, 'connect', target, options), { timeout: 60_000 + seconds * 1_000 });
  return readRate(/failed ([\d.]+) conn\/s p50 ([\d.]+) ms p99 ([\d.]+) ms/, ended);
}

/** Connections that are open and silent until `stop`. */
export async function hold(
  load: Load,
  target: Target,
  {
    devices,
    seconds,
    prefix = 'dev-',
  }: { readonly devices: number; readonly seconds: number; readonly prefix?: string },
): Promise<Running> {
  let connected = '';
  const options = { c: devices, d: seconds, n: `${prefix}%i`, P: 16 };
  const running = start('taskset', args(load, 'idle', target, options), {
    onLine: (line) => {
      connected += `${line}\n`;
    },
  });
  let over = false;
  void running.ended.then(() => {
    over = true;
  });
  await until(() => (over || connected !== '' ? true : undefined), { within: 90_000, every: 50 });
  const [up = 0] = numbers(connected, /connected (\d+)\//);
  if (up !== devices) {
    await running.stop(500);
    throw new Error(`only ${up} of ${devices} devices connected: ${connected}${running.tail()}`);
  }
  return running;
}
