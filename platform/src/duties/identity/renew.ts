import { err, ok, type Result } from '../../kernel/result.ts';
import { type Instant, later } from '../../kernel/time.ts';
import { certificateFault, type IdentityRecord, isBlocked, type PeerFacts } from './admit.ts';
import { bindingFault, keyFault, type Refusal, subjectFault } from './enrol.ts';
import type { CertificateRequest, Device, KeyBinding } from './ports.ts';
import type { IdentityTerms } from './terms.ts';

export interface RenewalFacts {
  readonly peer: PeerFacts;
  readonly record: IdentityRecord | undefined;
  readonly request: CertificateRequest;
  /** Owner of the requested key; absent: never seen. */
  readonly binding: KeyBinding | undefined;
  readonly bindings: readonly string[];
  readonly terms: IdentityTerms;
  readonly now: Instant;
}

/** A renewal that may go on. */
export interface Renewal {
  readonly device: Device;
  readonly previous: IdentityRecord['certificate'];
  /** The same key again, or a new one. */
  readonly kind: 'renew' | 'rekey';
  /** The new certificate must be proven by a connection before this moment. */
  readonly overlapUntil: Instant;
  /** Share of the old certificate's life that is left, 0 after its end. */
  readonly leftShare: number;
}

const refusal = (code: Refusal['code'], detail: string): Refusal => ({ code, detail });

/** The parts of {@link RenewalFacts} once the certificate is known. */
interface Known extends RenewalFacts {
  readonly record: IdentityRecord;
}

function standing({ record, now }: Known): Refusal | undefined {
  const { certificate, device, party } = record;
  if (party.agreement !== certificate.agreement)
    return refusal('agreement/not-in-force', 'the agreement is not in force');
  if (!device) return refusal('device/unknown', 'the device was removed from the registry');
  if (device.state !== 'active') return refusal('enrol/renewal-refused', `the device is ${device.state}`);
  if (isBlocked(device.level)) return refusal('device/isolated', `isolation level ${device.level}`);
  // either copy could renew itself into sole owner
  const suspected = device.clone === 'suspected' && (device.cloneUntil === undefined || now < device.cloneUntil);
  if (suspected || device.clone === 'confirmed')
    return refusal('enrol/renewal-refused', `the identity may be cloned (${device.clone})`);
  return undefined;
}

/** Only here an ended certificate counts: for the grace, and only towards a new key (B2.2.5; decisions, fact 11). */
function dates({ peer, record, request, binding, terms, now }: Known): Refusal | undefined {
  const { certificate } = record;
  if (now < certificate.notBefore) return refusal('channel/certificate-expired', 'the certificate is not valid yet');
  if (now < certificate.notAfter)
    return peer.authorized ? undefined : refusal('channel/certificate-unknown', 'the chain does not verify');
  if (now >= later(certificate.notAfter, terms.dormancyGrace))
    return refusal('channel/certificate-expired', 'the dormancy grace is over: enrol with a new one-time code');
  // a chain that fails for another reason than its age is no dormant device
  if (!peer.authorized && peer.authorizationError !== 'CERT_HAS_EXPIRED')
    return refusal('channel/certificate-unknown', 'the chain does not verify');
  if (request.spkiHash === certificate.spki || binding)
    return refusal('enrol/renewal-refused', 'after the end of the certificate only a new key is accepted');
  return undefined;
}

/** Subject empty or that of the current certificate, the key this device's own, the channel the one asked over. */
const requestFault = ({ request, binding, bindings }: RenewalFacts, device: Device): Refusal | undefined =>
  subjectFault(request, device) ??
  (request.subject.others > 0 ? refusal('enrol/subject-mismatch', 'the subject has more than O and CN') : undefined) ??
  keyFault(binding, device) ??
  bindingFault(request, bindings);

/**
 * Decides a re-enrolment anew on everything that counts at this moment (B2.2.5): what is refused here runs out, and
 * that is the periodic authentication.
 */
export function decideRenewal(facts: RenewalFacts): Result<Renewal, Refusal> {
  const { peer, record, request, terms, now } = facts;
  const fault = certificateFault(peer, record, now);
  if (fault !== undefined || !record?.device)
    return err(refusal(fault ?? 'device/unknown', 'this certificate may not renew'));
  const { certificate, device } = record;
  const other = standing({ ...facts, record }) ?? dates({ ...facts, record }) ?? requestFault(facts, device);
  if (other) return err(other);
  const life = certificate.notAfter - certificate.notBefore;
  return ok({
    device,
    previous: certificate,
    kind: request.spkiHash === certificate.spki ? 'renew' : 'rekey',
    overlapUntil: later(now, terms.renewalOverlap),
    leftShare: Math.max(0, (certificate.notAfter - now) / life),
  });
}
