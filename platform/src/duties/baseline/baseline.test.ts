import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ModelFile, recordBodies } from '@pactgate/protocol';
import { Compile } from 'typebox/compile';
import { days, instant } from '../../kernel/time.ts';
import { type ModelFacts, mayActivate } from './activate.ts';
import { checkModelFile, type FileContext, missingParts, supportEndOf } from './model-file.ts';

const now = instant('2026-11-22T12:00Z');
const context: FileContext = { party: 'acme', model: 'pump-2', previous: 1, now };
const file: ModelFile = {
  v: 'pactgate/model-file/1',
  model: 'pump-2',
  party: 'acme',
  version: 2,
  contact: { name: 'Product security', email: 'psirt@acme.example' },
  supportEnd: '2031-12-31',
  tamperClass: 'evident',
  interfaces: [{ kind: 'network', name: 'Ethernet', enabled: true }],
  threats: [{ threat: 'Stolen key', control: 'Key in the secure element' }],
  firmware: [{ version: '1.4.0', sbomSha256: 'ab'.repeat(32) }],
};

const cases: readonly { name: string; document: unknown; at?: string; missing?: readonly string[] }[] = [
  { name: 'complete', document: file },
  { name: 'without threats', document: { ...file, threats: undefined }, missing: ['threats'] },
  { name: 'with an empty list of threats', document: { ...file, threats: [] }, missing: ['threats'] },
  {
    name: 'without interfaces and contact',
    document: { ...file, interfaces: [], contact: null },
    missing: ['interfaces', 'contact'],
  },
  { name: 'without support end', document: { ...file, supportEnd: '' }, missing: ['supportEnd'] },
  {
    name: 'that is no object',
    document: 7,
    missing: ['threats', 'interfaces', 'supportEnd', 'contact', 'tamperClass', 'firmware'],
  },
  { name: 'of another party', document: { ...file, party: 'other' }, at: '/party' },
  { name: 'of another model', document: { ...file, model: 'pump-3' }, at: '/model' },
  { name: 'of the version published last', document: { ...file, version: 1 }, at: '/version' },
  { name: 'whose support ends today', document: { ...file, supportEnd: '2026-11-22' } },
  { name: 'whose support ended yesterday', document: { ...file, supportEnd: '2026-11-21' }, at: '/supportEnd' },
  { name: 'whose support ends on no day', document: { ...file, supportEnd: '2027-02-29' }, at: '/supportEnd' },
  {
    name: 'with a firmware version twice',
    document: { ...file, firmware: [{ version: '1' }, { version: '1' }] },
    at: '/firmware',
  },
  { name: 'with an unknown tamper class', document: { ...file, tamperClass: 'strong' }, at: '/tamperClass' },
  { name: 'with an unknown member', document: { ...file, extra: 1 }, at: '' },
  { name: 'that is a manifest', document: { ...file, v: 'pactgate/manifest/1' }, at: '/v' },
];
for (const { name, document, at, missing } of cases)
  test(`B2.1.1 security file ${name}: ${at === undefined && missing === undefined ? 'accepted' : 'refused'}`, () => {
    const result = checkModelFile(document, context);
    if (at === undefined && missing === undefined) {
      assert.ok(result.ok, JSON.stringify(result));
      return;
    }
    assert.ok(!result.ok);
    if (at !== undefined)
      assert.ok(
        result.faults.some(({ path }) => path === at),
        JSON.stringify(result.faults),
      );
    assert.deepEqual(result.missing, missing ?? []);
  });
test('B2.1.1 support ends with the last day, in UTC', () => {
  assert.equal(supportEndOf('2026-11-22'), instant('2026-11-23T00:00Z'));
  assert.equal(supportEndOf('2026-02-30'), undefined);
  assert.deepEqual(missingParts(file), []);
});
test('B2.1.1 what is missing fits its record', () => {
  const body = Compile(recordBodies['model.profile.sign']);
  const digest = 'ab'.repeat(32);
  assert.ok(
    body.Check({
      model: 'pump-2',
      version: 1,
      digest,
      signer: 'acme',
      supportEnd: now,
      missing: missingParts(undefined),
    }),
  );
});

const facts: Required<ModelFacts> = {
  file: { signedAt: instant('2026-01-01T00:00Z'), supportEnd: instant('2031-01-01T00:00Z'), missing: [] },
  sbom: { parsed: true },
  manifest: { reviewBy: instant('2026-12-31T00:00Z'), untagged: [] },
};
const gate: readonly { name: string; facts: ModelFacts; want: readonly string[] }[] = [
  { name: 'everything in order', facts, want: [] },
  {
    name: 'nothing submitted',
    facts: {},
    want: ['model/file-incomplete', 'model/sbom-invalid', 'data/manifest-missing'],
  },
  {
    name: 'a part missing',
    facts: { ...facts, file: { ...facts.file, missing: ['contact'] } },
    want: ['model/file-incomplete'],
  },
  {
    name: 'file exactly 365 days old',
    facts: { ...facts, file: { ...facts.file, signedAt: instant('2025-11-22T12:00Z') } },
    want: [],
  },
  {
    name: 'file a millisecond older',
    facts: { ...facts, file: { ...facts.file, signedAt: instant(now - days(365) - 1) } },
    want: ['model/file-incomplete'],
  },
  {
    name: 'support ends a millisecond from now',
    facts: { ...facts, file: { ...facts.file, supportEnd: instant(now + 1) } },
    want: [],
  },
  {
    name: 'support ends now',
    facts: { ...facts, file: { ...facts.file, supportEnd: now } },
    want: ['model/file-incomplete'],
  },
  { name: 'SBOM that does not parse', facts: { ...facts, sbom: { parsed: false } }, want: ['model/sbom-invalid'] },
  {
    name: 'untagged fields',
    facts: { ...facts, manifest: { ...facts.manifest, untagged: ['/a'] } },
    want: ['data/manifest-invalid'],
  },
  {
    name: 'review due now',
    facts: { ...facts, manifest: { ...facts.manifest, reviewBy: now } },
    want: ['data/manifest-invalid'],
  },
  {
    name: 'review due a millisecond from now',
    facts: { ...facts, manifest: { ...facts.manifest, reviewBy: instant(now + 1) } },
    want: [],
  },
];
for (const { name, facts: given, want } of gate)
  test(`B2.1.1 activation with ${name}`, () => {
    const faults = mayActivate(given, { fileMaxAge: days(365) }, now);
    assert.deepEqual(
      faults.map(({ code }) => code),
      want,
    );
  });
