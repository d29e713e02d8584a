import type { KeyVault, WrappedKey } from '../../duties/data/index.ts';
import type { KeyBox } from '../../duties/identity/index.ts';
import { type Instant, instant } from '../../kernel/time.ts';
import type { KeyStore } from './key-store.ts';

/** Private keys of CAs in the key store. */
export const caKeys = (keys: KeyStore): KeyBox => ({
  load: async (name) => ((await keys.has(name)) ? keys.get(name) : undefined),
  save: async (name, pkcs8) => {
    if (!(await keys.add(name, pkcs8))) throw new RangeError(`key ${name} exists`);
  },
});

/** Name of the key that party keys are wrapped under. */
export const dataMasterKey = 'data-master';
const prefix = (agreement: string): string => `data-${agreement}-`;

interface StoredKey extends Omit<WrappedKey, 'wrapped' | 'madeAt'> {
  readonly wrapped: string;
  readonly madeAt: number;
}

const parse = (bytes: Uint8Array): WrappedKey => {
  const stored = JSON.parse(new TextDecoder().decode(bytes)) as StoredKey; // sealed by us: it opened, so we wrote it
  const madeAt: Instant = instant(stored.madeAt);
  return { ...stored, wrapped: new Uint8Array(Buffer.from(stored.wrapped, 'base64')), madeAt };
};

/** Master and wrapped data keys in the key store, outside the database and its backups (data protection section 4). */
export function dataKeys(keys: KeyStore): KeyVault {
  return {
    master: () => keys.get(dataMasterKey),
    load: async (agreement) => {
      const names = (await keys.names()).filter((name) => name.startsWith(prefix(agreement)));
      return Promise.all(names.map(async (name) => parse(await keys.get(name))));
    },
    save: async (key) => {
      const stored: StoredKey = { ...key, wrapped: Buffer.from(key.wrapped).toString('base64') };
      const name = prefix(key.agreement) + key.kid;
      if (!(await keys.add(name, new TextEncoder().encode(JSON.stringify(stored)))))
        throw new RangeError(`key ${name} exists`);
    },
  };
}
