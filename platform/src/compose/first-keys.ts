import { newDocumentKey } from '../adapters/signers.ts';
import type { RandomBytes } from '../kernel/ids.ts';
import { dataMasterKey } from '../store/keys/boxes.ts';
import type { KeyStore } from '../store/keys/key-store.ts';

/** Names in the key store of what a platform has one of. */
export const documentKey = 'agreement-signing';
export const authSecret = 'auth-secret';
export const metricsToken = 'metrics-token';

const makers = (random: RandomBytes): Readonly<Record<string, () => Uint8Array>> => ({
  [documentKey]: newDocumentKey,
  [authSecret]: () => random(32),
  [metricsToken]: () => random(24),
  [dataMasterKey]: () => random(32),
});

/**
 * Makes what a platform has one of at its first start, before anything depends on it. Later starts only load: a key
 * that was lost stops the start (`KeyStoreError`), since a new one in its place signs for nobody and opens nothing.
 */
export async function demandFirstKeys(keys: KeyStore, random: RandomBytes, first: boolean): Promise<void> {
  for (const [name, make] of Object.entries(makers(random))) await (first ? keys.obtain(name, make) : keys.get(name));
}
