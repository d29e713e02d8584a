import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordBodies } from '@pactgate/protocol';
import * as fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { maxSbomBytes, parseSbom, readSbom, sbomRecord } from './sbom.ts';

const library = {
  type: 'library',
  name: 'mbedtls',
  version: '3.6.0',
  purl: 'pkg:github/Mbed-TLS/mbedtls@3.6.0',
  'bom-ref': 'a',
};
const bom = { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components: [library] };
const spdx = {
  spdxVersion: 'SPDX-2.3',
  dataLicense: 'CC0-1.0',
  SPDXID: 'SPDXRef-DOCUMENT',
  name: 'pump firmware',
  documentNamespace: 'https://acme.example/spdx/pump-2',
  creationInfo: { created: '2026-11-22T10:00:00Z', creators: ['Organization: Acme'] },
  packages: [{ name: 'mbedtls', SPDXID: 'SPDXRef-1', downloadLocation: 'NOASSERTION' }],
};
const nested = (depth: number): object => {
  let component: object = { type: 'library', name: 'x' };
  for (let i = 0; i < depth; i++) component = { type: 'library', name: 'x', components: [component] };
  return { ...bom, components: [component] };
};
const with1 = (more: object): object => ({ ...bom, components: [{ ...library, ...more }] });

const cases: readonly { name: string; document: unknown; want: string | RegExp }[] = [
  ...['1.2', '1.3', '1.4', '1.5', '1.6', '1.7'].map((specVersion) => ({
    name: `CycloneDX ${specVersion}`,
    document: { ...bom, specVersion },
    want: `CycloneDX ${specVersion} 1`,
  })),
  { name: 'CycloneDX 1.1', document: { ...bom, specVersion: '1.1' }, want: /specVersion/ },
  { name: 'CycloneDX 1.8', document: { ...bom, specVersion: '1.8' }, want: /specVersion/ },
  { name: 'a version as number', document: { ...bom, specVersion: 1.6 }, want: /specVersion/ },
  { name: 'another format', document: { ...bom, bomFormat: 'SWID' }, want: /neither/ },
  { name: 'no components', document: { ...bom, components: [] }, want: /empty/ },
  { name: 'components that are no list', document: { ...bom, components: {} }, want: /no list/ },
  { name: 'a component without name', document: with1({ name: '' }), want: /\/components\/0 has no name/ },
  { name: 'a component of unknown type', document: with1({ type: 'idea' }), want: /no known type/ },
  { name: 'a purl that is none', document: with1({ purl: 'mbedtls@3' }), want: /purl/ },
  {
    name: 'a purl with qualifiers',
    document: with1({ purl: 'pkg:deb/debian/curl@7.88?arch=arm64#src' }),
    want: 'CycloneDX 1.6 1',
  },
  {
    name: 'no version in 1.3',
    document: { ...bom, specVersion: '1.3', components: [{ type: 'library', name: 'x' }] },
    want: /no version/,
  },
  {
    name: 'no version in 1.4',
    document: { ...bom, specVersion: '1.4', components: [{ type: 'library', name: 'x' }] },
    want: 'CycloneDX 1.4 1',
  },
  { name: 'a bom-ref twice', document: { ...bom, components: [library, library] }, want: /bom-ref of another/ },
  { name: 'revision 0', document: { ...bom, version: 0 }, want: /\/version/ },
  {
    name: 'a serial number',
    document: { ...bom, serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79' },
    want: 'CycloneDX 1.6 1',
  },
  { name: 'a serial number that is none', document: { ...bom, serialNumber: '7' }, want: /serialNumber/ },
  { name: 'components in components', document: nested(2), want: 'CycloneDX 1.6 3' },
  { name: 'components 17 deep', document: nested(16), want: 'CycloneDX 1.6 17' },
  { name: 'components 18 deep', document: nested(17), want: /nested more than 16/ },
  { name: 'a component called __proto__', document: with1({ name: '__proto__' }), want: 'CycloneDX 1.6 1' },
  { name: 'SPDX 2.3', document: spdx, want: 'SPDX 2.3 1' },
  { name: 'SPDX 2.2', document: { ...spdx, spdxVersion: 'SPDX-2.2' }, want: /neither/ },
  { name: 'SPDX of another licence', document: { ...spdx, dataLicense: 'MIT' }, want: /dataLicense/ },
  { name: 'SPDX without packages', document: { ...spdx, packages: [] }, want: /packages is empty/ },
  {
    name: 'SPDX with an id twice',
    document: { ...spdx, packages: [spdx.packages[0], spdx.packages[0]] },
    want: /another one/,
  },
  {
    name: 'SPDX without creators',
    document: { ...spdx, creationInfo: { ...spdx.creationInfo, creators: [] } },
    want: /creators/,
  },
  {
    name: 'SPDX made at no time',
    document: { ...spdx, creationInfo: { ...spdx.creationInfo, created: 'today' } },
    want: /no time/,
  },
  {
    name: 'SPDX with a fragment in its namespace',
    document: { ...spdx, documentNamespace: 'https://a.example/#x' },
    want: /Namespace/,
  },
  { name: 'a list', document: [bom], want: /not a JSON object/ },
  { name: 'null', document: null, want: /not a JSON object/ },
];
for (const { name, document, want } of cases)
  test(`B2.1.1 SBOM: ${name} is ${typeof want === 'string' ? 'read' : 'refused'}`, () => {
    const reading = readSbom(document);
    if (typeof want === 'string')
      assert.equal(reading.ok ? `${reading.format} ${reading.components}` : reading.fault, want);
    else assert.match(reading.ok ? 'read' : reading.fault, want);
    assert.ok(Compile(recordBodies['sbom.ingest']).Check(sbomRecord('pump-2', 'ab'.repeat(32), reading)));
  });

const deep = (n: number): string => `{"bomFormat":"CycloneDX","x":${'['.repeat(n)}${']'.repeat(n)}}`;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
test('B2.1.1 SBOM bounds: size, depth, values', () => {
  assert.match(JSON.stringify(parseSbom(new Uint8Array(maxSbomBytes + 1))), /larger/);
  assert.match(JSON.stringify(parseSbom(new Uint8Array(maxSbomBytes))), /not JSON/);
  assert.match(JSON.stringify(parseSbom(bytes(deep(64)))), /specVersion/);
  assert.match(JSON.stringify(parseSbom(bytes(deep(65)))), /nested more than 64/);
  assert.match(JSON.stringify(parseSbom(bytes(`{"x":${'['.repeat(500_000)}`))), /not JSON/);
  assert.match(JSON.stringify(parseSbom(bytes(`{"x":[${'0,'.repeat(1_000_001)}0]}`))), /more than 1000000 values/);
  assert.match(JSON.stringify(parseSbom(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d))), /not JSON/);
  assert.deepEqual(parseSbom(bytes(JSON.stringify(bom))), { ok: true, format: 'CycloneDX 1.6', components: 1 });
});
test('law: no document makes the reader throw', () => {
  const key = fc.constantFrom(
    'bomFormat',
    'specVersion',
    'components',
    'type',
    'name',
    'spdxVersion',
    'packages',
    'SPDXID',
  );
  const value = fc.constantFrom<unknown>('CycloneDX', '1.6', 'library', 'SPDX-2.3', [], {}, null, 7, [{}], [null]);
  fc.assert(
    fc.property(fc.dictionary(key, fc.oneof(value, fc.jsonValue())), (document) => {
      assert.equal(typeof readSbom(document).ok, 'boolean');
    }),
  );
});
