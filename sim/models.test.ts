import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ManifestField } from '@pactgate/protocol';
import { modelDocuments, type Reading, simModels } from './models.ts';
import { seeded } from './random.ts';

const of = { party: 'acme', agreement: 'agr-1', version: 1, now: Date.parse('2026-03-01T00:00:00Z') };

const typeOf: Readonly<Record<string, string>> = {
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  string: 'string',
};

function faultOf(value: Reading[string], { type, range, maxLength = 1e6 }: ManifestField): string | undefined {
  if (typeof value !== typeOf[type] || (type === 'integer' && !Number.isInteger(value))) return `is no ${type}`;
  if (typeof value === 'string') return value.length > maxLength ? 'is too long' : undefined;
  const { min = -1e12, max = 1e12 } = range ?? {};
  return Number(value) < min || Number(value) > max ? `is out of range: ${value}` : undefined;
}

/** What a reading has against the manifest of its model. */
function faults(reading: Reading, fields: readonly ManifestField[]): readonly string[] {
  const declared = new Map(fields.map((field) => [field.path.slice(1), field]));
  const found = Object.keys(reading).filter((name) => !declared.has(name));
  for (const [name, field] of declared) {
    const value = reading[name];
    const fault = value === undefined ? (field.required === true ? 'is missing' : undefined) : faultOf(value, field);
    if (fault !== undefined) found.push(`${name} ${fault}`);
  }
  return found;
}

for (const model of Object.values(simModels)) {
  test(`B2.1.1 ${model.id}: its file has every part, its SBOM is CycloneDX`, () => {
    const { file, sbom } = modelDocuments(model, of);
    assert.equal(sbom['bomFormat'], 'CycloneDX');
    assert.ok(file.threats.length > 0 && file.interfaces.length > 0 && file.supportEnd > '2030');
  });

  test(`B2.4.2 ${model.id}: every field of its manifest is tagged`, () => {
    const { manifest } = modelDocuments(model, of);
    const purposes = new Set(Object.keys(manifest.purposes));
    for (const { purpose } of manifest.fields) assert.ok(purpose.every((name) => purposes.has(name)));
  });

  test(`B2.4.1 ${model.id}: an honest device sends what its manifest declares, for a day`, () => {
    const read = model.readings('device-1', seeded('device-1'));
    for (let i = 0; i < 10_000; i++) assert.deepEqual(faults(read(), model.fields), []);
  });

  test(`${model.id}: the same device shows the same readings in every run, another one others`, () => {
    const run = (name: string): readonly Reading[] => {
      const read = model.readings(name, seeded(name));
      return Array.from({ length: 50 }, read);
    };
    assert.deepEqual(run('device-1'), run('device-1'));
    assert.notDeepEqual(run('device-1'), run('device-2'));
  });
}

test('the check above sees a field that is not declared, out of range, missing', () => {
  const { fields } = simModels.pump;
  assert.deepEqual(faults({ temperature: 20, pressure: 400, microphone: 'talk' }, fields), ['microphone']);
  assert.deepEqual(faults({ temperature: 999, pressure: 400 }, fields), ['temperature is out of range: 999']);
  assert.deepEqual(faults({ temperature: 20 }, fields), ['pressure is missing']);
});
