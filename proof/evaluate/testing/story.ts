import { authnProbeCases, type RecordBody } from '@pactgate/protocol';
import {
  day,
  deviceOf,
  hex,
  hour,
  masterOrigin,
  minute,
  ownOrigin,
  partyKey,
  platformOrigin,
  type Scenario,
  serialOf,
} from './scenario.ts';

export const model = 'pump';
export const issuer = 'ca-b';

/** Certificate life in the story: a week, as the catalogue's examples have it. */
export const certificateMs = 7 * day;

export function publishModel(s: Scenario, name = model, extra: Partial<RecordBody<'schema.publish'>> = {}): void {
  const common = { model: name, digest: hex('aa') };
  s.own('model.profile.sign', { ...common, version: 1, signer: partyKey, supportEnd: s.at + 900 * day, missing: [] });
  s.own('sbom.ingest', { ...common, format: 'cyclonedx', components: 12, parsed: true });
  s.own('schema.publish', {
    ...common,
    version: 1,
    fields: 3,
    untagged: [],
    reviewBy: s.at + 300 * day,
    signer: partyKey,
    ...extra,
  });
  s.own('schema.countersign', { ...common, version: 1, by: 'platform' });
}

export function enrol(s: Scenario, n: number, extra: { readonly model?: string; readonly spki?: string } = {}): string {
  const device = deviceOf(n);
  const spki = extra.spki ?? hex(`c${n}`);
  const name = extra.model ?? model;
  s.own('device.register', { device, model: name });
  s.own('device.state', { device, state: 'pending', why: '' });
  s.own('device.enrol', { device, model: name, spki, via: 'est', pop: true, approved: true });
  s.own('device.key.bind', { device, spki, serial: serialOf(n) });
  s.own('cert.issue', { device, serial: serialOf(n), spki, issuer, notBefore: s.at, notAfter: s.at + certificateMs });
  s.own('device.state', { device, state: 'active', why: '' });
  return device;
}

export function connect(s: Scenario, n: number, extra: Partial<RecordBody<'session.open'>> = {}): void {
  s.own('session.open', {
    device: deviceOf(n),
    conn: `c-${n}`,
    transport: 'mqtts',
    listener: 'mqtts',
    serial: serialOf(n),
    spki: hex(`c${n}`),
    tls: 'TLSv1.3',
    suite: 'TLS_AES_128_GCM_SHA256',
    resumed: false,
    authenticated: true,
    notAfter: s.at + certificateMs,
    ...extra,
  });
}

/** What an honest device sends once it is connected. */
export function talk(s: Scenario, n: number): void {
  const device = deviceOf(n);
  s.own('version.report', { device, model, version: '1.2.0', known: true });
  s.own('device.ports.report', { device, ports: [22] });
  s.own('incident.selftest', { device, detectors: ['tamper'], passed: true });
}

export function permit(s: Scenario, counts: Readonly<Record<string, number>>): void {
  const n = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const window = { from: s.at - minute, to: s.at };
  const body = { policy: hex('1'), policies: [], devices: counts, timed: n, within: n, limitMs: 10, ...window };
  s.own('authz.decide', body, { outcome: 'permit', n });
}

export function deny(s: Scenario, n: number, extra: Partial<RecordBody<'authz.decide'>> = {}): void {
  const body = { policy: hex('1'), policies: [], device: deviceOf(n), action: 'publish', resource: 'v1/x', ...extra };
  s.own('authz.decide', body, { outcome: 'deny' });
}

export function validate(s: Scenario, messages: number, extra: Partial<RecordBody<'msg.validate'>> = {}): void {
  const counts = { messages, withUndeclared: 0, mistyped: 0, storedUndeclared: 0, sealed: 0, undeclared: [] };
  s.own('msg.validate', { model, from: s.at - minute, to: s.at, ...counts, ...extra });
}

export function reconcile(s: Scenario, extra: Partial<RecordBody<'ledger.reconcile'>> = {}): void {
  const sources = [
    { source: 'gw-1', log: ownOrigin, counted: 40, logged: 40 },
    { source: 'gw-1', log: 'platform', counted: 4, logged: 4 },
  ];
  const counts = { authenticated: 3, sessionsOpened: 3, operations: 100, decisions: 100 };
  s.platform('ledger.reconcile', { from: s.at - 5 * minute, to: s.at, sources, ...counts, ...extra });
}

export function probeAuthn(s: Scenario, extra: Partial<RecordBody<'probe.authn.neg'>> = {}): void {
  const cases = authnProbeCases.map((name) => ({ case: name, refused: true, logged: true, response: 'refused' }));
  s.platform('probe.authn.neg', { listener: 'mqtts', build: 'b1', positive: true, cases, ...extra });
}

export function probeTls(s: Scenario, extra: Partial<RecordBody<'probe.tls'>> = {}): void {
  s.platform('probe.tls', {
    listener: 'mqtts',
    accepted: ['TLSv1.3 TLS_AES_128_GCM_SHA256', 'TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256'],
    refused: ['TLSv1.1', 'TLSv1.0'],
    chainValid: true,
    notAfter: s.at + 60 * day,
    plaintext: false,
    findings: [],
    ...extra,
  });
}

export function probeIsolation(s: Scenario, level: number, extra: Partial<RecordBody<'probe.isolation'>> = {}): void {
  const tried = { permitted: ['up/event/info'], forbidden: ['up/telemetry/main'], leaks: [], blocked: [] };
  s.platform('probe.isolation', { level, device: deviceOf(999), ...tried, ...extra });
}

export function checkpoint(s: Scenario, origin: string, extra: Partial<RecordBody<'ledger.checkpoint'>> = {}): void {
  const pace = { published: 30, medianMs: 400, withinShare: 1, limitMs: 5_000 };
  s.platform('ledger.checkpoint', { origin, size: 500, from: s.at - minute, to: s.at, ...pace, ...extra });
}

export function cosign(s: Scenario, refused = false): void {
  s.platform('ledger.cosign', { origin: ownOrigin, size: 500, witness: 'b.example/w', cosignedAt: s.at, refused });
}

export function fsck(s: Scenario, scope: 'tail' | 'full', mismatches = 0): void {
  const logs = [ownOrigin, platformOrigin, masterOrigin].map((origin) => ({ origin, size: 500, mismatches }));
  s.platform('ledger.fsck', { scope, logs });
}

export function selftest(s: Scenario, extra: Partial<RecordBody<'ledger.proof.selftest'>> = {}): void {
  const result = { passed: true, verifier: 'verify.mjs', requests: 100, answered: 100 };
  s.platform('ledger.proof.selftest', { origin: ownOrigin, size: 500, leaves: 100, ...result, ...extra });
}

export function report(s: Scenario, n: number, seq: number, extra: Partial<RecordBody<'incident.report'>> = {}): void {
  const times = { detectedAt: s.at - 2_000, receivedAt: s.at, delayMs: 2_000, reconnectMs: hour };
  const event = { device: deviceOf(n), report: `r${seq}`, type: 'tamper', severity: 'high' as const, seq, boot: 1 };
  s.own('incident.report', { ...event, ...times, valid: true, ...extra });
}

/** The platform's own evidence, all of it fresh and good. */
export function platformGood(s: Scenario): void {
  s.platform('monitor.heartbeat', { monitor: 'tripwire', up: true, ports: [1883, 5683], hits: 0 });
  s.own('crl.publish', { issuer, number: 1, entries: 0, thisUpdate: s.at, nextUpdate: s.at + day });
  s.platform('probe.authz.replay', { samples: 1_000, equal: 1_000, diverged: [] });
  s.platform('outbox.lag', { from: s.at - minute, to: s.at, rows: 50, withinShare: 1, limitMs: 5_000, maxMs: 60 });
  s.platform('clock.check', { method: 'ntp', offsetMs: 3, uncertaintyMs: 5 });
  probeAuthn(s);
  probeTls(s);
  probeIsolation(s, 3);
  probeIsolation(s, 4);
  reconcile(s);
  for (const origin of [ownOrigin, platformOrigin, masterOrigin]) checkpoint(s, origin);
  fsck(s, 'full');
  cosign(s);
  selftest(s);
}

/** Three honest devices of one model, everything in order: every implemented row is met. */
export function good(s: Scenario): Scenario {
  publishModel(s);
  for (const n of [1, 2, 3]) {
    enrol(s, n);
    connect(s, n);
    talk(s, n);
  }
  s.own('device.id.scan', { devices: 3, liveKeys: 3, shared: [], multiple: [] });
  permit(s, { [deviceOf(1)]: 200, [deviceOf(2)]: 200, [deviceOf(3)]: 200 });
  validate(s, 600);
  report(s, 1, 1);
  platformGood(s);
  return s;
}
