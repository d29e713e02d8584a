import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { isPlatformRole, Problem, type Role, roleNames } from '@pactgate/protocol';
import { makeClient, type Route, type RouteName, routes } from '@pactgate/protocol/api';
import { openPeopleStore } from '../store/db/people.ts';
import { openStore, type Store } from '../store/open.ts';
import type { Context } from './context.ts';
import type { TestClient } from './testing/client.ts';
import { openTestConsole, strongPassword, systemClock, type TestConsole } from './testing/console.ts';
import { exampleHandlers, exampleRequest, otherAgreement, someAgreement } from './testing/examples.ts';

const names = Object.keys(routes) as RouteName[];
const dir = mkdtempSync(path.join(tmpdir(), 'pactgate-router-'));
const clients = new Map<Role | 'nobody', TestClient>();
let store: Store;
let opened: TestConsole;
let seen: { context: Context; request: object } | undefined;

before(async () => {
  store = await openStore({ kind: 'sqlite', dir, now: systemClock() });
  const examples = exampleHandlers();
  opened = await openTestConsole({
    store: openPeopleStore(store.db, async () => {}),
    database: { db: store.db, type: store.kind },
    record: async () => {},
    handlers: {
      ...examples,
      devices: (context, request) => {
        seen = { context, request };
        return examples.devices(context, request);
      },
      agreementText: () => ({ body: '<!doctype html><p>合同</p>', filename: '协议 "1".html' }),
      breaches: () => ({ items: [{ id: 'not a uuid' }] }) as never,
      incident: () => {
        throw new Error('a secret detail of ours');
      },
      models: () => {
        throw Object.assign(new Error('full'), { name: 'StoreError', kind: 'disk-full' });
      },
    },
  });
  for (const role of roleNames) {
    const client = opened.client();
    client.token = await opened.tokenOf(role);
    clients.set(role, client);
  }
  clients.set('nobody', opened.client());
});
after(async () => {
  await opened.close();
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const clientOf = (who: Role | 'nobody'): TestClient => {
  const client = clients.get(who);
  if (!client) throw new Error(who);
  return client;
};
const call = async (
  who: Role | 'nobody',
  name: RouteName,
  agreement?: string,
): Promise<{ status: number; text: string }> => {
  const { path: at, method, body } = exampleRequest(name, agreement);
  return clientOf(who).call(at, { method, body });
};
/** Handlers that fail on purpose. */
const failing: Partial<Record<RouteName, number>> = { breaches: 500, incident: 500, models: 503 };

for (const role of roleNames) {
  test(`every route as ${role}: 200 by the table, 403 otherwise, 404 in another party's agreement`, async () => {
    for (const name of names) {
      const { access, path: at }: Route = routes[name];
      const listed = access === 'public' || access === 'person' || access.includes(role);
      const { status, text } = await call(role, name);
      assert.equal(status, listed ? (failing[name] ?? 200) : 403, `${role} ${name}: ${text}`);
      if (!at.includes(':agreement')) continue;
      const foreign = await call(role, name, otherAgreement);
      const want = isPlatformRole(role) ? (failing[name] ?? 200) : 404;
      assert.equal(foreign.status, listed ? want : 403, `${role} foreign ${name}: ${foreign.text}`);
    }
  });
}

test('every route as nobody: 401, and 200 only where the table says public', async () => {
  for (const name of names) {
    const { status, text } = await call('nobody', name);
    assert.equal(status, routes[name].access === 'public' ? 200 : 401, `${name}: ${text}`);
  }
});

test('every route as an administrator who owes the second factor: me alone, and what is public, as nobody', async () => {
  const person = { name: 'Ann', email: 'ann@example.org', password: strongPassword };
  await opened.people.addPerson({ ...person, party: 'platform', role: 'a.admin' });
  const client = opened.client();
  const { email, password } = person;
  assert.equal((await client.post('/api/auth/sign-in/email', { email, password })).status, 200);
  for (const name of names) {
    const { path: at, method, body } = exampleRequest(name);
    const answer = await client.call(at, { method, body });
    const { access } = routes[name] as Route;
    const open = access === 'public' || name === 'me';
    assert.equal(answer.status, open ? 200 : 403, `${name}: ${answer.text}`);
    if (!open) assert.equal(answer.json()['code'], 'auth/second-factor', name);
  }
});

test('a handler gets who calls, checked parameters and a typed query', async () => {
  await clientOf('b.engineer').call(`/api/v1/agreements/${someAgreement}/devices?limit=5&state=active`, {
    headers: { 'accept-language': 'zh-CN,en;q=0.5' },
  });
  assert.ok(seen);
  const { caller, locale, address } = seen.context;
  assert.deepEqual(
    [caller.kind, caller.role, caller.party, locale, address],
    ['token', 'b.engineer', 'acme', 'zh', '127.0.0.1'],
  );
  const { params, query } = seen.request as { params: object; query: object };
  assert.deepEqual([{ ...params }, { ...query }], [{ agreement: someAgreement }, { limit: 5, state: 'active' }]);
});

test('the typed client of the protocol reads answers and refusals', async () => {
  const client = makeClient(async ({ method, path: at, body, accept }) => {
    const { status, headers, text } = await clientOf('a.admin').call(at, { method, body, headers: { accept } });
    return { status, type: String(headers['content-type']), body: new TextEncoder().encode(text) };
  });
  assert.equal((await client.call('me', {})).role, 'a.admin');
  const params = { agreement: someAgreement };
  await assert.rejects(
    client.call('signAgreement', {
      params,
      body: { jws: { payload: 'x', signatures: [{ protected: 'x', signature: 'x' }] } },
    }),
    (error) => error instanceof Problem && error.code === 'auth/forbidden',
  );
});

test('problems are RFC 9457 documents in the language asked for, with a request id', async () => {
  const { status, headers, json } = await clientOf('nobody').call('/api/v1/parties', {
    headers: { 'accept-language': 'zh-CN' },
  });
  assert.equal(status, 401);
  assert.equal(headers['content-type'], 'application/problem+json');
  assert.equal(headers['content-language'], 'zh-CN');
  assert.match(String(headers['x-request-id']), /^[0-9a-f-]{36}$/);
  assert.deepEqual(json(), {
    type: 'urn:pactgate:problem:auth/required',
    status: 401,
    code: 'auth/required',
    title: '请先登录',
    detail: 'no valid session or token',
    next: '请登录，或以 Bearer 方式携带 API 令牌。',
  });
});

test('our own faults say nothing of themselves: internal', async () => {
  for (const name of ['incident', 'breaches'] as const) {
    const { status, text } = await call('a.admin', name);
    assert.equal(status, 500);
    assert.equal((JSON.parse(text) as { code: string }).code, 'internal');
    assert.doesNotMatch(text, /secret detail|uuid|stack|node_modules/);
  }
  const full = await call('a.admin', 'models');
  assert.equal((JSON.parse(full.text) as { code: string }).code, 'store/full');
});

test('an answer that is no JSON: type, name of the file, and a policy under which nothing runs', async () => {
  const { path: at } = exampleRequest('agreementText');
  const { status, headers } = await clientOf('b.admin').call(at);
  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(
    headers['content-disposition'],
    `attachment; filename="____1_.html"; filename*=UTF-8''%E5%8D%8F%E8%AE%AE%20%221%22.html`,
  );
  assert.match(String(headers['content-security-policy']), /default-src 'none'.*sandbox/);
});

test('HEAD answers like GET without a body; other methods are 405 with Allow; unknown addresses 404', async () => {
  const client = clientOf('a.admin');
  const head = await client.call('/api/v1/me', { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(head.text, '');
  const wrong = await client.call('/api/v1/me', { method: 'DELETE' });
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers['allow'], 'GET, HEAD');
  assert.equal(wrong.json()['code'], 'request/method');
  const options = await client.call('/api/v1/people', {
    method: 'OPTIONS',
    headers: { origin: 'https://evil.example' },
  });
  assert.equal(options.status, 405);
  assert.equal(options.headers['access-control-allow-origin'], undefined);
  assert.equal((await client.call('/api/v1/nothing')).json()['code'], 'request/not-found');
  assert.equal((await client.call('/nothing')).json()['code'], 'request/not-found');
});

test('the OpenAPI document is served', async () => {
  const document = await clientOf('nobody').call('/api/v1/openapi.json');
  assert.equal(document.status, 200);
  assert.equal(document.json()['openapi'], '3.1.0');
});
