import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { authnProbeCases, type RecordBody, type RecordKind } from '@pactgate/protocol';
import { ask, codeOf } from '../adapters/probes/https.ts';
import { parseConfiguration } from '../config.ts';
import { ok } from '../kernel/result.ts';
import { instant } from '../kernel/time.ts';
import type { Agreement } from '../parties/agreement.ts';
import { type Running, runPlatform } from './run.ts';

let running: Running;
let directory: string;
const config = parseConfiguration({
  console: { port: 0 },
  device: { port: 0 },
  mqtt: { port: 0 },
  tripwire: { ports: [0] },
  log: { level: 'fatal' },
});
before(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'pactgate-assurance-'));
  running = await runPlatform(config, directory);
});
after(async () => {
  await running.stop();
  rmSync(directory, { recursive: true, force: true });
});
/** Puts back what a test broke. */
const mend: (() => void)[] = [];
afterEach(() => {
  for (const repair of mend.splice(0)) repair();
});
function plant<T extends object, K extends keyof T>(target: T, name: K, hole: T[K]): void {
  const own = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { value: hole, configurable: true, writable: true });
  mend.push(() => {
    if (own) Object.defineProperty(target, name, own);
    else Reflect.deleteProperty(target, name);
  });
}

/** Bodies of a kind in the platform log or the master log, oldest first. */
async function bodiesOf<K extends RecordKind>(
  kind: K,
  log: 'platform' | 'master' = 'platform',
): Promise<readonly RecordBody<K>[]> {
  const { ledger, base } = running.core;
  const { id } = log === 'master' ? ledger.masterLog : ledger.platformLog;
  await ledger.ledger.flush(id);
  const records = await base.store.ledger.recordsOfKinds(id, [kind], 0, 4_096);
  // Written and checked by the recorder.
  return records.map(({ body }) => JSON.parse(body ?? '{}') as RecordBody<K>);
}
async function run<K extends RecordKind>(kind: K, job: string = kind): Promise<readonly RecordBody<K>[]> {
  const earlier = (await bodiesOf(kind)).length;
  await running.assurance.runNow(job);
  return (await bodiesOf(kind)).slice(earlier);
}

test('A3.1.1 the probes of the running platform: every case refused and logged at both doors, the good one let in', async () => {
  const bodies = await run('probe.authn.neg');
  assert.deepEqual(
    bodies.map(({ listener, positive }) => [listener, positive]),
    [
      ['mqtts', true],
      ['https', true],
    ],
  );
  for (const { listener, cases } of bodies)
    assert.deepEqual(
      cases.map(({ case: name, refused, logged }) => [name, refused, logged]),
      authnProbeCases.map((name) => [name, true, true]),
      listener,
    );
});

test('A3.1.1 a hole in the own check of certificates is found at both doors', async () => {
  const { registry } = running.core.identity;
  plant(registry, 'admit', (peer) => {
    const record = registry.record(peer.serial);
    if (!record?.device) return { ok: false, error: 'channel/certificate-unknown' };
    return ok({ certificate: record.certificate, device: record.device, proves: false });
  });
  for (const { cases } of await run('probe.authn.neg')) {
    const letIn = cases.filter(({ refused }) => !refused).map((one) => one.case);
    assert.ok(letIn.includes('revoked') && letIn.includes('resumed-after-revocation'), letIn.join());
    assert.match(cases.find((one) => one.case === 'resumed-after-revocation')?.response ?? '', /resumed/);
  }
});

test('A3.1.1 refusals that are not recorded are found', async () => {
  const { refusals } = running.core.devices;
  plant(refusals, 'add', () => undefined);
  for (const { cases } of await run('probe.authn.neg')) {
    const unlogged = cases.filter(({ logged }) => !logged).map((one) => one.case);
    assert.ok(unlogged.includes('revoked'), unlogged.join());
  }
});

test('A3.2.1 scans of all three listeners find nothing', async () => {
  const bodies = await run('probe.tls');
  assert.deepEqual(
    bodies.map(({ listener, chainValid, plaintext, findings }) => [listener, chainValid, plaintext, findings]),
    ['console', 'https', 'mqtts'].map((listener) => [listener, true, false, []]),
  );
  for (const { accepted, refused, notAfter } of bodies) {
    assert.ok(accepted.length > 0 && accepted.every((text) => /^TLSv1\.[23] (TLS_|ECDHE-)/.test(text)));
    assert.ok(refused.includes('TLSv1.1') && refused.includes('TLSv1.0'));
    assert.ok(notAfter > Date.now());
  }
});

test('A3.6.2 isolation holds at the levels that forbid something, and the probe is released', async () => {
  const bodies = await run('probe.isolation');
  assert.deepEqual(
    bodies.map(({ level, leaks, blocked }) => [level, leaks, blocked]),
    [
      [3, [], []],
      [4, [], []],
    ],
  );
  const [third, fourth] = bodies;
  assert.deepEqual(third?.permitted, ['connect mqtts', 'connect https', 'publish up/version']);
  assert.deepEqual(third?.forbidden, ['publish up/telemetry/probe', 'subscribe dn/cmd/+']);
  assert.deepEqual(fourth?.forbidden, ['connect mqtts', 'connect https']);
  assert.equal(running.core.identity.registry.device('platform', 'probe-isolated')?.level, 0);
});

test('A3.6.2 a gate that does not look at the level leaks, at the table and at the doors', async () => {
  const { identity, devices } = running.core;
  const compile = devices.compiler.compileTable.bind(devices.compiler);
  plant(devices.compiler, 'compileTable', (subject, set) =>
    compile({ ...subject, device: { ...subject.device, isolation: 0 } }, set),
  );
  const admit = identity.registry.admit.bind(identity.registry);
  plant(identity.registry, 'admit', (peer, now) => {
    const record = identity.registry.record(peer.serial);
    const judged = admit(peer, now);
    if (judged.ok || judged.error !== 'device/isolated' || !record?.device) return judged;
    return ok({ certificate: record.certificate, device: record.device, proves: false });
  });
  const bodies = await run('probe.isolation');
  assert.deepEqual(bodies[0]?.leaks, ['publish up/telemetry/probe', 'subscribe dn/cmd/+']);
  assert.ok(bodies[1]?.leaks.includes('connect mqtts') && bodies[1].leaks.includes('connect https'));
});

test('A3.6.2 after the leak was closed the levels hold again', async () => {
  const bodies = await run('probe.isolation');
  assert.ok(bodies.every(({ leaks, forbidden }) => leaks.length === 0 && forbidden.length > 0));
});

test('A3.1.3 decisions of the probes come out the same again; a decision that was changed does not', async () => {
  const [body] = await run('probe.authz.replay');
  assert.ok(body !== undefined && body.samples > 0);
  assert.deepEqual([body.equal, body.diverged], [body.samples, []]);
  await running.assurance.runNow('probe.isolation');
  const { compiler } = running.core.devices;
  plant(compiler, 'decideAnew', () => ({ allow: false, policies: [], errors: [] }));
  const [changed] = await run('probe.authz.replay');
  assert.ok(changed !== undefined && changed.equal < changed.samples);
});

test('A3.4.6 both logs verify over the public addresses, by two verifiers', async () => {
  await running.assurance.runNow('master');
  const bodies = await run('ledger.proof.selftest');
  assert.ok(bodies.length >= 1);
  for (const { passed, leaves, size, verifier, error } of bodies) {
    assert.ok(passed, error ?? 'no error told');
    assert.equal(leaves, Math.min(100, size));
    assert.match(verifier, /proof and verify_log\.py \(Python/);
  }
  const requests = bodies.reduce((sum, body) => sum + body.requests, 0);
  assert.ok(requests > 0 && bodies.reduce((sum, body) => sum + body.answered, 0) === requests);
});

test('A3.4.6 a log that serves another entry is found by the self-test', async () => {
  const { reader } = running.core.ledger;
  const tiles = reader.tiles.bind(reader);
  plant(reader, 'tiles', (log) => ({
    ...tiles(log),
    readEntries: async (entries) => {
      const bytes = Buffer.from((await tiles(log).readEntries(entries)) ?? []);
      bytes[10] = (bytes[10] ?? 0) ^ 1;
      return bytes;
    },
  }));
  const bodies = await run('ledger.proof.selftest');
  assert.ok(bodies.length > 0 && bodies.every(({ passed, error }) => !passed && error !== undefined));
});

test('A3.4.1 A3.1.3 B2.2.4 counters of a window with probes in it equal the leaves', async () => {
  await running.assurance.runNow('ledger.reconcile');
  await running.assurance.runNow('probe.isolation');
  await running.assurance.runNow('ledger.reconcile');
  const end = performance.now() + 5_000;
  let told = await bodiesOf('ledger.reconcile');
  while (told.length < 2 && performance.now() < end) {
    await running.assurance.runNow('ledger.settle');
    told = await bodiesOf('ledger.reconcile');
  }
  const last = told.at(-1);
  assert.ok(last !== undefined && last.operations > 0 && last.sessionsOpened > 0);
  for (const { sources, authenticated, sessionsOpened, operations, decisions } of told) {
    assert.ok(
      sources.every(({ counted, logged }) => counted === logged),
      JSON.stringify(sources),
    );
    assert.deepEqual([authenticated, operations], [sessionsOpened, decisions]);
  }
});

test('A3.4.1 A3.3.5 lag, pace, clock, heartbeat and checks of the ledger', async () => {
  const [lag] = await run('outbox.lag');
  assert.ok(lag !== undefined && lag.rows > 0 && lag.withinShare > 0.99 && lag.limitMs === 5_000);
  const paces = await bodiesOf('ledger.checkpoint');
  assert.ok(paces.some(({ origin, published }) => origin.includes('/platform/') && published > 0));
  assert.deepEqual(await run('clock.check'), [{ method: 'none', offsetMs: 0, uncertaintyMs: 315_360_000_000 }]);
  running.core.clockSamples.push({ theirs: Date.now(), ours: Date.now() });
  const [clock] = await run('clock.check');
  assert.deepEqual([clock?.method, clock?.uncertaintyMs], ['witness', 50]);
  assert.deepEqual(await run('monitor.heartbeat'), [
    { monitor: 'tripwire', up: true, ports: [...running.tripwirePorts], hits: 0 },
  ]);
  const [tail] = await run('ledger.fsck', 'ledger.fsck.tail');
  assert.deepEqual(
    tail?.logs.map(({ mismatches }) => mismatches),
    [0, 0],
  );
});

test('A3.3.5 the master log quotes the platform log each time it grew, and only then', async () => {
  await running.core.ledger.publish();
  await running.assurance.runNow('master');
  const earlier = await bodiesOf('log.grow', 'master');
  await running.assurance.runNow('master');
  assert.equal((await bodiesOf('log.grow', 'master')).length, earlier.length);
  await run('monitor.heartbeat');
  await running.assurance.runNow('master');
  const grown = await bodiesOf('log.grow', 'master');
  assert.equal(grown.length, earlier.length + 1);
  assert.equal(grown.at(-1)?.origin, running.core.ledger.platformLog.origin);
});

test('A3.3.5 an entry changed in the store is found, recorded, and told', async () => {
  const { base, ledger } = running.core;
  const read = base.store.ledger.entries.bind(base.store.ledger);
  plant(base.store.ledger, 'entries', async (log, from, to) => {
    const entries = await read(log, from, to);
    return from === 0 ? [new TextEncoder().encode('{"forged":1}'), ...entries.slice(1)] : entries;
  });
  const [full] = await run('ledger.fsck', 'ledger.fsck.full');
  const found = full?.logs.find(({ origin }) => origin === ledger.platformLog.origin);
  assert.ok(found !== undefined && found.mismatches > 0);
  assert.match(found.why ?? '', /root/);
});

test('identity-and-access 3: nobody outside becomes a probe: codes are used up, wrong ones refused', async () => {
  const { core } = running;
  const place = { host: '127.0.0.1', port: core.ports.device, roots: [core.identity.authority.rootPem()] };
  const answer = await ask(place, {
    method: 'POST',
    path: '/.well-known/est/platform/simpleenroll',
    headers: {
      authorization: `Basic ${Buffer.from('platform/probe-good:0000').toString('base64')}`,
      'content-type': 'application/pkcs10',
    },
    body: 'AAAA',
  });
  assert.ok(answer.status === 401 || answer.status === 400, `${answer.status} ${codeOf(answer)}`);
  const permits = core.devices.policies.current().policies.find(({ id }) => id === 'platform_probe');
  assert.match(permits?.text ?? '', /\["loopback"\]\.contains\(context\.source\)/);
  assert.equal(core.terms.agreement('platform'), undefined, 'no agreement that a person or API could name');
});

test('A3.4.1 an agreement with shortened ages gets its evidence in time, by itself', async () => {
  const agreement: Agreement = {
    id: 'ag-short',
    party: 'acme',
    state: 'in-force',
    edition: 'test',
    params: { 'A3.4.1': { 'evidence.clock.check': 1.25 }, 'B2.3.2': { 'evidence.monitor.heartbeat': 3_600 } },
    draftedAt: instant(0),
    log: running.core.ledger.platformLog.id,
  };
  const earlier = [(await bodiesOf('clock.check')).length, (await bodiesOf('monitor.heartbeat')).length] as const;
  running.core.terms.set(agreement);
  await sleep(2_600); // what is tested is time itself: three rhythms of a second
  running.core.terms.set({ ...agreement, state: 'ended' });
  const clocks = (await bodiesOf('clock.check')).length - earlier[0];
  assert.ok(clocks >= 2 && clocks <= 4, `${clocks} checks`);
  assert.equal((await bodiesOf('monitor.heartbeat')).length - earlier[1], 1, 'once when it came into force');
});

test('A3.1.1 A3.6.2 a new process makes new keys for its probes, and releases what the one before left isolated', async () => {
  const ref = { agreement: 'platform', device: 'probe-isolated' };
  await running.core.isolation.order(ref, { level: 4, reason: 'the process dies here', by: 'test' });
  const keys = new Set([...running.core.identity.registry.certificates()].map(({ spki }) => spki));
  await running.stop();
  running = await runPlatform(config, directory);
  const authn = await run('probe.authn.neg');
  assert.ok(
    authn.length === 2 && authn.every(({ positive, cases }) => positive && cases.every(({ logged }) => logged)),
  );
  const isolation = await run('probe.isolation');
  assert.ok(isolation.length === 2 && isolation.every(({ leaks, blocked }) => leaks.length + blocked.length === 0));
  const { registry } = running.core.identity;
  const live = [...registry.certificates()].filter(({ state, party }) => state === 'live' && party === 'platform');
  assert.ok(live.length > 0 && live.every(({ spki }) => !keys.has(spki)));
});
