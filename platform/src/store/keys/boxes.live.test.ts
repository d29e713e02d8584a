import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { nodeSealCrypto } from '../../adapters/seal/seal-crypto.ts';
import { Keyring } from '../../duties/data/index.ts';
import { instant } from '../../kernel/time.ts';
import { dataKeys } from './boxes.ts';
import { createKeyStore, type KeyStore, openKeyStore } from './key-store.ts';

const root = mkdtempSync(path.join(tmpdir(), 'pactgate-boxes-'));
after(() => rmSync(root, { recursive: true }));

const agreements = ['01890a5d-ac96-774b-bcce-b302099a8057', '01890a5d-ac96-774b-bcce-b302099a8058'] as const;
const openAll = (keys: KeyStore): Promise<readonly Keyring[]> => {
  const vault = dataKeys(keys, (n) => new Uint8Array(randomBytes(n)));
  return Promise.all(agreements.map((agreement) => Keyring.open(agreement, vault, nodeSealCrypto, instant(1))));
};

test('B2.4.2 keys of two agreements made at the same moment: one master key, and both open after a restart', async () => {
  for (let round = 0; round < 10; round++) {
    const options = { dir: path.join(root, String(round), 'keys'), kekFile: path.join(root, String(round), 'kek') };
    await createKeyStore(options);
    await openAll(await openKeyStore(options));
    const again = await openAll(await openKeyStore(options));
    assert.deepEqual(
      again.map(({ agreement }) => agreement),
      agreements,
    );
  }
});
