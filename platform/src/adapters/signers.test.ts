import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatJws, signJws, verifyJws, webProofCrypto } from '@pactgate/proof';
import { nodeProofCrypto } from './proof-crypto.ts';
import { documentSigner, logSigner } from './signers.ts';
import { memoryKeys } from './testing/memory-keys.ts';

const message = new TextEncoder().encode('message');

for (const [name, crypto] of [
  ['node:crypto', nodeProofCrypto],
  ['WebCrypto', webProofCrypto],
] as const) {
  test(`a log signature made here verifies with ${name}, another message does not`, async () => {
    const { key, sign } = await logSigner(memoryKeys(), 'log-1', 'localhost/logs/a/2026');
    const signature = await sign(message);
    assert.equal(await crypto.verifyEd25519(key.publicKey, message, signature), true);
    assert.equal(await crypto.verifyEd25519(key.publicKey, message.slice(1), signature), false);
  });
  test(`a document signature made here verifies with ${name}`, async () => {
    const { publicKey, sign } = await documentSigner(memoryKeys(), 'document');
    const line = await signJws(crypto, { payload: message, typ: 'a+json' }, publicKey, sign);
    const jws = formatJws(message, [line]);
    assert.deepEqual(await verifyJws(crypto, jws, publicKey, 'a+json'), message);
    await assert.rejects(verifyJws(crypto, jws, publicKey, 'b+json'));
  });
}
test('a key is made once and loaded after', async () => {
  const store = memoryKeys();
  const first = await logSigner(store, 'log-1', 'o/logs/a/2026');
  const second = await logSigner(store, 'log-1', 'o/logs/a/2026');
  assert.deepEqual(first.key, second.key);
});
test('a key that is no point of the curve verifies nothing', async () => {
  const zero = 'A'.repeat(43);
  const key = { kty: 'EC', crv: 'P-256', x: zero, y: zero } as const;
  assert.equal(await nodeProofCrypto.verifyEs256(key, message, new Uint8Array(64)), false);
});
