import type { IsolationLevel } from '@pactgate/protocol';
import type { Selectable } from 'kysely';
import type {
  Ca,
  CaKind,
  Certificate,
  CertificateState,
  CloneMark,
  Crl,
  Device,
  DeviceState,
  EnrolmentCode,
  KeyBinding,
} from '../../duties/identity/index.ts';
import type { DeviceId, PartyId } from '../../kernel/ids.ts';
import { instant } from '../../kernel/time.ts';
import type { IdentityTables } from './tables/identity.ts';

type Row<T extends keyof IdentityTables> = Selectable<IdentityTables[T]>;

// The casts hold by the checks of the tables; ids were parsed before they were written.

export const deviceColumns = [
  'agreement',
  'id',
  'party',
  'pseudonym',
  'model',
  'state',
  'level',
  'created',
  'last_seen',
  'last_address',
  'clone',
  'clone_until',
] as const;
export const toDevice = (row: Row<'device'>): Device => ({
  agreement: row.agreement,
  party: row.party as PartyId,
  id: row.id as DeviceId,
  pseudonym: row.pseudonym,
  model: row.model,
  state: row.state as DeviceState,
  level: row.level as IsolationLevel,
  created: instant(row.created),
  ...(row.last_seen === null ? {} : { lastSeen: instant(row.last_seen) }),
  ...(row.last_address === null ? {} : { lastAddress: row.last_address }),
  clone: row.clone as CloneMark,
  ...(row.clone_until === null ? {} : { cloneUntil: instant(row.clone_until) }),
});
export const fromDevice = (device: Device): Row<'device'> => ({
  agreement: device.agreement,
  id: device.id,
  party: device.party,
  pseudonym: device.pseudonym,
  model: device.model,
  state: device.state,
  level: device.level,
  created: device.created,
  last_seen: device.lastSeen ?? null,
  last_address: device.lastAddress ?? null,
  clone: device.clone,
  clone_until: device.cloneUntil ?? null,
});

export const codeColumns = ['hash', 'agreement', 'party', 'device', 'created', 'expires', 'used', 'used_for'] as const;
export const toCode = (row: Row<'enrolment_code'>): EnrolmentCode => ({
  hash: row.hash,
  agreement: row.agreement,
  party: row.party as PartyId,
  device: row.device as DeviceId,
  created: instant(row.created),
  expires: instant(row.expires),
  ...(row.used === null ? {} : { usedAt: instant(row.used) }),
  ...(row.used_for === null ? {} : { usedFor: row.used_for }),
});
export const fromCode = (code: EnrolmentCode): Row<'enrolment_code'> => ({
  hash: code.hash,
  agreement: code.agreement,
  party: code.party,
  device: code.device,
  created: code.created,
  expires: code.expires,
  used: code.usedAt ?? null,
  used_for: code.usedFor ?? null,
});

export const bindingColumns = ['spki', 'agreement', 'device', 'bound', 'retired', 'blocked'] as const;
export const toBinding = (row: Row<'key_binding'>): KeyBinding => ({
  spki: row.spki,
  agreement: row.agreement,
  device: row.device as DeviceId,
  boundAt: instant(row.bound),
  ...(row.retired === null ? {} : { retiredAt: instant(row.retired) }),
  blocked: row.blocked === 1,
});

/** Without the bytes, which only delivery needs. */
export const certificateColumns = [
  'serial',
  'spki',
  'fingerprint',
  'agreement',
  'party',
  'device',
  'issuer',
  'state',
  'not_before',
  'not_after',
  'created',
  'previous',
  'overlap_until',
  'revoked',
] as const;
export const toCertificate = (row: Omit<Row<'certificate'>, 'der'>): Certificate => ({
  serial: row.serial,
  spki: row.spki,
  ...(row.fingerprint === null ? {} : { fingerprint: row.fingerprint }),
  agreement: row.agreement,
  party: row.party as PartyId,
  device: row.device as DeviceId,
  issuer: row.issuer,
  state: row.state as CertificateState,
  notBefore: instant(row.not_before),
  notAfter: instant(row.not_after),
  created: instant(row.created),
  ...(row.previous === null ? {} : { previous: row.previous }),
  ...(row.overlap_until === null ? {} : { overlapUntil: instant(row.overlap_until) }),
  ...(row.revoked === null ? {} : { revokedAt: instant(row.revoked) }),
});
export const fromCertificate = (certificate: Certificate): Row<'certificate'> => ({
  serial: certificate.serial,
  spki: certificate.spki,
  fingerprint: certificate.fingerprint ?? null,
  agreement: certificate.agreement,
  party: certificate.party,
  device: certificate.device,
  issuer: certificate.issuer,
  state: certificate.state,
  not_before: certificate.notBefore,
  not_after: certificate.notAfter,
  created: certificate.created,
  previous: certificate.previous ?? null,
  overlap_until: certificate.overlapUntil ?? null,
  revoked: certificate.revokedAt ?? null,
  der: null,
});

export const caColumns = ['id', 'kind', 'party', 'key_id', 'key_name', 'der', 'not_after', 'created'] as const;
export const toCa = (row: Row<'ca'>): Ca => ({
  id: row.id,
  kind: row.kind as CaKind,
  ...(row.party === null ? {} : { party: row.party as PartyId }),
  keyId: row.key_id,
  keyName: row.key_name,
  der: row.der,
  notAfter: instant(row.not_after),
  created: instant(row.created),
});
export const fromCa = (ca: Ca): Row<'ca'> => ({
  id: ca.id,
  kind: ca.kind,
  party: ca.party ?? null,
  key_id: ca.keyId,
  key_name: ca.keyName,
  der: ca.der,
  not_after: ca.notAfter,
  created: ca.created,
});

export const crlColumns = ['ca', 'number', 'der', 'entries', 'this_update', 'next_update'] as const;
export const toCrl = (row: Row<'crl'>): Crl => ({
  ca: row.ca,
  number: row.number,
  der: row.der,
  entries: row.entries,
  thisUpdate: instant(row.this_update),
  nextUpdate: instant(row.next_update),
});
export const fromCrl = (crl: Crl): Row<'crl'> => ({
  ca: crl.ca,
  number: crl.number,
  der: crl.der,
  entries: crl.entries,
  this_update: crl.thisUpdate,
  next_update: crl.nextUpdate,
});
