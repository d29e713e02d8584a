import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import type { PeerIdentity } from '../flow/gateway-port.ts';
import {
  type DeviceOptions,
  deviceCallerOf,
  makeDeviceApp,
  openAddresses,
  openDeviceServer,
  type Wanted,
} from './device-server.ts';
import type { OpenListener } from './listener.ts';
import { TestClient } from './testing/client.ts';
import { testPki } from './testing/console.ts';

const pki = testPki();
const good = pki.client('pump-7');
const isolated = pki.client('pump-8');
const stranger = pki.stranger('pump-7');

/** The leaf as TLS showed it; the real one is in the gateway, which this ring does not import. */
function peerOf(socket: TLSSocket): PeerIdentity | undefined {
  const leaf = socket.getPeerX509Certificate();
  if (!leaf) return undefined;
  const spki = createHash('sha256')
    .update(leaf.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
  return {
    authorized: socket.authorized,
    spki,
    serial: leaf.serialNumber.toLowerCase(),
    fingerprint: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
    subjectCn: leaf.subject.replace('CN=', ''),
    sanUris: [],
    notBefore: Date.parse(leaf.validFrom),
    notAfter: Date.parse(leaf.validTo),
    tls: 'TLSv1.3',
    suite: socket.getCipher().name,
    resumed: socket.isSessionReused(),
    address: socket.remoteAddress ?? '',
    port: socket.remotePort ?? 0,
    listener: 'https-device',
  };
}

const wanted: Wanted[] = [];
const reached: string[] = [];
/** Routes as a device listener has them; none says anything about access. */
function addRoutes(app: FastifyInstance): void {
  const rows = [
    ['GET', '/.well-known/est/cacerts'],
    ['GET', '/.well-known/est/csrattrs'],
    ['POST', '/.well-known/est/simpleenroll'],
    ['GET', '/.well-known/est/:label/cacerts'],
    ['GET', '/.well-known/est/:label/csrattrs'],
    ['POST', '/.well-known/est/:label/simpleenroll'],
    ['POST', '/.well-known/est/:label/simplereenroll'],
    ['POST', '/.well-known/est/simplereenroll'],
    ['GET', '/v1/me/time'],
    ['POST', '/v1/me/up/telemetry/:channel'],
    ['PUT', '/v1/me/files/*'],
  ] as const;
  for (const [method, url] of rows)
    app.route({
      method,
      url,
      handler: async (request) => {
        reached.push(`${method} ${url}`);
        return { device: deviceCallerOf(request)?.device ?? 'nobody' };
      },
    });
}

const options: DeviceOptions = {
  tls: pki.server,
  clientRoots: [pki.root.cert],
  at: { address: '127.0.0.1', port: 0 },
  hosts: ['localhost'],
  log: pino({ level: 'silent' }),
  peerOf,
  gate: async (peer, what) => {
    wanted.push(what);
    if (!peer.authorized) return { ok: false, code: 'channel/certificate-unknown' };
    if (peer.subjectCn === 'pump-8') return { ok: false, code: 'device/isolated' };
    if (peer.subjectCn === 'pump-9') throw new Error('the registry is down');
    return { ok: true, party: 'acme', device: peer.subjectCn ?? '' };
  },
  routes: addRoutes,
  upgrade: (caller, _, socket) => {
    reached.push(`UPGRADE ${caller.device}`);
    socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n');
  },
  rates: { address: 100_000 },
  pressure: { loopDelay: 60_000 },
};

let listener: OpenListener;
let routes: { method: string; url: string }[] = [];
const clients: TestClient[] = [];
const client = (pair?: { key: string; cert: string }): TestClient => {
  const made = new TestClient(listener.port, 'https://localhost', { ca: pki.root.cert, ...pair });
  clients.push(made);
  return made;
};

before(async () => {
  listener = await openDeviceServer({
    ...options,
    routes: (app) => {
      app.addHook('onRoute', ({ method, url }) => {
        for (const name of [method].flat()) routes.push({ method: name, url });
      });
      addRoutes(app);
    },
  });
});
after(async () => {
  await listener.close();
  for (const one of clients) one.close();
});

test('B2.2.4 every route but the three of EST demands a client certificate, unknown ones too', async () => {
  const walk = [...routes, { method: 'GET', url: '/nothing' }, { method: 'POST', url: '/v1/me/time' }];
  assert.ok(walk.length >= 9);
  const bare = client();
  for (const { method, url } of walk) {
    const path = url.replace('*', 'x').replace(/:[a-z]+/, 'env');
    const answer = await bare.call(path, { method });
    if (openAddresses.has(`${method} ${url}`)) {
      assert.equal(answer.status, 200, `${method} ${url}`);
      continue;
    }
    assert.equal(answer.status, 401, `${method} ${url} without certificate`);
    if (method !== 'HEAD') assert.equal(answer.json()['code'], 'channel/certificate-missing', `${method} ${url}`);
  }
  assert.deepEqual(new Set(reached), openAddresses);
});

test('the list of open addresses is the one of the design, each also with an EST label (RFC 7030 3.2.2)', () => {
  const operations = ['GET cacerts', 'GET csrattrs', 'POST simpleenroll'].map((row) => row.split(' '));
  const want = operations.flatMap(([method = '', name = '']) =>
    ['', ':label/'].map((label) => `${method} /.well-known/est/${label}${name}`),
  );
  assert.deepEqual(openAddresses, new Set(want));
});

test('the gate decides for each request and is told what is wanted', async () => {
  wanted.length = 0;
  const device = client(good);
  assert.equal((await device.call('/v1/me/time')).json()['device'], 'pump-7');
  assert.equal((await device.post('/v1/me/up/telemetry/env')).json()['device'], 'pump-7');
  assert.deepEqual(wanted, [
    { method: 'GET', route: '/v1/me/time' },
    { method: 'POST', route: '/v1/me/up/telemetry/:channel' },
  ]);
  for (const [pair, code, status] of [
    [isolated, 'device/isolated', 403],
    [stranger, 'channel/certificate-unknown', 403],
  ] as const) {
    const answer = await client(pair).call('/v1/me/time');
    assert.deepEqual([answer.status, answer.json()['code']], [status, code]);
  }
});

test('a gate that fails lets nobody in', async () => {
  const count = reached.length;
  const answer = await client(pki.client('pump-9')).call('/v1/me/time');
  assert.deepEqual([answer.status, answer.json()['code']], [500, 'internal']);
  assert.equal(reached.length, count);
});

async function upgrade(pair?: { key: string; cert: string }): Promise<string> {
  const socket = connect({
    host: '127.0.0.1',
    port: listener.port,
    servername: 'localhost',
    ca: pki.root.cert,
    ...pair,
  });
  let text = '';
  socket.on('data', (part: Buffer) => (text += part.toString('latin1'))).on('error', () => {});
  socket.write('GET /mqtt HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n');
  await once(socket, 'close', { signal: AbortSignal.timeout(10_000) });
  return text;
}

test('upgrades pass the same gate', async () => {
  assert.match(await upgrade(), /^HTTP\/1\.1 401 .*channel\/certificate-missing/s);
  assert.match(await upgrade(isolated), /^HTTP\/1\.1 403 .*device\/isolated/s);
  assert.match(await upgrade(stranger), /^HTTP\/1\.1 403 /);
  assert.match(await upgrade(good), /^HTTP\/1\.1 101 /);
  assert.ok(reached.includes('UPGRADE pump-7'));
});

test('a body of another type than the routes know is refused before any handler', async () => {
  const count = reached.length;
  const answer = await client().call('/.well-known/est/simpleenroll', {
    method: 'POST',
    body: 'x',
    headers: { 'content-type': 'text/plain' },
  });
  assert.equal(answer.status, 415);
  assert.equal(reached.length, count);
});

test('a renewed certificate of the listener is served from the next handshake on, the gate stays', async () => {
  const next = testPki().client('localhost');
  listener.replaceTls(next);
  const socket = connect({
    host: '127.0.0.1',
    port: listener.port,
    servername: 'localhost',
    rejectUnauthorized: false,
    ...good,
  });
  await once(socket, 'secureConnect');
  assert.equal(socket.getPeerX509Certificate()?.fingerprint256, new X509Certificate(next.cert).fingerprint256);
  socket.destroy();
  listener.replaceTls(pki.server);
  assert.equal((await client(good).call('/v1/me/time')).status, 200);
  assert.equal((await client().call('/v1/me/time')).status, 401);
});

test('a route cannot open itself', async () => {
  const app = await makeDeviceApp({
    ...options,
    routes: (inner) => void inner.get('/self', { config: { open: true, always: true } }, async () => 'in'),
  });
  const answer = await app
    .inject({ method: 'GET', url: '/self', headers: { host: 'localhost' } })
    .catch((error: unknown) => error);
  await app.close();
  const status = typeof answer === 'object' && answer && 'statusCode' in answer ? answer.statusCode : undefined;
  assert.notEqual(status, 200);
});
