import type { ProblemCode } from '@pactgate/protocol';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { Instant } from '../../kernel/time.ts';
import { isBlocked, type PartyState } from './admit.ts';
import type { CertificateRequest, Device, EnrolmentCode, KeyBinding } from './ports.ts';

/** A refusal with its plain cause, in English; no secret in it. */
export interface Refusal {
  readonly code: ProblemCode;
  readonly detail: string;
}
const refuse = (code: ProblemCode, detail: string): { readonly ok: false; readonly error: Refusal } =>
  err({ code, detail });

/** Name in the Basic credentials: `device`, or `party/device`. */
export interface Claim {
  readonly user: string;
  /** Party named in the address, if one was. */
  readonly label?: string;
}

/**
 * Whether a one-time code admits this claim (B2.2.3). All its failures look alike from outside, so that nobody learns
 * which devices exist. `unfinished`: the code was used for a certificate that was never completed.
 */
export function judgeCode(
  claim: Claim,
  code: EnrolmentCode | undefined,
  unfinished: boolean,
  now: Instant,
): Result<EnrolmentCode, Refusal> {
  const wrong = refuse('enrol/code-invalid', 'user name and one-time code do not admit a device');
  if (!code || now >= code.expires) return wrong;
  if (code.usedAt !== undefined && !unfinished) return wrong;
  const names = [code.device, `${code.party}/${code.device}`];
  if (!names.includes(claim.user)) return wrong;
  return claim.label === undefined || claim.label === code.party ? ok(code) : wrong;
}

/** The request names no other device: an empty subject, or this one; O, where given, is the party. */
export function subjectFault(request: CertificateRequest, device: Device): Refusal | undefined {
  const { cn, o } = request.subject;
  if (cn.some((name) => name !== device.id))
    return { code: 'enrol/subject-mismatch', detail: `the request names another device than ${device.id}` };
  if (o.some((name) => name !== device.party))
    return { code: 'enrol/subject-mismatch', detail: `the request names another party than ${device.party}` };
  return undefined;
}

/** A key belongs to one device for ever (B2.2.1); one that was revoked comes back for nobody. */
export function keyFault(binding: KeyBinding | undefined, device: Device): Refusal | undefined {
  if (!binding) return undefined;
  if (binding.agreement !== device.agreement || binding.device !== device.id)
    return { code: 'enrol/key-bound', detail: 'the key of the request is bound to another device' };
  if (binding.blocked) return { code: 'channel/certificate-revoked', detail: 'this key was revoked: make a new one' };
  return undefined;
}

/** Proof that request and connection belong together (RFC 7030 3.5): where the request carries it, it must match. */
export function bindingFault(request: CertificateRequest, bindings: readonly string[]): Refusal | undefined {
  const { challengePassword } = request;
  if (challengePassword === undefined || bindings.includes(challengePassword)) return undefined;
  return { code: 'enrol/csr-invalid', detail: 'challengePassword is not the channel binding of this connection' };
}

export interface EnrolmentFacts {
  readonly device: Device | undefined;
  readonly party: PartyState;
  readonly modelActive: boolean;
  readonly request: CertificateRequest;
  readonly binding: KeyBinding | undefined;
  /** Channel bindings of this connection, base64. */
  readonly bindings: readonly string[];
}

function standing(facts: EnrolmentFacts, device: Device): Refusal | undefined {
  if (facts.party.agreement !== device.agreement)
    return { code: 'agreement/not-in-force', detail: 'both parties must sign the agreement before devices enrol' };
  if (!facts.modelActive) return { code: 'model/not-active', detail: `model ${device.model} is not active` };
  if (device.state === 'suspended' || device.state === 'retired')
    return { code: 'device/state', detail: `the device is ${device.state}` };
  // a blocked device comes back by release, not by enrolling around its order; a clone by its owner's new key
  const cure = device.clone === 'confirmed' && facts.binding === undefined;
  if (isBlocked(device.level) && !cure) return { code: 'device/isolated', detail: `isolation level ${device.level}` };
  return undefined;
}

/** Whether a device with a valid code may have a certificate for the key of its request (B2.2.1, B2.2.3). */
export function decideEnrolment(facts: EnrolmentFacts): Result<Device, Refusal> {
  const { device, request } = facts;
  if (!device) return refuse('device/unknown', 'the device was removed from the registry');
  const fault =
    standing(facts, device) ??
    subjectFault(request, device) ??
    keyFault(facts.binding, device) ??
    bindingFault(request, facts.bindings);
  return fault ? err(fault) : ok(device);
}
