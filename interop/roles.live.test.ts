import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Role } from '@pactgate/protocol';
import { type RouteName, routes } from '@pactgate/protocol/api';
import { http } from '../tools/live/api.ts';
import { recordsOf } from '../tools/live/records.ts';
import { connectJs, demandSoon, reading, telemetryTopic } from './clients.ts';
import { enrol } from './devices.ts';
import { type Caller, type PartySide, personOf, type Ready, readyPlatform } from './platform.ts';

/** Each sees only what is theirs, enforced on the server: every role on every route, and B1 never anything of B2 or A. */

let ready: Ready;
let one: PartySide;
let two: PartySide;
let people: Readonly<Record<'a.admin' | 'a.operator' | 'a.security' | 'a.auditor', Caller>>;
let incident = '';
before(async () => {
  ready = await readyPlatform();
  const { server, admin, auditor } = ready;
  people = {
    'a.admin': admin,
    'a.operator': await personOf(server, admin, 'a.operator', '127.0.0.21'),
    'a.security': await personOf(server, admin, 'a.security', '127.0.0.22'),
    'a.auditor': auditor,
  };
  [one, two] = ready.parties;
  for (const side of ready.parties) {
    const client = await connectJs(ready, await enrol(ready, side, `${side.id}-secret`));
    await client.publishAsync(telemetryTopic, reading(), { qos: 1 });
    await client.publishAsync('v1/me/up/event/high', report(), { qos: 1 });
    await client.endAsync();
  }
  const { items } = await two.admin.client.call('incidents', { params: { agreement: two.agreement } });
  incident = items[0]?.id ?? '';
  assert.notEqual(incident, '');
});
after(() => ready.stop());

const report = (): string =>
  JSON.stringify({
    v: 1,
    id: '01JZZZZZZZZZZZZZZZZZZZZZ00',
    boot: 1,
    seq: 1,
    t: new Date().toISOString().slice(0, 19).concat('Z'),
    mono: 1,
    type: 'tamper',
    severity: 'high',
  });

type Row = readonly [RouteName, readonly Role[]];
const all: readonly Role[] = ['a.admin', 'a.operator', 'a.security', 'a.auditor', 'b.admin', 'b.engineer'];
const ofA: readonly Role[] = ['a.admin', 'a.operator', 'a.security', 'a.auditor'];
/**
 * Who may do what, written down here a second time on purpose: a slip in the route table that gives a role more rights
 * must not pass because the test reads the same table.
 */
const rights: readonly Row[] = [
  ['parties', ofA],
  ['setPlatformParticulars', ['a.admin']],
  ['createParty', ['a.admin', 'a.operator']],
  ['inviteParty', ['a.admin', 'a.operator']],
  ['draftAgreement', ['a.admin', 'a.operator']],
  ['signAgreement', ['b.admin']],
  ['countersignAgreement', ['a.admin']],
  ['agreement', all],
  ['agreementDocument', all],
  ['board', all],
  ['breaches', all],
  ['evidence', ['a.admin', 'a.security', 'a.auditor', 'b.admin', 'b.engineer']],
  ['challenge', ['b.admin']],
  ['publishPolicy', ['a.security']],
  ['platformEvents', ofA],
  ['models', all],
  ['putModel', ['b.admin', 'b.engineer']],
  ['activateModel', ['a.admin', 'a.security']],
  ['devices', all],
  ['device', all],
  ['registerDevices', ['b.admin', 'b.engineer']],
  ['newCode', ['b.admin', 'b.engineer']],
  ['telemetry', all],
  ['sendCommand', ['a.admin', 'a.operator', 'b.admin', 'b.engineer']],
  ['isolate', ['a.admin', 'a.security', 'a.operator', 'b.admin']],
  ['revoke', ['a.admin', 'a.security', 'a.operator', 'b.admin']],
  ['incidents', all],
  ['moveIncident', ['a.admin', 'a.security', 'a.operator']],
  ['logs', all],
  ['cosign', ['b.admin', 'b.engineer']],
  ['reportConflict', ['b.admin', 'b.engineer']],
  ['people', ['a.admin', 'b.admin']],
  ['invitePerson', ['a.admin', 'b.admin']],
  ['removePerson', ['a.admin', 'b.admin']],
  ['recoverPerson', ['a.admin', 'b.admin']],
  ['createToken', all],
];

const nobody = '00000000-0000-7000-8000-000000000000';
/** The address of a route with parameters of one party's side; ids that do not exist where a call would change something. */
function addressOf(name: RouteName, side: PartySide): string {
  const { path, method } = routes[name];
  const changes = method !== 'GET';
  const values: Readonly<Record<string, string>> = {
    agreement: side.agreement,
    party: changes ? 'nobody' : side.id,
    model: 'pump-2',
    device: changes ? 'no-device' : `${side.id}-secret`,
    command: nobody,
    incident: changes ? nobody : incident,
    row: 'B2.2.1',
    log: side.log,
    index: '0',
    person: 'nobody',
    token: nobody,
  };
  const query = name === 'telemetry' || name === 'series' ? '?channel=status&field=/temperature' : '';
  return (
    path.replaceAll(/:([a-z]+)/gi, (_, word: string) => values[word] ?? word) +
    (name === 'telemetry' ? '?channel=status' : query)
  );
}

async function ask(
  name: RouteName,
  side: PartySide,
  token: string | undefined,
): Promise<{ readonly status: number; readonly code: string }> {
  const { method } = routes[name];
  const headers: Record<string, string> = { accept: 'application/json' };
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
  // A body that no schema takes: where access is granted the answer says so, and nothing is changed.
  const body = 'body' in routes[name] ? { body: '{"x":"x"}' } : {};
  const reply = await http(ready.server, { method, path: addressOf(name, side), headers, ...body });
  const text = reply.body.toString('utf8');
  const code = reply.status >= 400 ? String((JSON.parse(text) as { code?: string }).code) : '';
  return { status: reply.status, code };
}

const callers = (): Readonly<Record<Role, Caller>> => ({
  ...people,
  'b.admin': one.admin,
  'b.engineer': one.engineer,
});

for (const [name, may] of rights)
  test(`rights: ${name}: ${may.length === all.length ? 'every role' : may.join(', ')}`, async () => {
    assert.equal((await ask(name, one, undefined)).code, 'auth/required');
    for (const role of all) {
      const { status, code } = await ask(name, one, callers()[role].token);
      if (may.includes(role)) assert.ok(!code.startsWith('auth/') && status !== 500, `${role}: ${status} ${code}`);
      else assert.deepEqual({ status, code }, { status: 403, code: 'auth/forbidden' }, role);
    }
  });

test('every route of an agreement answers the other party as if it did not exist', async () => {
  const names = (Object.keys(routes) as RouteName[]).filter((name) => routes[name].path.includes(':agreement'));
  assert.ok(names.length > 20);
  for (const name of names)
    for (const caller of [one.admin, one.engineer]) {
      const { status, code } = await ask(name, two, caller.token);
      assert.ok(
        code === 'request/not-found' || code === 'auth/forbidden' || code === 'device/unknown',
        `${name}: ${status} ${code}`,
      );
      assert.ok(status === 404 || status === 403, `${name}: ${status}`);
    }
});

test('B1 lists itself alone: agreements, people, tokens, logs, who it is', async () => {
  const { client } = one.admin;
  assert.deepEqual(
    (await client.call('agreements', {})).items.map(({ id }) => id),
    [one.agreement],
  );
  assert.deepEqual((await client.call('people', {})).items, []);
  assert.ok((await client.call('tokens', {})).items.every(({ party }) => party === one.id));
  const me = await client.call('me', {});
  assert.deepEqual([me.party, me.role, me.agreements], [one.id, 'b.admin', [one.agreement]]);
  const { items } = await client.call('logs', {});
  assert.deepEqual(items.map(({ kind }) => kind).toSorted(), ['agreement', 'master', 'platform']);
  assert.ok(items.every(({ agreement }) => agreement === undefined || agreement === one.agreement));
});

/** Every address of a log's two faces: the API and the static tiles. */
const facesOf = (log: string, origin: string): readonly string[] => {
  const at = `/logs/${origin.split('/logs/')[1] ?? ''}`;
  return [
    ...['checkpoint', 'records', 'records/0', 'proof?index=0', 'consistency?old=1&new=1'].map(
      (rest) => `/api/v1/logs/${log}/${rest}`,
    ),
    ...['checkpoint', 'tile/0/000.p/1', 'tile/entries/000.p/1'].map((rest) => `${at}/${rest}`),
  ];
};
async function statusOf(path: string, caller?: Caller): Promise<number> {
  const headers: Record<string, string> = caller ? { authorization: `Bearer ${caller.token}` } : {};
  return (await http(ready.server, { method: 'GET', path, headers })).status;
}

test('the log of an agreement: its own party and A, nobody else, at the API and at the static tiles', async () => {
  const faces = facesOf(two.log, two.origin);
  const strangers = [undefined, one.admin, one.engineer];
  for (const path of faces) {
    for (const stranger of strangers) assert.equal(await statusOf(path, stranger), 404, path);
    for (const caller of [two.admin, two.engineer, people['a.auditor']]) {
      const status = await statusOf(path, caller);
      // A partial tile of another width is gone once the log has grown: everything else is there.
      assert.ok(status === 200 || (status === 404 && path.includes('.p/')), `${path}: ${status}`);
    }
  }
  await assert.rejects(one.admin.client.call('cosign', { params: { log: two.log }, body: { size: 1, line: 'x' } }), {
    code: 'ledger/not-found',
  });
});

test('the master log is public; the platform log is not, and its bodies are for A alone', async () => {
  const { items } = await ready.admin.client.call('logs', {});
  const master = items.find(({ kind }) => kind === 'master');
  const platform = items.find(({ kind }) => kind === 'platform');
  assert.ok(master && platform);
  await demandSoon(
    'a master checkpoint',
    async () => (await statusOf(`/api/v1/logs/${master.id}/checkpoint`)) === 200 || undefined,
  );
  assert.equal(await statusOf(`/api/v1/logs/${platform.id}/checkpoint`), 404);
  const shown = await recordsOf(one.admin.client, platform.id);
  assert.ok(shown.length > 5 && shown.every(({ body }) => Object.keys(body).length === 0));
  const read = await recordsOf(people['a.auditor'].client, platform.id);
  assert.ok(read.some(({ body }) => Object.keys(body).length > 0));
});

test('B1 does not find a device, an incident or telemetry of B2 through its own agreement', async () => {
  const { client } = one.admin;
  const agreement = one.agreement;
  const device = `${two.id}-secret`;
  const calls = [
    () => client.call('device', { params: { agreement, device } }),
    () => client.call('sheet', { params: { agreement, device } }),
    () => client.call('telemetry', { params: { agreement, device }, query: { channel: 'status' } }),
    () => client.call('isolate', { params: { agreement, device }, body: { level: 4, reason: 'not mine' } }),
    () => client.call('sendCommand', { params: { agreement, device }, body: { name: 'blink' } }),
    () => client.call('incident', { params: { agreement, incident } }),
  ];
  for (const call of calls) await assert.rejects(call(), /device\/unknown|request\/not-found/);
  const { summary } = await two.admin.client.call('device', { params: { agreement: two.agreement, device } });
  assert.equal(summary.level, 0);
  const listed = await client.call('devices', { params: { agreement } });
  assert.deepEqual(
    listed.items.map(({ id }) => id),
    [`${one.id}-secret`],
  );
  const own = await client.call('incidents', { params: { agreement } });
  assert.ok(own.items.length > 0 && own.items.every((item) => item.agreement === agreement));
});

test('a token never carries more than whoever made it, nor a role of the other side', async () => {
  const make = (caller: Caller, role: Role): Promise<unknown> =>
    caller.client.call('createToken', { body: { name: 'more', days: 1, role } });
  for (const [caller, role] of [
    [one.engineer, 'b.admin'],
    [one.admin, 'a.admin'],
    [people['a.auditor'], 'a.admin'],
    [people['a.operator'], 'a.security'],
    [ready.admin, 'b.admin'],
  ] as const)
    await assert.rejects(make(caller, role), { code: 'auth/forbidden' });
});

test('a revoked token, a made-up one and one of another shape open nothing, public routes included', async () => {
  const { secret, token } = await one.admin.client.call('createToken', { body: { name: 'short', days: 1 } });
  const at = (text: string): Promise<number> =>
    statusOf('/api/v1/agreements', { client: one.admin.client, token: text });
  assert.equal(await at(secret), 200);
  await one.admin.client.call('revokeToken', { params: { token: token.id } });
  for (const bad of [secret, `${secret.slice(0, -1)}A`, 'pgk_', 'nothing of ours'])
    assert.equal(await at(bad), 401, bad);
});
