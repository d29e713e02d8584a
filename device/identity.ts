import { randomInt, X509Certificate } from 'node:crypto';
import { Problem, type ProblemCode } from '@pactgate/protocol';
import { pause } from './backoff.ts';
import { chainToRoot, isForKey, makeKey, makeRequest, namesDevice, renewalTime } from './certificates.ts';
import { type EnrolmentProof, type EstServer, fetchTrust, type RootTrust, sendRequest } from './est.ts';
import { type Credential, type IdentityState, readIdentity, writeIdentity } from './identity-state.ts';
import type { DeviceStore } from './store.ts';

export interface IdentityOptions extends EstServer {
  readonly device: string;
  readonly root: RootTrust;
  readonly store: DeviceStore;
  /** Milliseconds to wait for an approval (202) before giving up. Default 60 s; asking again later is harmless. */
  readonly approvalTimeout?: number;
}

/** What a TLS client of the device needs. */
export interface Credentials {
  readonly rootPem: string;
  /** Certificate, then its chain. */
  readonly certificatePem: string;
  readonly keyPem: string;
  /** Epoch milliseconds. */
  readonly notAfter: number;
}

/**
 * A device's identity: its key, which never leaves it, and the certificate the platform issued for it (clause 2.2).
 *
 * Every change is durable before it is used, in an order that survives a crash anywhere: the key before the request,
 * the new certificate beside the old one, the old one gone only after the new one has connected.
 */
export interface Identity {
  readonly party: string;
  readonly device: string;
  readonly enrolled: boolean;
  /** When the certificate is to be renewed, epoch milliseconds; absent before enrolment. */
  readonly renewAt: number | undefined;
  /** First certificate, by one-time code. Repeating after a lost answer uses the same key. */
  enrol(code: string): Promise<void>;
  /**
   * A new certificate with the current one, also an expired one within the platform's grace. `newKey` (default true)
   * also changes the key; an expired certificate demands it.
   */
  renew(options?: { readonly newKey?: boolean }): Promise<void>;
  /** Newest credentials; throws when there are none yet. */
  credentials(): Credentials;
  /** The newest credentials have connected: the ones before them are forgotten. */
  proven(): Promise<void>;
  /** The newest credentials were refused: back to the ones before, if there are any. */
  fallBack(): Promise<boolean>;
}

/** Opens the identity kept in `store`, or an empty one to be enrolled. */
export async function openIdentity(options: IdentityOptions): Promise<Identity> {
  const { party, device, store } = options;
  let state = await readIdentity(store, party, device);
  const save = async (next: IdentityState): Promise<void> => {
    await writeIdentity(store, next);
    state = next;
  };
  const newest = (): Credential | undefined => state.candidate ?? state.current;
  return {
    party,
    device,
    get enrolled() {
      return newest() !== undefined;
    },
    get renewAt() {
      return newest()?.renewAt;
    },
    enrol: async (code) => {
      const credential = await obtain({ options, state, save }, { code, device });
      await save({ ...withoutPending(state), current: credential });
    },
    renew: async ({ newKey = true } = {}) => {
      const old = newest();
      if (old === undefined) throw new Error('not enrolled yet');
      const proof = { cert: old.certificatePem + old.chainPem, key: old.keyPem };
      const credential = await obtain({ options, state, save }, proof, newKey ? undefined : old.keyPem);
      await save({ ...withoutPending(state), current: old, candidate: credential });
    },
    credentials: () => {
      const credential = newest();
      if (credential === undefined || state.rootPem === undefined) throw new Error('not enrolled yet');
      const { certificatePem, chainPem, keyPem, notAfter } = credential;
      return { rootPem: state.rootPem, certificatePem: certificatePem + chainPem, keyPem, notAfter };
    },
    proven: async () => {
      const { candidate, ...rest } = state;
      if (candidate !== undefined) await save({ ...rest, current: candidate });
    },
    fallBack: async () => {
      const { candidate, ...rest } = state;
      if (candidate === undefined || state.current === undefined) return false;
      await save(rest);
      return true;
    },
  };
}

function withoutPending(state: IdentityState): IdentityState {
  const { pendingKeyPem, ...rest } = state;
  return pendingKeyPem === undefined ? state : rest;
}

const defaultApproval = 60_000;

interface Keeping {
  readonly options: IdentityOptions;
  readonly state: IdentityState;
  readonly save: (state: IdentityState) => Promise<void>;
}

/** Refusals of a key itself: asking again with it is useless. */
const aboutKey: ReadonlySet<string> = new Set<ProblemCode>(['enrol/key-bound', 'enrol/key-weak']);

/** Key (the one given, the pending one, or a new one stored first), request, certificate, checks. */
async function obtain(keeping: Keeping, proof: EnrolmentProof, ownKey?: string): Promise<Credential> {
  const { options, state, save } = keeping;
  const trust = state.rootPem === undefined ? options.root : { pem: state.rootPem };
  const { rootPem, known } = await fetchTrust(options, trust);
  const keyPem = ownKey ?? state.pendingKeyPem ?? makeKey();
  if (ownKey === undefined) await save({ ...state, rootPem, pendingKeyPem: keyPem });
  const request = await makeRequest(keyPem, options.device);
  const certificate = await ask(options, rootPem, request, proof).catch(async (cause: unknown) => {
    if (cause instanceof Problem && aboutKey.has(cause.code)) await save({ ...withoutPending(state), rootPem });
    throw cause;
  });
  // The issuing CA may be younger than the first answer.
  const root = new X509Certificate(rootPem);
  const chain =
    chainToRoot(certificate, root, known) ??
    chainToRoot(certificate, root, (await fetchTrust(options, { pem: rootPem })).known);
  if (chain === undefined) throw new Problem('internal', 'the new certificate does not lead to the root');
  if (!isForKey(certificate, keyPem)) throw new Problem('internal', 'the new certificate is for another key');
  if (!namesDevice(certificate, options.party, options.device))
    throw new Problem('internal', 'the new certificate names another device');
  const life = { notBefore: Date.parse(certificate.validFrom), notAfter: Date.parse(certificate.validTo) };
  return {
    keyPem,
    certificatePem: certificate.toString(),
    chainPem: chain.map((ca) => ca.toString()).join(''),
    ...life,
    renewAt: renewalTime(life, randomInt(1_000_000) / 1_000_000),
  };
}

/** Sends the request, and again after each 202, until there is a certificate or the time is up. */
async function ask(
  options: IdentityOptions,
  rootPem: string,
  request: string,
  proof: EnrolmentProof,
): Promise<X509Certificate> {
  const signal = AbortSignal.timeout(options.approvalTimeout ?? defaultApproval);
  for (;;) {
    const answer = await sendRequest(options, rootPem, request, proof);
    if ('certificate' in answer) return answer.certificate;
    await pause(Math.max(1, answer.retryAfter) * 1_000, signal);
    if (signal.aborted) throw new Problem('request/timeout', 'the enrolment waits for approval; ask again later');
  }
}
