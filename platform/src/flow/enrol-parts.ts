import type {
  Certificate,
  CertificateAuthority,
  Device,
  IdentityRegistry,
  IdentityStore,
  IdentityTerms,
  Prepared,
  Refusal,
  Sha256,
} from '../duties/identity/index.ts';
import type { Result } from '../kernel/result.ts';
import type { Clock } from '../kernel/time.ts';
import type { Transact } from '../kernel/transact.ts';
import type { Certificates } from './certificates.ts';
import type { PeerIdentity } from './gateway-port.ts';
import type { Recorder } from './recorder.ts';

/** Where a request came from, and what binds it to its connection. */
export interface Asked {
  /** Party named in the address, if one was. */
  readonly label?: string;
  /** PKCS#10, DER: the peer's claim. */
  readonly request: Uint8Array;
  readonly address: string;
  /** Channel bindings of the connection, base64 (RFC 7030 3.5, RFC 9266). */
  readonly bindings: readonly string[];
}
export interface EnrolInput extends Asked {
  /** `device` or `party/device`. */
  readonly user: string;
  /** The one-time code as typed. */
  readonly code: string;
}
export interface RenewInput extends Asked {
  readonly peer: PeerIdentity;
}

/** A refusal that was recorded: for the device's page and for the bans. `device` only where the peer proved to be it. */
export interface EnrolRefusal extends Refusal {
  readonly agreement?: string;
  readonly device?: string;
  readonly action: 'enrol' | 'renew';
  readonly address: string;
}

export interface EnrolParts<Tx> {
  readonly store: IdentityStore<Tx>;
  readonly authority: CertificateAuthority;
  readonly registry: IdentityRegistry;
  readonly certificates: Certificates;
  readonly recorder: Recorder<Tx>;
  readonly transact: Transact<Tx>;
  readonly clock: Clock;
  readonly sha256: Sha256;
  /** Numbers in force for a model. */
  readonly terms: (agreement: string, model: string) => IdentityTerms;
  readonly isModelActive: (agreement: string, model: string) => Promise<boolean>;
  readonly refused: (refusal: EnrolRefusal) => void;
}

/** What an instance of the flow keeps beside its parts. */
export interface EnrolWork<Tx> extends EnrolParts<Tx> {
  /** Serials between their two transactions in this process: of an interrupted process none are left. */
  readonly signing: Set<string>;
  /** Requests of one device are answered one after the other: a repeated one then finds the first one's certificate. */
  readonly turns: Map<string, Promise<unknown>>;
}

/** A refusal on its way out; `known`: the peer proved to be this device. */
export interface Outcome extends Refusal {
  readonly known?: Device;
  readonly spki?: string;
  readonly serial?: string;
}
/** DER of one certificate, or why there is none. */
export type Enrolled = Result<Uint8Array, Outcome>;

/** The row that is stored before anything is signed. */
export const newCertificate = (device: Device, prepared: Prepared, spki: string, clock: Clock): Certificate => ({
  serial: prepared.serial,
  spki,
  agreement: device.agreement,
  party: device.party,
  device: device.id,
  issuer: prepared.issuer,
  state: 'issuing',
  notBefore: prepared.notBefore,
  notAfter: prepared.notAfter,
  created: clock.now(),
});

/** Runs `work` after what came before it for this device; the last one out clears the place. */
export async function inTurn<Tx, T>(
  { turns }: EnrolWork<Tx>,
  device: { readonly agreement: string; readonly device: string },
  work: () => Promise<T>,
): Promise<T> {
  const key = `${device.agreement}/${device.device}`;
  const before = turns.get(key) ?? Promise.resolve();
  const mine = before.then(work, work);
  turns.set(key, mine);
  try {
    return await mine;
  } finally {
    if (turns.get(key) === mine) turns.delete(key);
  }
}
