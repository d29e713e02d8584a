import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { makeImpostor } from './foreign.ts';

const uri = 'pactgate://acme.pactgate.local/pump-001';

test('RFC 5280: an impostor is right in everything but who signed it', () => {
  const { certificatePem, keyPem } = makeImpostor(uri, Date.now());
  const [leaf, ca] = certificatePem.split(/(?<=-----END CERTIFICATE-----\n)/).map((pem) => new X509Certificate(pem));
  assert.ok(leaf && ca);
  assert.equal(leaf.subjectAltName, `URI:${uri}`);
  assert.deepEqual(leaf.keyUsage, ['1.3.6.1.5.5.7.3.2']);
  assert.ok(leaf.checkPrivateKey(createPrivateKey(keyPem)));
  assert.ok(ca.ca && ca.verify(ca.publicKey) && leaf.checkIssued(ca) && leaf.verify(ca.publicKey));
});

test('two impostors share neither key nor serial', () => {
  const [a, b] = [makeImpostor(uri, Date.now()), makeImpostor(uri, Date.now())];
  assert.notEqual(a.keyPem, b.keyPem);
  assert.notEqual(
    new X509Certificate(a.certificatePem).serialNumber,
    new X509Certificate(b.certificatePem).serialNumber,
  );
});
