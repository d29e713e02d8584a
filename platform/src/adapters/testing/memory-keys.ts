import type { SignerKeys } from '../signers.ts';

/** Keys that a test made. */
export function memoryKeys(kept: Readonly<Record<string, Uint8Array>>): SignerKeys {
  return {
    get: async (name) => {
      const key = kept[name];
      if (!key) throw new RangeError(`no key ${name}`);
      return key;
    },
  };
}
