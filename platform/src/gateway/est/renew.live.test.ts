import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Agent, request as httpsRequest } from 'node:https';
import { after, before, beforeEach, test } from 'node:test';
import tls from 'node:tls';
import { toPem } from '../../adapters/x509/index.ts';
import { deviceCaId } from '../../duties/identity/index.ts';
import { days, hours, type Instant, instant, later } from '../../kernel/time.ts';
import {
  type Answer,
  acme,
  agreement,
  as,
  assertRefused,
  type Bench,
  DeviceTools,
  type Enrolled,
  openBench,
  openssl,
  post,
  serialOf,
} from './testing/harness.ts';

const start: Instant = instant(Date.now());
let bench: Bench;
let tools: DeviceTools;
/** Enrolled 20 days ago: ended by the machine's own clock, which TLS goes by. */
let dormant: Enrolled;
let forgotten: Enrolled;
before(async () => {
  bench = await openBench(instant(start - days(20)));
  tools = new DeviceTools(bench);
  dormant = await tools.enrol('dormant');
  forgotten = await tools.enrol('forgotten');
});
beforeEach(() => {
  bench.clock.at = start;
});
after(() => bench.close());

const renew = (device: Enrolled, csr: string, ...args: string[]): Promise<Answer> =>
  tools.curl('/simplereenroll', ...as(device), ...post(csr, ...args));
const sameKey = (device: Enrolled): Promise<string> =>
  tools.csrOf(`${device.id}-same`, `/O=acme/CN=${device.id}`, device.key);
async function newKey(device: Enrolled, name = 'next'): Promise<{ key: string; der: string }> {
  return tools.csr(`${device.id}-${name}`, `/CN=${device.id}`);
}
const states = async (id: string): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries((await bench.identities.certificatesOf(agreement, id)).map((one) => [one.serial, one.state]));
const recorded = async (id: string, kind: string): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  const { pseudonym } = await tools.device(id);
  return (await tools.records('log-1', kind)).filter((body) => body['device'] === pseudonym);
};
const stateOf = async ({ id, cert }: Enrolled): Promise<string | undefined> => (await states(id))[await serialOf(cert)];

for (const version of ['1.2', '1.3'])
  test(`B2.2.5 renewal with the same key over TLS ${version}: a candidate until its first connection`, async () => {
    bench.clock.at = instant(start - days(3));
    const old = await tools.enrol(`renew-${version.replace('.', '')}`);
    bench.clock.at = start;
    const flags = version === '1.2' ? ['--tls-max', '1.2'] : ['--tlsv1.3'];
    const answer = await renew(old, await sameKey(old), ...flags);
    assert.equal(answer.status, 200, answer.body);
    assert.equal(answer.type, 'application/pkcs7-mime; smime-type=certs-only');
    const next = { ...old, cert: await tools.pemOf(answer, `${old.id}-next`) };
    assert.deepEqual([await stateOf(old), await stateOf(next)], ['live', 'candidate']);
    const [renewed] = await recorded(old.id, 'cert.renew');
    assert.ok(Number(renewed?.['leftShare']) > 0.56 && Number(renewed?.['leftShare']) < 0.58);
    // the next request, made with the new certificate, proves it
    assert.equal((await renew(next, await sameKey(old), ...flags)).status, 200);
    assert.deepEqual([await stateOf(old), await stateOf(next)], ['superseded', 'live']);
    assertRefused(await renew(old, await sameKey(old), ...flags), 403, 'channel/certificate-superseded');
    // one key all the time: bound once, never retired
    assert.equal((await recorded(old.id, 'device.key.bind')).length, 1);
    assert.equal((await recorded(old.id, 'device.key.retire')).length, 0);
  });
test('B2.2.1 renewal with a new key: overlap named, old key retired and its sessions cut when the new one is proven', async () => {
  const old = await tools.enrol('rekey');
  const { key, der } = await newKey(old);
  const answer = await renew(old, der);
  assert.equal(answer.status, 200, answer.body);
  const next = { id: old.id, key, cert: await tools.pemOf(answer, 'rekey-next') };
  const [, bound] = await recorded('rekey', 'device.key.bind');
  assert.equal(bound?.['overlapUntil'], later(start, hours(24)));
  assert.ok(bound?.['supersedes']);
  assert.equal((await recorded('rekey', 'device.key.retire')).length, 0);
  const oldSerial = await serialOf(old.cert);
  assert.equal((await renew(next, (await newKey(old, 'third')).der)).status, 200);
  assert.deepEqual(
    (await recorded('rekey', 'device.key.retire')).map((body) => body['serial']),
    [oldSerial],
  );
  assert.ok(
    bench.kicks.some(
      ({ selector, code }) => selector.serial === oldSerial && code === 'channel/certificate-superseded',
    ),
  );
});
test('the same request again gives the same certificate, never a second one (RFC 7030 4.2.3)', async () => {
  const old = await tools.enrol('again');
  const { der } = await newKey(old);
  const [first, second] = [await renew(old, der), await renew(old, der)];
  assert.equal(first.status, 200);
  assert.equal(second.body, first.body);
  // another key takes the candidate's place
  assert.notEqual((await renew(old, (await newKey(old, 'other')).der)).body, first.body);
  assert.deepEqual(Object.values(await states('again')).toSorted(), ['candidate', 'live', 'void']);
});
test('one request five times at once: one certificate; five requests at once: one candidate', async () => {
  const old = await tools.enrol('at-once');
  const { der } = await newKey(old);
  const same = await Promise.all(Array.from({ length: 5 }, () => renew(old, der)));
  assert.deepEqual(
    same.map(({ status }) => status),
    [200, 200, 200, 200, 200],
  );
  assert.equal(new Set(same.map(({ body }) => body)).size, 1);
  const others = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => newKey(old, name)));
  const five = await Promise.all(others.map((one) => renew(old, one.der)));
  assert.deepEqual(
    five.map(({ status }) => status),
    [200, 200, 200, 200, 200],
  );
  const open = await bench.identities.openCertificates(agreement, 'at-once');
  assert.deepEqual(open.map(({ state }) => state).toSorted(), ['candidate', 'live']);
  assert.equal((await recorded('at-once', 'device.key.retire')).length, 5);
});
test('B2.2.1 a candidate nobody proves within 24 h is void, and its key retired; the old certificate stays', async () => {
  const old = await tools.enrol('unproven');
  const { key, der } = await newKey(old);
  const next = { id: old.id, key, cert: await tools.pemOf(await renew(old, der), 'unproven-next') };
  bench.clock.at = instant(later(start, hours(24)) - 1);
  assert.equal(await bench.certificates.sweep(), 0);
  bench.clock.at = later(start, hours(24));
  assertRefused(await renew(next, (await newKey(old, 'third')).der), 403, 'channel/certificate-superseded');
  assert.ok((await bench.certificates.sweep()) >= 1);
  assert.deepEqual([await stateOf(old), await stateOf(next)], ['live', 'void']);
  assert.equal((await recorded('unproven', 'device.key.retire')).length, 1);
  assertRefused(await renew(next, (await newKey(old, 'third')).der), 403, 'channel/certificate-unknown');
});
test('B2.2.5 dormant device: back with a new key and nothing else, for 400 days', async () => {
  assertRefused(await renew(dormant, await sameKey(dormant)), 403, 'enrol/renewal-refused');
  const { key, der } = await newKey(dormant);
  const answer = await renew(dormant, der);
  assert.equal(answer.status, 200, answer.body);
  const next = { id: dormant.id, key, cert: await tools.pemOf(answer, 'dormant-next') };
  assert.equal((await recorded('dormant', 'cert.renew'))[0]?.['leftShare'], 0);
  assert.equal((await renew(next, (await newKey(dormant, 'third')).der)).status, 200);
  // notAfter is 13 days ago
  bench.clock.at = later(start, days(400 - 13));
  assertRefused(await renew(forgotten, (await newKey(forgotten)).der), 403, 'channel/certificate-expired');
  bench.clock.at = instant(later(start, days(400 - 13)) - 60_000);
  assert.equal((await renew(forgotten, (await newKey(forgotten)).der)).status, 200);
});
test('B2.2.5 no certificate, a foreign one, another label: refused', async () => {
  const old = await tools.enrol('plain');
  const csr = await sameKey(old);
  const none = await tools.curl('/simplereenroll', ...post(csr));
  assertRefused(none, 401, 'channel/certificate-missing');
  assert.doesNotMatch(none.headers, /www-authenticate/i);
  const args = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/O=acme/CN=plain'];
  const fake = { id: 'plain', key: tools.file('fake.key'), cert: tools.file('fake.pem') };
  await openssl('req', ...args, '-keyout', fake.key, '-out', fake.cert);
  assertRefused(await renew(fake, csr), 403, 'channel/certificate-unknown');
  const label = await tools.curl('/beta/simplereenroll', ...as(old), ...post(csr));
  assertRefused(label, 404, 'enrol/not-found');
  assert.equal((await tools.curl('/acme/simplereenroll', ...as(old), ...post(csr))).status, 200);
});
test('B2.2.1 subject of another device, key of another device, more in the subject: refused', async () => {
  const old = await tools.enrol('mine');
  const other = await tools.enrol('theirs');
  const wrong = await tools.csr('mine-wrong', '/CN=theirs');
  assertRefused(await renew(old, wrong.der), 403, 'enrol/subject-mismatch');
  const more = await tools.csr('mine-more', '/C=CN/CN=mine');
  assertRefused(await renew(old, more.der), 403, 'enrol/subject-mismatch');
  assertRefused(await renew(old, await tools.csrOf('mine-key', '/CN=mine', other.key)), 403, 'enrol/key-bound');
  const { pseudonym } = await tools.device('mine');
  const rejects = (await tools.records('log-1', 'session.reject')).filter((body) => body['device'] === pseudonym);
  assert.equal(rejects.length, 3);
});
test('B2.2.5 renewal is decided anew: agreement, state, isolation, clone', async () => {
  const old = await tools.enrol('anew');
  const attempt = async (): Promise<Answer> => renew(old, await sameKey(old));
  bench.registry.setParty(acme, {});
  assertRefused(await attempt(), 403, 'agreement/not-in-force');
  bench.registry.setParty(acme, { agreement });
  const device = await tools.device('anew');
  for (const [change, code] of [
    [{ state: 'suspended' }, 'enrol/renewal-refused'],
    [{ level: 4 }, 'device/isolated'],
    [{ clone: 'suspected', cloneUntil: later(start, hours(1)) }, 'enrol/renewal-refused'],
    [{ clone: 'confirmed' }, 'enrol/renewal-refused'],
  ] as const) {
    bench.registry.putDevice({ ...device, ...change });
    assertRefused(await attempt(), 403, code);
  }
  // level 3 keeps the lifeline, and a suspicion lapses
  bench.registry.putDevice({ ...device, level: 3, clone: 'suspected', cloneUntil: start });
  assert.equal((await attempt()).status, 200);
  bench.registry.putDevice(device);
});
test('B2.2.5 revocation: gate, renewal and key are shut at once; the CRL says so to openssl (error 23)', async () => {
  const old = await tools.enrol('revoked');
  const clean = await tools.enrol('not-revoked');
  const before23 = await bench.crls.publish(deviceCaId(acme));
  const done = await bench.certificates.revoke(await tools.device('revoked'), 'stolen');
  assert.deepEqual(done, { revoked: 1, connectionsCut: done.connectionsCut });
  assertRefused(await renew(old, (await newKey(old)).der), 403, 'channel/certificate-revoked');
  const { code } = await bench.registration.newCode(await tools.device('revoked'));
  const enrol = (csr: string): Promise<Answer> => tools.curl('/simpleenroll', '-u', `revoked:${code}`, ...post(csr));
  assertRefused(await enrol(await sameKey(old)), 403, 'channel/certificate-revoked');
  await bench.crls.refresh();
  const crl = await bench.crls.publish(deviceCaId(acme));
  assert.equal(crl.number, before23.number + 1);
  const crlPem = ['root', 'platform', deviceCaId(acme)].map((id) =>
    toPem('X509 CRL', bench.crls.current(id) ?? new Uint8Array()),
  );
  const chain = bench.authority.chain(acme).map((der) => toPem('CERTIFICATE', der));
  const trust = ['-CAfile', tools.file('root.pem'), '-untrusted', tools.put('chain.pem', chain.join(''))];
  const check = [
    'verify',
    '-x509_strict',
    '-crl_check_all',
    ...trust,
    '-CRLfile',
    tools.put('all.crl', crlPem.join('')),
  ];
  await assert.rejects(openssl(...check, old.cert), /error 23 /);
  assert.match(await openssl(...check, clean.cert), /: OK\n$/);
  const [published] = (await tools.records('log-1', 'crl.publish')).slice(-1);
  assert.equal(published?.['entries'], 1);
  assert.equal(Number(published?.['nextUpdate']) - Number(published?.['thisUpdate']), hours(24));
});
test('CRLs are signed anew after 30 minutes, not before; concurrent orders share one more list', async () => {
  const id = deviceCaId(acme);
  await bench.crls.refresh();
  const first = bench.crls.current(id);
  bench.clock.at = instant(later(start, hours(0.5)) - 1);
  await bench.crls.refresh();
  assert.equal(bench.crls.current(id), first);
  bench.clock.at = later(start, hours(0.5));
  await bench.crls.refresh();
  assert.notEqual(bench.crls.current(id), first);
  const lists = await Promise.all(Array.from({ length: 10 }, () => bench.crls.publish(id)));
  assert.equal(new Set(lists.map(({ number }) => number)).size, 2);
});
test('B2.2.1 enrolment anew supersedes what was there and cuts it', async () => {
  const old = await tools.enrol('anew-2');
  const { code } = await bench.registration.newCode(await tools.device('anew-2'));
  const { key, der } = await newKey(old);
  const answer = await tools.curl('/simpleenroll', '-u', `anew-2:${code}`, ...post(der));
  assert.equal(answer.status, 200, answer.body);
  const next = { id: old.id, key, cert: await tools.pemOf(answer, 'anew-2-next') };
  assert.deepEqual([await stateOf(old), await stateOf(next)], ['superseded', 'live']);
  assert.equal((await recorded('anew-2', 'device.key.retire')).length, 1);
  const scan = await bench.certificates.scan(agreement);
  assert.deepEqual(scan.shared, []);
  assert.ok(scan.multiple.every(({ overlapUntil }) => overlapUntil !== undefined));
  assert.ok(scan.devices > 10 && scan.liveKeys > 10);
});
test('the registry is the same after a restart', async () => {
  bench.registry.prune(start, days(400));
  const reloaded = await bench.reload();
  const serials = [...bench.registry.certificates()].map(({ serial }) => serial);
  assert.ok(serials.length > 10);
  assert.equal([...reloaded.certificates()].length, serials.length);
  for (const serial of serials)
    assert.deepEqual(reloaded.record(serial)?.certificate, bench.registry.record(serial)?.certificate);
  // devices that tests changed in memory only are active in the store
  assert.equal([...reloaded.devices()].length, [...bench.registry.devices()].length);
  const admitted = serials.map((serial) => reloaded.record(serial)?.issuerTrusted);
  assert.ok(admitted.every(Boolean));
});

/** A request over a socket that is there already. */
const over = (
  socket: tls.TLSSocket,
  operation: string,
  body: Uint8Array,
  extra = {},
): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const agent = new Agent({ keepAlive: false });
    agent.createConnection = () => socket;
    const headers = { 'content-type': 'application/pkcs10', host: 'localhost', ...extra };
    const request = httpsRequest(
      { agent, method: 'POST', path: `/.well-known/est/${operation}`, headers },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    request.on('error', reject).end(body);
  });
const connect = (options: tls.ConnectionOptions, session?: (ticket: Buffer) => void): Promise<tls.TLSSocket> =>
  new Promise((resolve, reject) => {
    const common = { host: '127.0.0.1', port: bench.port, servername: 'localhost', ca: bench.authority.rootPem() };
    const socket = tls.connect({ ...common, ...options }, () => resolve(socket));
    socket.on('error', reject);
    if (session) socket.once('session', session);
  });
for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
  test(`channel binding in the request must be that of the connection, ${version} (RFC 7030 3.5, RFC 9266)`, async () => {
    const id = `pop-${version.at(-1) ?? ''}`;
    const code = await tools.register(id);
    const authorization = `Basic ${Buffer.from(`${id}:${code}`).toString('base64')}`;
    const bindingOf = (socket: tls.TLSSocket): string =>
      (version === 'TLSv1.2'
        ? (socket.getFinished() ?? Buffer.alloc(0))
        : socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0))
      ).toString('base64');
    const requestWith = async (password: string): Promise<Buffer> => {
      const config = `[req]\nprompt=no\ndistinguished_name=d\nattributes=a\n[d]\nCN=${id}\n[a]\nchallengePassword=${password}\n`;
      const make = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', tools.file('pop.key')];
      const out = ['-config', tools.put('pop.cnf', config), '-outform', 'DER', '-out', tools.file('pop.csr')];
      await openssl('req', '-new', ...make, ...out);
      return readFileSync(tools.file('pop.csr'));
    };
    const one = await connect({ maxVersion: version, minVersion: version });
    const stale = bindingOf(one);
    one.destroy();
    const two = await connect({ maxVersion: version, minVersion: version });
    const refused = await over(two, 'simpleenroll', await requestWith(stale), { authorization });
    assert.equal(refused.status, 400, refused.text);
    assert.match(refused.text, /channel binding/);
    const three = await connect({ maxVersion: version, minVersion: version });
    const good = await over(three, 'simpleenroll', await requestWith(bindingOf(three)), { authorization });
    assert.equal(good.status, 200, good.text);
  });
for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
  test(`A3.1.1 a session resumed after revocation is refused, ${version} (decisions, fact 1)`, async () => {
    const old = await tools.enrol(`resume-${version.at(-1) ?? ''}`);
    const csr = readFileSync(await sameKey(old));
    const keys = { key: readFileSync(old.key), cert: readFileSync(old.cert), maxVersion: version, minVersion: version };
    const { promise: session, resolve: keep } = Promise.withResolvers<Buffer>();
    const first = await connect(keys, keep);
    assert.equal((await over(first, 'simplereenroll', csr)).status, 200);
    const ticket = await session;
    const again = await connect({ ...keys, session: ticket });
    assert.equal(again.isSessionReused(), true);
    assert.equal((await over(again, 'simplereenroll', csr)).status, 200);
    await bench.certificates.revoke(await tools.device(old.id), 'test');
    const third = await connect({ ...keys, session: ticket });
    assert.equal(third.isSessionReused(), true);
    const { status, text } = await over(third, 'simplereenroll', csr);
    assert.equal(status, 403);
    assert.match(text, /^channel\/certificate-revoked/);
  });
