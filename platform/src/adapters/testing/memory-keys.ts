import type { SignerKeys } from '../signers.ts';

/** Keys that a test makes and forgets. */
export function memoryKeys(): SignerKeys {
  const kept = new Map<string, Uint8Array>();
  return {
    obtain: async (name, make) => {
      const key = kept.get(name) ?? make();
      kept.set(name, key);
      return key;
    },
  };
}
