import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Problem, type ProblemCode } from '@pactgate/protocol';
import { type Bench, DeviceTools, openBench } from '../platform/src/gateway/est/testing/harness.ts';
import { type Instant, instant } from '../platform/src/kernel/time.ts';
import type { RootTrust } from './est.ts';
import { type Identity, openIdentity } from './identity.ts';
import { type DeviceStore, memoryStore } from './store.ts';

/** The SDK against the platform's own EST over real TLS and a real store. */
let bench: Bench;
let tools: DeviceTools;
before(async () => {
  bench = await openBench(instant(Date.now()));
  tools = new DeviceTools(bench);
});
after(() => bench.close());

const open = (device: string, store: DeviceStore, root?: RootTrust): Promise<Identity> =>
  openIdentity({
    host: 'localhost',
    port: bench.port,
    party: 'acme',
    device,
    store,
    root: root ?? { sha256: bench.authority.rootSha256() },
  });
const isProblem = (code: ProblemCode) => (error: unknown) => error instanceof Problem && error.code === code;
const leafOf = (identity: Identity): X509Certificate => new X509Certificate(identity.credentials().certificatePem);

test('B2.2.3 enrolment by one-time code, with nothing known but the fingerprint of the root', async () => {
  const store = memoryStore();
  const identity = await open('pump-1', store);
  assert.equal(identity.enrolled, false);
  assert.throws(() => identity.credentials());
  await identity.enrol(await tools.register('pump-1'));
  const { certificatePem, rootPem, keyPem, notAfter } = identity.credentials();
  assert.equal(
    new X509Certificate(rootPem).fingerprint256.replaceAll(':', '').toLowerCase(),
    bench.authority.rootSha256(),
  );
  assert.equal(certificatePem.match(/BEGIN CERTIFICATE/g)?.length, 3, 'certificate, issuing CA, platform CA');
  assert.equal(leafOf(identity).subject, 'O=acme\nCN=pump-1');
  assert.ok(notAfter > Date.now() && (identity.renewAt ?? 0) < notAfter);
  assert.equal((await tools.device('pump-1')).state, 'active');
  const reopened = await open('pump-1', store);
  assert.equal(reopened.credentials().keyPem, keyPem, 'the state outlives the program');
});

test('B2.2.3 another root than the pinned one: nothing is sent, no code is spent', async () => {
  const code = await tools.register('pump-2');
  const wrong = await open('pump-2', memoryStore(), { sha256: '00'.repeat(32) });
  await assert.rejects(wrong.enrol(code), isProblem('channel/certificate-unknown'));
  const right = await open('pump-2', memoryStore(), { pem: bench.authority.rootPem() });
  await right.enrol(code);
});

test('B2.2.3 a refusal arrives with the code of the platform', async () => {
  await tools.register('pump-3');
  const identity = await open('pump-3', memoryStore());
  await assert.rejects(identity.enrol('wrong'), isProblem('enrol/code-invalid'));
});

test('B2.2.5 renewal with a new key: the old certificate stays until the new one is proven', async () => {
  const store = memoryStore();
  const identity = await open('pump-4', store);
  await identity.enrol(await tools.register('pump-4'));
  const first = leafOf(identity).serialNumber;
  const firstKey = identity.credentials().keyPem;
  await identity.renew();
  const second = leafOf(identity).serialNumber;
  assert.notEqual(second, first);
  assert.notEqual(identity.credentials().keyPem, firstKey);
  assert.equal(await identity.fallBack(), true);
  assert.equal(leafOf(identity).serialNumber, first);
  assert.equal(await identity.fallBack(), false, 'there is nothing before it');
});

test('B2.2.5 a proven certificate replaces the one before it; the same key may be kept', async () => {
  const store = memoryStore();
  const identity = await open('pump-5', store);
  await identity.enrol(await tools.register('pump-5'));
  const { keyPem } = identity.credentials();
  await identity.renew({ newKey: false });
  assert.equal(identity.credentials().keyPem, keyPem);
  await identity.proven();
  assert.equal(await identity.fallBack(), false);
  assert.equal(leafOf(await open('pump-5', store)).serialNumber, leafOf(identity).serialNumber);
});

test('B2.2.5 a device that slept past its certificate comes back with a new key', async () => {
  const store = memoryStore();
  const identity = await open('pump-6', store);
  await identity.enrol(await tools.register('pump-6'));
  const old = identity.credentials();
  const slept = bench.clock.at;
  bench.clock.at = (old.notAfter + 86_400_000) as Instant;
  try {
    await assert.rejects(identity.renew({ newKey: false }), isProblem('enrol/renewal-refused'));
    await identity.renew();
  } finally {
    bench.clock.at = slept;
  }
  assert.notEqual(identity.credentials().keyPem, old.keyPem);
  assert.ok(identity.credentials().notAfter > old.notAfter);
});

test('a state directory of another device is not taken over', async () => {
  const store = memoryStore();
  const identity = await open('pump-7', store);
  await identity.enrol(await tools.register('pump-7'));
  await assert.rejects(open('pump-8', store), /belongs to acme\/pump-7/);
});
