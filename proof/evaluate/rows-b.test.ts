import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Overrides, SubDutyId } from '@pactgate/agreement';
import { day, deviceOf, hex, hour, minute, openScenario, type Scenario, second, serialOf } from './testing/scenario.ts';
import {
  certificateMs,
  connect,
  deny,
  enrol,
  good,
  issuer,
  model,
  permit,
  platformGood,
  publishModel,
  reconcile,
  report,
  talk,
  validate,
} from './testing/story.ts';
import type { Status } from './types.ts';
import { explain } from './why.ts';

interface Case {
  readonly row: SubDutyId;
  readonly name: string;
  /** What happens after all was good. */
  readonly then: (s: Scenario) => void;
  readonly want: Status;
  readonly subject?: string;
  readonly code?: string;
  readonly says?: RegExp;
  readonly params?: Overrides;
}

/** Everything that only lives an hour or a day is renewed, and the devices are seen again. */
const again = (s: Scenario): void => {
  for (const n of [1, 2, 3]) connect(s, n);
  s.own('device.id.scan', { devices: 3, liveKeys: 3, shared: [], multiple: [] });
  permit(s, { [deviceOf(1)]: 10, [deviceOf(2)]: 10, [deviceOf(3)]: 10 });
  validate(s, 10);
  platformGood(s);
};
const d1 = deviceOf(1);
const window = (s: Scenario): { from: number; to: number } => ({ from: s.at - minute, to: s.at });
const profile = { model, version: 2, digest: hex('ab'), signer: 'thumb-b', missing: [] };

const cases: readonly Case[] = [
  // B2.1.1
  { row: 'B2.1.1', name: 'file just at its greatest age', then: (s) => again(s.wait(365 * day)), want: 'met' },
  {
    row: 'B2.1.1',
    name: 'file just past it: the criterion limits the age, so breached, not unknown',
    then: (s) => again(s.wait(365 * day + 1)),
    want: 'breached',
    subject: model,
    code: 'MODEL_FILE_EXPIRED',
    says: /365 d old, at most 365 d/,
  },
  {
    row: 'B2.1.1',
    name: 'support over',
    then: (s) => s.own('model.profile.sign', { ...profile, supportEnd: s.at }),
    want: 'breached',
    code: 'MODEL_FILE_EXPIRED',
  },
  {
    row: 'B2.1.1',
    name: 'parts missing',
    then: (s) => s.own('model.profile.sign', { ...profile, supportEnd: s.at + day, missing: ['contact'] }),
    want: 'breached',
    code: 'MODEL_FILE_MISSING',
    says: /contact/,
  },
  {
    row: 'B2.1.1',
    name: 'signed by a key that is not of party B',
    then: (s) => s.own('model.profile.sign', { ...profile, supportEnd: s.at + day, signer: 'thumb-x' }),
    want: 'breached',
    code: 'MODEL_FILE_MISSING',
    says: /thumb-x/,
  },
  {
    row: 'B2.1.1',
    name: 'SBOM does not parse',
    then: (s) => s.own('sbom.ingest', { model, format: 'cyclonedx', digest: hex('1'), components: 0, parsed: false }),
    want: 'breached',
    code: 'MODEL_FILE_MISSING',
  },
  {
    row: 'B2.1.1',
    name: 'a second model without a file',
    then: (s) => {
      enrol(s, 4, { model: 'valve' });
      connect(s, 4);
    },
    want: 'unknown',
    subject: 'valve',
  },
  { row: 'B2.1.1', name: 'all devices silent: nothing to judge', then: (s) => s.wait(2 * day), want: 'unknown' },
  // B2.2.1
  {
    row: 'B2.2.1',
    name: 'scan a second older than a day',
    then: (s) => s.wait(day + second),
    want: 'unknown',
    subject: d1,
    says: /device\.id\.scan/,
  },
  { row: 'B2.2.1', name: 'scan just a day old', then: (s) => s.wait(day), want: 'met' },
  {
    row: 'B2.2.1',
    name: 'two devices bound to one key, seen in the bindings before any scan',
    then: (s) => enrol(s, 4, { spki: hex('c1') }),
    want: 'breached',
    subject: d1,
    code: 'ID_DUPLICATE',
  },
  {
    row: 'B2.2.1',
    name: 'a scan that names a shared key',
    then: (s) =>
      s.own('device.id.scan', {
        devices: 3,
        liveKeys: 2,
        shared: [{ spki: hex('c1'), devices: [d1, deviceOf(2)] }],
        multiple: [],
      }),
    want: 'breached',
    subject: deviceOf(2),
    code: 'ID_DUPLICATE',
  },
  {
    row: 'B2.2.1',
    name: 'a scan that looked at fewer devices than have keys proves nothing',
    then: (s) => s.own('device.id.scan', { devices: 0, liveKeys: 0, shared: [], multiple: [] }),
    want: 'unknown',
    says: /saw 0 devices, the log has 3/,
  },
  {
    row: 'B2.2.1',
    name: 'a second key without renewal',
    then: (s) => s.own('device.key.bind', { device: d1, spki: hex('f1'), serial: 'f1f1' }),
    want: 'breached',
    subject: d1,
    code: 'ID_DUPLICATE',
  },
  {
    row: 'B2.2.1',
    name: 'renewal with an overlap of 24 h',
    then: (s) => s.own('device.key.bind', { ...renewed, overlapUntil: s.at + 24 * hour }),
    want: 'met',
  },
  {
    row: 'B2.2.1',
    name: 'renewal with a longer overlap',
    then: (s) => s.own('device.key.bind', { ...renewed, overlapUntil: s.at + 24 * hour + 1 }),
    want: 'breached',
    code: 'ID_DUPLICATE',
  },
  {
    row: 'B2.2.1',
    name: 'suspected clone',
    then: (s) => s.own('device.id.conflict', { device: d1, verdict: 'suspected', keys: [], why: '' }),
    want: 'at-risk',
    subject: d1,
  },
  {
    row: 'B2.2.1',
    name: 'confirmed clone, though held in time: until a new key is bound',
    then: (s) => s.own('device.id.conflict', { device: d1, verdict: 'confirmed', keys: [], heldMs: 80, why: '' }),
    want: 'breached',
    code: 'ID_DUPLICATE',
  },
  {
    row: 'B2.2.1',
    name: 'confirmed clone, cured by enrolment with a new key',
    then: (s) => {
      s.own('device.id.conflict', { device: d1, verdict: 'confirmed', keys: [], heldMs: 80, why: '' });
      s.wait(minute).own('device.key.retire', { device: d1, spki: hex('c1'), serial: serialOf(1), why: 'clone' });
      s.own('device.key.bind', { device: d1, spki: hex('f1'), serial: 'f1f1' });
    },
    want: 'met',
  },
  // B2.2.3
  {
    row: 'B2.2.3',
    name: 'session without any enrolment',
    then: (s) => {
      s.own('device.register', { device: deviceOf(4), model });
      connect(s, 4);
    },
    want: 'breached',
    subject: deviceOf(4),
    code: 'FIRST_ACCESS_UNENROLLED',
  },
  {
    row: 'B2.2.3',
    name: 'enrolment without proof of possession does not count',
    then: (s) => {
      s.own('device.enrol', { device: deviceOf(4), model, spki: hex('c4'), via: 'est', pop: false, approved: true });
      connect(s, 4);
    },
    want: 'breached',
    subject: deviceOf(4),
  },
  {
    row: 'B2.2.3',
    name: 'enrolled only afterwards: shown for a day',
    then: (s) => {
      connect(s, 4);
      enrol(s.wait(minute), 4);
    },
    want: 'breached',
  },
  {
    row: 'B2.2.3',
    name: 'enrolled afterwards, a day later',
    then: (s) => {
      connect(s, 4);
      enrol(s.wait(minute), 4);
      reconcile(s.wait(day));
    },
    want: 'met',
  },
  {
    row: 'B2.2.3',
    name: 'long silent, sources whole: the last state holds',
    then: (s) => reconcile(s.wait(40 * day)),
    want: 'met',
  },
  {
    row: 'B2.2.3',
    name: 'no reconciliation: the sources may have a gap',
    then: (s) => s.wait(601 * second),
    want: 'unknown',
  },
  // B2.2.4
  {
    row: 'B2.2.4',
    name: '10 failures in an hour',
    then: (s) => fail(s, 10),
    want: 'met',
  },
  {
    row: 'B2.2.4',
    name: '11 failures in an hour',
    then: (s) => fail(s, 11),
    want: 'breached',
    subject: d1,
    code: 'AUTHN_FAIL_BURST',
    says: /11 failed.*at most 10/,
  },
  {
    row: 'B2.2.4',
    name: 'more sessions than authentications',
    then: (s) => reconcile(s.wait(minute), { authenticated: 3, sessionsOpened: 4 }),
    want: 'breached',
    subject: 'sessions',
    code: 'AUTHN_FAIL_BURST',
  },
  { row: 'B2.2.4', name: 'reconciliation two windows old', then: (s) => s.wait(600 * second), want: 'met' },
  { row: 'B2.2.4', name: 'and a second more', then: (s) => s.wait(601 * second), want: 'unknown', subject: 'sessions' },
  {
    row: 'B2.2.4',
    name: 'a shorter window shortens the age of its evidence',
    then: (s) => s.wait(121 * second),
    want: 'unknown',
    params: { 'B2.2.4': { window: 1 } },
  },
  // B2.2.5
  {
    row: 'B2.2.5',
    name: 'a live session older than agreed',
    then: (s) => again2(s.wait(24 * hour + 5 * second + 1)),
    want: 'breached',
    code: 'REAUTH_OVERDUE',
  },
  {
    row: 'B2.2.5',
    name: 'a live session just as old, and the outbox delay',
    then: (s) => again2(s.wait(24 * hour + 5 * second)),
    want: 'unknown',
  },
  {
    row: 'B2.2.5',
    name: 'sessions that the platform ended by restarting are not live',
    then: (s) => {
      s.wait(25 * hour).platform('platform.start', { version: '1', config: hex('1'), database: 'sqlite' });
      again(s);
    },
    want: 'met',
  },
  {
    row: 'B2.2.5',
    name: 'a session on a revoked certificate goes on',
    then: (s) => {
      s.own('cert.revoke', { device: d1, serial: serialOf(1), reason: 'lost' });
      s.wait(6 * second);
    },
    want: 'breached',
    says: /0001/,
  },
  {
    row: 'B2.2.5',
    name: 'past the renewal point, not renewed: at risk',
    then: (s) => renewLater(s, 5 * day),
    want: 'at-risk',
  },
  {
    row: 'B2.2.5',
    name: 'renewed while half of the lifetime was left',
    then: (s) => {
      renewLater(s, 3 * day);
      for (const n of [1, 2, 3]) renew(s, n, 0.5);
    },
    want: 'met',
  },
  {
    row: 'B2.2.5',
    name: 'renewed, but late',
    then: (s) => {
      renewLater(s, 6 * day);
      for (const n of [1, 2, 3]) renew(s, n, 0.14);
    },
    want: 'breached',
    says: /3 of 3 active devices renewed late/,
  },
  {
    row: 'B2.2.5',
    name: 'revocation list older than an hour',
    then: (s) => s.wait(hour + second),
    want: 'unknown',
    says: /crl\.publish/,
  },
  { row: 'B2.2.5', name: 'all devices silent', then: (s) => closeAll(s).wait(25 * hour), want: 'unknown' },
  // B2.2.6
  { row: 'B2.2.6', name: '10 denials in an hour', then: (s) => denials(s, 10), want: 'met' },
  {
    row: 'B2.2.6',
    name: '11 denials in an hour',
    then: (s) => denials(s, 11),
    want: 'breached',
    subject: d1,
    code: 'AUTHZ_OVERREACH',
    says: /11 denied operations within 60 min, at most 10/,
  },
  {
    row: 'B2.2.6',
    name: '11 denials over more than an hour',
    then: (s) => denials(s, 11, 6 * minute + 1),
    want: 'met',
  },
  {
    row: 'B2.2.6',
    name: 'an excess between two judgements shows for the hour after it',
    then: (s) => {
      denials(s, 11);
      s.wait(59 * minute);
    },
    want: 'breached',
  },
  {
    row: 'B2.2.6',
    name: 'share of denials just above, enough requests',
    then: (s) => {
      permit(s, { [d1]: 1_797 });
      denials(s, 2, 2 * hour);
      deny(s, 1);
    },
    want: 'breached',
    says: /3 of 2000/,
  },
  {
    row: 'B2.2.6',
    name: 'the same share with too few requests is not judged',
    then: (s) => denials(s, 3),
    want: 'met',
  },
  {
    row: 'B2.2.6',
    name: 'a write to a resource of another party',
    then: (s) => deny(s, 1, { foreign: true, resource: 'v1/b2/up' }),
    want: 'breached',
    says: /v1\/b2\/up/,
  },
  {
    row: 'B2.2.6',
    name: 'a burst record proves an excess',
    then: (s) => s.own('authz.deny.burst', { device: d1, count: 60, ...window(s), action: 'publish' }),
    want: 'breached',
  },
  {
    row: 'B2.2.6',
    name: 'a connected device that was never decided about',
    then: (s) => {
      enrol(s, 4);
      connect(s, 4);
    },
    want: 'unknown',
    subject: deviceOf(4),
  },
  // B2.3.1
  {
    row: 'B2.3.1',
    name: 'suite off the accept-list',
    then: (s) => connect(s, 1, { tls: 'TLSv1.2', suite: 'AES128-SHA' }),
    want: 'breached',
    subject: d1,
    code: 'WEAK_CHANNEL',
    says: /AES128-SHA/,
  },
  {
    row: 'B2.3.1',
    name: 'TLS 1.2 where 1.3 is agreed',
    then: (s) => connect(s, 1, { tls: 'TLSv1.2', suite: 'ECDHE-ECDSA-AES128-GCM-SHA256' }),
    want: 'breached',
    params: { 'B2.3.1': { minTls: '1.3' } },
  },
  {
    row: 'B2.3.1',
    name: 'TLS 1.2 with an accepted suite',
    then: (s) => connect(s, 1, { tls: 'TLSv1.2', suite: 'ECDHE-ECDSA-AES128-GCM-SHA256' }),
    want: 'met',
  },
  {
    row: 'B2.3.1',
    name: 'a refused weak attempt: at risk',
    then: (s) => weakAttempt(s),
    want: 'at-risk',
    subject: d1,
  },
  {
    row: 'B2.3.1',
    name: 'weak attempts day after day, longer than the cure',
    then: (s) => {
      for (let i = 0; i < 17; i++) weakAttempt(s.wait(20 * hour));
      again(s);
    },
    want: 'breached',
    code: 'WEAK_CHANNEL',
  },
  { row: 'B2.3.1', name: 'sources with a gap', then: (s) => reconcile(s, gap), want: 'unknown', says: /counted 41/ },
  // B2.3.2
  {
    row: 'B2.3.2',
    name: 'plaintext attempt of a device',
    then: (s) => hit(s, 1883),
    want: 'breached',
    subject: d1,
    code: 'INSECURE_PROTOCOL',
  },
  { row: 'B2.3.2', name: 'a day after the attempt', then: (s) => again(hit(s, 1883).wait(day)), want: 'met' },
  {
    row: 'B2.3.2',
    name: 'an attempt that fits the party but no device',
    then: (s) => s.own('probe.plaintext.hit', { port: 1883, protocol: 'mqtt', attributed: true }),
    want: 'breached',
    subject: 'party',
  },
  {
    row: 'B2.3.2',
    name: 'a stray attempt is counted beside',
    then: (s) => s.platform('probe.plaintext.hit', { port: 1883, protocol: 'mqtt', attributed: false }),
    want: 'met',
  },
  {
    row: 'B2.3.2',
    name: 'a forbidden port',
    then: (s) => s.own('device.ports.report', { device: d1, ports: [22, 23] }),
    want: 'breached',
    says: /23/,
  },
  {
    row: 'B2.3.2',
    name: 'port report older than its limit: breached, not unknown',
    then: (s) => again(s.wait(7 * day + 1)),
    want: 'breached',
    says: /last port report/,
  },
  {
    row: 'B2.3.2',
    name: 'tripwire not listening',
    then: (s) => s.platform('monitor.heartbeat', { monitor: 'tripwire', up: false, ports: [], hits: 0 }),
    want: 'unknown',
  },
  { row: 'B2.3.2', name: 'tripwire silent for over an hour', then: (s) => s.wait(hour + second), want: 'unknown' },
  {
    row: 'B2.3.2',
    name: 'a device that never reported its ports',
    then: (s) => {
      enrol(s, 4);
      connect(s, 4);
    },
    want: 'unknown',
    subject: deviceOf(4),
  },
  // B2.4.1
  {
    row: 'B2.4.1',
    name: 'one message in a thousand',
    then: (s) => validate(s, 400, { withUndeclared: 1 }),
    want: 'met',
  },
  {
    row: 'B2.4.1',
    name: 'two in a thousand',
    then: (s) => validate(s, 400, { withUndeclared: 2, undeclared: [{ path: 'gps.lat', count: 2 }] }),
    want: 'breached',
    subject: model,
    code: 'FIELD_EXCESS',
    says: /2 of 1000 .*0\.2%, at most 0\.1%.*gps\.lat/,
  },
  {
    row: 'B2.4.1',
    name: 'an undeclared field was stored',
    then: (s) => validate(s, 400, { storedUndeclared: 1 }),
    want: 'breached',
  },
  { row: 'B2.4.1', name: 'no messages for a day', then: (s) => connect(s.wait(day + hour), 1), want: 'unknown' },
  {
    row: 'B2.4.1',
    name: 'an agreed shorter age is a shorter day, after which the share is clean again',
    then: (s) => {
      validate(s, 400, { withUndeclared: 40 });
      validate(s.wait(61 * second), 10);
    },
    want: 'met',
    params: { 'B2.4.1': { 'evidence.msg.validate': 60 } },
  },
  // B2.4.2
  {
    row: 'B2.4.2',
    name: 'untagged fields',
    then: (s) => publishModel(s, model, { untagged: ['gps.lat'] }),
    want: 'breached',
    subject: model,
    code: 'SCHEMA_UNTAGGED',
  },
  {
    row: 'B2.4.2',
    name: 'past its own review date',
    then: (s) => s.wait(300 * day + 1),
    want: 'breached',
    says: /review was due/,
  },
  {
    row: 'B2.4.2',
    name: 'a newer manifest waits for the countersignature: the old one is in force',
    then: (s) => s.own('schema.publish', manifest(s, { untagged: ['x'] })),
    want: 'met',
  },
  {
    row: 'B2.4.2',
    name: 'countersigned under another digest',
    then: (s) => {
      s.own('schema.publish', manifest(s));
      s.own('schema.countersign', { model, version: 2, digest: hex('dd'), by: 'platform' });
    },
    want: 'breached',
  },
  {
    row: 'B2.4.2',
    name: 'a model never countersigned',
    then: (s) => s.own('schema.publish', manifest(s, { model: 'valve' })),
    want: 'unknown',
    subject: 'valve',
  },
  // B2.5.3
  {
    row: 'B2.5.3',
    name: 'one of three reports an unknown version',
    then: (s) => s.own('version.report', { device: d1, model, version: '9', known: false }),
    want: 'breached',
    subject: 'devices',
    code: 'VERSION_UNKNOWN',
  },
  { row: 'B2.5.3', name: 'reports a day old', then: (s) => again(s.wait(day)), want: 'met' },
  { row: 'B2.5.3', name: 'reports just over a day old', then: (s) => again(s.wait(day + 1)), want: 'breached' },
  {
    row: 'B2.5.3',
    name: 'a report past the limit breaches by itself',
    then: (s) => overdue(s),
    want: 'breached',
    says: /no report may be older/,
  },
  {
    row: 'B2.5.3',
    name: 'a device that never reported counts neither way',
    then: (s) => {
      enrol(s, 4);
      connect(s, 4);
    },
    want: 'unknown',
  },
  // B2.6.2
  {
    row: 'B2.6.2',
    name: 'a report 60 s after detection',
    then: (s) => report(s, 1, 2, { delayMs: 60_000 }),
    want: 'met',
  },
  {
    row: 'B2.6.2',
    name: 'a report 61 s after detection while online',
    then: (s) => report(s, 1, 2, { delayMs: 61_000 }),
    want: 'breached',
    code: 'REPORT_LATE',
    says: /1 of 2 reports in 30 d on time \(50%/,
  },
  {
    row: 'B2.6.2',
    name: 'queued while offline, sent 10 min after the reconnect',
    then: (s) => report(s, 1, 2, { delayMs: 5 * hour, reconnectMs: 10 * minute }),
    want: 'met',
  },
  {
    row: 'B2.6.2',
    name: 'and a second later',
    then: (s) => report(s, 1, 2, { delayMs: 5 * hour, reconnectMs: 10 * minute + second }),
    want: 'breached',
  },
  {
    row: 'B2.6.2',
    name: 'not by its schema',
    then: (s) => report(s, 1, 2, { valid: false }),
    want: 'breached',
    code: 'REPORT_GAP',
  },
  {
    row: 'B2.6.2',
    name: 'a gap, just seen',
    then: (s) => report(s, 1, 5, { missing: { from: 2, to: 4 } }),
    want: 'at-risk',
  },
  {
    row: 'B2.6.2',
    name: 'a gap unexplained after 24 h',
    then: (s) => {
      report(s, 1, 5, { missing: { from: 2, to: 4 } });
      again(s.wait(24 * hour + 1));
    },
    want: 'breached',
    code: 'REPORT_GAP',
    says: /reports 2 to 4 missing/,
  },
  {
    row: 'B2.6.2',
    name: 'a gap explained by an overflow report',
    then: (s) => {
      report(s, 1, 5, { missing: { from: 2, to: 4 } });
      report(s, 1, 6, { explains: { from: 2, to: 4 } });
    },
    want: 'met',
  },
  {
    row: 'B2.6.2',
    name: 'a gap closed by the late reports themselves',
    then: (s) => {
      report(s, 1, 5, { missing: { from: 2, to: 4 } });
      for (const seq of [3, 2, 4]) report(s, 1, seq);
    },
    want: 'met',
  },
  {
    row: 'B2.6.2',
    name: 'a device without self-test: the way is not shown to be open',
    then: (s) => {
      enrol(s, 4);
      connect(s, 4);
    },
    want: 'unknown',
    says: /self-tests from 3 of 4/,
  },
];

const renewed = { device: d1, spki: hex('f1'), serial: 'f1f1', supersedes: hex('c1') };
const gap = {
  sources: [{ source: 'gw-1', log: 'platform', counted: 41, logged: 40 }],
};
function fail(s: Scenario, times: number): void {
  for (let i = 0; i < times; i++)
    s.wait(second).own('session.reject', {
      device: d1,
      code: 'channel/certificate-expired',
      stage: 'certificate',
      listener: 'mqtts',
      transport: 'mqtts',
    });
}
function weakAttempt(s: Scenario): void {
  s.own('session.reject', {
    device: d1,
    code: 'channel/tls-too-old',
    stage: 'tls',
    listener: 'mqtts',
    transport: 'mqtts',
  });
}
function denials(s: Scenario, times: number, every: number = minute): void {
  for (let i = 0; i < times; i++) deny(s.wait(every), 1);
}
function hit(s: Scenario, port: number): Scenario {
  s.own('probe.plaintext.hit', { device: d1, port, protocol: 'mqtt', attributed: true });
  return s;
}
function manifest(s: Scenario, extra: object = {}): Parameters<typeof s.own<'schema.publish'>>[1] {
  const common = { version: 2, digest: hex('bb'), fields: 3, untagged: [], signer: 'thumb-b' };
  return { model, ...common, reviewBy: s.at + day, ...extra };
}
/** Fresh evidence beside the sessions, which stay as they are. */
function again2(s: Scenario): void {
  platformGood(s);
}
function closeAll(s: Scenario): Scenario {
  for (const n of [1, 2, 3])
    s.own('session.close', {
      device: deviceOf(n),
      conn: `c-${n}`,
      serial: serialOf(n),
      reason: 'gate/max-age',
      durationMs: 1,
      received: 1,
      sent: 1,
    });
  return s;
}
function renewLater(s: Scenario, ms: number): void {
  closeAll(s);
  s.wait(ms);
  for (const n of [1, 2, 3]) connect(s, n, { notAfter: s.at + certificateMs - ms });
  platformGood(s);
}
function renew(s: Scenario, n: number, leftShare: number): void {
  const serial = serialOf(n + 100);
  const notAfter = s.at + certificateMs;
  s.own('cert.issue', { device: deviceOf(n), serial, spki: hex(`a${n}`), issuer, notBefore: s.at, notAfter });
  s.own('cert.renew', { device: deviceOf(n), serial, previous: serialOf(n), leftShare, notAfter });
}
function overdue(s: Scenario): void {
  s.wait(7 * day + 1);
  for (const n of [2, 3]) talk(s, n);
  again(s);
}

for (const { row, name, then, want, subject, code, says, params } of cases) {
  test(`${row} ${name}: ${want}`, () => {
    const s = good(openScenario(params));
    then(s);
    const judgement = s.judge(row);
    const [worst] = judgement.subjects;
    const words = worst === undefined ? '' : explain(worst.why);
    assert.equal(judgement.status, want, JSON.stringify(words));
    if (subject !== undefined) assert.equal(s.of(row, subject).status, want);
    if (code !== undefined) assert.equal(worst?.code, code);
    if (says !== undefined) assert.match(worst === undefined ? '' : explain(worst.why).en, says);
  });
}

test('B2.6.2 never any report, the way proven open: n/a', () => {
  const s = openScenario();
  enrol(s, 1);
  connect(s, 1);
  talk(s, 1);
  reconcile(s);
  assert.equal(s.judge('B2.6.2').status, 'n/a');
});
test('B2.3.2 Telnet has its own time to cure', () => {
  const s = good(openScenario());
  s.own('device.ports.report', { device: d1, ports: [23] });
  assert.equal(s.of('B2.3.2', d1).cureMs, 24 * hour);
});
