import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { catalogue, type ParamValue, rowOf, type Unit } from './catalogue.ts';
import {
  checkParams,
  cureSecondsOf,
  faultOfValue,
  paramSeconds,
  renderSeconds,
  renderTemplate,
  renderValue,
  valuesOf,
} from './params.ts';
import { maxFaults } from './schema.ts';
import { passZh } from './texts/pass-zh.ts';
import { slaZh } from './texts/sla-zh.ts';

const rendered: readonly { unit: Unit; value: ParamValue; en: string; zh: string; seconds: number | undefined }[] = [
  { unit: 'milliseconds', value: 10, en: '10 ms', zh: '10毫秒', seconds: 0.01 },
  { unit: 'seconds', value: 5, en: '5 s', zh: '5秒', seconds: 5 },
  { unit: 'minutes', value: 10, en: '10 min', zh: '10分钟', seconds: 600 },
  { unit: 'hours', value: 24, en: '24 h', zh: '24小时', seconds: 86_400 },
  { unit: 'days', value: 365, en: '365 d', zh: '365天', seconds: 31_536_000 },
  { unit: 'years', value: 3, en: '3 y', zh: '3年', seconds: 94_670_856 },
  { unit: 'ratio', value: 0.999, en: '99.9%', zh: '99.9%', seconds: undefined },
  { unit: 'ratio', value: 0.07, en: '7%', zh: '7%', seconds: undefined },
  { unit: 'ratio', value: 0.3333, en: '33.33%', zh: '33.33%', seconds: undefined },
  { unit: 'ratio', value: 1, en: '100%', zh: '100%', seconds: undefined },
  { unit: 'ratio', value: 1e-9, en: '0.0000001%', zh: '0.0000001%', seconds: undefined },
  { unit: 'perHour', value: 10, en: '10/h', zh: '10次/小时', seconds: undefined },
  { unit: 'count', value: 10_000, en: '10000', zh: '10000', seconds: undefined },
  { unit: 'tlsVersion', value: '1.2', en: '1.2', zh: '1.2', seconds: undefined },
  { unit: 'grade', value: 'S3', en: 'S3', zh: 'S3', seconds: undefined },
  { unit: 'ports', value: '21,23', en: '21,23', zh: '21,23', seconds: undefined },
];
for (const { unit, value, en, zh, seconds } of rendered) {
  test(`a value of unit ${unit} as read: ${en}`, () => {
    assert.equal(renderValue({ unit }, value, 'en'), en);
    assert.equal(renderValue({ unit }, value, 'zh-CN'), zh);
    assert.equal(paramSeconds({ unit }, value), seconds);
  });
}

test('a time in seconds in its largest whole unit', () => {
  const read = [0, 1, 90, 600, 5_400, 86_400, 86_401].map((seconds) => renderSeconds(seconds, 'en'));
  assert.deepEqual(read, ['0 s', '1 s', '90 s', '10 min', '90 min', '1 d', '86401 s']);
  assert.equal(renderSeconds(7_200, 'zh-CN'), '2小时');
});

test('B2.2.6: at most {warnAbove} is at most 10/h, and an agreed value takes its place', () => {
  const row = rowOf('B2.2.6');
  const agreed = { 'B2.2.6': { warnAbove: 3 } };
  assert.match(
    renderTemplate(row.pass, row, valuesOf(row, {}), 'en'),
    /^Denied operations of a device are at most 10\/h /,
  );
  assert.match(renderTemplate(passZh['B2.2.6'] ?? '', row, valuesOf(row, agreed), 'zh-CN'), /不超过3次\/小时/);
  assert.equal(valuesOf(row, agreed)['throttleAbove'], 50);
});

test('every template of the catalogue renders in both languages without a brace left', () => {
  for (const row of catalogue.rows) {
    const values = valuesOf(row, {});
    const texts = [
      renderTemplate(row.pass, row, values, 'en'),
      renderTemplate(row.sla, row, values, 'en'),
      renderTemplate(passZh[row.id] ?? '', row, values, 'zh-CN'),
      renderTemplate(slaZh[row.id] ?? '', row, values, 'zh-CN'),
    ];
    for (const text of texts) assert.doesNotMatch(text, /[{}]|undefined|NaN/, row.id);
  }
});

test('a placeholder without parameter or value is our bug and throws', () => {
  const row = rowOf('B2.1.1');
  assert.throws(() => renderTemplate('{nothing}', row, valuesOf(row, {}), 'en'), RangeError);
  assert.throws(() => renderTemplate('{cure}', row, {}, 'en'), RangeError);
  assert.throws(() => renderTemplate('{toString}', { ...row, params: [] }, {}, 'en'), RangeError);
});

test('cure follows the agreed parameter; by default it equals cureSeconds of every row', () => {
  for (const row of catalogue.rows) assert.equal(cureSecondsOf(row, {}), row.cureSeconds, row.id);
  assert.equal(cureSecondsOf(rowOf('B2.1.1'), { 'B2.1.1': { cure: 2 } }), 172_800);
  assert.equal(cureSecondsOf(rowOf('B2.3.3'), { 'B2.3.3': { applyWithin: 1 } }), 3_600);
  assert.equal(cureSecondsOf(rowOf('B2.1.2'), {}), null);
});

const values: readonly { unit: Unit; good: readonly unknown[]; bad: readonly unknown[] }[] = [
  { unit: 'milliseconds', good: [1, 315_360_000_000], bad: [0, 0.5, '1', 315_360_000_001] },
  { unit: 'seconds', good: [1, 315_360_000], bad: [0, -1, 1.5, null, 315_360_001] },
  { unit: 'minutes', good: [1, 5_256_000], bad: [0, 5_256_001, NaN] },
  { unit: 'hours', good: [1, 87_600], bad: [0, 87_601, Infinity] },
  { unit: 'days', good: [1, 3_650], bad: [0, 3_651, [1]] },
  { unit: 'years', good: [1, 100], bad: [0, 101, true] },
  { unit: 'count', good: [1, 1_000_000_000], bad: [0, 1_000_000_001, {}] },
  { unit: 'perHour', good: [1, 1_000_000], bad: [0, 1_000_001] },
  { unit: 'ratio', good: [1, 0.0001, Number.MIN_VALUE], bad: [0, 1.0001, -0.5, NaN, '0.5'] },
  { unit: 'tlsVersion', good: ['1.2', '1.3'], bad: ['1.1', '1.4', 1.2, 'TLSv1.2'] },
  { unit: 'grade', good: ['S0', 'S3'], bad: ['S4', 's3', 'S', 3] },
  {
    unit: 'ports',
    good: ['1', '65535', '21,23,80'],
    bad: ['', '0', '65536', '023', '21, 23', '21,21', ',21', 21, '1,'.repeat(300) + '2'],
  },
];
for (const { unit, good, bad } of values) {
  test(`agreed values of unit ${unit}, both sides of each limit`, () => {
    for (const value of good) assert.equal(faultOfValue(unit, value), undefined, String(value));
    for (const value of bad) assert.notEqual(faultOfValue(unit, value), undefined, String(value));
  });
}

test('every default of the catalogue may be agreed', () => {
  const all = catalogue.rows.map((row) => [row.id, Object.fromEntries(row.params.map((p) => [p.name, p.default]))]);
  assert.deepEqual(checkParams(Object.fromEntries(all)), []);
});

const refused: readonly { name: string; overrides: unknown; path: string; fault: RegExp }[] = [
  { name: 'no object', overrides: [], path: '', fault: /object of row ids/ },
  { name: 'unknown row', overrides: { 'B2.1.99': {} }, path: '/B2.1.99', fault: /no row/ },
  { name: 'inherited name as row', overrides: { toString: {} }, path: '/toString', fault: /no row/ },
  { name: 'row not an object', overrides: { 'B2.1.1': 5 }, path: '/B2.1.1', fault: /object of parameter/ },
  { name: 'unknown parameter', overrides: { 'B2.1.1': { pace: 5 } }, path: '/B2.1.1/pace', fault: /no such parameter/ },
  { name: 'wrong type', overrides: { 'B2.1.1': { cure: '5' } }, path: '/B2.1.1/cure', fault: /whole number/ },
  { name: 'null', overrides: { 'B2.1.1': { cure: null } }, path: '/B2.1.1/cure', fault: /whole number/ },
];
for (const { name, overrides, path, fault } of refused) {
  test(`agreed values refused: ${name}`, () => {
    const faults = checkParams(overrides);
    assert.equal(faults.length, 1);
    assert.equal(faults[0]?.path, path);
    assert.match(faults[0]?.fault ?? '', fault);
  });
}

test('law: whatever is offered as agreed values, checking neither throws nor answers without bound', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => checkParams(value).length <= maxFaults));
  const rows = fc.constantFrom(...catalogue.rows.map(({ id }) => id));
  const names = fc.constantFrom('cure', 'fileMaxAge', '__proto__', 'constructor');
  fc.assert(
    fc.property(fc.dictionary(rows, fc.dictionary(names, fc.jsonValue())), (overrides) => {
      const faults = checkParams(overrides);
      return faults.length <= maxFaults && faults.every(({ path }) => path.startsWith('/'));
    }),
  );
});
