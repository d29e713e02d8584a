import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { type RouteName, routes } from '@pactgate/protocol/api';
import { openPeopleStore } from '../store/db/people.ts';
import { openStore, type Store } from '../store/open.ts';
import type { TestClient } from './testing/client.ts';
import { openTestConsole, systemClock, type TestConsole } from './testing/console.ts';
import { exampleRequest, someAgreement } from './testing/examples.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'pactgate-hostile-'));
let store: Store;
let opened: TestConsole;
let admin: TestClient;
let engineer: TestClient;

before(async () => {
  store = await openStore({ kind: 'sqlite', dir, now: systemClock() });
  opened = await openTestConsole({
    store: openPeopleStore(store.db, async () => {}),
    database: { db: store.db, type: store.kind },
    record: async () => {},
    options: {
      limits: { headersTimeout: 400, requestTimeout: 800, connectionsCheckingInterval: 100, keepAliveTimeout: 500 },
    },
  });
  admin = opened.client();
  admin.token = await opened.tokenOf('b.admin');
  engineer = opened.client();
  engineer.token = await opened.tokenOf('b.engineer');
});
after(async () => {
  await opened.close();
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const invite = '/api/v1/people/invitations';
const bodies: readonly { name: string; body: string | Uint8Array; type?: string; want: readonly [number, string] }[] = [
  { name: 'no JSON', body: '{', want: [400, 'request/invalid'] },
  { name: 'empty', body: '', want: [400, 'request/invalid'] },
  { name: 'null', body: 'null', want: [400, 'request/invalid'] },
  { name: 'a text', body: '"role"', want: [400, 'request/invalid'] },
  { name: 'a list', body: '[]', want: [400, 'request/invalid'] },
  { name: 'an operator object', body: '{"role":{"$ne":null}}', want: [400, 'request/invalid'] },
  { name: 'an unknown member', body: '{"role":"b.engineer","party":"platform"}', want: [400, 'request/invalid'] },
  { name: '__proto__', body: '{"role":"b.engineer","__proto__":{"party":"platform"}}', want: [400, 'request/invalid'] },
  {
    name: 'escaped __proto__',
    body: '{"role":"b.engineer","\\u005f_proto__":{"a":1}}',
    want: [400, 'request/invalid'],
  },
  { name: 'constructor.prototype', body: '{"constructor":{"prototype":{"a":1}}}', want: [400, 'request/invalid'] },
  { name: 'U+0000', body: '{"role":"b.engineer","email":"a\\u0000@example.org"}', want: [400, 'request/invalid'] },
  {
    name: 'a lone surrogate',
    body: '{"role":"b.engineer","email":"\\ud800@example.org"}',
    want: [400, 'request/invalid'],
  },
  { name: 'no UTF-8', body: Uint8Array.of(0x22, 0xff, 0xfe, 0x22), want: [400, 'request/invalid'] },
  { name: 'a number for a text', body: '{"role":1}', want: [400, 'request/invalid'] },
  { name: 'a role that is none', body: '{"role":"root"}', want: [400, 'request/invalid'] },
  { name: 'sixty thousand brackets', body: '['.repeat(60_000), want: [400, 'request/invalid'] },
  { name: 'deep nesting', body: `${'['.repeat(20_000)}${']'.repeat(20_000)}`, want: [400, 'request/invalid'] },
  {
    name: 'two mail addresses',
    body: '{"role":"b.engineer","email":"a@example.org\\r\\nBcc: b@example.org"}',
    want: [400, 'request/invalid'],
  },
  { name: '64 KiB and one byte', body: `"${'x'.repeat(65_535)}"`, want: [413, 'request/too-large'] },
  { name: '10 MB', body: 'x'.repeat(10_000_000), want: [413, 'request/too-large'] },
  { name: 'text/plain', body: '{"role":"b.engineer"}', type: 'text/plain', want: [415, 'request/type'] },
  { name: 'a form', body: 'role=b.engineer', type: 'application/x-www-form-urlencoded', want: [415, 'request/type'] },
  { name: 'XML', body: '<a/>', type: 'application/xml', want: [415, 'request/type'] },
  { name: 'no media type at all', body: '{"role":"b.engineer"}', type: 'json', want: [415, 'request/type'] },
];
for (const { name, body, type = 'application/json', want } of bodies) {
  test(`body: ${name}: ${want.join(' ')}, and nothing changes`, async () => {
    const open = await opened.people.store.countLinks('acme', systemClock());
    const client = opened.client(); // the server may close a connection whose body it did not read
    client.token = admin.token;
    const answer = await client
      .call(invite, { method: 'POST', body, headers: { 'content-type': type } })
      .catch((error: unknown) => {
        // Cut off in the middle of 10 MB: also a refusal, if not a readable one.
        assert.equal(want[0], 413, String(error));
        return undefined;
      });
    if (answer) assert.deepEqual([answer.status, answer.json()['code']], want);
    assert.equal(await opened.people.store.countLinks('acme', systemClock()), open);
    assert.equal(({} as { party?: string }).party, undefined);
  });
}

test('every route with a body survives any of them: never 5xx', async () => {
  for (const name of Object.keys(routes) as RouteName[]) {
    const { path: at, method, body } = exampleRequest(name);
    if (body === undefined) continue;
    for (const hostile of ['[]', '{"a":{"$gt":""}}', '{"__proto__":{}}', 'null', '"x"', '{'])
      for (const client of [admin, engineer]) {
        const { status, text } = await client.call(at, { method, body: hostile });
        assert.ok(status >= 400 && status < 500, `${name} ${hostile}: ${status} ${text}`);
      }
  }
});

const addresses: readonly { name: string; path: string; want: readonly number[] }[] = [
  { name: 'a name twice in the query', path: '/api/v1/logs/x?a=1&a=2', want: [400, 404] },
  { name: 'U+0000 in the query', path: `/api/v1/agreements/${someAgreement}/devices?search=%00`, want: [400] },
  { name: 'bad percent in the query', path: `/api/v1/agreements/${someAgreement}/devices?search=%`, want: [400] },
  { name: 'bad percent in the path', path: '/api/v1/agreements/%E0%A4%A/devices', want: [400] },
  { name: 'no UTF-8 in the path', path: '/api/v1/agreements/%ff/devices', want: [400, 404] },
  { name: 'traversal', path: '/api/v1/../../../etc/passwd', want: [404] },
  { name: 'encoded traversal', path: `/api/v1/agreements/${someAgreement}/devices/..%2f..%2fetc`, want: [404] },
  { name: 'SQL in an id', path: `/api/v1/agreements/${someAgreement}/devices/x'%20or%201=1`, want: [404] },
  {
    name: 'an id of 300 characters',
    path: `/api/v1/agreements/${someAgreement}/devices/${'x'.repeat(300)}`,
    want: [404],
  },
  { name: 'an id with U+0000', path: `/api/v1/agreements/${someAgreement}/devices/x%00`, want: [404] },
  { name: 'SQL in the query', path: `/api/v1/agreements/${someAgreement}/devices?search=x'%20or%201=1--`, want: [400] },
  { name: 'a query that is not asked for', path: '/api/v1/me?admin=true', want: [400] },
  { name: '__proto__ in the query', path: `/api/v1/agreements/${someAgreement}/devices?__proto__=x`, want: [400] },
  { name: 'another case', path: '/API/V1/ME', want: [404] },
  { name: 'a slash too many', path: '/api/v1/me/', want: [404] },
  { name: 'two slashes', path: '//api/v1/me', want: [404] },
];
for (const { name, path: at, want } of addresses)
  test(`address: ${name}`, async () => {
    const { status, headers, text } = await admin.call(at);
    assert.ok(want.includes(status), `${status} ${text}`);
    assert.equal(headers['content-type'], 'application/problem+json');
  });

for (const host of ['evil.example', 'localhost.evil.example', 'localhost:8443@evil.example', 'localhost, evil.example'])
  test(`host "${host}" is not ours: 421 or 400, on every address`, async () => {
    for (const at of ['/api/v1/platform', '/', '/healthz', '/nothing']) {
      const { status, text } = await admin.call(at, { headers: { host } });
      assert.ok(status === 421 || status === 400, `${status} ${text}`);
      assert.ok(!text.includes('evil'), 'it is not repeated');
    }
  });
test('our own host, with and without port, in any case', async () => {
  for (const host of ['localhost', 'localhost:8443', 'LOCALHOST:1', '127.0.0.1:9'])
    assert.equal((await admin.call('/healthz', { headers: { host } })).status, 200, host);
});

test('X-Forwarded-For of a stranger is not believed', async () => {
  const answer = await admin.call('/metrics', { headers: { 'x-forwarded-for': '127.0.0.1' } });
  assert.equal(answer.status, 401, 'through somebody else it is not loopback');
  assert.equal((await admin.call('/api/v1/me', { headers: { 'x-forwarded-host': 'evil.example' } })).status, 200);
});

test('headers: policy without inline script, HSTS, no frames, no sniffing, no referrer, no word about software', async () => {
  for (const at of ['/api/v1/platform', '/api/v1/me', '/nothing']) {
    const { headers } = await opened.client().call(at);
    const policy = String(headers['content-security-policy']);
    assert.match(policy, /default-src 'self'/);
    assert.match(policy, /(?:^|;)script-src 'self'(?:;|$)/);
    assert.match(policy, /style-src 'self' 'unsafe-inline'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy.replace(/style-src[^;]*/, ''), /unsafe-/);
    assert.match(String(headers['strict-transport-security']), /^max-age=\d{8}/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['x-frame-options'], 'DENY');
    assert.equal(headers['server'], undefined);
    assert.equal(headers['x-powered-by'], undefined);
    assert.equal(headers['access-control-allow-origin'], undefined);
  }
});

const open = (options: ConnectionOptions = {}): TLSSocket =>
  connect({ host: '127.0.0.1', port: opened.port, servername: 'localhost', ca: opened.pki.root.cert, ...options });

/** Everything the server says until it closes; the test's own limit is that it does close. */
async function untilClosed(socket: TLSSocket): Promise<string> {
  let text = '';
  socket.on('data', (part: Buffer) => (text += part.toString('latin1')));
  socket.on('error', () => {});
  if (!socket.closed) await once(socket, 'close', { signal: AbortSignal.timeout(10_000) });
  return text;
}

test('slow headers end after headersTimeout with 408', async () => {
  const socket = open();
  await once(socket, 'secureConnect');
  socket.write('GET /api/v1/platform HTTP/1.1\r\nhost: localhost\r\nx-slow: ');
  const drip = setInterval(() => socket.writable && socket.write('a'), 50);
  const text = await untilClosed(socket);
  clearInterval(drip);
  assert.match(text, /^HTTP\/1\.1 408 /);
  assert.match(text, /"code":"request\/timeout"/);
});

test('a slow body ends after requestTimeout', async () => {
  const socket = open();
  await once(socket, 'secureConnect');
  const token = admin.token ?? '';
  socket.write(
    `POST ${invite} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n`,
  );
  const drip = setInterval(() => socket.writable && socket.write(' '), 50);
  const text = await untilClosed(socket);
  clearInterval(drip);
  assert.match(text, /^HTTP\/1\.1 408 /);
});

const raw: readonly { name: string; bytes: string; want: RegExp }[] = [
  { name: 'no HTTP', bytes: '\x16\x03\x01\x00\x05hello\r\n\r\n', want: /^HTTP\/1\.1 400 / },
  { name: 'no host', bytes: 'GET / HTTP/1.1\r\n\r\n', want: /^HTTP\/1\.1 400 / },
  { name: 'an empty host', bytes: 'GET / HTTP/1.1\r\nhost:\r\nconnection: close\r\n\r\n', want: /^HTTP\/1\.1 421 / },
  {
    name: 'two hosts',
    bytes: 'GET / HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\nconnection: close\r\n\r\n',
    want: /^HTTP\/1\.1 4/,
  },
  {
    name: 'HTTP/1.1 and a header of 9 KiB',
    bytes: `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'a'.repeat(9_000)}\r\n\r\n`,
    want: /^HTTP\/1\.1 413 /,
  },
  {
    name: 'length and chunks at once (request smuggling)',
    bytes:
      'POST /api/v1/setup HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    want: /^HTTP\/1\.1 400 /,
  },
  {
    name: 'two lengths',
    bytes: 'POST /api/v1/setup HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!',
    want: /^HTTP\/1\.1 400 /,
  },
  { name: 'an unknown method', bytes: 'BREW /pot HTTP/1.1\r\nhost: localhost\r\n\r\n', want: /^HTTP\/1\.1 400 / },
  { name: 'a bare line feed', bytes: 'GET / HTTP/1.1\nhost: localhost\n\n', want: /^HTTP\/1\.1 400 / },
  {
    name: 'an absolute address of another host',
    bytes: 'GET https://evil.example/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
    want: /^HTTP\/1\.1 40[04] /,
  },
];
for (const { name, bytes, want } of raw)
  test(`bytes: ${name}`, async () => {
    const socket = open();
    await once(socket, 'secureConnect');
    socket.write(bytes);
    assert.match(await untilClosed(socket), want);
    assert.equal((await admin.call('/healthz')).status, 200);
  });

/** Protocol and suite, or that there was none. */
const handshake = async (options: ConnectionOptions): Promise<string> => {
  const socket = open({ ...options });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(5_000) });
    return `${socket.getProtocol()} ${socket.getCipher().name}`;
  } catch {
    return 'refused';
  } finally {
    socket.destroy();
  }
};

test('B2.3.1 TLS: 1.1 and suites without AEAD or forward secrecy are refused, 1.2 and 1.3 work', async () => {
  assert.match(await handshake({ maxVersion: 'TLSv1.2' }), /^TLSv1\.2 ECDHE-.*(?:GCM|POLY1305)/);
  assert.match(await handshake({ minVersion: 'TLSv1.3' }), /^TLSv1\.3 TLS_/);
  const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
  assert.equal(await handshake(old), 'refused');
  for (const ciphers of ['ECDHE-ECDSA-AES256-SHA384', 'ECDHE-ECDSA-AES128-SHA', 'AES256-GCM-SHA384'])
    assert.equal(await handshake({ maxVersion: 'TLSv1.2', ciphers: `${ciphers}:@SECLEVEL=0` }), 'refused', ciphers);
});

test('plaintext HTTP on the TLS port gets no answer', async () => {
  const { connect: plain } = await import('node:net');
  const socket = plain(opened.port, '127.0.0.1');
  let text = '';
  socket.on('data', (part: Buffer) => (text += part.toString('latin1'))).on('error', () => {});
  socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await once(socket, 'close', { signal: AbortSignal.timeout(10_000) });
  assert.doesNotMatch(text, /HTTP/);
});

test('closing answers what is under way and refuses what comes later', async () => {
  const { promise: asked, resolve: arrived } = Promise.withResolvers<void>();
  const { promise: may, resolve: go } = Promise.withResolvers<void>();
  const other = await openTestConsole({
    store: openPeopleStore(store.db, async () => {}),
    database: { db: store.db, type: store.kind },
    record: async () => {},
    handlers: {
      logs: async () => {
        arrived();
        await may;
        return { items: [] };
      },
    },
  });
  const client = other.client();
  client.token = admin.token;
  const answer = client.call('/api/v1/logs');
  await asked;
  const stopping = other.close();
  await assert.rejects(other.client().call('/healthz'), /ECONNREFUSED/);
  go();
  assert.equal((await answer).status, 200);
  await stopping;
});
