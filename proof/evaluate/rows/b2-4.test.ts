import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Case, play } from '../testing/cases.ts';
import { day, hex, hour, second } from '../testing/scenario.ts';
import { again, d1, manifest, overdue } from '../testing/steps.ts';
import { connect, enrol, model, publishModel, validate } from '../testing/story.ts';

const cases: readonly Case[] = [
  {
    row: 'B2.4.1',
    name: 'one message in a thousand',
    after: (s) => validate(s, 400, { withUndeclared: 1 }),
    want: 'met',
  },
  {
    row: 'B2.4.1',
    name: 'two in a thousand',
    after: (s) => validate(s, 400, { withUndeclared: 2, undeclared: [{ path: 'gps.lat', count: 2 }] }),
    want: 'breached',
    subject: model,
    code: 'FIELD_EXCESS',
    says: /2 of 1000 .*0\.2%, at most 0\.1%.*gps\.lat/,
  },
  {
    row: 'B2.4.1',
    name: 'an undeclared field was stored',
    after: (s) => validate(s, 400, { storedUndeclared: 1 }),
    want: 'breached',
  },
  { row: 'B2.4.1', name: 'no messages for a day', after: (s) => connect(s.wait(day + hour), 1), want: 'unknown' },
  {
    row: 'B2.4.1',
    name: 'an agreed shorter age is a shorter day, after which the share is clean again',
    after: (s) => {
      validate(s, 400, { withUndeclared: 40 });
      validate(s.wait(61 * second), 10);
    },
    want: 'met',
    params: { 'B2.4.1': { 'evidence.msg.validate': 60 } },
  },
  {
    row: 'B2.4.2',
    name: 'untagged fields',
    after: (s) => publishModel(s, model, { untagged: ['gps.lat'] }),
    want: 'breached',
    subject: model,
    code: 'SCHEMA_UNTAGGED',
  },
  {
    row: 'B2.4.2',
    name: 'past its own review date',
    after: (s) => s.wait(300 * day + 1),
    want: 'breached',
    says: /review was due/,
  },
  {
    row: 'B2.4.2',
    name: 'a newer manifest waits for the countersignature: the old one is in force',
    after: (s) => s.own('schema.publish', manifest(s, { untagged: ['x'] })),
    want: 'met',
  },
  {
    row: 'B2.4.2',
    name: 'countersigned under another digest',
    after: (s) => {
      s.own('schema.publish', manifest(s));
      s.own('schema.countersign', { model, version: 2, digest: hex('dd'), by: 'platform' });
    },
    want: 'breached',
  },
  {
    row: 'B2.4.2',
    name: 'a model never countersigned',
    after: (s) => s.own('schema.publish', manifest(s, { model: 'valve' })),
    want: 'unknown',
    subject: 'valve',
  },
  {
    row: 'B2.5.3',
    name: 'one of three reports an unknown version',
    after: (s) => s.own('version.report', { device: d1, model, version: '9', known: false }),
    want: 'breached',
    subject: 'devices',
    code: 'VERSION_UNKNOWN',
  },
  { row: 'B2.5.3', name: 'reports a day old', after: (s) => again(s.wait(day)), want: 'met' },
  { row: 'B2.5.3', name: 'reports just over a day old', after: (s) => again(s.wait(day + 1)), want: 'breached' },
  {
    row: 'B2.5.3',
    name: 'a report past the limit breaches by itself',
    after: (s) => overdue(s),
    want: 'breached',
    says: /no report may be older/,
  },
  {
    row: 'B2.5.3',
    name: 'a device that never reported counts neither way',
    after: (s) => {
      enrol(s, 4);
      connect(s, 4);
    },
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
