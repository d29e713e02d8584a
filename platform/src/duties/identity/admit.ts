import { highestLevelOf, type IsolationLevel, type ProblemCode } from '@pactgate/protocol';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { Instant } from '../../kernel/time.ts';
import type { Certificate, CertificateState, Device } from './ports.ts';

/** What TLS showed of a peer. All but `authorized` was proven by the peer's possession of its key. */
export interface PeerFacts {
  /** The chain verified at the full handshake; a resumed session repeats an old answer. */
  readonly authorized: boolean;
  /** OpenSSL's name of the failure; only the first one, so `CERT_HAS_EXPIRED` proves nothing about the chain. */
  readonly authorizationError?: string;
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  readonly spki: string;
  readonly serial: string;
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string;
}

/** What is known of a device party at this moment. */
export interface PartyState {
  /** The agreement in force; absent: none is. */
  readonly agreement?: string;
}

/** Everything the gate knows about one serial. */
export interface IdentityRecord {
  readonly certificate: Certificate;
  /** Absent: the device was removed from the registry. */
  readonly device?: Device;
  readonly party: PartyState;
  /** The issuing CA is one that the platform still trusts. */
  readonly issuerTrusted: boolean;
}

/** A peer whose certificate passed: who it is. */
export interface AdmittedIdentity {
  readonly certificate: Certificate;
  readonly device: Device;
  /** This connection proves a renewed certificate: the one before it is to be superseded. */
  readonly proves: boolean;
}

/** From this level on a device is refused altogether. */
const blockedFrom: IsolationLevel = 4;
export const isBlocked = (level: IsolationLevel): boolean => level > highestLevelOf.lifeline && level >= blockedFrom;

/** The certificate is one that the store issued, byte for byte, for this key. */
export const isSameCertificate = (peer: PeerFacts, certificate: Certificate): boolean =>
  certificate.fingerprint === peer.fingerprint && certificate.spki === peer.spki && certificate.serial === peer.serial;

const stateFaults: Readonly<Record<CertificateState, ProblemCode | undefined>> = {
  issuing: 'channel/certificate-unknown',
  void: 'channel/certificate-unknown',
  candidate: undefined,
  live: undefined,
  superseded: 'channel/certificate-superseded',
  revoked: 'channel/certificate-revoked',
};

/** A candidate that nobody proved in time. */
const isOverdue = ({ state, overlapUntil }: Certificate, now: Instant): boolean =>
  state === 'candidate' && overlapUntil !== undefined && now >= overlapUntil;

/** What is wrong with the certificate itself, its end apart; undefined: nothing. */
export function certificateFault(
  peer: PeerFacts,
  record: IdentityRecord | undefined,
  now: Instant,
): ProblemCode | undefined {
  if (!record || !isSameCertificate(peer, record.certificate)) return 'channel/certificate-unknown';
  const fault = stateFaults[record.certificate.state];
  if (fault !== undefined) return fault;
  if (isOverdue(record.certificate, now)) return 'channel/certificate-superseded';
  return record.issuerTrusted ? undefined : 'channel/certificate-revoked';
}

function dateFault(peer: PeerFacts, certificate: Certificate, now: Instant): ProblemCode | undefined {
  if (now >= certificate.notAfter || now < certificate.notBefore) return 'channel/certificate-expired';
  return peer.authorized ? undefined : 'channel/certificate-unknown';
}

function standingFault(record: IdentityRecord): ProblemCode | undefined {
  const { certificate, device, party } = record;
  if (party.agreement !== certificate.agreement) return 'agreement/not-in-force';
  if (!device) return 'device/unknown';
  if (device.state !== 'active') return 'device/state';
  return isBlocked(device.level) ? 'device/isolated' : undefined;
}

/**
 * The own check of a client certificate at every connection, resumed ones too (B2.2.4, A3.1.1; decisions, fact 1):
 * a resumed session still says `authorized` after revocation and after the end of the certificate.
 *
 * Default deny: a certificate that the store does not know byte for byte is `channel/certificate-unknown`, whatever
 * chain it has.
 */
export function judgeCertificate(
  peer: PeerFacts,
  record: IdentityRecord | undefined,
  now: Instant,
): Result<AdmittedIdentity, ProblemCode> {
  const fault = certificateFault(peer, record, now);
  if (fault !== undefined || !record) return err(fault ?? 'channel/certificate-unknown');
  const later = dateFault(peer, record.certificate, now) ?? standingFault(record);
  if (later !== undefined || !record.device) return err(later ?? 'device/unknown');
  const { certificate, device } = record;
  return ok({ certificate, device, proves: certificate.state === 'candidate' });
}
