import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { after, before, test } from 'node:test';
import { csrAttributes, toPem } from '../../adapters/x509/index.ts';
import { type Instant, instant } from '../../kernel/time.ts';
import {
  acme,
  agreement,
  assertRefused,
  type Bench,
  base64Of,
  DeviceTools,
  openBench,
  openssl,
  post,
} from './testing/harness.ts';

const start: Instant = instant(Date.now());
let bench: Bench;
let tools: DeviceTools;
before(async () => {
  bench = await openBench(start);
  tools = new DeviceTools(bench);
});
after(() => bench.close());

for (const version of ['1.2', '1.3'])
  test(`B2.2.3 enrolment with curl and openssl over TLS ${version} (RFC 7030 4.2)`, async () => {
    const id = `tls-${version.replace('.', '')}`;
    const code = await tools.register(id);
    const { der } = await tools.csr(id, `/O=acme/CN=${id}`);
    const flags = version === '1.2' ? ['--tls-max', '1.2'] : ['--tlsv1.3'];
    const body = tools.put('one.b64', base64Of(der));
    const answer = await tools.curl('/simpleenroll', ...flags, '-u', `${id}:${code}`, ...post(body));
    assert.equal(answer.status, 200, answer.body);
    assert.equal(answer.type, 'application/pkcs7-mime; smime-type=certs-only');
    assert.match(answer.headers, /^content-transfer-encoding: base64\r$/im);
    assert.match(answer.body, /^[A-Za-z0-9+/]+={0,2}$/, 'one unbroken line');
    const cert = await tools.pemOf(answer, id);
    assert.equal(readFileSync(cert, 'utf8').match(/BEGIN CERTIFICATE/g)?.length, 1, 'exactly one certificate');
    const chain = bench.authority.chain(acme).map((one) => toPem('CERTIFICATE', one));
    const verify = ['verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', tools.file('root.pem')];
    await openssl(...verify, '-untrusted', tools.put('chain.pem', chain.join('')), cert);
    assert.match(await openssl('x509', '-in', cert, '-noout', '-subject'), new RegExp(`O = acme, CN = ${id}\n`));
    assert.equal((await tools.device(id)).state, 'active');
  });
test('B2.2.3 an enrolment leaves its records: registration, proof of possession, key, certificate, state', async () => {
  const { pseudonym } = await tools.device('tls-13');
  for (const kind of ['device.register', 'device.enrol', 'device.key.bind', 'cert.issue', 'device.state'])
    assert.equal((await tools.records('log-1', kind)).filter((body) => body['device'] === pseudonym).length, 1, kind);
  const [enrol] = await tools.records('log-1', 'device.enrol');
  assert.equal(enrol?.['pop'], true);
  assert.doesNotMatch(JSON.stringify(enrol), /tls-1/);
});

test('cacerts and csrattrs need no certificate; types and one line are exact (RFC 8951 3.1)', async () => {
  const all = await tools.curl('/cacerts');
  assert.equal(all.status, 200);
  assert.equal(all.type, 'application/pkcs7-mime');
  assert.doesNotMatch(all.body, /[\r\n]/);
  const pem = readFileSync(await tools.pemOf(all, 'cacerts'), 'utf8');
  assert.equal(pem.match(/BEGIN CERTIFICATE/g)?.length, 3);
  assert.equal((await tools.curl('/acme/cacerts')).body, all.body);
  const attributes = await tools.curl('/csrattrs');
  assert.equal(attributes.type, 'application/csrattrs');
  assert.equal(attributes.body, Buffer.from(csrAttributes()).toString('base64'));
});
for (const operation of ['/beta/cacerts', '/nothing', '/acme/nothing', '/a/b/c', ''])
  test(`404 for ${operation || 'no operation'}`, async () =>
    assertRefused(await tools.curl(operation), 404, 'enrol/not-found'));
for (const operation of ['/serverkeygen', '/fullcmc', '/acme/serverkeygen'])
  test(`404 for ${operation}: private keys never leave devices`, async () =>
    assertRefused(await tools.curl(operation, ...post(tools.put('x', 'x'))), 404, 'enrol/not-found'));

const fold = (text: string, width: number, end: string): string =>
  (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join(end) + end;
const armour = (text: string, kind: string, end: string): string =>
  `-----BEGIN ${kind}-----${end}${fold(text, 64, end)}-----END ${kind}-----${end}`;
const encodings: readonly (readonly [string, (der: Buffer) => string | Uint8Array])[] = [
  ['raw DER', (der) => der],
  ['base64 in one line', (der) => der.toString('base64')],
  ['base64, lines of 64 with LF', (der) => fold(der.toString('base64'), 64, '\n')],
  ['base64, lines of 76 with CRLF', (der) => fold(der.toString('base64'), 76, '\r\n')],
  ['base64 with spaces', (der) => fold(der.toString('base64'), 60, ' ')],
  ['base64 with tabs and CR', (der) => fold(der.toString('base64'), 60, '\t\r')],
  ['base64 without padding', (der) => der.toString('base64').replace(/=+$/, '')],
  ['PEM with CRLF', (der) => armour(der.toString('base64'), 'CERTIFICATE REQUEST', '\r\n')],
  ['PEM of older tools', (der) => armour(der.toString('base64'), 'NEW CERTIFICATE REQUEST', '\n')],
];
for (const [at, [name, encode]] of encodings.entries())
  test(`request body: ${name} (RFC 8951 2.1)`, async () => {
    const id = `body-${at}`;
    const code = await tools.register(id);
    const { der } = await tools.csr(id, '/');
    const body = tools.put('body', encode(readFileSync(der)));
    const answer = await tools.curl('/acme/simpleenroll', '-u', `acme/${id}:${code}`, ...post(body));
    assert.equal(answer.status, 200, answer.body);
  });

test('B2.2.3 codes: wrong, foreign, malformed, none, used are refused alike and recorded without a device', async () => {
  const code = await tools.register('code-1');
  const other = await tools.register('code-2');
  const { der } = await tools.csr('code', '/CN=code-1');
  const was = (await tools.records('log-p', 'session.reject')).length;
  const texts = new Set<string>();
  for (const one of [`code-1:${other}`, `code-2:${code}`, `code-1:${code.slice(1)}0`, 'code-1:', `nobody:${code}`]) {
    const answer = await tools.curl('/simpleenroll', '-u', one, ...post(der));
    assertRefused(answer, 401, 'enrol/code-invalid');
    assert.match(answer.headers, /^www-authenticate: Basic realm="est"/im);
    texts.add(answer.body);
  }
  assert.equal(texts.size, 1, 'nobody learns which devices exist');
  assertRefused(await tools.curl('/simpleenroll', ...post(der)), 401, 'enrol/code-invalid');
  const elsewhere = await tools.curl('/beta/simpleenroll', '-u', `code-1:${code}`, ...post(der));
  assertRefused(elsewhere, 401, 'enrol/code-invalid');
  const grouped = (code.toLowerCase().match(/.{8}/g) ?? []).join('-');
  const good = await tools.curl('/simpleenroll', '-u', `code-1:${grouped}`, ...post(der));
  assert.equal(good.status, 200, good.body);
  // the same request again: a replay gets nothing, not even the certificate it belongs to
  assertRefused(await tools.curl('/simpleenroll', '-u', `code-1:${code}`, ...post(der)), 401, 'enrol/code-invalid');
  const rejects = (await tools.records('log-p', 'session.reject')).slice(was);
  assert.equal(rejects.length, 7);
  assert.ok(rejects.every((body) => body['device'] === undefined && body['code'] === 'enrol/code-invalid'));
});
test('B2.2.3 a code ends after 24 h and when a newer one is made', async () => {
  const first = await tools.register('late-1');
  const { der } = await tools.csr('late', '/CN=late-1');
  const { code, codeExpiresAt } = await bench.registration.newCode(await tools.device('late-1'));
  const attempt = (one: string): ReturnType<DeviceTools['curl']> =>
    tools.curl('/simpleenroll', '-u', `late-1:${one}`, ...post(der));
  assertRefused(await attempt(first), 401, 'enrol/code-invalid');
  bench.clock.at = codeExpiresAt;
  assertRefused(await attempt(code), 401, 'enrol/code-invalid');
  bench.clock.at = instant(codeExpiresAt - 1);
  assert.equal((await attempt(code)).status, 200);
  bench.clock.at = start;
});
test('B2.2.3 one code for three requests at once: exactly one certificate', async () => {
  const code = await tools.register('race-1');
  const requests = await Promise.all(['a', 'b', 'c'].map((name) => tools.csr(`race-${name}`, '/CN=race-1')));
  const answers = await Promise.all(
    requests.map(({ der }) => tools.curl('/simpleenroll', '-u', `race-1:${code}`, ...post(der))),
  );
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 401, 401],
  );
  const made = await bench.identities.certificatesOf(agreement, 'race-1');
  assert.deepEqual(
    made.map(({ state }) => state),
    ['live'],
  );
});

for (const [name, key, accepted] of [
  ['P-384', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'], true],
  ['Ed25519', ['-newkey', 'ed25519'], true],
  ['RSA 2048', ['-newkey', 'rsa:2048'], false],
  ['RSA 1024', ['-newkey', 'rsa:1024'], false],
  ['P-521', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-521'], false],
  ['explicit', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-pkeyopt', 'ec_param_enc:explicit'], false],
] as const)
  test(`B2.2.1 key of the request: ${name} is ${accepted ? 'accepted' : 'refused, and the code stays good'}`, async () => {
    const id = `key-${name.replaceAll(' ', '-')}`;
    const code = await tools.register(id);
    const { der } = await tools.csr(id, `/CN=${id}`, ...key);
    const answer = await tools.curl('/simpleenroll', '-u', `${id}:${code}`, ...post(der));
    if (accepted) return assert.equal(answer.status, 200, answer.body);
    assertRefused(answer, 400, 'enrol/key-weak');
    const good = await tools.csr(`${id}-good`, `/CN=${id}`);
    return assert.equal((await tools.curl('/simpleenroll', '-u', `${id}:${code}`, ...post(good.der))).status, 200);
  });
test('B2.2.1 subject or key of another device: refused, recorded with the device, told to the device page', async () => {
  const code = await tools.register('own-1');
  const victim = await tools.enrol('victim-1');
  const wrong = await tools.csr('own-wrong', '/CN=somebody-else');
  const attempt = (der: string): ReturnType<DeviceTools['curl']> =>
    tools.curl('/simpleenroll', '-u', `own-1:${code}`, ...post(der));
  assertRefused(await attempt(wrong.der), 403, 'enrol/subject-mismatch');
  assertRefused(await attempt(await tools.csrOf('stolen', '/CN=own-1', victim.key)), 403, 'enrol/key-bound');
  const { pseudonym } = await tools.device('own-1');
  const rejects = (await tools.records('log-1', 'session.reject')).filter((body) => body['device'] === pseudonym);
  assert.deepEqual(
    rejects.map((body) => body['code']),
    ['enrol/subject-mismatch', 'enrol/key-bound'],
  );
  const told = bench.refusals.filter((refusal) => refusal.device === 'own-1');
  assert.deepEqual(
    told.map(({ code: why, address }) => [why, address]),
    [
      ['enrol/subject-mismatch', '127.0.0.1'],
      ['enrol/key-bound', '127.0.0.1'],
    ],
  );
});
test('B2.2.3 nothing enrols without agreement in force, active model or while suspended', async () => {
  const code = await tools.register('early-1');
  const { der } = await tools.csr('early', '/CN=early-1');
  const attempt = (): ReturnType<DeviceTools['curl']> =>
    tools.curl('/simpleenroll', '-u', `early-1:${code}`, ...post(der));
  bench.registry.setParty(acme, {});
  assertRefused(await attempt(), 403, 'agreement/not-in-force');
  bench.registry.setParty(acme, { agreement });
  bench.world.modelActive = false;
  assertRefused(await attempt(), 403, 'model/not-active');
  bench.world.modelActive = true;
  const suspended = await bench.registration.setState(await tools.device('early-1'), 'suspended', 'test');
  assertRefused(await attempt(), 403, 'device/state');
  await bench.registration.setState(suspended, 'registered', 'test');
  assert.equal((await attempt()).status, 200);
});
test('a use of a code that never became a certificate can be repeated, and only that', async () => {
  const code = await tools.register('crash-1');
  const { der } = await tools.csr('crash', '/CN=crash-1');
  // the process ended between the stored serial and the signature
  const [serial, now] = ['41'.repeat(16), bench.clock.now()];
  const stored = await bench.store.db
    .selectFrom('enrolment_code')
    .select('hash')
    .where('device', '=', 'crash-1')
    .execute();
  const device = await tools.device('crash-1');
  await bench.store.transaction(async (tx) => {
    await bench.identities.useCode(tx, { hash: stored[0]?.hash ?? '', at: now, serial });
    const dates = { notBefore: now, notAfter: now, created: now };
    const { party, id } = device;
    await bench.identities.addCertificate(tx, {
      serial,
      spki: 'aa',
      agreement,
      party,
      device: id,
      issuer: 'x',
      state: 'issuing',
      ...dates,
    });
  });
  const attempt = (): ReturnType<DeviceTools['curl']> =>
    tools.curl('/simpleenroll', '-u', `crash-1:${code}`, ...post(der));
  assert.equal((await attempt()).status, 200);
  assert.equal((await bench.identities.certificate(serial))?.state, 'void');
  assertRefused(await attempt(), 401, 'enrol/code-invalid');
});

/** One request over a fresh connection, without a process for each. */
const send = (code: string, body: Uint8Array, type = 'application/pkcs10'): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const ca = bench.authority.rootPem();
    const headers = { 'content-type': type, authorization: `Basic ${Buffer.from(code).toString('base64')}` };
    const path = '/.well-known/est/simpleenroll';
    const request = httpsRequest(
      { port: bench.port, host: 'localhost', path, method: 'POST', ca, headers },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    request.on('error', reject);
    request.end(body);
  });
test('B2.2.3 mutated requests: a refusal each, nothing issued, the code stays good', async () => {
  const code = `mutant:${await tools.register('mutant')}`;
  const { der } = await tools.csr('mutant', '/CN=mutant');
  const good = readFileSync(der);
  let seed = 7;
  const next = (most: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % most;
  };
  for (let i = 0; i < 150; i++) {
    const mutant = Uint8Array.from(good.subarray(0, i % 10 === 0 ? next(good.length) : good.length));
    const at = next(mutant.length || 1);
    // the last octets are the signature: also a changed one must be refused
    if (mutant.length > 0) mutant[at] = (mutant[at] ?? 0) ^ (1 + next(255));
    const { status, text } = await send(code, mutant);
    assert.equal(status, 400, text);
  }
  assert.equal((await send(code, good)).status, 200);
});
test('413 for a request of 1 MB of names, 413 just over 64 KiB, 415 for other types, 400 for nothing', async () => {
  const code = `big:${await tools.register('big')}`;
  const names = Array.from({ length: 40_000 }, (_, at) => `DNS:host-${at}.example.com`).join(',');
  const config = tools.put(
    'big.cnf',
    `[req]\nprompt=no\ndistinguished_name=d\nreq_extensions=e\n[d]\nCN=big\n[e]\nsubjectAltName=${names}\n`,
  );
  await tools.csr('big', '/CN=big', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-config', config);
  const big = readFileSync(tools.file('big.csr'));
  assert.ok(big.length > 900_000);
  for (const body of [big, new Uint8Array(64 * 1_024 + 1)]) {
    const { status, text } = await send(code, body).catch(() => ({ status: 413, text: 'enrol/too-large: cut off' }));
    assert.equal(status, 413, text);
    assert.match(text, /^enrol\/too-large/);
  }
  assert.equal((await send(code, new Uint8Array(64 * 1_024))).status, 400);
  assert.equal((await send(code, new Uint8Array())).status, 400);
  for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain'])
    assert.equal((await send(code, Buffer.from('{}'), type)).status, 415);
});
test('names and extensions asked for are ignored: nothing but the key is taken', async () => {
  const code = await tools.register('wish-1');
  const wishes = [
    'subjectAltName=DNS:evil.example,URI:pactgate://beta.pactgate.local/x',
    'basicConstraints=critical,CA:TRUE',
  ];
  const add = wishes.flatMap((wish) => ['-addext', wish]);
  const { der } = await tools.csr(
    'wish',
    '/C=CN/CN=wish-1',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    ...add,
  );
  const cert = await tools.pemOf(await tools.curl('/simpleenroll', '-u', `wish-1:${code}`, ...post(der)), 'wish');
  const text = await openssl('x509', '-in', cert, '-noout', '-text');
  assert.doesNotMatch(text, /evil|beta|CA:TRUE|C = CN/);
  assert.match(text, /URI:pactgate:\/\/acme\.pactgate\.local\/wish-1/);
});
test('B2.2.1 registration is all or none, and duplicates are named', async () => {
  const owner = { agreement, party: acme };
  const model = 'pump';
  const list = ['new-1', 'victim-1', 'new-2'].map((id) => ({ id, model }));
  await assert.rejects(bench.registration.registerDevices(owner, list), {
    code: 'device/duplicate',
    detail: /: victim-1$/,
  });
  assert.equal(await bench.identities.device(agreement, 'new-1'), undefined);
  const twice = ['new-1', 'new-1'].map((id) => ({ id, model }));
  await assert.rejects(bench.registration.registerDevices(owner, twice), {
    code: 'device/duplicate',
    detail: /: new-1$/,
  });
  for (const one of [
    { id: 'a b', model },
    { id: 'x'.repeat(65), model },
    { id: 'ok', model: 'none' },
  ])
    await assert.rejects(bench.registration.registerDevices(owner, [one]), { code: 'request/invalid' });
  const many = Array.from({ length: 1_000 }, (_, at) => ({ id: `bulk-${at}`, model }));
  const made = await bench.registration.registerDevices(owner, many);
  assert.equal(new Set(made.map(({ code }) => code)).size, 1_000);
  assert.equal(new Set(made.map(({ pseudonym }) => pseudonym)).size, 1_000);
});
