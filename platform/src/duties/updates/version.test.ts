import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKnownVersion, knownVersionsOf, versionRecord } from './version.ts';

const sbom = 'a'.repeat(64);
const known = knownVersionsOf({ firmware: [{ version: '1.2.0', sbomSha256: sbom }, { version: '1.1.0' }] });
const cases = [
  { name: 'in the file', report: { firmware: '1.2.0' }, want: true },
  { name: 'with the SBOM of the file', report: { firmware: '1.2.0', sbom }, want: true },
  { name: 'with another SBOM', report: { firmware: '1.2.0', sbom: 'b'.repeat(64) }, want: false },
  { name: 'with an SBOM where the file names none', report: { firmware: '1.1.0', sbom }, want: true },
  { name: 'not in the file', report: { firmware: '1.3.0' }, want: false },
  { name: 'almost in the file', report: { firmware: '1.2.0-dirty' }, want: false },
] as const;
for (const { name, report, want } of cases) {
  test(`B2.5.3 version ${name}: ${want ? 'known' : 'unknown'}`, () =>
    assert.equal(isKnownVersion(known, report), want));
}
test('B2.5.3 the record carries the device under its pseudonym', () =>
  assert.deepEqual(versionRecord(known, { pseudonym: 'd_0123456789abcdef', model: 'pump' }, { firmware: '9' }), {
    device: 'd_0123456789abcdef',
    model: 'pump',
    version: '9',
    known: false,
  }));
