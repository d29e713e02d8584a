import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProblemCode } from '@pactgate/protocol';
import { days, hours, instant, later } from '../../kernel/time.ts';
import { decideEnrolment, type EnrolmentFacts, judgeCode } from './enrol.ts';
import type { EnrolmentCode, KeyBinding } from './ports.ts';
import { decideRenewal, type RenewalFacts } from './renew.ts';
import { standardTerms } from './terms.ts';
import { certificate, device, now, peer, record, request, spkiA, spkiB } from './testing/samples.ts';

const code: EnrolmentCode = {
  hash: 'h',
  agreement: 'ag-1',
  party: device.party,
  device: device.id,
  created: now,
  expires: later(now, hours(24)),
};
const used = { ...code, usedAt: now, usedFor: 'aa' };
for (const [name, user, label, given, unfinished, at, want] of [
  ['device id', 'pump-7', undefined, code, false, now, true],
  ['party and device id', 'acme/pump-7', undefined, code, false, now, true],
  ['label of the party', 'pump-7', 'acme', code, false, now, true],
  ['other device', 'pump-8', undefined, code, false, now, false],
  ['other party', 'beta/pump-7', undefined, code, false, now, false],
  ['other label', 'pump-7', 'beta', code, false, now, false],
  ['no such code', 'pump-7', undefined, undefined, false, now, false],
  ['last millisecond', 'pump-7', undefined, code, false, instant(code.expires - 1), true],
  ['at its end', 'pump-7', undefined, code, false, code.expires, false],
  ['used', 'pump-7', undefined, used, false, now, false],
  ['used without a certificate', 'pump-7', undefined, used, true, now, true],
  ['used without a certificate, at its end', 'pump-7', undefined, used, true, code.expires, false],
] as const)
  test(`B2.2.3 code: ${name} is ${want ? 'accepted' : 'refused'}`, () => {
    const claim = label === undefined ? { user } : { user, label };
    const result = judgeCode(claim, given, unfinished, at);
    assert.equal(result.ok ? 'ok' : result.error.code, want ? 'ok' : 'enrol/code-invalid');
  });

const own: KeyBinding = { spki: spkiB, agreement: 'ag-1', device: device.id, boundAt: now, blocked: false };
const facts: EnrolmentFacts = {
  device: { ...device, state: 'registered' },
  party: { agreement: 'ag-1' },
  modelActive: true,
  request,
  binding: undefined,
  bindings: ['YmluZA=='],
};
const subject = (cn: readonly string[], o: readonly string[] = [], others = 0): Partial<EnrolmentFacts> => ({
  request: { ...request, subject: { cn, o, others } },
});
const enrolments: readonly (readonly [string, Partial<EnrolmentFacts>, ProblemCode | 'ok'])[] = [
  ['new device, new key', {}, 'ok'],
  ['active device with a new code', { device }, 'ok'],
  ['device removed', { device: undefined }, 'device/unknown'],
  ['no agreement in force', { party: {} }, 'agreement/not-in-force'],
  ['model not active', { modelActive: false }, 'model/not-active'],
  ['suspended', { device: { ...device, state: 'suspended' } }, 'device/state'],
  ['retired', { device: { ...device, state: 'retired' } }, 'device/state'],
  ['level 3', { device: { ...device, level: 3 } }, 'ok'],
  ['level 4', { device: { ...device, level: 4 } }, 'device/isolated'],
  ['confirmed clone with a new key', { device: { ...device, level: 4, clone: 'confirmed' } }, 'ok'],
  [
    'confirmed clone with its old key',
    { device: { ...device, level: 4, clone: 'confirmed' }, binding: own },
    'device/isolated',
  ],
  ['own key again', { binding: own }, 'ok'],
  ['own key, revoked', { binding: { ...own, blocked: true } }, 'channel/certificate-revoked'],
  ['key of another device', { binding: { ...own, device: 'x' as typeof device.id } }, 'enrol/key-bound'],
  ['key of this id in another agreement', { binding: { ...own, agreement: 'ag-2' } }, 'enrol/key-bound'],
  [
    'retired key of another device',
    { binding: { ...own, device: 'x' as typeof device.id, retiredAt: now } },
    'enrol/key-bound',
  ],
  ['empty subject', subject([]), 'ok'],
  ['O of the party, and more', subject(['pump-7'], ['acme'], 2), 'ok'],
  ['other CN', subject(['pump-8']), 'enrol/subject-mismatch'],
  ['two CNs, one of them other', subject(['pump-7', 'pump-8']), 'enrol/subject-mismatch'],
  ['other O', subject(['pump-7'], ['beta']), 'enrol/subject-mismatch'],
  ['right channel binding', { request: { ...request, challengePassword: 'YmluZA==' } }, 'ok'],
  ['other channel binding', { request: { ...request, challengePassword: 'b3RoZXI=' } }, 'enrol/csr-invalid'],
  [
    'binding where the channel has none',
    { request: { ...request, challengePassword: 'YmluZA==' }, bindings: [] },
    'enrol/csr-invalid',
  ],
];
for (const [name, change, want] of enrolments)
  test(`B2.2.3 enrolment: ${name}: ${want}`, () => {
    const result = decideEnrolment({ ...facts, ...change });
    assert.equal(result.ok ? 'ok' : result.error.code, want);
  });

const renewal: RenewalFacts = { peer, record, request, binding: undefined, bindings: [], terms: standardTerms, now };
const sameKey = { request: { ...request, spkiHash: spkiA }, binding: { ...own, spki: spkiA } };
const expired = { ...peer, authorized: false, authorizationError: 'CERT_HAS_EXPIRED' };
const end = certificate.notAfter;
const graceEnd = later(end, days(400));
const withDevice = (change: Partial<typeof device>): Partial<RenewalFacts> => ({
  record: { ...record, device: { ...device, ...change } },
});
const withState = (state: typeof certificate.state): Partial<RenewalFacts> => ({
  record: { ...record, certificate: { ...certificate, state } },
});
const renewals: readonly (readonly [string, Partial<RenewalFacts>, ProblemCode | 'renew' | 'rekey'])[] = [
  ['same key', sameKey, 'renew'],
  ['new key', {}, 'rekey'],
  ['unknown certificate', { record: undefined }, 'channel/certificate-unknown'],
  ['superseded', withState('superseded'), 'channel/certificate-superseded'],
  ['revoked', withState('revoked'), 'channel/certificate-revoked'],
  ['agreement ended', { record: { ...record, party: {} } }, 'agreement/not-in-force'],
  ['suspended', withDevice({ state: 'suspended' }), 'enrol/renewal-refused'],
  ['level 3 keeps the lifeline', withDevice({ level: 3 }), 'rekey'],
  ['level 4', withDevice({ level: 4 }), 'device/isolated'],
  ['suspected clone', withDevice({ clone: 'suspected', cloneUntil: instant(now + 1) }), 'enrol/renewal-refused'],
  ['suspicion lapsed', withDevice({ clone: 'suspected', cloneUntil: now }), 'rekey'],
  ['confirmed clone', withDevice({ clone: 'confirmed' }), 'enrol/renewal-refused'],
  ['chain that does not verify', { peer: { ...peer, authorized: false } }, 'channel/certificate-unknown'],
  ['last millisecond, same key', { ...sameKey, now: instant(end - 1) }, 'renew'],
  ['ended, same key', { ...sameKey, peer: expired, now: end }, 'enrol/renewal-refused'],
  ['ended, own key of before', { binding: own, peer: expired, now: end }, 'enrol/renewal-refused'],
  ['ended, new key', { peer: expired, now: end }, 'rekey'],
  ['ended, in a resumed session that still says authorized', { now: end }, 'rekey'],
  [
    'ended, another fault in the chain',
    { peer: { ...expired, authorizationError: 'DEPTH_ZERO' }, now: end },
    'channel/certificate-unknown',
  ],
  ['last millisecond of the grace', { peer: expired, now: instant(graceEnd - 1) }, 'rekey'],
  ['end of the grace', { peer: expired, now: graceEnd }, 'channel/certificate-expired'],
  [
    'more than O and CN',
    { request: { ...request, subject: { cn: ['pump-7'], o: ['acme'], others: 1 } } },
    'enrol/subject-mismatch',
  ],
  ['other subject', { request: { ...request, subject: { cn: ['x'], o: [], others: 0 } } }, 'enrol/subject-mismatch'],
  ['key of another device', { binding: { ...own, device: 'x' as typeof device.id } }, 'enrol/key-bound'],
  ['not valid yet', { now: instant(certificate.notBefore - 1) }, 'channel/certificate-expired'],
];
for (const [name, change, want] of renewals)
  test(`B2.2.5 renewal: ${name}: ${want}`, () => {
    const result = decideRenewal({ ...renewal, ...change });
    assert.equal(result.ok ? result.value.kind : result.error.code, want);
  });
test('B2.2.5 renewal: share of life left and end of the overlap', () => {
  const result = decideRenewal(renewal);
  assert.ok(result.ok);
  assert.equal(result.value.leftShare, 4 / 7);
  assert.equal(result.value.overlapUntil, later(now, hours(24)));
  const late = decideRenewal({ ...renewal, peer: expired, now: later(end, days(9)) });
  assert.ok(late.ok);
  assert.equal(late.value.leftShare, 0);
});
