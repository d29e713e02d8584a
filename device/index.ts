export { type Backoff, backoffDelay, defaultBackoff } from './backoff.ts';
export { fingerprintOf, makeKey, makeRequest, plainFingerprint, renewalTime } from './certificates.ts';
export type { CommandHandler, JsonMembers } from './commands.ts';
export {
  type Device,
  type DeviceOptions,
  type DeviceStatus,
  type FiledReport,
  type Notice,
  openDevice,
} from './device.ts';
export type { EstServer, RootTrust } from './est.ts';
export { type Credentials, type Identity, type IdentityOptions, openIdentity } from './identity.ts';
export type { SecurityEvent } from './reports.ts';
export { type DeviceStore, directoryStore, memoryStore, readIfThere, writeAtomically } from './store.ts';
