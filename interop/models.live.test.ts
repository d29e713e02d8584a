import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { documentTypes } from '@pactgate/protocol';
import { signBytes } from '../cli/src/signed.ts';
import { simModels } from '../sim/models.ts';
import { type PartySide, type Ready, readyPlatform, signedModel } from './platform.ts';

let ready: Ready;
let party: PartySide;
before(async () => {
  ready = await readyPlatform();
  [party] = ready.parties;
});
after(() => ready.stop());

test('B2.1.1 B2.4.2 a model is activated when nothing lacks; until then each refusal names what does', async () => {
  const model = { ...simModels.pump, id: 'pump-9' };
  const { manifestDigest, file, manifest, sbom } = await signedModel(party, { model });
  const params = { agreement: party.agreement, model: model.id };
  const activate = () => ready.admin.client.call('activateModel', { params, body: { manifestDigest } });
  const refused = (code: string, detail: RegExp) =>
    assert.rejects(activate(), (error: { code?: string; message?: string }) => {
      assert.equal(error.code, code);
      assert.match(error.message ?? '', detail);
      return true;
    });
  await refused('model/file-incomplete', /no security file.*no SBOM.*no data manifest/);
  await party.admin.client.call('putModel', { params, body: { file } });
  await refused('model/sbom-invalid', /no SBOM was submitted; no data manifest/);
  await party.admin.client.call('putModel', { params, body: { sbom } });
  await refused('data/manifest-missing', /no data manifest/);
  await party.admin.client.call('putModel', { params, body: { manifest } });
  const body = { manifestDigest: '0'.repeat(64) };
  await assert.rejects(ready.admin.client.call('activateModel', { params, body }), { code: 'request/conflict' });
  await activate();
  const { summary } = await party.admin.client.call('model', { params });
  assert.deepEqual([summary.state, summary.countersigned, summary.missing], ['active', true, []]);
});

test('B2.4.2 a manifest that is laid out differently is told as such, not as a bad signature', async () => {
  const params = { agreement: party.agreement, model: 'pump-10' };
  const laidOut = new TextEncoder().encode('{ "v": 1 }');
  const manifest = await signBytes(laidOut, documentTypes.manifest, party.keys);
  await assert.rejects(party.admin.client.call('putModel', { params, body: { manifest } }), {
    code: 'data/manifest-invalid',
  });
});
