import { authnProbeCases } from '@pactgate/protocol';
import {
  day,
  deviceOf,
  hex,
  masterOrigin,
  minute,
  ownOrigin,
  platformOrigin,
  type Scenario,
  second,
  serialOf,
} from './scenario.ts';
import {
  certificateMs,
  checkpoint,
  connect,
  deny,
  fsck,
  issuer,
  model,
  permit,
  platformGood,
  talk,
  validate,
} from './story.ts';

export const d1 = deviceOf(1);
/** Steps that several stories share. */
export const window = (s: Scenario): { from: number; to: number } => ({ from: s.at - minute, to: s.at });
export const profile = { model, version: 2, digest: hex('ab'), signer: 'thumb-b', missing: [] };

/** Everything that only lives an hour or a day is renewed, and the devices are seen again. */
export const again = (s: Scenario): void => {
  for (const n of [1, 2, 3]) connect(s, n);
  s.own('device.id.scan', { devices: 3, liveKeys: 3, shared: [], multiple: [] });
  permit(s, { [deviceOf(1)]: 10, [deviceOf(2)]: 10, [deviceOf(3)]: 10 });
  validate(s, 10);
  platformGood(s);
};

export const renewed = { device: d1, spki: hex('f1'), serial: 'f1f1', supersedes: hex('c1') };
export const gap = {
  sources: [{ source: 'gw-1', log: 'platform', counted: 41, logged: 40 }],
};
export function fail(s: Scenario, times: number): void {
  for (let i = 0; i < times; i++)
    s.wait(second).own('session.reject', {
      device: d1,
      code: 'channel/certificate-expired',
      stage: 'certificate',
      listener: 'mqtts',
      transport: 'mqtts',
    });
}
export function weakAttempt(s: Scenario): void {
  s.own('session.reject', {
    device: d1,
    code: 'channel/tls-too-old',
    stage: 'tls',
    listener: 'mqtts',
    transport: 'mqtts',
  });
}
export function denials(s: Scenario, times: number, every: number = minute): void {
  for (let i = 0; i < times; i++) deny(s.wait(every), 1);
}
export function hit(s: Scenario, port: number): Scenario {
  s.own('probe.plaintext.hit', { device: d1, port, protocol: 'mqtt', attributed: true });
  return s;
}
export function manifest(s: Scenario, extra: object = {}): Parameters<typeof s.own<'schema.publish'>>[1] {
  const common = { version: 2, digest: hex('bb'), fields: 3, untagged: [], signer: 'thumb-b' };
  return { model, ...common, reviewBy: s.at + day, ...extra };
}
/** Fresh evidence beside the sessions, which stay as they are. */
export function again2(s: Scenario): void {
  platformGood(s);
}
export function closeAll(s: Scenario): Scenario {
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
export function renewLater(s: Scenario, ms: number): void {
  closeAll(s);
  s.wait(ms);
  for (const n of [1, 2, 3]) connect(s, n, { notAfter: s.at + certificateMs - ms });
  platformGood(s);
}
export function renew(s: Scenario, n: number, leftShare: number): void {
  const serial = serialOf(n + 100);
  const notAfter = s.at + certificateMs;
  s.own('cert.issue', { device: deviceOf(n), serial, spki: hex(`a${n}`), issuer, notBefore: s.at, notAfter });
  s.own('cert.renew', { device: deviceOf(n), serial, previous: serialOf(n), leftShare, notAfter });
}
export function overdue(s: Scenario): void {
  s.wait(7 * day + 1);
  for (const n of [2, 3]) talk(s, n);
  again(s);
}

export const oneCase = (change: object): { case: string; refused: boolean; logged: boolean; response: string }[] =>
  authnProbeCases.map((name, i) => ({
    case: name,
    refused: true,
    logged: true,
    response: '',
    ...(i === 3 ? change : {}),
  }));
export const isolate = (s: Scenario, level: number): void => {
  s.own('device.isolate', { device: d1, order: 'o1', level, previous: 0, reason: '', by: 'p1' });
};
export const confirm = (s: Scenario, severity: 'critical' | 'high' | 'medium'): void => {
  s.own('incident.confirm', { incident: 'i1', severity, by: 'p1' });
};
export const contain = (s: Scenario): void => {
  s.own('incident.contain', { incident: 'i1', how: 'isolated', by: 'p1' });
};
export const challenge = (s: Scenario, state: 'open' | 'resolved'): void => {
  s.own('evidence.challenge', { challenge: 'q1', state, claim: 'a leaf is missing' });
};
/** The platform's evidence again, without a cosignature. */
export const unwitnessed = (s: Scenario): void => {
  fsck(s, 'full');
  for (const origin of [ownOrigin, platformOrigin, masterOrigin]) checkpoint(s, origin);
};
