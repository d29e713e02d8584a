import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Case, play } from '../testing/cases.ts';
import { day, deviceOf, hex, hour, minute, second, serialOf } from '../testing/scenario.ts';
import { d1, renewed } from '../testing/steps.ts';
import { connect, enrol, model, reconcile } from '../testing/story.ts';

const cases: readonly Case[] = [
  {
    row: 'B2.2.1',
    name: 'scan a second older than a day',
    after: (s) => s.wait(day + second),
    want: 'unknown',
    subject: d1,
    says: /device\.id\.scan/,
  },
  { row: 'B2.2.1', name: 'scan just a day old', after: (s) => s.wait(day), want: 'met' },
  {
    row: 'B2.2.1',
    name: 'two devices bound to one key, seen in the bindings before any scan',
    after: (s) => enrol(s, 4, { spki: hex('c1') }),
    want: 'breached',
    subject: d1,
    code: 'ID_DUPLICATE',
  },
  {
    row: 'B2.2.1',
    name: 'a scan that names a shared key',
    after: (s) =>
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
    after: (s) => s.own('device.id.scan', { devices: 0, liveKeys: 0, shared: [], multiple: [] }),
    want: 'unknown',
    says: /saw 0 devices, the log has 3/,
  },
  {
    row: 'B2.2.1',
    name: 'a second key without renewal',
    after: (s) => s.own('device.key.bind', { device: d1, spki: hex('f1'), serial: 'f1f1' }),
    want: 'breached',
    subject: d1,
    code: 'ID_DUPLICATE',
  },
  {
    row: 'B2.2.1',
    name: 'renewal with an overlap of 24 h',
    after: (s) => s.own('device.key.bind', { ...renewed, overlapUntil: s.at + 24 * hour }),
    want: 'met',
  },
  {
    row: 'B2.2.1',
    name: 'renewal with a longer overlap',
    after: (s) => s.own('device.key.bind', { ...renewed, overlapUntil: s.at + 24 * hour + 1 }),
    want: 'breached',
    code: 'ID_DUPLICATE',
  },
  {
    row: 'B2.2.1',
    name: 'suspected clone',
    after: (s) => s.own('device.id.conflict', { device: d1, verdict: 'suspected', keys: [], why: '' }),
    want: 'at-risk',
    subject: d1,
  },
  {
    row: 'B2.2.1',
    name: 'confirmed clone, though held in time: until a new key is bound',
    after: (s) => s.own('device.id.conflict', { device: d1, verdict: 'confirmed', keys: [], heldMs: 80, why: '' }),
    want: 'breached',
    code: 'ID_DUPLICATE',
  },
  {
    row: 'B2.2.1',
    name: 'confirmed clone, cured by enrolment with a new key',
    after: (s) => {
      s.own('device.id.conflict', { device: d1, verdict: 'confirmed', keys: [], heldMs: 80, why: '' });
      s.wait(minute).own('device.key.retire', { device: d1, spki: hex('c1'), serial: serialOf(1), why: 'clone' });
      s.own('device.key.bind', { device: d1, spki: hex('f1'), serial: 'f1f1' });
    },
    want: 'met',
  },
  {
    row: 'B2.2.3',
    name: 'session without any enrolment',
    after: (s) => {
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
    after: (s) => {
      s.own('device.enrol', { device: deviceOf(4), model, spki: hex('c4'), via: 'est', pop: false, approved: true });
      connect(s, 4);
    },
    want: 'breached',
    subject: deviceOf(4),
  },
  {
    row: 'B2.2.3',
    name: 'enrolled only afterwards: shown for a day',
    after: (s) => {
      connect(s, 4);
      enrol(s.wait(minute), 4);
    },
    want: 'breached',
  },
  {
    row: 'B2.2.3',
    name: 'enrolled afterwards, a day later',
    after: (s) => {
      connect(s, 4);
      enrol(s.wait(minute), 4);
      reconcile(s.wait(day));
    },
    want: 'met',
  },
  {
    row: 'B2.2.3',
    name: 'long silent, sources whole: the last state holds',
    after: (s) => reconcile(s.wait(40 * day)),
    want: 'met',
  },
  {
    row: 'B2.2.3',
    name: 'no reconciliation: the sources may have a gap',
    after: (s) => s.wait(601 * second),
    want: 'unknown',
  },
];

for (const one of cases) {
  test(`${one.row} ${one.name}: ${one.want}`, () => {
    const { got, want, words } = play(one);
    assert.deepEqual(got, want, words);
    assert.match(words, one.says ?? /./);
  });
}
