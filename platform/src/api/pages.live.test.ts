import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Problem } from '@pactgate/protocol';
import { routes } from '@pactgate/protocol/api';
import { Registry } from 'prom-client';
import { openPeopleStore } from '../store/db/people.ts';
import { openStore, type Store } from '../store/open.ts';
import { authEndpoints } from './auth/mount.ts';
import { type ConsoleOptions, makeConsoleApp, openConsoleServer } from './server.ts';
import { openTestConsole, systemClock, type TestConsole } from './testing/console.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'pactgate-pages-'));
const dist = path.join(dir, 'dist');
let store: Store;
let opened: TestConsole;
let ready = true;
const registered: string[] = [];

const options: Partial<ConsoleOptions> = {
  consoleDir: dist,
  health: {
    checks: {
      database: async () => {
        if (!ready) throw new Error('postgres://user:secret@db');
      },
      hung: () => (ready ? Promise.resolve() : new Promise(() => {})),
    },
    registry: new Registry(),
    metricsToken: 'a token of the metrics',
  },
  extraRoutes: (app, { caller }) => {
    app.addHook('onRoute', ({ method, url }) => void registered.push(`${String(method)} ${url}`));
    app.get('/pki/root.pem', async (_, reply) => reply.type('application/x-pem-file').send('PEM'));
    app.get('/logs/:log/checkpoint', (request) =>
      caller(request).then((who) => {
        if (who.kind === 'public') throw new Problem('auth/required', 'this log needs a credential');
        return { role: who.role };
      }),
    );
  },
};

before(async () => {
  mkdirSync(path.join(dist, 'assets'), { recursive: true });
  writeFileSync(path.join(dist, 'index.html'), '<!doctype html><title>Pactgate</title>');
  writeFileSync(path.join(dist, 'assets', 'index-3f9a.js'), 'export {};');
  writeFileSync(path.join(dist, '.env'), 'SECRET=1');
  writeFileSync(path.join(dir, 'outside.txt'), 'secret');
  store = await openStore({ kind: 'sqlite', dir: path.join(dir, 'data'), now: systemClock() });
  opened = await openTestConsole({
    store: openPeopleStore(store.db, async () => {}),
    database: { db: store.db, type: store.kind },
    record: async () => {},
    options,
  });
});
after(async () => {
  await opened.close();
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const html = { accept: 'text/html,application/xhtml+xml' };

test('the console: pages for its own addresses, immutable files, never anything else', async () => {
  const client = opened.client();
  for (const at of ['/', '/agreements/x/board', '/join?token=abc', '/setup', '/devices/pump-7']) {
    const page = await client.call(at, { headers: html });
    assert.equal(page.status, 200, at);
    assert.match(page.text, /<title>Pactgate/);
    assert.equal(page.headers['cache-control'], 'no-cache', at);
    assert.match(String(page.headers['content-type']), /^text\/html/);
    assert.match(String(page.headers['content-security-policy']), /script-src 'self'/);
  }
  const asset = await client.call('/assets/index-3f9a.js');
  assert.equal(asset.status, 200);
  assert.equal(asset.headers['cache-control'], 'public, max-age=31536000, immutable');
  for (const at of [
    '/assets/none.js',
    '/assets/',
    '/assets',
    '/api/v1/none',
    '/api/none',
    '/logs/x',
    '/pki/none',
    '/favicon.ico',
  ])
    assert.equal((await client.call(at, { headers: html })).headers['content-type'], 'application/problem+json', at);
  for (const at of [
    '/.env',
    '/..%2foutside.txt',
    '/../outside.txt',
    '/assets/..%2f..%2foutside.txt',
    '/%2e%2e/outside.txt',
    '/assets/%00',
  ])
    assert.doesNotMatch((await client.call(at, { headers: html })).text, /secret/i, at);
  const answer = await client.call('/devices', { method: 'POST', headers: { ...html, origin: opened.origin } });
  assert.equal(answer.status, 404, 'a page is only read');
});

test('health: alive without the parts, ready only with all of them, no word about why not', async () => {
  const client = opened.client();
  assert.deepEqual((await client.call('/healthz')).json(), { status: 'ok' });
  assert.deepEqual((await client.call('/readyz')).json(), { ready: true, checks: { database: 'ok', hung: 'ok' } });
  ready = false;
  const answer = await client.call('/readyz');
  assert.equal(answer.status, 503);
  assert.deepEqual(answer.json(), { ready: false, checks: { database: 'failed', hung: 'failed' } });
  assert.doesNotMatch(answer.text, /secret/);
  assert.equal((await client.call('/healthz')).status, 200);
  ready = true;
});

test('metrics: loopback or the token; routes as labels, no ids', async () => {
  const client = opened.client();
  await client.call('/api/v1/agreements/01890a5d-ac96-774b-bcce-b302099a8057/devices/pump-7');
  const here = await client.call('/metrics');
  assert.equal(here.status, 200);
  assert.match(
    here.text,
    /pactgate_http_requests_total\{route="\/api\/v1\/agreements\/:agreement\/devices\/:device",method="GET",status="401"\} 1/,
  );
  assert.doesNotMatch(here.text, /pump-7|127\.0\.0\.1/);
  const proxied = { 'x-forwarded-for': '203.0.113.9' };
  assert.equal((await client.call('/metrics', { headers: proxied })).status, 401);
  const token = (text: string) => ({ ...proxied, authorization: `Bearer ${text}` });
  assert.equal((await client.call('/metrics', { headers: token('a token of the metrics') })).status, 200);
  assert.equal((await client.call('/metrics', { headers: token('another') })).status, 401);
});

test('extra routes know who calls and decide for themselves', async () => {
  const client = opened.client();
  assert.equal((await client.call('/pki/root.pem')).text, 'PEM');
  assert.equal((await client.call('/logs/x/checkpoint')).status, 401);
  client.token = await opened.tokenOf('b.engineer');
  assert.equal((await client.call('/logs/x/checkpoint')).json()['role'], 'b.engineer');
  client.token = 'pgk_wrong';
  assert.equal((await client.call('/logs/x/checkpoint')).status, 401);
});

test('nothing answers that is not on a list: every address of the listener is known', async () => {
  const material = opened.pki;
  const app = await makeConsoleApp({
    tls: material.server,
    at: { address: '127.0.0.1', port: 0 },
    hosts: ['localhost'],
    people: opened.people,
    handlers: Object.fromEntries(Object.keys(routes).map((name) => [name, () => ({})])) as never,
    version: '0.0.0',
    log: (await import('pino')).pino({ level: 'silent' }),
    health: { checks: {}, registry: new Registry() },
  });
  await app.ready();
  const known = [
    ...Object.values(routes).map(({ method, path: at }) => `${method} ${at}`),
    ...authEndpoints.map(({ method, path: at }) => `${method} /api/auth${at}`),
    ...['/healthz', '/readyz', '/metrics', '/signin', '/api/v1/openapi.json'].map((at) => `GET ${at}`),
  ];
  const shown = app.printRoutes({ commonPrefix: false, includeMeta: false });
  await app.close();
  const lines = shown.split('\n').filter((line) => line.includes('('));
  const addresses = lines.flatMap((line) => (/(?:GET|POST|PUT|DELETE|HEAD|PATCH|OPTIONS)/.test(line) ? [line] : []));
  const methods = addresses.reduce(
    (n, line) => n + (line.match(/\b(?:GET|POST|PUT|DELETE|PATCH|OPTIONS|TRACE|CONNECT)\b/g)?.length ?? 0),
    0,
  );
  assert.equal(methods, new Set(known).size);
  assert.ok(registered.length >= 2);
});

test('a missing handler is an error at start, and so is a port that is taken', async () => {
  const material = opened.pki;
  const common = {
    tls: material.server,
    hosts: ['localhost'],
    people: opened.people,
    version: '0.0.0',
    log: (await import('pino')).pino({ level: 'silent' }),
    health: { checks: {}, registry: new Registry() },
  };
  await assert.rejects(
    makeConsoleApp({ ...common, at: { address: '127.0.0.1', port: 0 }, handlers: {} as never }),
    /no handler for platform/,
  );
  const handlers = Object.fromEntries(Object.keys(routes).map((name) => [name, () => ({})])) as never;
  await assert.rejects(
    openConsoleServer({
      ...common,
      health: { checks: {}, registry: new Registry() },
      at: { address: '127.0.0.1', port: opened.port },
      handlers,
    }),
    (error) => error instanceof Problem && error.code === 'start/port-taken',
  );
});
