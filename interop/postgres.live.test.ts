import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { verifyConsistency } from '@pactgate/proof';
import { nodeHasher } from '../platform/src/adapters/proof-crypto.ts';
import { type PostgresServer, startPostgres } from '../platform/src/store/testing.ts';
import { type LivePlatform, startPlatform } from '../tools/live/platform.ts';
import { recordsOf } from '../tools/live/records.ts';
import { connectJs, demandSoon, endOf, reading, telemetryTopic } from './clients.ts';
import { enrol, est } from './devices.ts';
import { headsOf } from './faults/check.ts';
import { type PartySide, type Ready, readyPlatform } from './platform.ts';

/** The same story on PostgreSQL: the whole platform, a private server, nothing of the embedded database. */

let postgres: PostgresServer;
let scratch: string;
let ready: Ready;
let party: PartySide;
const started: LivePlatform[] = [];
before(async () => {
  postgres = await startPostgres();
  scratch = mkdtempSync(path.join(tmpdir(), 'pactgate-postgres-'));
  const url = path.join(scratch, 'url');
  writeFileSync(url, postgres.url, { mode: 0o600 });
  ready = await readyPlatform({ config: { DATABASE_URL: url } });
  [party] = ready.parties;
});
after(async () => {
  for (const platform of started) await platform.process.stop();
  await ready?.stop();
  await postgres.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const params = (device: string): { agreement: string; device: string } => ({ agreement: party.agreement, device });

test('on PostgreSQL: enrolment, telemetry sealed and read back, command, isolation, revocation', async () => {
  const device = await enrol(ready, party, 'pg-1');
  const client = await connectJs(ready, device);
  const site = 'hall-of-the-mountain-king-7';
  const values = { temperature: 20, pressure: 400, site, undeclared: 1 };
  for (let i = 0; i < 20; i++)
    await client.publishAsync(telemetryTopic, JSON.stringify({ ...values, temperature: i }), { qos: 1 });
  const query = { channel: 'status', order: 'asc', limit: 50 } as const;
  const { items } = await party.admin.client.call('telemetry', { params: params(device.id), query });
  assert.deepEqual(
    items.map((item) => item.values['/temperature']),
    Array.from({ length: 20 }, (_, i) => i),
  );
  assert.equal(items[0]?.values['/site'], site);
  const masked = await ready.auditor.client.call('telemetry', { params: params(device.id), query });
  assert.notEqual(masked.items[0]?.values['/site'], site);
  const topics: string[] = [];
  client.on('message', (topic) => topics.push(topic));
  await client.subscribeAsync('v1/me/dn/#', { qos: 1 });
  const { id } = await party.engineer.client.call('sendCommand', {
    params: params(device.id),
    body: { name: 'blink' },
  });
  await demandSoon('the command', () => topics.find((topic) => topic === `v1/me/dn/cmd/${id}`));
  await client.publishAsync(`v1/me/up/cmd/${id}/result`, '{"outcome":"done"}', { qos: 1 });
  assert.equal(
    (await party.admin.client.call('command', { params: { ...params(device.id), command: id } })).state,
    'done',
  );
  const cut = endOf(client);
  const order = await ready.admin.client.call('isolate', {
    params: params(device.id),
    body: { level: 4, reason: 'test' },
  });
  assert.equal(await cut, 0x98);
  assert.equal(order.connectionsCut, 1);
  await assert.rejects(connectJs(ready, device), { code: 0x8a });
  await ready.admin.client.call('isolate', { params: params(device.id), body: { level: 0, reason: 'over' } });
  const renewal = await est(ready, device, {
    operation: 'simplereenroll',
    with: ['--cert', 'device.pem', '--key', 'device.key'],
  });
  assert.equal(renewal.status, 200);
  await (await connectJs(ready, device)).endAsync();
  await party.admin.client.call('revoke', { params: params(device.id), body: { reason: 'lost' } });
  await assert.rejects(connectJs(ready, device));
});

test('on PostgreSQL: the ledger is published, complete and consistent, evidence is exported, the board is judged', async () => {
  const earlier = (await headsOf(ready)).find(({ log }) => log === party.log);
  assert.ok(earlier);
  for (const kind of ['device.enrol', 'session.open', 'command.result', 'device.isolate', 'cert.revoke'])
    await demandSoon(kind, async () =>
      (await recordsOf(party.admin.client, party.log)).find((record) => record.kind === kind),
    );
  await party.engineer.client.call('sendCommand', { params: params('pg-1'), body: { name: 'later' } });
  const grown = await demandSoon('a longer log', async () =>
    (await headsOf(ready)).find(({ log, size }) => log === party.log && size > earlier.size),
  );
  const query = { old: earlier.size, new: grown.size };
  const { proof } = await party.admin.client.call('consistency', { params: { log: party.log }, query });
  verifyConsistency(
    nodeHasher,
    proof.map((hash) => Buffer.from(hash, 'base64')),
    {
      oldSize: earlier.size,
      oldRoot: earlier.root,
      newSize: grown.size,
      newRoot: grown.root,
    },
  );
  const bundle = await party.admin.client.call('evidence', { params: { agreement: party.agreement } });
  assert.equal(Buffer.from(bundle).subarray(0, 2).toString(), 'PK');
  await demandSoon('a judged row', async () => {
    const { rows } = await party.admin.client.call('board', { params: { agreement: party.agreement } });
    return rows.some(({ status }) => status === 'met') || undefined;
  });
});

test('on PostgreSQL: connections that break cost refusals at most, never the process or what was acknowledged', async () => {
  const device = await enrol(ready, party, 'pg-3');
  const client = await connectJs(ready, device);
  const cut = (): void =>
    postgres.sql(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pactgate'`);
  let accepted = 0;
  for (let i = 0; i < 30; i++) {
    if (i % 10 === 5) cut();
    await client.publishAsync(telemetryTopic, reading(i), { qos: 1 }).then(
      () => accepted++,
      () => undefined,
    );
  }
  assert.equal(client.connected, true);
  await demandSoon('everything acknowledged, read back', async () => {
    const query = { channel: 'status', limit: 100 };
    const { items } = await party.admin.client.call('telemetry', { params: params(device.id), query });
    return items.length >= accepted || undefined;
  });
  assert.ok(accepted >= 20, `${accepted} of 30`);
  await client.endAsync();
});

test('on PostgreSQL: kill -9 and a restart find everything that was acknowledged', async () => {
  const device = await enrol(ready, party, 'pg-2');
  const client = await connectJs(ready, device);
  for (let i = 0; i < 10; i++) await client.publishAsync(telemetryTopic, reading(i), { qos: 1 });
  const closed = endOf(client);
  process.kill(ready.platform.process.pid, 'SIGKILL');
  await closed;
  await ready.platform.process.ended;
  const { data, consolePort, devicePort, mqttPort, tripwirePort } = ready.platform;
  const ports = { consolePort, devicePort, mqttPort, tripwirePort };
  const platform = await startPlatform({ data, ports, config: { DATABASE_URL: path.join(scratch, 'url') } });
  started.push(platform);
  assert.equal(platform.rootSha256, ready.platform.rootSha256);
  const query = { channel: 'status' };
  const { items } = await party.admin.client.call('telemetry', { params: params(device.id), query });
  assert.equal(items.length, 10);
  await (await connectJs({ ...ready, platform }, device)).endAsync();
});
