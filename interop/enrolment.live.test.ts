import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connectJs, tlsOf } from './clients.ts';
import { type Enrolled, enrol, est, newKey, register, shell } from './devices.ts';
import { type PartySide, type Ready, readyPlatform } from './platform.ts';

/** EST by curl and openssl alone (RFC 7030, RFC 8951; rows B2.2.1, B2.2.3, B2.2.5). */

let ready: Ready;
let party: PartySide;
before(async () => {
  ready = await readyPlatform();
  [party] = ready.parties;
});
after(() => ready.stop());

const estUrl = (): string => `https://localhost:${ready.platform.devicePort}/.well-known/est/${party.id}`;
const withCode = (id: string, code: string): readonly string[] => ['-u', `${id}:${code}`];
const current = ['--cert', 'device.pem', '--key', 'device.key'];

/** The problem code that a refused enrolment names in its text. */
const codeOf = (text: string): string => /[a-z]+\/[a-z-]+/.exec(text)?.[0] ?? text;

test('RFC 7030 4.1: cacerts needs no certificate and holds the root, the platform CA and the issuing CA', async () => {
  const place = await newKey(ready, party, 'ca-reader');
  const { code, stdout, stderr } = await shell(
    place,
    `curl -sS --fail --cacert root.pem ${estUrl()}/cacerts | openssl base64 -d -A | openssl pkcs7 -inform DER -print_certs`,
  );
  assert.equal(code, 0, stderr);
  assert.ok((stdout.match(/BEGIN CERTIFICATE/g) ?? []).length >= 2, stdout);
  const attributes = await shell(
    place,
    `curl -sS --fail --cacert root.pem ${estUrl()}/csrattrs | openssl base64 -d -A | openssl asn1parse -inform DER`,
  );
  assert.equal(attributes.code, 0, attributes.stderr);
  assert.match(attributes.stdout, /challengePassword/);
});

test('B2.2.3 enrol: a code works once, for its device, with a chain that openssl verifies', async () => {
  const [code = ''] = await register(party, 'pump-1');
  const device = await newKey(ready, party, 'pump-1');
  const wrong = await est(ready, device, {
    operation: 'simpleenroll',
    with: withCode('pump-1', `${code.slice(0, -4)}AAAA`),
  });
  assert.deepEqual([wrong.status, codeOf(wrong.text)], [401, 'enrol/code-invalid']);
  const other = await est(
    ready,
    { ...device, id: 'pump-2' },
    { operation: 'simpleenroll', with: withCode('pump-1', code) },
  );
  assert.deepEqual([other.status, codeOf(other.text)], [403, 'enrol/subject-mismatch']);
  const first = await est(ready, device, { operation: 'simpleenroll', with: withCode('pump-1', code) });
  assert.equal(first.status, 200);
  const again = await est(ready, device, {
    operation: 'simpleenroll',
    with: withCode('pump-1', code),
    out: 'second.pem',
  });
  assert.deepEqual([again.status, codeOf(again.text)], [401, 'enrol/code-invalid']);
  const checked = await shell(
    device,
    `curl -sS --fail --cacert root.pem ${estUrl()}/cacerts | openssl base64 -d -A | openssl pkcs7 -inform DER -print_certs -out chain.pem
     openssl verify -x509_strict -CAfile root.pem -untrusted chain.pem -purpose sslclient device.pem
     openssl x509 -in device.pem -noout -subject -ext subjectAltName,extendedKeyUsage`,
  );
  assert.equal(checked.code, 0, checked.stderr);
  assert.match(checked.stdout, /device\.pem: OK/);
  assert.match(checked.stdout, /pactgate:\/\/acme\.pactgate\.local\/pump-1/);
  await (await connectJs(ready, device)).endAsync();
});

const malformed: readonly { readonly name: string; readonly curl: string; readonly want: readonly [number, string] }[] =
  [
    {
      name: 'a body that is no request',
      curl: `-H 'Content-Type: application/pkcs10' --data-binary 'MIIB not a request' URL/simpleenroll`,
      want: [400, 'enrol/csr-invalid'],
    },
    {
      name: 'another content type',
      curl: `-H 'Content-Type: application/json' --data-binary '{}' URL/simpleenroll`,
      want: [415, 'enrol/type'],
    },
    {
      name: 'more than 64 KiB',
      curl: `-H 'Content-Type: application/pkcs10' --data-binary @large.bin URL/simpleenroll`,
      want: [413, 'enrol/too-large'],
    },
    { name: 'an unknown label', curl: 'URL-of-nobody/cacerts', want: [404, 'enrol/not-found'] },
    {
      name: 'renewal without a certificate',
      curl: `-H 'Content-Type: application/pkcs10' --data-binary 'x' URL/simplereenroll`,
      want: [401, 'channel/certificate-missing'],
    },
  ];
for (const { name, curl, want } of malformed)
  test(`bad input at EST: ${name}: ${want.join(' ')}`, async () => {
    const place = await newKey(ready, party, 'bad-input');
    const code = name === 'a body that is no request' ? (await register(party, 'bad-input'))[0] : 'none';
    const { stdout } = await shell(
      place,
      `head -c 70000 /dev/zero > large.bin
       curl -sS --cacert root.pem -u 'bad-input:${code}' -o answer.txt -w '%{http_code}\\n' ${curl.replaceAll('URL', estUrl())}
       cat answer.txt`,
    );
    const [status, ...text] = stdout.split('\n');
    assert.deepEqual([Number(status), codeOf(text.join('\n'))], want);
  });

/** A certificate of the device beside the one it has, by simplereenroll with a new key. */
async function renewed(device: Enrolled): Promise<void> {
  await shell(device, 'openssl ecparam -name prime256v1 -genkey -noout -out next.key');
  const answer = await est(ready, device, {
    operation: 'simplereenroll',
    with: current,
    key: 'next.key',
    out: 'next.pem',
  });
  assert.equal(answer.status, 200, answer.text);
}
/** Connects with one of the two; answers whether it was let in. */
const comesIn = async (device: Enrolled, name: 'device' | 'next'): Promise<boolean> => {
  try {
    const client = await connectJs(ready, device, tlsOf(device, { certificate: `${name}.pem`, key: `${name}.key` }));
    await client.endAsync();
    return true;
  } catch {
    return false;
  }
};

test('B2.2.5 renewal: the old certificate works until the new one has connected, then no more', async () => {
  const device = await enrol(ready, party, 'renewing');
  await renewed(device);
  assert.equal(await comesIn(device, 'device'), true, 'the old one, before the new one is proven');
  assert.equal(await comesIn(device, 'next'), true, 'the new one');
  assert.equal(await comesIn(device, 'device'), false, 'the old one, superseded');
  const { certificates } = await party.admin.client.call('device', {
    params: { agreement: party.agreement, device: 'renewing' },
  });
  assert.deepEqual(certificates.map(({ state }) => state).toSorted(), ['live', 'superseded']);
});

test('RFC 7030 4.4 key generation by the server does not exist: private keys never leave devices', async () => {
  const device = await enrol(ready, party, 'keyless');
  const { stdout } = await shell(
    device,
    `curl -sS --cacert root.pem ${current.join(' ')} -H 'Content-Type: application/pkcs10' --data-binary x -o answer.txt -w '%{http_code}' ${estUrl()}/serverkeygen`,
  );
  assert.equal(stdout, '404');
});

test('B2.2.1 a key of one device is refused for another, and recorded', async () => {
  const first = await enrol(ready, party, 'owner');
  const [code = ''] = await register(party, 'copycat');
  const second = { ...first, id: 'copycat' };
  const refused = await est(ready, second, {
    operation: 'simpleenroll',
    with: withCode('copycat', code),
    out: 'copy.pem',
  });
  assert.deepEqual([refused.status, codeOf(refused.text)], [403, 'enrol/key-bound']);
});

test('3.2 party B is a stranger at the label of another party', async () => {
  const [, other] = ready.parties;
  const [code = ''] = await register(party, 'lost');
  const device = await newKey(ready, other, 'lost');
  const refused = await est(ready, device, { operation: 'simpleenroll', with: withCode('lost', code) });
  assert.deepEqual([refused.status, codeOf(refused.text)], [401, 'enrol/code-invalid']);
});
