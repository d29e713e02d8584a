import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalogue, rowOf, type SubDutyId } from '@pactgate/agreement';
import { ageOf, evidenceParam, termsOf } from './terms.ts';
import { explain, type WhyCode } from './why.ts';
import { whyTexts } from './why-texts.ts';

test('at the defaults every age is the one of the catalogue', () => {
  for (const row of catalogue.rows)
    for (const { kind, maxAgeSeconds } of row.evidence)
      assert.equal(ageOf(row, kind, {}), maxAgeSeconds, `${row.id} ${kind}`);
});

const ages: readonly (readonly [row: SubDutyId, kind: string, params: Record<string, number>, want: number | null])[] =
  [
    ['A3.3.5', 'ledger.fsck', { tailMaxAge: 2 }, 7_200],
    ['A3.3.5', 'ledger.cosign', { cosignMaxAge: 1 }, 60],
    ['A3.4.1', 'clock.check', { window: 1 }, 120],
    ['B2.5.3', 'version.report', { reportLimit: 2 }, 172_800],
    ['B2.2.4', 'session.open', { window: 1 }, 86_400],
    ['A3.1.1', 'probe.authn.neg', { [evidenceParam('probe.authn.neg')]: 30 }, 30],
    ['A3.4.1', 'clock.check', { window: 1, [evidenceParam('clock.check')]: 9 }, 9],
    ['A3.1.1', 'probe.authn.neg', { [evidenceParam('probe.authn.neg')]: 0 }, 3_600],
    ['B2.2.1', 'device.enrol', {}, null],
  ];
for (const [row, kind, params, want] of ages) {
  test(`${row} age of ${kind} with ${JSON.stringify(params)} is ${want}`, () =>
    assert.equal(ageOf(rowOf(row), kind, { [row]: params }), want));
}

test('terms give milliseconds, numbers and texts; an unknown name is a bug and throws', () => {
  const terms = termsOf(rowOf('B2.2.6'), { 'B2.2.6': { warnAbove: 5 } });
  assert.deepEqual(
    [terms.number('warnAbove'), terms.ms('shareWindow'), terms.age('authz.decide')],
    [5, 86_400_000, 86_400_000],
  );
  assert.throws(() => terms.number('nope'), RangeError);
  assert.throws(() => terms.ms('warnAbove'), RangeError);
});

const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).toSorted();
for (const code of Object.keys(whyTexts) as WhyCode[]) {
  test(`reason ${code}: both languages name the same numbers`, () => {
    const { zh, en } = whyTexts[code];
    assert.deepEqual(holes(zh), holes(en));
    assert.match(zh, /\p{Script=Han}/u);
  });
}
test('reasons are rendered with units, moments and per cent', () => {
  const args = { kind: 'probe.tls', old: { ms: 90_000 }, limit: { ms: 86_400_000 } };
  assert.deepEqual(explain({ code: 'evidence/stale', args }), {
    en: 'last probe.tls is 90 s old, counts for 1 d',
    zh: '最近的 probe.tls 已有90秒，有效期 1天',
  });
  const at = { at: Date.parse('2026-03-02T08:00:00Z') };
  assert.equal(
    explain({ code: 'session/unauthenticated', args: { at } }).en,
    'session without authentication at 2026-03-02T08:00:00Z',
  );
});
