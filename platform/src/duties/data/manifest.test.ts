import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DataManifest, durationMs, type ManifestField } from '@pactgate/protocol';
import { days, instant } from '../../kernel/time.ts';
import { checkManifest, type ManifestContext, maxManifestFaults, untaggedFields } from './manifest.ts';
import { field, manifestOf } from './testing/sample-manifest.ts';

const context: ManifestContext = {
  agreement: 'agr-1',
  party: 'acme',
  model: 'pump-2',
  previous: 2,
  maxRetention: days(730),
  reviewMaxAge: days(365),
  now: instant('2026-02-01T00:00Z'),
};
const one = (path: string, type: ManifestField['type'], more: Partial<ManifestField> = {}): DataManifest =>
  manifestOf([field(path, type, more)]);
const plain = manifestOf([field('/a', 'integer')]);

const cases: readonly { name: string; manifest: unknown; at?: string; limits?: Partial<ManifestContext> }[] = [
  { name: 'without fault', manifest: plain },
  { name: 'another agreement', manifest: { ...plain, agreement: 'agr-2' }, at: '/agreement' },
  { name: 'another party', manifest: { ...plain, party: 'other' }, at: '/party' },
  { name: 'another model', manifest: { ...plain, model: 'pump-3' }, at: '/model' },
  { name: 'the version published last', manifest: plain, at: '/version', limits: { previous: 3 } },
  { name: 'another kind of document', manifest: { ...plain, v: 'pactgate/model-file/1' }, at: '/v' },
  { name: 'an unknown member', manifest: { ...plain, extra: 1 }, at: '' },
  { name: 'no object', manifest: [], at: '' },
  { name: 'review after 365 days', manifest: { ...plain, reviewBy: '2027-01-01' } },
  { name: 'review after 366 days', manifest: { ...plain, reviewBy: '2027-01-02' }, at: '/reviewBy' },
  {
    name: 'review within a shorter agreed age',
    manifest: { ...plain, reviewBy: '2026-04-01' },
    limits: { reviewMaxAge: days(90) },
  },
  {
    name: 'review beyond a shorter agreed age',
    manifest: { ...plain, reviewBy: '2026-04-02' },
    at: '/reviewBy',
    limits: { reviewMaxAge: days(90) },
  },
  { name: 'review on the day it takes force', manifest: { ...plain, reviewBy: '2026-01-01' }, at: '/reviewBy' },
  { name: 'review day in the past', manifest: plain, at: '/reviewBy', limits: { now: instant('2026-12-31T00:00Z') } },
  { name: 'review day still to come', manifest: plain, limits: { now: instant('2026-12-30T23:59Z') } },
  { name: 'a day that does not exist', manifest: { ...plain, reviewBy: '2026-02-30' }, at: '/reviewBy' },
  { name: 'a time that does not exist', manifest: { ...plain, validFrom: '2026-01-01T25:00:00Z' }, at: '/validFrom' },
  { name: 'retention at the most', manifest: one('/a', 'integer', { retention: 'P2Y' }) },
  {
    name: 'retention above the most',
    manifest: one('/a', 'integer', { retention: 'P2YT1S' }),
    at: '/fields/0/retention',
  },
  { name: 'no retention at all', manifest: one('/a', 'integer', { retention: 'P0D' }), at: '/fields/0/retention' },
  {
    name: 'retention that is no duration',
    manifest: one('/a', 'integer', { retention: '30 days' }),
    at: '/fields/0/retention',
  },
  { name: 'an unknown purpose', manifest: one('/a', 'integer', { purpose: ['profit'] }), at: '/fields/0/purpose' },
  {
    name: 'a purpose called constructor',
    manifest: one('/a', 'integer', { purpose: ['constructor'] }),
    at: '/fields/0/purpose',
  },
  {
    name: 'a purpose twice',
    manifest: one('/a', 'integer', { purpose: ['operate', 'operate'] }),
    at: '/fields/0/purpose',
  },
  { name: 'no purpose', manifest: one('/a', 'integer', { purpose: [] }), at: '/fields/0/purpose' },
  { name: 'grade at the least of the class', manifest: one('/a', 'integer', { class: 'sensitive', grade: 'S2' }) },
  {
    name: 'grade below the least of the class',
    manifest: one('/a', 'integer', { class: 'sensitive', grade: 'S1' }),
    at: '/fields/0/grade',
  },
  { name: 'grade raised', manifest: one('/a', 'integer', { class: 'public', grade: 'S2' }) },
  { name: 'personal data of grade S1', manifest: one('/a', 'string', { personal: true }), at: '/fields/0/personal' },
  { name: 'personal data of grade S2', manifest: one('/a', 'string', { personal: true, grade: 'S2' }) },
  { name: 'class personal', manifest: one('/a', 'string', { class: 'personal', personal: true }) },
  {
    name: 'class personal, not personal',
    manifest: one('/a', 'string', { class: 'personal' }),
    at: '/fields/0/personal',
  },
  {
    name: 'grade S3 without an envelope',
    manifest: one('/a', 'string', { class: 'sensitive', grade: 'S3' }),
    at: '/fields/0/grade',
  },
  { name: 'class important', manifest: one('/a', 'string', { class: 'important' }), at: '/fields/0/grade' },
  { name: 'a path twice', manifest: manifestOf([field('/a', 'integer'), field('/a', 'string')]), at: '/fields/1/path' },
  {
    name: 'a path in two channels',
    manifest: manifestOf([field('/a', 'integer'), field('/a', 'string', { channel: 'log' })]),
  },
  {
    name: 'a field within a field',
    manifest: manifestOf([field('/a/b', 'integer'), field('/a', 'string')]),
    at: '/fields/0/path',
  },
  { name: 'a name that begins like another', manifest: manifestOf([field('/ab', 'integer'), field('/a', 'string')]) },
  { name: 'a path with an item', manifest: one('/a/*', 'integer'), at: '/fields/0/path' },
  { name: 'a path of 8 members', manifest: one('/1/2/3/4/5/6/7/8', 'integer') },
  { name: 'a path of 9 members', manifest: one('/1/2/3/4/5/6/7/8/9', 'integer'), at: '/fields/0/path' },
  { name: 'a control character in a name', manifest: one('/a\u0007', 'integer'), at: '/fields/0/path' },
  {
    name: 'an undeclared channel',
    manifest: { ...plain, channels: { log: plain.channels['env'] } },
    at: '/fields/0/channel',
  },
  {
    name: 'a channel without field',
    manifest: { ...plain, channels: { ...plain.channels, log: plain.channels['env'] } },
    at: '/channels/log',
  },
  {
    name: 'a channel of 65,536 octets',
    manifest: { ...plain, channels: { env: { media: 'json', maxBytes: 65_536, maxPerMinute: 1 } } },
  },
  {
    name: 'a channel of 65,537 octets',
    manifest: { ...plain, channels: { env: { media: 'json', maxBytes: 65_537, maxPerMinute: 1 } } },
    at: '/channels/env/maxBytes',
  },
  { name: 'an enum without values', manifest: one('/a', 'enum'), at: '/fields/0/values' },
  { name: 'an enum with a value twice', manifest: one('/a', 'enum', { values: ['x', 'x'] }), at: '/fields/0/values' },
  { name: 'values of a string', manifest: one('/a', 'string', { values: ['x'] }), at: '/fields/0/values' },
  { name: 'range of one number', manifest: one('/a', 'number', { range: { min: 1, max: 1 } }) },
  { name: 'range upside down', manifest: one('/a', 'number', { range: { min: 2, max: 1 } }), at: '/fields/0/range' },
  { name: 'range of a string', manifest: one('/a', 'string', { range: {} }), at: '/fields/0/range' },
  { name: 'length of a number', manifest: one('/a', 'number', { maxLength: 3 }), at: '/fields/0/maxLength' },
  { name: 'mask of a string', manifest: one('/a', 'string', { consumers: { 'b.admin': { mask: { keep: [3, 4] } } } }) },
  {
    name: 'mask of a number',
    manifest: one('/a', 'number', { consumers: { 'b.admin': { mask: { keep: [3, 4] } } } }),
    at: '/fields/0/consumers/b.admin',
  },
  {
    name: 'step of a string',
    manifest: one('/a', 'string', { consumers: { 'a.operator': { generalise: { step: 1 } } } }),
    at: '/fields/0/consumers/a.operator',
  },
  {
    name: 'coarser time',
    manifest: one('/a', 'time', { consumers: { 'a.operator': { generalise: { time: 'day' } } } }),
  },
  {
    name: 'coarser position',
    manifest: one('/a', 'geo', { consumers: { 'a.operator': { generalise: { decimals: 2 } } } }),
  },
  {
    name: 'coarser position of a time',
    manifest: one('/a', 'time', { consumers: { 'a.operator': { generalise: { decimals: 2 } } } }),
    at: '/fields/0/consumers/a.operator',
  },
  {
    name: 'value table of an enum',
    manifest: one('/a', 'enum', { values: ['x'], consumers: { 'a.operator': { generalise: { table: { x: 'y' } } } } }),
  },
];
for (const { name, manifest, at, limits } of cases)
  test(`B2.4.2 manifest: ${name} is ${at === undefined ? 'accepted' : 'refused'}`, () => {
    const result = checkManifest(manifest, { ...context, ...limits });
    if (at === undefined) assert.deepEqual(result.ok ? [] : result.faults, []);
    else assert.ok(!result.ok && result.faults.some(({ path }) => path === at), JSON.stringify(result));
  });

test('B2.4.2 manifest: the faults of a bad document are bounded', () => {
  const bad = manifestOf(Array.from({ length: 256 }, (_, i) => field(`/f${i}`, 'enum', { purpose: ['nothing'] })));
  const result = checkManifest(bad, context);
  assert.ok(!result.ok);
  assert.equal(result.faults.length, maxManifestFaults);
});
test('B2.4.2 untagged fields are named by path, others by number', () => {
  const { purpose, ...without } = field('/x', 'integer');
  assert.ok(purpose);
  assert.deepEqual(untaggedFields({ fields: [field('/a', 'integer'), without, 7, { type: 'integer' }] }), [
    '/x',
    '#2',
    '#3',
  ]);
  assert.deepEqual(untaggedFields(plain), []);
  assert.deepEqual(untaggedFields('nothing'), []);
});
for (const [text, want] of [
  ['P30D', 2_592_000_000],
  ['P1Y', 31_536_000_000],
  ['P1M', 2_592_000_000],
  ['P2W', 1_209_600_000],
  ['PT1H30M5S', 5_405_000],
  ['P1DT1S', 86_401_000],
  ['P', undefined],
  ['PT', undefined],
  ['P1DT', undefined],
  ['P1S', undefined],
  ['P-1D', undefined],
  ['1D', undefined],
  ['P1.5D', undefined],
] as const)
  test(`ISO 8601 duration ${text}`, () => assert.equal(durationMs(text), want));
