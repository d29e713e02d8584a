import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Case, play } from '../testing/cases.ts';
import { day, hex } from '../testing/scenario.ts';
import { again, closeAll, profile } from '../testing/steps.ts';
import { connect, enrol, model } from '../testing/story.ts';

const cases: readonly Case[] = [
  { row: 'B2.1.1', name: 'file just at its greatest age', after: (s) => again(s.wait(365 * day)), want: 'met' },
  {
    row: 'B2.1.1',
    name: 'file just past it: the criterion limits the age, so breached, not unknown',
    after: (s) => again(s.wait(365 * day + 1)),
    want: 'breached',
    subject: model,
    code: 'MODEL_FILE_EXPIRED',
    says: /365 d old, at most 365 d/,
  },
  {
    row: 'B2.1.1',
    name: 'support over',
    after: (s) => s.own('model.profile.sign', { ...profile, supportEnd: s.at }),
    want: 'breached',
    code: 'MODEL_FILE_EXPIRED',
  },
  {
    row: 'B2.1.1',
    name: 'parts missing',
    after: (s) => s.own('model.profile.sign', { ...profile, supportEnd: s.at + day, missing: ['contact'] }),
    want: 'breached',
    code: 'MODEL_FILE_MISSING',
    says: /contact/,
  },
  {
    row: 'B2.1.1',
    name: 'signed by a key that is not of party B',
    after: (s) => s.own('model.profile.sign', { ...profile, supportEnd: s.at + day, signer: 'thumb-x' }),
    want: 'breached',
    code: 'MODEL_FILE_MISSING',
    says: /thumb-x/,
  },
  {
    row: 'B2.1.1',
    name: 'SBOM does not parse',
    after: (s) => s.own('sbom.ingest', { model, format: 'cyclonedx', digest: hex('1'), components: 0, parsed: false }),
    want: 'breached',
    code: 'MODEL_FILE_MISSING',
  },
  {
    row: 'B2.1.1',
    name: 'a second model without a file',
    after: (s) => {
      enrol(s, 4, { model: 'valve' });
      connect(s, 4);
    },
    want: 'unknown',
    subject: 'valve',
  },
  {
    row: 'B2.1.1',
    name: 'all devices silent: nothing to judge',
    after: (s) => closeAll(s).wait(2 * day),
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
