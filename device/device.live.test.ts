import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Problem, type ProblemCode } from '@pactgate/protocol';
import { type Harness, startHarness } from '../platform/src/gateway/testing/harness.ts';
import { type Device, type DeviceOptions, type Notice, openDevice } from './device.ts';
import type { Identity } from './identity.ts';
import { memoryStore } from './store.ts';

/** The SDK against the platform's own gateway: real TLS, real MQTT engine; admission and storage answer from memory. */
const harness: Harness = await startHarness();
const devices: Device[] = [];
after(async () => {
  for (const device of devices) await device.close();
  await harness.stop();
});

/** An identity with a certificate of the harness's own CA. */
async function identityOf(device: string): Promise<Identity> {
  const { cert, key } = await harness.device(device);
  const notAfter = Date.now() + 3_600_000;
  return {
    party: 'acme',
    device,
    enrolled: true,
    renewAt: notAfter,
    enrol: () => Promise.reject(new Error('enrolled')),
    renew: () => Promise.reject(new Error('not now')),
    credentials: () => ({ rootPem: harness.authority.root, certificatePem: cert, keyPem: key, notAfter }),
    proven: () => Promise.resolve(),
    fallBack: () => Promise.resolve(false),
  };
}
async function open(id: string, over: Partial<DeviceOptions> = {}): Promise<Device> {
  const device = await openDevice({
    host: 'localhost',
    port: harness.port,
    identity: await identityOf(id),
    backoff: { first: 20, most: 100 },
    ...over,
  });
  devices.push(device);
  return device;
}
const stored = (id: string, topic: string): readonly string[] =>
  harness.uplink.stored.filter((m) => m.device === id && m.topic === `v1/me/${topic}`).map(({ payload }) => payload);
const isProblem = (code: ProblemCode) => (error: unknown) => error instanceof Problem && error.code === code;
/** Waits for something that other programs do, ten seconds at most. */
async function until(what: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!what()) {
    assert.ok(Date.now() < end, 'it did not happen');
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}
const deliver = (device: string, topic: string, payload: unknown): string =>
  harness.engine.deliver(
    { party: 'acme', device },
    { topic, payload: new TextEncoder().encode(JSON.stringify(payload)), qos: 1 },
    () => undefined,
  );

for (const version of [5, 4] as const)
  test(`B2.4.1 telemetry is acknowledged, MQTT ${version === 5 ? '5' : '3.1.1'}`, async () => {
    const id = `pump-v${version}`;
    const device = await open(id, { version });
    await device.online();
    await Promise.all(Array.from({ length: 60 }, (_, n) => device.send('status', { n })));
    assert.equal(stored(id, 'up/telemetry/status').length, 60);
    assert.equal(
      harness.admission.requests.findLast(({ clientId }) => clientId === id)?.protocol,
      version === 5 ? 'mqtt5' : 'mqtt3.1.1',
    );
  });

test('B2.4.1 a refusal rejects with its problem code, and the connection stays (MQTT 5)', async () => {
  const device = await open('pump-refused');
  harness.uplink.refusals.set('undeclared-field', 'data/required-field');
  await assert.rejects(device.send('status', { name: 'undeclared-field' }), isProblem('data/required-field'));
  await device.send('status', { n: 1 });
  assert.equal(device.status.state, 'online');
});

test('two programs of one device: client id with a suffix', async () => {
  const device = await open('pump-two', { suffix: 'log' });
  await device.online();
  assert.equal(device.clientId, 'pump-two:log');
  assert.equal(harness.admission.sessions.at(-1)?.clientId, 'pump-two:log');
});

test('B2.5.3 the version is told at every connection; what waited is sent after a cut', async () => {
  const id = 'pump-cut';
  const seen: string[] = [];
  const device = await open(id, { onStatus: (status) => seen.push(status.state) });
  await device.reportVersion('1.2.0');
  assert.equal(harness.engine.kick({ device: id }, 'gate/max-age'), 1);
  await until(() => seen.includes('waiting'));
  await device.send('status', { after: 'the cut' });
  assert.equal(seen.filter((state) => state === 'online').length, 2);
  await until(() => stored(id, 'up/version').length === 2);
  assert.deepEqual(stored(id, 'up/telemetry/status'), ['{"after":"the cut"}']);
});

test('A3.6.2 a device that is cut and refused hears why, waits with growing pauses, and comes back when released', async () => {
  const id = 'pump-isolated';
  const seen: string[] = [];
  const device = await open(id, {
    onStatus: (status) => seen.push(status.state === 'waiting' ? status.problem.code : status.state),
  });
  await device.online();
  harness.admission.refuse = 'device/isolated';
  harness.engine.kick({ device: id }, 'device/isolated');
  await until(() => seen.filter((state) => state === 'device/isolated').length >= 3);
  harness.admission.refuse = undefined;
  await device.online();
  assert.equal(seen.at(-1), 'online');
});

test('A3.6.2 a command is carried out once and answered', async () => {
  const id = 'pump-commanded';
  const device = await open(id);
  device.onCommand('set-rate', (payload) => ({ was: payload }));
  await device.online();
  const command = { id: 'c-1', name: 'set-rate', payload: { seconds: 10 }, deadline: Date.now() + 60_000 };
  for (const answers of [1, 2]) {
    assert.equal(deliver(id, 'dn/cmd/c-1', command), 'sent');
    await until(() => stored(id, 'up/cmd/c-1/result').length === answers);
  }
  assert.equal(stored(id, 'up/cmd/c-1/accepted').length, 1);
  assert.deepEqual(
    new Set(stored(id, 'up/cmd/c-1/result')),
    new Set(['{"outcome":"done","result":{"was":{"seconds":10}}}']),
  );
});

test('B2.6.2 reports survive a restart of the device, in order and without gaps; receipts are kept', async () => {
  const id = 'pump-reporting';
  const store = memoryStore();
  harness.admission.refuse = 'gate/busy';
  const first = await open(id, { store });
  for (const n of [1, 2]) await first.report({ type: 'tamper', severity: 'high', detail: { n } });
  await first.close();
  harness.admission.refuse = undefined;
  const device = await open(id, { store });
  const { report, delivered } = await device.report({ type: 'network', severity: 'low' });
  await delivered;
  assert.equal(report.seq, 3);
  const seqs = ['high', 'low'].flatMap((severity) =>
    stored(id, `up/event/${severity}`).map((text) => (JSON.parse(text) as { seq: number }).seq),
  );
  assert.deepEqual(seqs, [1, 2, 3]);
  const notices: Notice[] = [];
  device.onNotice((notice) => void notices.push(notice));
  deliver(id, 'dn/notice/n-1', { kind: 'event-receipt', seq: 3, index: 42 });
  await until(() => notices.length === 1);
  assert.deepEqual(device.receipt, { seq: 3, index: 42 });
  assert.deepEqual(await store.list('report-'), []);
});

test('B2.3.2 B2.6.1 ports, self-tests and notice acknowledgements go where they belong', async () => {
  const id = 'pump-evidence';
  const device = await open(id);
  await device.reportPorts([22, 443]);
  await device.selftest(['tamper'], true);
  await device.acknowledge('n-7');
  await device.reportState({ mode: 'idle' });
  assert.deepEqual(stored(id, 'up/evidence/ports'), ['{"ports":[22,443]}']);
  assert.deepEqual(stored(id, 'up/evidence/selftest'), ['{"detectors":["tamper"],"passed":true}']);
  assert.deepEqual(stored(id, 'up/notice/n-7/ack'), ['{}']);
  assert.deepEqual(stored(id, 'up/state'), ['{"mode":"idle"}']);
});

test('a platform of another root is not spoken to', async () => {
  const other = await startHarness();
  try {
    const seen: string[] = [];
    const device = await open('pump-strange', { port: other.port, onStatus: (status) => seen.push(status.state) });
    await until(() => seen.filter((state) => state === 'waiting').length >= 2);
    assert.equal(other.admission.requests.length, 0);
    await device.close();
  } finally {
    await other.stop();
  }
});

test('closing tells who waits, and leaves with DISCONNECT', async () => {
  const id = 'pump-closing';
  const device = await open(id);
  await device.online();
  const session = harness.admission.sessions.findLast(({ clientId }) => clientId === id);
  await device.close();
  await until(() => session?.ended !== undefined);
  assert.equal(session?.ended?.reason, 'client');
  await assert.rejects(device.send('status', {}), isProblem('request/unavailable'));
  await assert.rejects(device.online());
});

test('the gateway noticed no fault of its own', () => assert.deepEqual(harness.failures, []));
