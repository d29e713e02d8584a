import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { recordsOf } from '../tools/live/records.ts';
import { connectJs, demandSoon, telemetryTopic } from './clients.ts';
import { enrol } from './devices.ts';
import { type Caller, type PartySide, type Ready, readyPlatform } from './platform.ts';

/** From PUBLISH to query, export, incident and result, through the whole platform (clauses 2.4-2.6, 3.6). */

let ready: Ready;
let party: PartySide;
before(async () => {
  ready = await readyPlatform();
  [party] = ready.parties;
});
after(() => ready.stop());

const params = (device: string): { agreement: string; device: string } => ({ agreement: party.agreement, device });
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

test('B2.4.1 an undeclared field is dropped and counted; the message is stored without it', async () => {
  const device = await enrol(ready, party, 'talkative');
  const client = await connectJs(ready, device);
  const values = {
    temperature: 20.5,
    pressure: 400,
    microphone: 'whispered-words',
    nested: { deep: 'whispered-words' },
  };
  for (let i = 0; i < 3; i++) await client.publishAsync(telemetryTopic, JSON.stringify(values), { qos: 1 });
  const query = { channel: 'status' };
  const { items } = await party.admin.client.call('telemetry', { params: params(device.id), query });
  assert.equal(items.length, 3);
  assert.deepEqual(Object.keys(items[0]?.values ?? {}).toSorted(), ['/pressure', '/temperature']);
  const counted = await demandSoon('the counters', async () => {
    const records = await recordsOf(party.admin.client, party.log, { kinds: ['msg.validate'] });
    const total = records.reduce((sum, { body }) => sum + Number(body['withUndeclared']), 0);
    return total >= 3 ? { total, records } : undefined;
  });
  assert.equal(counted.total, 3);
  const paths = counted.records.flatMap(({ body }) => body['undeclared'] as { path: string; count: number }[]);
  assert.ok(paths.some(({ path: name }) => name.includes('microphone')));
  assert.ok(counted.records.every(({ body }) => body['storedUndeclared'] === 0));
  assert.equal(bytesOnDisk('whispered-words'), 0);
  await client.endAsync();
});

/** In how many files of the data directory a text stands in clear: database, write-ahead log, day files. */
function bytesOnDisk(needle: string): number {
  const files = globSync('{main.db*,telemetry/*}', { cwd: ready.platform.data });
  assert.ok(files.length >= 2, 'database and a day of telemetry');
  return files.filter((file) => readFileSync(path.join(ready.platform.data, file)).includes(needle)).length;
}

test('B2.4.3 a sensitive field is sealed on the disk and readable for those who may', async () => {
  const device = await enrol(ready, party, 'sealed');
  const client = await connectJs(ready, device);
  const site = 'hall-of-the-mountain-king-7';
  const send = (values: object): Promise<unknown> =>
    client.publishAsync(telemetryTopic, JSON.stringify({ temperature: 20, pressure: 401, ...values }), { qos: 1 });
  await send({ site });
  await send({ site: 'another site' });
  await client.endAsync();
  assert.equal(bytesOnDisk(site), 0, 'the sealed text stands nowhere in clear');
  const seen = async ({ client: caller }: Caller): Promise<unknown> => {
    const query = { channel: 'status', order: 'asc' } as const;
    const { items } = await caller.call('telemetry', { params: params(device.id), query });
    return items[0]?.values['/site'];
  };
  assert.equal(await seen(party.admin), site);
  for (const caller of [ready.auditor, ready.admin])
    assert.notEqual(await seen(caller), site, 'not agreed for this role');
});

test('B2.4.4 export as CSV and JSON carries what the role sees, and leaves a record', async () => {
  const device = await enrol(ready, party, 'exported');
  const client = await connectJs(ready, device);
  const site = '=cmd|calc';
  const values = { temperature: 19, pressure: 402, site };
  await client.publishAsync(telemetryTopic, JSON.stringify(values), { qos: 1 });
  await client.endAsync();
  const exported = async (caller: Caller, format: 'csv' | 'json'): Promise<string> =>
    text(
      await caller.client.call('exportTelemetry', { params: params(device.id), query: { channel: 'status', format } }),
    );
  const own = JSON.parse(await exported(party.admin, 'json')) as readonly Record<string, unknown>[];
  assert.ok(JSON.stringify(own).includes(site));
  const masked = await exported(ready.auditor, 'csv');
  assert.ok(masked.includes('402') && !masked.includes('calc'), masked);
  const csv = await exported(party.admin, 'csv');
  assert.doesNotMatch(csv, /(^|,)=cmd/m, 'no formula for a spreadsheet to run');
  await demandSoon('the record of the export', async () => {
    const records = await recordsOf(party.admin.client, party.log, { kinds: ['data.export'] });
    return records.length >= 3 || undefined;
  });
});

test('paging gives every row once, also those of one millisecond', async () => {
  const device = await enrol(ready, party, 'paged');
  const client = await connectJs(ready, device);
  const sent = 40;
  // At once, but within the Receive Maximum of 20: messages of one burst share a millisecond.
  for (const half of [0, sent / 2])
    await Promise.all(
      Array.from({ length: sent / 2 }, (_, i) =>
        client.publishAsync(telemetryTopic, JSON.stringify({ temperature: half + i, pressure: 400 }), { qos: 1 }),
      ),
    );
  await client.endAsync();
  for (const order of ['asc', 'desc'] as const) {
    const found: unknown[] = [];
    let next: string | undefined;
    do {
      const query = { channel: 'status', order, limit: 3, ...(next === undefined ? {} : { after: next }) };
      const page = await party.engineer.client.call('telemetry', { params: params(device.id), query });
      found.push(...page.items.map(({ values }) => values['/temperature']));
      next = page.next;
    } while (next !== undefined);
    const wanted = Array.from({ length: sent }, (_, i) => (order === 'asc' ? i : sent - 1 - i));
    assert.deepEqual(found, wanted, order);
  }
});

const report = (seq: number, more: object = {}): string =>
  JSON.stringify({
    v: 1,
    id: `01JZZZZZZZZZZZZZZZZZZZZZ${String(seq).padStart(2, '0')}`,
    boot: 1,
    seq,
    t: new Date().toISOString().slice(0, 19).concat('Z'),
    mono: 60_000 + seq,
    type: 'tamper',
    severity: 'high',
    ...more,
  });

test('B2.6.2 a security report opens an incident that A takes to its end; a repeated one changes nothing', async () => {
  const device = await enrol(ready, party, 'opened');
  const client = await connectJs(ready, device);
  const notices: string[] = [];
  client.on('message', (topic) => notices.push(topic));
  await client.subscribeAsync('v1/me/dn/#', { qos: 1 });
  const first = report(1);
  for (let i = 0; i < 2; i++) await client.publishAsync('v1/me/up/event/high', first, { qos: 1 });
  await assert.rejects(client.publishAsync('v1/me/up/event/low', report(2), { qos: 1 }), { code: 0x99 });
  await assert.rejects(client.publishAsync('v1/me/up/event/high', '{"v":1}', { qos: 1 }), { code: 0x99 });
  const incidents = async () =>
    (await party.admin.client.call('incidents', { params: { agreement: party.agreement } })).items.filter(
      (incident) => incident.device === device.id,
    );
  const [incident, ...more] = await incidents();
  assert.ok(incident && more.length === 0);
  assert.deepEqual([incident.type, incident.severity, incident.state], ['tamper', 'high', 'reported']);
  await demandSoon('the receipt', () => notices.find((topic) => topic.startsWith('v1/me/dn/notice/')));
  const at = { agreement: party.agreement, incident: incident.id };
  for (const [step, state] of [
    ['confirm', 'confirmed'],
    ['contain', 'contained'],
    ['close', 'closed'],
  ] as const) {
    const moved = await ready.admin.client.call('moveIncident', {
      params: at,
      body: { step, note: 'seen' },
    });
    assert.equal(moved.state, state);
  }
  const { timeline } = await party.engineer.client.call('incident', { params: at });
  assert.ok(timeline.length >= 4 && timeline.every(({ text: words }) => words.zh !== '' && words.en !== ''));
  await client.endAsync();
});

test('B2.5.3 the running version is kept, known where the signed file names it', async () => {
  const device = await enrol(ready, party, 'versioned');
  const client = await connectJs(ready, device);
  for (const firmware of ['2.1.3', '9.9.9-homemade'])
    await client.publishAsync('v1/me/up/version', JSON.stringify({ v: 1, firmware }), { qos: 1 });
  await client.endAsync();
  const { summary, versions } = await party.engineer.client.call('device', { params: params(device.id) });
  assert.deepEqual([summary.version, summary.versionKnown], ['9.9.9-homemade', false]);
  assert.deepEqual(
    versions.map(({ version, known }) => [version, known]),
    [
      ['9.9.9-homemade', false],
      ['2.1.3', true],
    ],
  );
});

test('3.6 a command to a device that is away waits for it, and one past its deadline is never delivered', async () => {
  const device = await enrol(ready, party, 'away');
  const send = async (name: string, deadlineSeconds: number) =>
    party.admin.client.call('sendCommand', { params: params(device.id), body: { name, deadlineSeconds } });
  const late = await send('late', 1);
  const waiting = await send('waiting', 600);
  assert.equal(waiting.state, 'waiting');
  const state = async (id: string): Promise<string> =>
    (await party.admin.client.call('command', { params: { ...params(device.id), command: id } })).state;
  await demandSoon('the end of the deadline', async () => ((await state(late.id)) === 'expired' ? true : undefined));
  const topics: string[] = [];
  const client = await connectJs(ready, device);
  client.on('message', (topic) => topics.push(topic));
  await client.subscribeAsync('v1/me/dn/#', { qos: 1 });
  await demandSoon('the command', () => topics.find((topic) => topic === `v1/me/dn/cmd/${waiting.id}`));
  assert.ok(!topics.includes(`v1/me/dn/cmd/${late.id}`));
  await client.publishAsync(`v1/me/up/cmd/${waiting.id}/result`, '{"outcome":"failed"}', { qos: 1 });
  assert.equal(await state(waiting.id), 'failed');
  const [, other] = ready.parties;
  const stranger = await connectJs(ready, await enrol(ready, other, 'away'));
  await stranger.publishAsync(`v1/me/up/cmd/${waiting.id}/accepted`, '{}', { qos: 1 }).catch(() => undefined);
  assert.equal(await state(waiting.id), 'failed', "another party's device changes nothing");
  await Promise.all([client.endAsync(), stranger.endAsync()]);
});

test('a refusal on the device page names the field or member that was wrong, never its value', async () => {
  const device = await enrol(ready, party, 'wrong');
  const client = await connectJs(ready, device);
  const refused = (topic: string, body: object): Promise<void> =>
    assert.rejects(client.publishAsync(topic, JSON.stringify(body), { qos: 1 }), { code: 0x99 });
  await refused('v1/me/up/version', { v: 1, firmware: 7_654_321 });
  await refused(telemetryTopic, { temperature: 'wrong-7654321' });
  const query = { limit: 10 };
  const { items } = await party.admin.client.call('refusals', {
    params: { agreement: party.agreement, device: device.id },
    query,
  });
  const said = items.map(({ code, resource }) => `${code} ${resource ?? ''}`).join('\n');
  assert.match(said, /message\/invalid up\/version: \/firmware /);
  assert.match(said, /data\/required-field up\/telemetry\/status: \/temperature is missing/);
  assert.doesNotMatch(JSON.stringify(items), /7654321/);
  await client.endAsync();
});
