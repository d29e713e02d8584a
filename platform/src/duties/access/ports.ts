import type { IsolationLevel, LadderKind, Texts } from '@pactgate/protocol';

/** Actions of the policy language; a device is always the principal. */
export const accessActions = [
  'connect',
  'enrol',
  'publish',
  'subscribe',
  'receive',
  'command',
  'read',
  'update',
  'report',
] as const;
export type AccessAction = (typeof accessActions)[number];

/** What policies see of a device. Nothing here is the device's own word: certificate, registry, verdicts. */
export interface DeviceAttributes {
  /** Seen only by a policy set that names a device. */
  readonly device: string;
  readonly party: string;
  /** `{party}/{model}`, as policies name it (`Pactgate::Model::"acme/pump-2"`): names are unique within a party only. */
  readonly model: string;
  readonly groups: readonly string[];
  readonly state: string;
  readonly isolation: IsolationLevel;
  /** 0 to 3; policies read the band, never the score behind it. */
  readonly riskBand: number;
  /** 0 software, 1 maker's chain, 2 proven by a TPM. */
  readonly keyLevel: number;
  /** 0 none, 1 contraindicated, 2 warning, 3 affirming. */
  readonly attestTier: number;
  readonly attestFresh: boolean;
  readonly firmwareOk: boolean;
}

/** What policies see of a connection. */
export interface Link {
  /** 0 deprecated, 1 TLS 1.2, 2 TLS 1.3, 3 TLS 1.3 with a hybrid group. */
  readonly channel: number;
  readonly pqc: boolean;
  /** Kind of source, see `sourceOf`. */
  readonly source: string;
  /** Seen only by a policy set that reads addresses. */
  readonly ip?: string;
  readonly protocol: string;
}

/** What an operation is on: a topic template, a telemetry channel, or the gateway itself. */
export interface AccessResource {
  /** Template or topic without `v1/me/`; `gateway` for `connect`. Seen only by a policy set that names a resource. */
  readonly id: string;
  readonly owner: string;
  readonly kind: LadderKind;
  /** Greatest grade of the data, 0 to 3. */
  readonly dataClass: number;
}

/** Everything a decision rests on. Absent `device.device` and the like are replaced by `*` before it is made. */
export interface AccessRequest {
  readonly device: DeviceAttributes;
  readonly action: AccessAction;
  readonly resource: AccessResource;
  readonly link: Link;
}

export interface PolicyAnswer {
  readonly allow: boolean;
  /** Policies that determined the answer; none for a denial by default. */
  readonly policies: readonly string[];
  /** Errors while deciding: with any of them the answer is no, whatever the policies say. */
  readonly errors: readonly string[];
}

/** One policy with what it is for, in the words a refused person reads. */
export interface Policy {
  /** `[a-z0-9-]{1,64}`, unique within its set. */
  readonly id: string;
  readonly text: string;
  readonly cause: Texts;
}

export interface PolicyFault {
  /** Empty: the fault is of the set. */
  readonly policy: string;
  readonly fault: string;
}

/** Policies with their digest, immutable once made: what a decision names. */
export interface PolicySet {
  /** SHA-256 over the RFC 8785 form of schema and policies, lower-case hex. */
  readonly digest: string;
  readonly version: number;
  readonly schema: string;
  readonly policies: readonly Policy[];
  readonly namesDevice: boolean;
  readonly namesResource: boolean;
  readonly readsAddress: boolean;
}

/**
 * The policy language. Synchronous and deterministic: the same request and set give the same answer for ever, which
 * is what replay rests on. Keeps nothing of its arguments.
 */
export interface PolicyEngine {
  /**
   * Strict validation of a set that is to be published; empty: it may be. At most 50 faults. A permit whose scope binds
   * the principal to nothing is a fault: it would let in every device.
   */
  check(set: Pick<PolicySet, 'schema' | 'policies'>): readonly PolicyFault[];
  /** Makes a set ready (tens of milliseconds), so that no decision waits for it; before it takes force. Empty: done. */
  prepare(set: PolicySet): readonly PolicyFault[];
  /**
   * Decides. Prepares a set that is not ready, and keeps the last few. Never throws: whatever goes wrong inside is an
   * answer with errors, which is no.
   */
  decide(set: PolicySet, request: AccessRequest): PolicyAnswer;
}
