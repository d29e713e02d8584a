import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatJws, formatVkey, signJws, verifyJws, webProofCrypto } from '@pactgate/proof';
import { nodeProofCrypto } from './proof-crypto.ts';
import { documentSigner, logSigner, newDocumentKey, newLogKey } from './signers.ts';
import { memoryKeys } from './testing/memory-keys.ts';

const message = new TextEncoder().encode('message');

for (const [name, crypto] of [
  ['node:crypto', nodeProofCrypto],
  ['WebCrypto', webProofCrypto],
] as const) {
  test(`a log signature made here verifies with ${name}, another message does not`, async () => {
    const { key, sign } = await logSigner(memoryKeys({ 'log-1': newLogKey() }), 'log-1', 'localhost/logs/a/2026');
    const signature = await sign(message);
    assert.equal(await crypto.verifyEd25519(key.publicKey, message, signature), true);
    assert.equal(await crypto.verifyEd25519(key.publicKey, message.slice(1), signature), false);
  });
  test(`a document signature made here verifies with ${name}`, async () => {
    const { publicKey, sign } = await documentSigner(memoryKeys({ document: newDocumentKey() }), 'document');
    const line = await signJws(crypto, { payload: message, typ: 'a+json' }, publicKey, sign);
    const jws = formatJws(message, [line]);
    assert.deepEqual(await verifyJws(crypto, jws, publicKey, 'a+json'), message);
    await assert.rejects(verifyJws(crypto, jws, publicKey, 'b+json'));
  });
}
test('a signer has the key that is kept, and none is made in the place of one that is gone', async () => {
  const store = memoryKeys({ 'log-1': newLogKey(), 'log-2': newLogKey() });
  const vkeyOf = async (name: string): Promise<string> =>
    formatVkey((await logSigner(store, name, 'o/logs/a/2026')).key);
  assert.equal(await vkeyOf('log-1'), await vkeyOf('log-1'));
  assert.notEqual(await vkeyOf('log-1'), await vkeyOf('log-2'));
  await assert.rejects(vkeyOf('log-3'), /no key log-3/);
  await assert.rejects(documentSigner(store, 'document'), /no key document/);
});
test('a key that is no point of the curve verifies nothing', async () => {
  const zero = 'A'.repeat(43);
  const key = { kty: 'EC', crv: 'P-256', x: zero, y: zero } as const;
  assert.equal(await nodeProofCrypto.verifyEs256(key, message, new Uint8Array(64)), false);
});
