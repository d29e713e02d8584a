import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Case, play } from '../testing/cases.ts';
import { day, deviceOf, hex, hour, minute, second, serialOf } from '../testing/scenario.ts';
import { again, again2, closeAll, d1, denials, fail, renew, renewLater, window } from '../testing/steps.ts';
import { connect, deny, enrol, permit, reconcile } from '../testing/story.ts';

const cases: readonly Case[] = [
  {
    row: 'B2.2.4',
    name: '10 failures in an hour',
    after: (s) => fail(s, 10),
    want: 'met',
  },
  {
    row: 'B2.2.4',
    name: '11 failures in an hour',
    after: (s) => fail(s, 11),
    want: 'breached',
    subject: d1,
    code: 'AUTHN_FAIL_BURST',
    says: /11 failed.*at most 10/,
  },
  {
    row: 'B2.2.4',
    name: 'more sessions than authentications',
    after: (s) => reconcile(s.wait(minute), { authenticated: 3, sessionsOpened: 4 }),
    want: 'breached',
    subject: 'sessions',
    code: 'AUTHN_FAIL_BURST',
  },
  { row: 'B2.2.4', name: 'reconciliation two windows old', after: (s) => s.wait(600 * second), want: 'met' },
  {
    row: 'B2.2.4',
    name: 'and a second more',
    after: (s) => s.wait(601 * second),
    want: 'unknown',
    subject: 'sessions',
  },
  {
    row: 'B2.2.4',
    name: 'a shorter window shortens the age of its evidence',
    after: (s) => s.wait(121 * second),
    want: 'unknown',
    params: { 'B2.2.4': { window: 1 } },
  },
  {
    row: 'B2.2.5',
    name: 'a live session older than agreed',
    after: (s) => again2(s.wait(24 * hour + 5 * second + 1)),
    want: 'breached',
    code: 'REAUTH_OVERDUE',
  },
  {
    row: 'B2.2.5',
    name: 'a live session just as old, and the outbox delay',
    after: (s) => again2(s.wait(24 * hour + 5 * second)),
    want: 'unknown',
  },
  {
    row: 'B2.2.5',
    name: 'sessions that the platform ended by restarting are not live',
    after: (s) => {
      s.wait(25 * hour).platform('platform.start', { version: '1', config: hex('1'), database: 'sqlite' });
      again(s);
    },
    want: 'met',
  },
  {
    row: 'B2.2.5',
    name: 'a session on a revoked certificate goes on',
    after: (s) => {
      s.own('cert.revoke', { device: d1, serial: serialOf(1), reason: 'lost' });
      s.wait(6 * second);
    },
    want: 'breached',
    says: /0001/,
  },
  {
    row: 'B2.2.5',
    name: 'past the renewal point, not renewed: at risk',
    after: (s) => renewLater(s, 5 * day),
    want: 'at-risk',
  },
  {
    row: 'B2.2.5',
    name: 'renewed while half of the lifetime was left',
    after: (s) => {
      renewLater(s, 3 * day);
      for (const n of [1, 2, 3]) renew(s, n, 0.5);
    },
    want: 'met',
  },
  {
    row: 'B2.2.5',
    name: 'renewed, but late',
    after: (s) => {
      renewLater(s, 6 * day);
      for (const n of [1, 2, 3]) renew(s, n, 0.14);
    },
    want: 'breached',
    says: /3 of 3 active devices renewed late/,
  },
  {
    row: 'B2.2.5',
    name: 'revocation list older than an hour',
    after: (s) => s.wait(hour + second),
    want: 'unknown',
    says: /crl\.publish/,
  },
  { row: 'B2.2.5', name: 'all devices silent', after: (s) => closeAll(s).wait(25 * hour), want: 'unknown' },
  { row: 'B2.2.6', name: '10 denials in an hour', after: (s) => denials(s, 10), want: 'met' },
  {
    row: 'B2.2.6',
    name: '11 denials in an hour',
    after: (s) => denials(s, 11),
    want: 'breached',
    subject: d1,
    code: 'AUTHZ_OVERREACH',
    says: /11 denied operations within 60 min, at most 10/,
  },
  {
    row: 'B2.2.6',
    name: '11 denials over more than an hour',
    after: (s) => denials(s, 11, 6 * minute + 1),
    want: 'met',
  },
  {
    row: 'B2.2.6',
    name: 'an excess between two judgements shows for the hour after it',
    after: (s) => {
      denials(s, 11);
      s.wait(59 * minute);
    },
    want: 'breached',
  },
  {
    row: 'B2.2.6',
    name: 'share of denials just above, enough requests',
    after: (s) => {
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
    after: (s) => denials(s, 3),
    want: 'met',
  },
  {
    row: 'B2.2.6',
    name: 'a write to a resource of another party',
    after: (s) => deny(s, 1, { foreign: true, resource: 'v1/b2/up' }),
    want: 'breached',
    says: /v1\/b2\/up/,
  },
  {
    row: 'B2.2.6',
    name: 'a burst record proves an excess',
    after: (s) => s.own('authz.deny.burst', { device: d1, count: 60, ...window(s), action: 'publish' }),
    want: 'breached',
  },
  {
    row: 'B2.2.6',
    name: 'a connected device that was never decided about',
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
