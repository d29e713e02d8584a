import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Case, play } from '../testing/cases.ts';
import { day, deviceOf, hour, openScenario, second } from '../testing/scenario.ts';
import { again, d1, gap, hit, weakAttempt } from '../testing/steps.ts';
import { connect, enrol, good, reconcile } from '../testing/story.ts';

const cases: readonly Case[] = [
  {
    row: 'B2.3.1',
    name: 'suite off the accept-list',
    after: (s) => connect(s, 1, { tls: 'TLSv1.2', suite: 'AES128-SHA' }),
    want: 'breached',
    subject: d1,
    code: 'WEAK_CHANNEL',
    says: /AES128-SHA/,
  },
  {
    row: 'B2.3.1',
    name: 'TLS 1.2 where 1.3 is agreed',
    after: (s) => connect(s, 1, { tls: 'TLSv1.2', suite: 'ECDHE-ECDSA-AES128-GCM-SHA256' }),
    want: 'breached',
    params: { 'B2.3.1': { minTls: '1.3' } },
  },
  {
    row: 'B2.3.1',
    name: 'TLS 1.2 with an accepted suite',
    after: (s) => connect(s, 1, { tls: 'TLSv1.2', suite: 'ECDHE-ECDSA-AES128-GCM-SHA256' }),
    want: 'met',
  },
  {
    row: 'B2.3.1',
    name: 'a refused weak attempt: at risk',
    after: (s) => weakAttempt(s),
    want: 'at-risk',
    subject: d1,
  },
  {
    row: 'B2.3.1',
    name: 'weak attempts day after day, longer than the cure',
    after: (s) => {
      for (let i = 0; i < 18; i++) weakAttempt(s.wait(20 * hour));
      again(s);
    },
    want: 'breached',
    code: 'WEAK_CHANNEL',
  },
  { row: 'B2.3.1', name: 'sources with a gap', after: (s) => reconcile(s, gap), want: 'unknown', says: /counted 41/ },
  {
    row: 'B2.3.2',
    name: 'plaintext attempt of a device',
    after: (s) => hit(s, 1883),
    want: 'breached',
    subject: d1,
    code: 'INSECURE_PROTOCOL',
  },
  { row: 'B2.3.2', name: 'a day after the attempt', after: (s) => again(hit(s, 1883).wait(day)), want: 'met' },
  {
    row: 'B2.3.2',
    name: 'an attempt that fits the party but no device',
    after: (s) => s.own('probe.plaintext.hit', { port: 1883, protocol: 'mqtt', attributed: true }),
    want: 'breached',
    subject: 'party',
  },
  {
    row: 'B2.3.2',
    name: 'a stray attempt is counted beside',
    after: (s) => s.platform('probe.plaintext.hit', { port: 1883, protocol: 'mqtt', attributed: false }),
    want: 'met',
  },
  {
    row: 'B2.3.2',
    name: 'a forbidden port',
    after: (s) => s.own('device.ports.report', { device: d1, ports: [22, 23] }),
    want: 'breached',
    says: /23/,
  },
  {
    row: 'B2.3.2',
    name: 'port report older than its limit: breached, not unknown',
    after: (s) => again(s.wait(7 * day + 1)),
    want: 'breached',
    says: /last port report/,
  },
  {
    row: 'B2.3.2',
    name: 'tripwire not listening',
    after: (s) => s.platform('monitor.heartbeat', { monitor: 'tripwire', up: false, ports: [], hits: 0 }),
    want: 'unknown',
  },
  { row: 'B2.3.2', name: 'tripwire silent for over an hour', after: (s) => s.wait(hour + second), want: 'unknown' },
  {
    row: 'B2.3.2',
    name: 'a device that never reported its ports',
    after: (s) => {
      enrol(s, 4);
      connect(s, 4);
    },
    want: 'unknown',
    subject: deviceOf(4),
  },
];

for (const one of cases) {
  test(`${one.row} ${one.name}: ${one.want}`, () => {
    const { got, want, words } = play(one);
    assert.deepEqual(got, want, words);
    assert.match(words, one.says ?? /./);
  });
}

test('B2.3.2 Telnet has its own time to cure', () => {
  const s = good(openScenario());
  s.own('device.ports.report', { device: d1, ports: [23] });
  assert.equal(s.of('B2.3.2', d1).cureMs, 24 * hour);
});
