import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { clientOf, http, pin } from '../tools/live/api.ts';
import { freePorts, type LivePlatform, startPlatform } from '../tools/live/platform.ts';
import { type Ended, node, root, run, start, until } from '../tools/live/process.ts';
import { recordsOf } from '../tools/live/records.ts';
import { connectJs, endOf, reading, telemetryTopic } from './clients.ts';
import { enrol } from './devices.ts';
import { type PartySide, type Ready, readyPlatform, signedInToken } from './platform.ts';

/** `npm start` as an operator meets it: what stops a start, what a stop does, what a second start finds again. */

let scratch: string;
let ready: Ready;
let party: PartySide;
before(async () => {
  scratch = mkdtempSync(path.join(tmpdir(), 'pactgate-start-'));
  ready = await readyPlatform();
  [party] = ready.parties;
});
const started: LivePlatform[] = [];
after(async () => {
  for (const platform of started) await platform.process.stop();
  await ready.stop();
  rmSync(scratch, { recursive: true, force: true });
  rmSync(free.NODE_COMPILE_CACHE, { recursive: true, force: true });
});

const program = path.join(root, 'platform/src/main.ts');
const free = {
  PACTGATE_CONSOLE_PORT: '0',
  PACTGATE_DEVICE_PORT: '0',
  PACTGATE_MQTT_PORT: '0',
  PACTGATE_LOG_LEVEL: 'fatal',
  /** Twenty starts of the same program: it is compiled once. */
  NODE_COMPILE_CACHE: path.join(tmpdir(), `pactgate-compiled-${process.pid}`),
};

const base = ['--disable-warning=ExperimentalWarning', program];

/** One start that must fail: its exit code and what it said. */
async function failedStart(
  data: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended & { readonly problem: string }> {
  const ended = await run(node, [...base, 'start', '--data', data, '--json'], {
    env: { ...free, ...env },
    timeout: 30_000,
  });
  const said = ended.stdout.trim().split('\n').at(-1) ?? '';
  const { code = '' } = said.startsWith('{') ? (JSON.parse(said) as { code?: string }) : {};
  return { ...ended, problem: code };
}
/** Exit codes of sysexits.h as `main.ts` documents them. */
const exits = { usage: 64, unavailable: 69, config: 78 } as const;

/** A copy of the data directory as it rests after a clean stop. */
let rested: string;
const copy = (name: string): string => {
  const data = path.join(scratch, name);
  cpSync(rested, data, { recursive: true });
  return data;
};

test('a second process on the data directory that is in use is refused, the first goes on', async () => {
  const { code, problem, stderr } = await failedStart(ready.platform.data);
  assert.deepEqual([code, problem], [exits.unavailable, 'start/data-locked']);
  assert.match(stderr, new RegExp(`process ${ready.platform.process.pid}`));
  assert.equal((await party.admin.client.call('me', {})).party, party.id);
});

test('a taken port: which one, and what to do, in both languages', async (t) => {
  const taken = net.createServer().listen({ host: '127.0.0.1', port: 0 });
  t.after(() => void taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as net.AddressInfo;
  for (const name of ['CONSOLE', 'DEVICE', 'MQTT'] as const) {
    const data = path.join(scratch, `taken-${name}`);
    const { code, problem, stderr } = await failedStart(data, { [`PACTGATE_${name}_PORT`]: String(port) });
    assert.deepEqual([code, problem], [exits.unavailable, 'start/port-taken'], name);
    assert.match(stderr, new RegExp(`\\b${port}\\b`));
    assert.match(stderr, /\p{Script=Han}/u);
  }
  const { problem } = await failedStart(path.join(scratch, 'taken-trip'), { PACTGATE_TRIPWIRE_PORTS: String(port) });
  assert.equal(problem, 'start/port-taken');
});

const badConfigurations: readonly { readonly name: string; readonly yaml: string; readonly says: RegExp }[] = [
  { name: 'an unknown key', yaml: 'mqtt:\n  prot: 1\n', says: /mqtt/ },
  { name: 'no YAML', yaml: 'mqtt: [1,', says: /YAML/ },
  { name: 'a database file that is not there', yaml: 'database:\n  url: /nowhere/url\n', says: /database\.url/ },
  {
    name: 'a certificate that is not there',
    yaml: 'console:\n  certificate: /nowhere/x.pem\n',
    says: /console\.certificate/,
  },
  {
    name: 'a certificate that is none',
    yaml: 'console:\n  certificate: FILE\n  key: FILE\n',
    says: /console\.certificate/,
  },
];
for (const { name, yaml, says } of badConfigurations)
  test(`a bad configuration, ${name}: exit 78 and the key`, async () => {
    const file = path.join(scratch, 'bad.yaml');
    writeFileSync(file, yaml.replaceAll('FILE', file));
    const data = path.join(scratch, `config-${name.replaceAll(' ', '-')}`);
    const args = [
      '--disable-warning=ExperimentalWarning',
      program,
      'start',
      '--data',
      data,
      '--config',
      file,
      '--json',
    ];
    const { code, stdout, stderr } = await run(node, args, { env: free, timeout: 30_000 });
    assert.equal(code, exits.config, stderr);
    assert.equal((JSON.parse(stdout) as { code: string }).code, 'start/config-invalid');
    assert.match(stderr, says);
  });

test('a wrong word on the command line: exit 64 and the usage', async () => {
  for (const args of [['strat'], ['start', '--dada', 'x']]) {
    const { code, stderr } = await run(node, ['--disable-warning=ExperimentalWarning', program, ...args]);
    assert.equal(code, exits.usage);
    assert.match(stderr, /Usage/);
  }
});

test('a directory that holds something else is left alone', async () => {
  const data = mkdtempSync(path.join(scratch, 'stranger-'));
  writeFileSync(path.join(data, 'thesis.txt'), 'years of work');
  const { code, stderr } = await failedStart(data);
  assert.equal(code, exits.unavailable, stderr);
  assert.match(stderr, /thesis\.txt/);
  assert.equal(readFileSync(path.join(data, 'thesis.txt'), 'utf8'), 'years of work');
});

test('SIGTERM drains: sessions end in order, the process exits 0, and a later start finds everything again', async () => {
  const device = await enrol(ready, party, 'steady');
  const client = await connectJs(ready, device);
  await client.publishAsync(telemetryTopic, reading(), { qos: 1 });
  const ended = endOf(client);
  const { rootSha256, data } = ready.platform;
  assert.equal(await ready.platform.process.stop(), 0);
  assert.equal(await ended, 0x8b, 'server shutting down');
  rested = path.join(scratch, 'rested');
  cpSync(data, rested, { recursive: true, filter: (file) => !file.endsWith('control.sock') });
  const platform = await again();
  assert.equal(platform.rootSha256, rootSha256);
  assert.equal(platform.setupLink, undefined, 'there is an administrator');
  const { summary } = await party.admin.client.call('agreement', { params: { agreement: party.agreement } });
  assert.equal(summary.state, 'in-force');
  const back = await connectJs({ ...ready, platform }, device);
  await back.publishAsync(telemetryTopic, reading(), { qos: 1 });
  const params = { agreement: party.agreement, device: device.id };
  const { items } = await party.engineer.client.call('telemetry', { params, query: { channel: 'status' } });
  assert.equal(items.length, 2);
  await back.endAsync();
  const kinds = new Set((await recordsOf(ready.admin.client, await platformLog())).map(({ kind }) => kind));
  for (const kind of ['platform.start', 'platform.stop']) assert.ok(kinds.has(kind), kind);
});

const platformLog = async (): Promise<string> =>
  (await ready.admin.client.call('logs', {})).items.find(({ kind }) => kind === 'platform')?.id ?? '';

/** Starts the same directory on the same ports. */
async function again(): Promise<LivePlatform> {
  const { data, consolePort, devicePort, mqttPort, tripwirePort } = ready.platform;
  const platform = await startPlatform({ data, ports: { consolePort, devicePort, mqttPort, tripwirePort } });
  ready = { ...ready, platform };
  started.push(platform);
  return platform;
}

test('after kill -9: open sessions of the dead process are ended and recorded, devices come back', async () => {
  const device = await enrol(ready, party, 'surviving');
  const client = await connectJs(ready, device);
  const closed = endOf(client);
  process.kill(ready.platform.process.pid, 'SIGKILL');
  await closed;
  await ready.platform.process.ended;
  const platform = await again();
  const params = { agreement: party.agreement, device: device.id };
  const { items } = await party.engineer.client.call('sessions', { params });
  assert.ok(items.length === 1 && items[0]?.closedAt !== undefined, JSON.stringify(items));
  const back = await connectJs({ ...ready, platform }, device);
  await back.endAsync();
  const admin = await signedInToken(platform, ready.server);
  assert.equal((await admin.client.call('me', {})).role, 'a.admin');
});

test('a data directory of a newer version: layout, and database', async () => {
  const newer = copy('newer-layout');
  writeFileSync(path.join(newer, 'VERSION'), '99\n');
  const layout = await failedStart(newer);
  assert.deepEqual([layout.code, layout.problem], [exits.unavailable, 'start/data-newer']);
  const migrated = copy('newer-database');
  const db = new DatabaseSync(path.join(migrated, 'main.db'));
  const columns = db
    .prepare('pragma table_info(migration)')
    .all()
    .map(({ name }) => String(name));
  db.prepare(
    `insert into migration (${columns.join(', ')}) values (${columns.map((name) => (name === 'id' ? `'9999-later'` : '0')).join(', ')})`,
  ).run();
  db.close();
  const database = await failedStart(migrated);
  assert.deepEqual([database.code, database.problem], [exits.unavailable, 'start/data-newer']);
});

test('keys that cannot be read: open to others, of another owner, damaged, or gone', async () => {
  const open = copy('keys-open');
  chmodSync(path.join(open, 'kek'), 0o644);
  const damaged = copy('keys-damaged');
  writeFileSync(path.join(damaged, 'kek'), Buffer.alloc(32, 7), { mode: 0o600 });
  const gone = copy('keys-gone');
  rmSync(path.join(gone, 'kek'));
  for (const data of [open, damaged, gone]) {
    const { code, problem, stderr } = await failedStart(data);
    assert.deepEqual([code, problem], [exits.unavailable, 'start/keys-unreadable'], `${data}: ${stderr}`);
  }
  if (process.getuid?.() !== 0) return; // only root can give a file away
  const owned = copy('keys-owned');
  chownSync(path.join(owned, 'kek'), 12_345, 12_345);
  const { problem, stderr } = await failedStart(owned);
  assert.equal(problem, 'start/keys-unreadable', stderr);
});

test('A3.4.1 a clock behind the last ledger entry: the start is refused', async () => {
  const data = copy('clock');
  const shim = path.join(scratch, 'clock.mjs');
  // The platform has no key for its clock, rightly: the process itself is started an hour in the past.
  writeFileSync(shim, 'const now = Date.now.bind(Date);\nDate.now = () => now() - 3_600_000;\n');
  const { code, problem, stderr } = await failedStart(data, { NODE_OPTIONS: `--import=${shim}` });
  assert.deepEqual([code, problem], [exits.unavailable, 'start/clock-behind'], stderr);
});

test('a damaged database is refused in words, not with a stack', async () => {
  const data = copy('damaged');
  writeFileSync(path.join(data, 'main.db'), Buffer.from('this is no database at all'.repeat(500)));
  rmSync(path.join(data, 'main.db-wal'), { force: true });
  const { code, problem, stderr } = await failedStart(data);
  assert.deepEqual([code, problem], [exits.unavailable, 'start/database'], stderr);
  assert.doesNotMatch(stderr, /^\s+at /m);
});

test('a PostgreSQL that does not answer: the start is refused in words', async () => {
  const url = path.join(scratch, 'url');
  writeFileSync(url, 'postgres://nobody@127.0.0.1:1/nothing');
  const { code, problem, stderr } = await failedStart(path.join(scratch, 'no-server'), { PACTGATE_DATABASE_URL: url });
  assert.deepEqual([code, problem], [exits.unavailable, 'start/database'], stderr);
});

test('without its first administrator each start gives a new set-up link, once used there is none', async () => {
  const data = path.join(scratch, 'fresh');
  const ports = await freePorts();
  const first = await startPlatform({ data, ports });
  assert.ok(first.setupLink);
  assert.equal(await first.process.stop(), 0);
  const second = await startPlatform({ data, ports });
  assert.ok(second.setupLink && second.setupLink !== first.setupLink);
  assert.equal(second.rootSha256, first.rootSha256);
  const server = { url: second.console, rootPem: readRoot(await clientOf(ready.server).call('platform', {})) };
  await assert.rejects(clientOf(server).call('me', {}), 'another platform has another root');
  assert.equal(await second.process.stop(), 0);
});
const readRoot = ({ rootPem }: { readonly rootPem: string }): string => rootPem;

test('the control socket answers the operator of the machine alone', async () => {
  const { mode } = statSync(path.join(ready.platform.data, 'control.sock'));
  assert.equal(mode & 0o077, 0);
  const { code } = await run(node, [program, 'link', '--data', path.join(scratch, 'nothing-here')]);
  assert.equal(code, exits.unavailable);
});

test('npm start: the console is there, the first start says what to do next, SIGTERM ends it with 0', async () => {
  const data = path.join(scratch, 'npm-start');
  const lines: string[] = [];
  const words = [path.join(root, 'tools/run.sh'), 'start', '--data', data];
  const child = start('bash', words, { env: free, onLine: (line) => lines.push(line) });
  const said = (): string => lines.join('\n');
  await until(() => (said().includes('#token=') ? true : undefined), { within: 90_000, every: 100 });
  assert.match(
    said(),
    /console +https:[^ ]+:\d+[\s\S]*root fingerprint +SHA-256 [\s\S]*Next:[\s\S]*#token=/,
    child.tail(),
  );
  assert.equal(await child.stop(), 0);
});

test('a key that is gone stops the start and is named; none is made in its place', async () => {
  const data = copy('keyless');
  const keys = path.join(data, 'keys');
  const singles = ['agreement-signing.key', 'auth-secret.key', 'data-master.key', 'metrics-token.key'];
  const kinds = [/^log-/, /^ca-platform-/, /^ca-device-/].map(
    (kind) => readdirSync(keys).find((name) => kind.test(name)) ?? '',
  );
  for (const name of [...singles, ...kinds]) {
    const [file, aside] = [path.join(keys, name), path.join(data, name)];
    renameSync(file, aside);
    const { code, problem, stderr } = await failedStart(data);
    assert.deepEqual([code, problem], [exits.unavailable, 'start/keys-unreadable'], name);
    assert.ok(stderr.includes(name.replace('.key', '')), stderr);
    assert.equal(existsSync(file), false, `${name} is not made anew`);
    renameSync(aside, file);
  }
  const [one, other] = readdirSync(keys).filter((name) => name.startsWith('log-'));
  cpSync(path.join(keys, one ?? ''), path.join(keys, other ?? ''));
  assert.equal((await failedStart(data)).problem, 'start/keys-unreadable');
});

test('A3.3.5 a backup restored elsewhere: nothing is signed until the operator answers for it, then it goes on', async () => {
  const [from, data] = [path.join(scratch, 'moved-backup'), path.join(scratch, 'moved')];
  const main = async (...words: readonly string[]): Promise<void> => {
    const { code, stderr } = await run(node, [...base, ...words], { timeout: 60_000 });
    assert.equal(code, 0, stderr);
  };
  await main('backup', '--data', rested, '--output', from, '--keys', `${from}-keys`);
  await main('restore', '--data', data, '--input', from, '--keys', `${from}-keys`);
  cpSync(path.join(rested, 'kek'), path.join(data, 'kek'), { recursive: true });
  const held = await startPlatform({ data });
  started.push(held);
  const logsOf = async (platform: LivePlatform) => {
    const token = { token: party.admin.token };
    return (await clientOf(await pin(platform.console, platform.rootSha256), token).call('logs', {})).items;
  };
  const found = await logsOf(held);
  assert.deepEqual(
    found.map(({ signing }) => signing),
    found.map(() => false),
  );
  assert.equal(await held.process.stop(), 0);
  const moved = await startPlatform({ data, words: ['--adopt'] });
  started.push(moved);
  assert.match(moved.process.tail(), /adopted .*\/logs\//);
  for (const { id, signing, published } of await logsOf(moved)) {
    assert.equal(signing, true);
    assert.ok(published >= (found.find((log) => log.id === id)?.published ?? Number.NaN));
  }
});

test('A3.3.5 a database restored from an old copy: the platform starts, says so, and its ledgers refuse to sign', async () => {
  const size = async (): Promise<number> =>
    (await party.admin.client.call('logs', {})).items.find(({ id }) => id === party.log)?.size ?? 0;
  const published = await size();
  await ready.platform.process.stop();
  const { data } = ready.platform;
  const main = (dir: string): string => path.join(dir, 'main.db');
  for (const name of ['main.db-wal', 'main.db-shm']) rmSync(path.join(data, name), { force: true });
  cpSync(main(rested), main(data));
  const platform = await again();
  const { items } = await party.admin.client.call('logs', {});
  const log = items.find(({ id }) => id === party.log);
  assert.equal(log?.signing, false);
  assert.ok((log?.published ?? 0) < published, 'the old copy knows less than was served');
  const { status } = await http(ready.server, { method: 'GET', path: '/readyz' });
  assert.equal(status, 503);
  const order = { level: 1, reason: 'an order that cannot be recorded' };
  const params = { agreement: party.agreement, device: 'steady' };
  await assert.rejects(ready.admin.client.call('isolate', { params, body: order }), { code: 'ledger/not-signing' });
  const { summary } = await party.admin.client.call('device', { params });
  assert.equal(summary.level, 1, 'containment acts all the same; only its record is missing');
  assert.equal(await platform.process.stop(), 0);
});
