import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { Failure } from './failure.ts';
import { fetchBounded, fetchRoot } from './https.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'pactgate-https-'));
after(() => rmSync(directory, { recursive: true }));
const read = (name: string): string => readFileSync(path.join(directory, name), 'utf8');
const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });

/** Two roots of the same name, and a certificate for localhost of the first. */
function makeCertificates(): void {
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  for (const name of ['root', 'other'])
    openssl('req', '-x509', ...ec, '-keyout', `${name}.key`, '-out', `${name}.pem`, '-subj', '/CN=root', '-days', '2');
  openssl('req', '-new', ...ec, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost');
  writeFileSync(path.join(directory, 'server.ext'), 'subjectAltName=DNS:localhost');
  openssl(
    'x509',
    '-req',
    '-in',
    'server.csr',
    '-CA',
    'root.pem',
    '-CAkey',
    'root.key',
    '-CAcreateserial',
    '-out',
    'server.pem',
    '-days',
    '2',
    '-extfile',
    'server.ext',
  );
}
makeCertificates();

const listen = (server: Server): Promise<URL> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve(new URL(`https://localhost:${(server.address() as AddressInfo).port}`)),
    );
  });
const server = createServer({ key: read('server.key'), cert: read('server.pem') }, (request, response) => {
  if (request.url === '/endless') {
    response.write(Buffer.alloc(100_000));
    return; // never ends
  }
  response.end(JSON.stringify({ rootPem: read(request.url === '/api/v1/platform' ? 'root.pem' : 'other.pem') }));
});
const url = await listen(server);
after(() => {
  server.closeAllConnections();
  server.close();
});
const fingerprint = (name: string): string =>
  createHash('sha256')
    .update(new X509Certificate(read(name)).raw)
    .digest('hex');
const bounds = { method: 'GET', timeout: 5_000, most: 65_536 };
const kind = (want: Failure['kind']) => (error: unknown) => error instanceof Failure && error.kind === want;

test('the root is taken by its fingerprint alone', async () => {
  assert.equal((await fetchRoot(url, fingerprint('root.pem'))).trim(), read('root.pem').trim());
  await assert.rejects(fetchRoot(url, fingerprint('other.pem')), kind('refused'));
});

test('afterwards only the pinned root is trusted, not one of the same name', async () => {
  const answer = await fetchBounded({ ...bounds, url: new URL('/x', url), ca: read('root.pem') });
  assert.equal(answer.status, 200);
  await assert.rejects(fetchBounded({ ...bounds, url: new URL('/x', url), ca: read('other.pem') }), kind('refused'));
});

test('the name in the certificate must be the one in the address', async () => {
  const byAddress = new URL(url.href.replace('localhost', '127.0.0.1'));
  await assert.rejects(fetchBounded({ ...bounds, url: byAddress, ca: read('root.pem') }), kind('refused'));
});

test('answers are bounded in size and in time', async () => {
  const endless = new URL('/endless', url);
  const ca = read('root.pem');
  await assert.rejects(fetchBounded({ ...bounds, url: endless, ca }), kind('refused'));
  await assert.rejects(
    fetchBounded({ ...bounds, url: endless, ca, most: 1_000_000, timeout: 300 }),
    kind('unavailable'),
  );
});
