import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../problems.ts';
import { makeClient } from './client.ts';
import { routes } from './routes.ts';

test('the client fills path, query and body, and types the answer', async () => {
  const seen: string[] = [];
  const client = makeClient((request) => {
    seen.push(`${request.method} ${request.path} ${request.body ?? ''}`);
    return Promise.resolve({ status: 200, type: 'application/json', body: new TextEncoder().encode('{"items":[]}') });
  });
  const answer = await client.call('sessions', { params: { agreement: 'a b', device: 'd' }, query: { limit: 5 } });
  assert.deepEqual(answer.items, []);
  await client.call('createToken', { body: { name: 'ci', days: 30 } });
  assert.deepEqual(seen, [
    'GET /api/v1/agreements/a%20b/devices/d/sessions?limit=5 ',
    'POST /api/v1/tokens {"name":"ci","days":30}',
  ]);
});

test('a refusal arrives as the problem the server named', async () => {
  const body = new TextEncoder().encode(JSON.stringify({ code: 'auth/forbidden', detail: 'role b.engineer' }));
  const client = makeClient(() => Promise.resolve({ status: 403, type: 'application/problem+json', body }));
  await assert.rejects(client.call('me', {}), (e) => e instanceof Problem && e.code === 'auth/forbidden');
});

test('no two routes share method and path', () => {
  const keys = Object.values(routes).map((r) => `${r.method} ${r.path}`);
  assert.equal(new Set(keys).size, keys.length);
});
