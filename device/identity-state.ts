import type { DeviceStore } from './store.ts';

/** A certificate with its key and the chain that is sent along. Times in epoch milliseconds. */
export interface Credential {
  /** PKCS#8. */
  readonly keyPem: string;
  readonly certificatePem: string;
  /** Issuing CAs up to, not with, the root; PEM one after another. */
  readonly chainPem: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly renewAt: number;
}

/** What a device remembers of itself. */
export interface IdentityState {
  readonly v: 1;
  readonly party: string;
  readonly device: string;
  readonly rootPem?: string;
  /** Proven by a connection, or the first one. */
  readonly current?: Credential;
  /** Renewed and not yet proven: the old one stays until this one has connected once. */
  readonly candidate?: Credential;
  /** Key of a request under way: a request whose answer got lost is repeated with the same key. */
  readonly pendingKeyPem?: string;
}

const name = 'identity.json';

/** Reads the state; a file of another device, or one that is none, throws: it must not be overwritten unseen. */
export async function readIdentity(store: DeviceStore, party: string, device: string): Promise<IdentityState> {
  const text = await store.read(name);
  if (text === undefined) return { v: 1, party, device };
  // Written by `writeIdentity` alone, atomically; what is checked is that it is ours.
  const state = JSON.parse(text) as IdentityState;
  if (state.v !== 1) throw new Error(`identity.json is of version ${String(state.v)}, this SDK reads 1`);
  if (state.party !== party || state.device !== device)
    throw new Error(`identity.json belongs to ${state.party}/${state.device}, not to ${party}/${device}`);
  return state;
}

export const writeIdentity = (store: DeviceStore, state: IdentityState): Promise<void> =>
  store.write(name, `${JSON.stringify(state, null, 2)}\n`);
