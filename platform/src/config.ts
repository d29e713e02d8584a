import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Problem, type Texts } from '@pactgate/protocol';
import { type Static, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { parse } from 'yaml';

const closed = <const P extends Record<string, TSchema>>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });
const both = (zh: string, en: string): Texts => ({ zh, en });
/** A key's words: English where JSON Schema has its own place for them, Chinese beside it. */
const described = ({ zh, en }: Texts) => ({ description: en, descriptionZh: zh });
const Port = (value: number, { zh, en }: Texts) =>
  Type.Integer({
    minimum: 0,
    maximum: 65_535,
    default: value,
    ...described(both(`${zh}；0：任一空闲端口`, `${en}; 0: any free port`)),
  });
const Whole = (value: number, bounds: readonly [number, number], words: Texts) =>
  Type.Integer({ minimum: bounds[0], maximum: bounds[1], default: value, ...described(words) });
const Text = (value: string, words: Texts) => Type.String({ maxLength: 4_096, default: value, ...described(words) });

/**
 * The configuration: one documented type. Every key has a default, so an absent file works; secrets are paths of files.
 * Read from `pactgate.yaml` of the data directory (or `--config`), overridden by `PACTGATE_*` (`PACTGATE_MQTT_PORT` is
 * `mqtt.port`).
 */
export const Configuration = closed({
  name: Text('Pactgate', both('平台名称，向人员显示', 'name of the platform, shown to people')),
  host: Text('127.0.0.1', both('监听地址', 'address the listeners bind to')),
  publicHost: Text(
    'localhost',
    both(
      '链接、证书与账本名称中的主机名；多个以逗号分隔，链接用第一个',
      'host name in links, certificates and log origins; several: comma-separated, first is used in links',
    ),
  ),
  domain: Text('pactgate.local', both('设备证书 SAN URI 中的域名', 'domain in the SAN URI of device certificates')),
  console: closed({
    port: Port(8443, both('供人员与工具使用的 HTTPS 端口', 'HTTPS for people and tools')),
    certificate: Text(
      '',
      both(
        '公共证书链的 PEM 文件；空：由自有 CA 签发',
        'PEM file of a public certificate chain; empty: issued by the own CA',
      ),
    ),
    key: Text('', both('该证书私钥的 PEM 文件', 'PEM file of its key')),
    ratePerMinute: Whole(300, [10, 1_000_000], both('每个调用方每分钟的请求数', 'requests per minute and caller')),
    dist: Text('', both('控制台构建产物目录；空：代码目录中的', 'directory of the built console; empty: the checkout')),
  }),
  device: closed({
    port: Port(8444, both('双向 TLS 的 HTTPS 端口：EST、当事方的机器', 'HTTPS with mutual TLS: EST, party machines')),
  }),
  mqtt: closed({
    port: Port(8883, both('MQTT（双向 TLS）端口', 'MQTT over mutual TLS')),
    maxPacketBytes: Whole(65_536, [1_024, 1_048_576], both('MQTT 报文的最大字节数', 'largest MQTT packet')),
    receiveMaximum: Whole(
      20,
      [1, 1_000],
      both('每台设备在途 QoS 1 消息数上限', 'QoS 1 messages a device may have in flight'),
    ),
    keepAliveMaxSeconds: Whole(1_160, [5, 65_535], both('保活时间上限（秒）', 'cap of the keep alive')),
    connectTimeoutSeconds: Whole(5, [1, 60], both('完成 CONNECT 的时限（秒）', 'time for a full CONNECT')),
    publishesPerSecond: Whole(
      100,
      [1, 10_000_000],
      both('每个连接每秒的发布数', 'publishes per second and connection'),
    ),
    bytesPerSecond: Whole(
      524_288,
      [1_024, 10_000_000_000],
      both('每个连接每秒的字节数', 'bytes per second and connection'),
    ),
    connectsPerSecond: Whole(
      50,
      [1, 10_000_000],
      both('每个地址每秒接受的连接数', 'accepted connections per second and address'),
    ),
    connectionsPerDevice: Whole(4, [1, 64], both('一台设备的并存连接数', 'live connections of one device')),
    failuresPerMinute: Whole(
      15,
      [1, 10_000_000],
      both('封禁前每分钟允许的失败连接或异常断开数', 'failed connects or abnormal closes per minute before a ban'),
    ),
    sessionMaxAgeHours: Whole(
      24,
      [1, 168],
      both('会话最长时间（小时），即定期认证周期', 'greatest age of a session: the periodic authentication'),
    ),
  }),
  tripwire: closed({
    ports: Type.Array(Type.Integer({ minimum: 0, maximum: 65_535 }), {
      maxItems: 8,
      default: [],
      ...described(both('绊线监视的明文端口；空：关闭', 'plaintext ports to watch; empty: off')),
    }),
  }),
  database: closed({
    url: Text(
      '',
      both('PostgreSQL 连接串文件；空：内嵌 SQLite', 'PostgreSQL connection string file; empty: the embedded SQLite'),
    ),
  }),
  certificates: closed({
    deviceDays: Whole(7, [1, 398], both('设备证书有效期（天）', 'life of device certificates')),
    codeHours: Whole(24, [1, 720], both('注册码有效期（小时）', 'life of enrolment codes')),
    dormancyDays: Whole(
      400,
      [1, 3_650],
      both('证书过期后仍可重新注册的宽限期（天）', 'grace in which an expired certificate may re-enrol'),
    ),
  }),
  ledger: closed({
    publishMs: Whole(
      700,
      [200, 60_000],
      both('同一账本两个检查点的最短间隔（毫秒）', 'least time between two checkpoints of one log'),
    ),
    masterSeconds: Whole(60, [1, 3_600], both('总账本的周期（秒）', 'rhythm of the master log')),
  }),
  evaluation: closed({
    rhythmSeconds: Whole(
      60,
      [1, 3_600],
      both('评定周期（秒）；义务到期才评定', 'rhythm of the evaluator; rows are judged when due'),
    ),
    collectSeconds: Whole(
      240,
      [1, 86_400],
      both('对账、心跳与滞后记录的周期（秒）', 'rhythm of reconciliation, heartbeats and lag records'),
    ),
    probeSeconds: Whole(2_880, [2, 86_400], both('探测与自检的周期（秒）', 'rhythm of probes and self-tests')),
  }),
  clock: closed({
    server: Text(
      '',
      both(
        '核对本机时钟的 NTP 服务器；空：仅靠设备方的见证',
        'NTP server the own clock is checked against; empty: witnesses of the device parties alone',
      ),
    ),
  }),
  mail: closed({
    urlFile: Text(
      '',
      both(
        '含 SMTP 地址的文件；空：链接只显示，不发邮件',
        'file with the SMTP url; empty: links are shown instead of mailed',
      ),
    ),
    from: Text('pactgate@localhost', both('发件人', 'sender')),
  }),
  metrics: closed({
    tokenFile: Text(
      '',
      both(
        '含 /metrics 令牌的文件；空：在数据目录中生成',
        'file with the bearer token of /metrics; empty: one is made in the data directory',
      ),
    ),
  }),
  log: closed({
    level: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug'], {
      default: 'info',
      ...described(both('运行日志级别', 'level of the operational log')),
    }),
  }),
});
export type Configuration = Static<typeof Configuration>;

type Tree = { [key: string]: unknown };
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Fills absent keys with the defaults of the schema. */
function withDefaults(schema: TSchema, value: unknown): unknown {
  const shape = schema as { properties?: Record<string, TSchema>; default?: unknown };
  if (!shape.properties) return value ?? shape.default;
  if (value !== undefined && !isTree(value)) return value;
  const given = value ?? {};
  const filled = Object.entries(shape.properties).map(([key, part]) => [key, withDefaults(part, given[key])]);
  return { ...given, ...Object.fromEntries(filled) };
}

const words = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/** The keys of the schema with the environment variable that overrides each. */
function* keys(
  schema: TSchema,
  trail: readonly string[] = [],
): Generator<{ readonly trail: readonly string[]; readonly schema: TSchema }> {
  const { properties } = schema as { properties?: Record<string, TSchema> };
  if (!properties) {
    yield { trail, schema };
    return;
  }
  for (const [key, part] of Object.entries(properties)) yield* keys(part, [...trail, key]);
}
export const variableOf = (trail: readonly string[]): string => `PACTGATE_${trail.map(words).join('_')}`;

/** A key as `pactgate config show` lists it. */
export interface Setting {
  /** Dotted, as in the file: `mqtt.port`. */
  readonly key: string;
  readonly variable: string;
  readonly value: unknown;
  readonly description: Texts;
}

/** Every key with the variable that overrides it, the value in force and what it is for. */
export const settingsOf = (configuration: Configuration): readonly Setting[] =>
  [...keys(Configuration)].map(({ trail, schema }) => {
    const { description: en = '', descriptionZh: zh = '' } = schema as { description?: string; descriptionZh?: string };
    const value = trail.reduce<unknown>((node, key) => (isTree(node) ? node[key] : undefined), configuration);
    return { key: trail.join('.'), variable: variableOf(trail), value, description: both(zh, en) };
  });

function parseVariable(schema: TSchema, text: string): unknown {
  const { type } = schema as { type?: string };
  if (type === 'integer') return /^-?\d+$/.test(text) ? Number(text) : text;
  if (type === 'array')
    return text === '' ? [] : text.split(',').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  return text;
}

function overridden(value: Tree, environment: Readonly<Record<string, string | undefined>>): Tree {
  const result = structuredClone(value);
  for (const { trail, schema } of keys(Configuration)) {
    const text = environment[variableOf(trail)];
    if (text === undefined) continue;
    let node = result;
    for (const key of trail.slice(0, -1)) {
      const next = node[key];
      node = isTree(next) ? next : (node[key] = {});
    }
    node[trail.at(-1) ?? ''] = parseVariable(schema, text);
  }
  return result;
}

const check = Compile(Configuration);

/** Reads a configuration from parsed YAML and the environment; `start/config-invalid` names every wrong key. */
export function parseConfiguration(
  value: unknown,
  environment: Readonly<Record<string, string | undefined>> = {},
): Configuration {
  if (value !== undefined && value !== null && !isTree(value))
    throw new Problem('start/config-invalid', 'the configuration is no mapping of keys');
  const filled = withDefaults(Configuration, overridden(isTree(value) ? value : {}, environment));
  if (check.Check(filled)) return filled;
  const faults = check
    .Errors(filled)
    .slice(0, 8)
    .map((e) => `${e.instancePath.slice(1).replaceAll('/', '.') || 'configuration'} ${e.message}`);
  throw new Problem('start/config-invalid', faults.join('; '));
}

/** Reads the file, if there is one, and the environment. */
export function readConfiguration(
  file: string | undefined,
  dataDirectory: string,
  environment: Readonly<Record<string, string | undefined>>,
): Configuration {
  const named = file ?? path.join(dataDirectory, 'pactgate.yaml');
  if (file !== undefined && !existsSync(file)) throw new Problem('start/config-invalid', `no file ${file}`);
  let value: unknown;
  try {
    value = existsSync(named) ? parse(readFileSync(named, 'utf8'), { maxAliasCount: 0 }) : undefined;
  } catch (cause) {
    throw new Problem('start/config-invalid', `${named} is no YAML`, { cause });
  }
  return parseConfiguration(value, environment);
}
