import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { nodeSealCrypto } from '../../adapters/seal/seal-crypto.ts';
import { Keyring } from '../../duties/data/index.ts';
import { instant } from '../../kernel/time.ts';
import { dataKeys, dataMasterKey } from './boxes.ts';
import { createKeyStore, type KeyStore, openKeyStore } from './key-store.ts';

const root = mkdtempSync(path.join(tmpdir(), 'pactgate-boxes-'));
after(() => rmSync(root, { recursive: true }));

const agreements = ['01890a5d-ac96-774b-bcce-b302099a8057', '01890a5d-ac96-774b-bcce-b302099a8058'] as const;
const openAll = (keys: KeyStore): Promise<readonly Keyring[]> => {
  const vault = dataKeys(keys);
  return Promise.all(agreements.map((agreement) => Keyring.open(agreement, vault, nodeSealCrypto, instant(1))));
};

test('B2.4.2 keys of two agreements made at the same moment open after a restart; without a master key none is made', async () => {
  const options = { dir: path.join(root, 'keys'), kekFile: path.join(root, 'kek') };
  await createKeyStore(options);
  const keys = await openKeyStore(options);
  await assert.rejects(openAll(keys), { code: 'data/key-unavailable' });
  assert.deepEqual(await keys.names(), []);
  await Promise.all(
    Array.from({ length: 20 }, () => keys.obtain(dataMasterKey, () => new Uint8Array(randomBytes(32)))),
  );
  await openAll(keys);
  const again = await openAll(await openKeyStore(options));
  assert.deepEqual(
    again.map(({ agreement }) => agreement),
    agreements,
  );
});
