export type { PartyState, PeerFacts } from './admit.ts';
export { type AdmittedIdentity, type IdentityRecord, isBlocked, judgeCertificate } from './admit.ts';
export { type CloneEvent, type CloneFinding, CloneWatch, prefixOf } from './clone.ts';
export { hashCode, makeCode, parseCode, type Sha256 } from './code.ts';
export { duty } from './duty.ts';
export { type Claim, decideEnrolment, type EnrolmentFacts, judgeCode, type Refusal } from './enrol.ts';
export type {
  Ca,
  CaKind,
  CaStore,
  Certificate,
  CertificateAuthority,
  CertificateRequest,
  CertificateState,
  CloneMark,
  CodeUse,
  Crl,
  Device,
  DeviceChange,
  DeviceKey,
  DeviceOrder,
  DeviceQuery,
  DeviceState,
  EnrolmentCode,
  IdentityStore,
  Issued,
  KeyAlgorithm,
  KeyBinding,
  KeyBox,
  LiveKey,
  Prepared,
  RequestFault,
  RequestSubject,
  RevokedEntry,
  Seen,
  StateMove,
} from './ports.ts';
export { certificateStates, cloneStates, deviceCaId, deviceStates } from './ports.ts';
export { IdentityRegistry } from './registry.ts';
export { decideRenewal, type Renewal, type RenewalFacts } from './renew.ts';
export { isClean, type ScannedKey, scanKeys } from './scan.ts';
export { type IdentityTerms, standardTerms } from './terms.ts';
