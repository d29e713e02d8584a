import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Problem } from '@pactgate/protocol';
import { type Static, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { parse } from 'yaml';

const closed = <const P extends Record<string, TSchema>>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });
const Port = (value: number, description: string) =>
  Type.Integer({ minimum: 0, maximum: 65_535, default: value, description: `${description}; 0: any free port` });
const Whole = (value: number, bounds: readonly [number, number], description: string) =>
  Type.Integer({ minimum: bounds[0], maximum: bounds[1], default: value, description });
const Text = (value: string, description: string) => Type.String({ maxLength: 4_096, default: value, description });

/**
 * The configuration: one documented type. Every key has a default, so an absent file works; secrets are paths of files.
 * Read from `pactgate.yaml` of the data directory (or `--config`), overridden by `PACTGATE_*` (`PACTGATE_MQTT_PORT` is
 * `mqtt.port`).
 */
export const Configuration = closed({
  name: Text('Pactgate', 'name of the platform, shown to people'),
  host: Text('127.0.0.1', 'address the listeners bind to'),
  publicHost: Text(
    'localhost',
    'host name in links, certificates and log origins; several: comma-separated, first is used in links',
  ),
  domain: Text('pactgate.local', 'domain in the SAN URI of device certificates'),
  console: closed({
    port: Port(8443, 'HTTPS for people and tools'),
    certificate: Text('', 'PEM file of a public certificate chain; empty: issued by the own CA'),
    key: Text('', 'PEM file of its key'),
    ratePerMinute: Whole(300, [10, 1_000_000], 'requests per minute and caller'),
    dist: Text('', 'directory of the built console; empty: the checkout'),
  }),
  device: closed({ port: Port(8444, 'HTTPS with mutual TLS: EST, party machines') }),
  mqtt: closed({
    port: Port(8883, 'MQTT over mutual TLS'),
    maxPacketBytes: Whole(65_536, [1_024, 1_048_576], 'largest MQTT packet'),
    receiveMaximum: Whole(20, [1, 1_000], 'QoS 1 messages a device may have in flight'),
    keepAliveMaxSeconds: Whole(1_160, [5, 65_535], 'cap of the keep alive'),
    connectTimeoutSeconds: Whole(5, [1, 60], 'time for a full CONNECT'),
    publishesPerSecond: Whole(100, [1, 10_000_000], 'publishes per second and connection'),
    bytesPerSecond: Whole(524_288, [1_024, 10_000_000_000], 'bytes per second and connection'),
    connectsPerSecond: Whole(50, [1, 10_000_000], 'accepted connections per second and address'),
    connectionsPerDevice: Whole(4, [1, 64], 'live connections of one device'),
    failuresPerMinute: Whole(15, [1, 10_000_000], 'failed connects or abnormal closes per minute before a ban'),
    sessionMaxAgeHours: Whole(24, [1, 168], 'greatest age of a session: the periodic authentication'),
  }),
  tripwire: closed({
    ports: Type.Array(Type.Integer({ minimum: 0, maximum: 65_535 }), {
      maxItems: 8,
      default: [],
      description: 'plaintext ports to watch; empty: off',
    }),
  }),
  database: closed({
    url: Text('', 'PostgreSQL connection string file; empty: the embedded SQLite'),
  }),
  certificates: closed({
    deviceDays: Whole(7, [1, 398], 'life of device certificates'),
    codeHours: Whole(24, [1, 720], 'life of enrolment codes'),
    dormancyDays: Whole(400, [1, 3_650], 'grace in which an expired certificate may re-enrol'),
  }),
  ledger: closed({
    publishMs: Whole(700, [200, 60_000], 'least time between two checkpoints of one log'),
    masterSeconds: Whole(60, [1, 3_600], 'rhythm of the master log'),
  }),
  evaluation: closed({
    rhythmSeconds: Whole(60, [1, 3_600], 'rhythm of the evaluator; rows are judged when due'),
    collectSeconds: Whole(240, [1, 86_400], 'rhythm of reconciliation, heartbeats and lag records'),
    probeSeconds: Whole(2_880, [2, 86_400], 'rhythm of probes and self-tests'),
  }),
  clock: closed({
    server: Text('', 'NTP server the own clock is checked against; empty: witnesses of the device parties alone'),
  }),
  mail: closed({
    urlFile: Text('', 'file with the SMTP url; empty: links are shown instead of mailed'),
    from: Text('pactgate@localhost', 'sender'),
  }),
  metrics: closed({
    tokenFile: Text('', 'file with the bearer token of /metrics; empty: one is made in the data directory'),
  }),
  log: closed({
    level: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug'], { default: 'info', description: 'operational log' }),
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
