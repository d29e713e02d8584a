import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Case, play } from '../testing/cases.ts';
import { day, hex, hour, minute, openScenario } from '../testing/scenario.ts';
import { d1, oneCase } from '../testing/steps.ts';
import { connect, good, permit, probeAuthn, probeTls, reconcile } from '../testing/story.ts';

const cases: readonly Case[] = [
  {
    row: 'A3.1.1',
    name: 'a revoked certificate was let in',
    after: (s) => probeAuthn(s, { cases: oneCase({ refused: false, response: 'CONNACK 0' }) }),
    want: 'breached',
    subject: 'mqtts',
    code: 'AUTHN_BYPASS',
    says: /let in: revoked \(CONNACK 0\)/,
  },
  {
    row: 'A3.1.1',
    name: 'refused but not logged',
    after: (s) => probeAuthn(s, { cases: oneCase({ logged: false }) }),
    want: 'breached',
  },
  {
    row: 'A3.1.1',
    name: 'the good certificate refused too',
    after: (s) => probeAuthn(s, { positive: false }),
    want: 'breached',
  },
  {
    row: 'A3.1.1',
    name: 'a run that leaves a case out',
    after: (s) => probeAuthn(s, { cases: oneCase({}).slice(1) }),
    want: 'unknown',
    says: /left out: no-certificate/,
  },
  { row: 'A3.1.1', name: 'probe an hour old', after: (s) => s.wait(hour), want: 'met' },
  {
    row: 'A3.1.1',
    name: 'probe just over an hour old',
    after: (s) => s.wait(hour + 1),
    want: 'unknown',
    subject: 'mqtts',
  },
  {
    row: 'A3.1.1',
    name: 'a listener with sessions that nobody probes',
    after: (s) => connect(s, 1, { listener: 'coaps' }),
    want: 'unknown',
    subject: 'coaps',
  },
  {
    row: 'A3.1.1',
    name: 'a session without authentication',
    after: (s) => connect(s, 1, { authenticated: false }),
    want: 'breached',
    code: 'AUTHN_BYPASS',
  },
  {
    row: 'A3.1.3',
    name: 'fewer decisions than operations in one window',
    after: (s) => {
      reconcile(s, { operations: 101 });
      reconcile(s.wait(5 * minute));
    },
    want: 'breached',
    code: 'DECISION_MISSING',
    says: /100 decisions for 101 operations/,
  },
  {
    row: 'A3.1.3',
    name: 'a replay came out otherwise',
    after: (s) => s.platform('probe.authz.replay', { samples: 500, equal: 499, diverged: ['leaf 12'] }),
    want: 'breached',
    code: 'DECISION_DIVERGED',
    says: /leaf 12/,
  },
  {
    row: 'A3.1.3',
    name: 'a replay without samples proves nothing',
    after: (s) => {
      s.wait(day + minute);
      permit(s, { [d1]: 10 });
      reconcile(s);
      s.platform('probe.authz.replay', { samples: 0, equal: 0, diverged: [] });
    },
    want: 'unknown',
    says: /0 decisions replayed/,
  },
  {
    row: 'A3.1.3',
    name: 'slow decisions',
    after: (s) => {
      const body = { policy: hex('1'), policies: [], devices: { [d1]: 100 }, timed: 100, within: 80, limitMs: 10 };
      s.own('authz.decide', body, { outcome: 'permit', n: 100 });
    },
    want: 'breached',
    says: /97\.143% of 700 timed decisions within 10 ms/,
  },
  {
    row: 'A3.1.3',
    name: 'two slow decisions of nine',
    after: (s) => {
      s.wait(day + minute);
      const body = { policy: hex('1'), policies: [], devices: { [d1]: 9 }, timed: 9, within: 7, limitMs: 10 };
      s.own('authz.decide', body, { outcome: 'permit', n: 9 });
      reconcile(s);
      s.platform('probe.authz.replay', { samples: 9, equal: 9, diverged: [] });
    },
    want: 'breached',
    says: /of 9 timed decisions/,
  },
  {
    row: 'A3.1.3',
    name: 'one slow decision of nine is no share',
    after: (s) => {
      s.wait(day + minute);
      const body = { policy: hex('1'), policies: [], devices: { [d1]: 9 }, timed: 9, within: 8, limitMs: 10 };
      s.own('authz.decide', body, { outcome: 'permit', n: 9 });
      reconcile(s, { operations: 9, decisions: 9 });
      s.platform('probe.authz.replay', { samples: 9, equal: 9, diverged: [] });
    },
    want: 'met',
  },
  { row: 'A3.1.3', name: 'reconciliation too old', after: (s) => s.wait(10 * minute + 1), want: 'unknown' },
  {
    row: 'A3.2.1',
    name: 'accepts TLS 1.1',
    after: (s) => probeTls(s, { accepted: ['TLSv1.1'] }),
    want: 'breached',
    code: 'ENDPOINT_WEAK',
  },
  {
    row: 'A3.2.1',
    name: 'accepts a weak suite',
    after: (s) => probeTls(s, { accepted: ['AES128-SHA'] }),
    want: 'breached',
    says: /AES128-SHA/,
  },
  {
    row: 'A3.2.1',
    name: 'a word that is no accepted suite is a weak one',
    after: (s) => probeTls(s, { accepted: ['FOO'] }),
    want: 'breached',
  },
  { row: 'A3.2.1', name: 'plaintext', after: (s) => probeTls(s, { plaintext: true }), want: 'breached' },
  { row: 'A3.2.1', name: 'chain not valid', after: (s) => probeTls(s, { chainValid: false }), want: 'breached' },
  {
    row: 'A3.2.1',
    name: 'renegotiation found',
    after: (s) => probeTls(s, { findings: ['renegotiation'] }),
    want: 'breached',
  },
  { row: 'A3.2.1', name: '14 days left', after: (s) => probeTls(s, { notAfter: s.at + 14 * day }), want: 'met' },
  {
    row: 'A3.2.1',
    name: 'just less than 14 days left',
    after: (s) => probeTls(s, { notAfter: s.at + 14 * day - 1 }),
    want: 'breached',
  },
  {
    row: 'A3.2.1',
    name: 'a scan that tried no downgrade',
    after: (s) => probeTls(s, { refused: [] }),
    want: 'unknown',
  },
  { row: 'A3.2.1', name: 'scan older than a day', after: (s) => s.wait(day + 1), want: 'unknown' },
];

for (const one of cases) {
  test(`${one.row} ${one.name}: ${one.want}`, () => {
    const { got, want, words } = play(one);
    assert.deepEqual(got, want, words);
    assert.match(words, one.says ?? /./);
  });
}

test('A3.2.1 a certificate near its end has its own time to cure', () => {
  const s = good(openScenario());
  probeTls(s, { notAfter: s.at + day });
  assert.equal(s.of('A3.2.1', 'mqtts').cureMs, 4 * hour);
});
