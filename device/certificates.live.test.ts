import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import {
  chainToRoot,
  fingerprintOf,
  isForKey,
  makeKey,
  makeRequest,
  namesDevice,
  readCertificates,
} from './certificates.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'pactgate-certificates-'));
after(() => rmSync(dir, { recursive: true }));
const file = (name: string): string => path.join(dir, name);
const openssl = (...args: string[]): string =>
  execFileSync('openssl', args, { cwd: dir, encoding: 'utf8', stdio: 'pipe' });

test('B2.2.3 openssl accepts the request: its subject, its key, its own signature (RFC 2986)', async () => {
  writeFileSync(file('device.csr'), Buffer.from(await makeRequest(makeKey(), 'pump-7'), 'base64'));
  const text = openssl('req', '-inform', 'DER', '-in', 'device.csr', '-verify', '-noout', '-text');
  assert.match(text, /Subject: CN = ?pump-7/);
  assert.match(text, /ASN1 OID: prime256v1/);
  assert.match(text, /ecdsa-with-SHA256/);
});

/** Root, intermediate and device certificate made by openssl; `x` is another root of the same name. */
function makeChain(): void {
  const ca = ['-addext', 'basicConstraints=critical,CA:TRUE'];
  for (const name of ['root', 'x'])
    openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
      '-subj',
      '/CN=root',
      '-days',
      '30',
      ...ca,
    );
  const issue = (name: string, issuer: string, extensions: string): void => {
    writeFileSync(file(`${name}.ext`), extensions);
    openssl(
      'req',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-subj',
      `/O=acme/CN=${name}`,
    );
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      `${issuer}.pem`,
      '-CAkey',
      `${issuer}.key`,
      '-CAcreateserial',
      '-out',
      `${name}.pem`,
      '-days',
      '7',
      '-extfile',
      `${name}.ext`,
    );
  };
  issue('issuing', 'root', 'basicConstraints=critical,CA:TRUE');
  issue('pump-7', 'issuing', 'subjectAltName=URI:pactgate://acme.pactgate.local/pump-7\nextendedKeyUsage=clientAuth');
  openssl(
    'crl2pkcs7',
    '-nocrl',
    '-certfile',
    'root.pem',
    '-certfile',
    'issuing.pem',
    '-outform',
    'DER',
    '-out',
    'certs.p7',
  );
}

test('B2.2.3 certificates of an EST answer, their chain to the pinned root, and whose they are', () => {
  makeChain();
  const p7 = readFileSync(file('certs.p7')).toString('base64');
  const known = readCertificates(p7.replaceAll(/(.{64})/g, '$1\r\n'));
  assert.equal(known.length, 2);
  const load = (name: string): X509Certificate => new X509Certificate(readFileSync(file(name)));
  const [root, device] = [load('root.pem'), load('pump-7.pem')];
  assert.ok(known.some((certificate) => fingerprintOf(certificate) === fingerprintOf(root)));
  assert.deepEqual(chainToRoot(device, root, known)?.map(fingerprintOf), [fingerprintOf(load('issuing.pem'))]);
  assert.equal(chainToRoot(device, load('x.pem'), known), undefined, 'a root of the same name is another root');
  assert.equal(chainToRoot(device, root, []), undefined, 'the issuing CA is missing');
  assert.ok(isForKey(device, readFileSync(file('pump-7.key'), 'utf8')));
  assert.ok(!isForKey(device, readFileSync(file('root.key'), 'utf8')));
  assert.ok(namesDevice(device, 'acme', 'pump-7'));
  assert.ok(!namesDevice(device, 'acme', 'pump-8') && !namesDevice(device, 'acm', 'pump-7'));
});
