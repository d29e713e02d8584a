import type { RecordBody } from '@pactgate/protocol';
import type { AnyRecord, Ref, Seen } from './types.ts';

/** A key bound to a device and not retired. */
export interface LiveKey {
  readonly spki: string;
  readonly serial: string;
  readonly at: number;
  /** Set when a renewal superseded it: it may be used until then. */
  overlapUntil: number | undefined;
  /** The renewal's overlap as granted, in milliseconds. */
  overlapMs: number | undefined;
}
export interface Cert {
  readonly serial: string;
  readonly spki: string | undefined;
  readonly issuer: string | undefined;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly ref: Ref;
  revokedAt: number | undefined;
}

/** Who a device is, as its agreement's log tells. Lists are bounded: {@link maxKeys} keys, as many certificates. */
export interface Identity {
  model: string | undefined;
  state: string | undefined;
  activeAt: number | undefined;
  /** First enrolment with proven possession and an approved claim. */
  enrolled: Seen<'device.enrol'> | undefined;
  bound: Seen<'device.key.bind'> | undefined;
  keys: LiveKey[];
  certs: Cert[];
  renewed: Seen<'cert.renew'> | undefined;
  conflict: Seen<'device.id.conflict'> | undefined;
  isolated: Seen<'device.isolate'> | undefined;
  /** The last operation beyond the level that went through. */
  leak: { readonly at: number; readonly ref: Ref; readonly what: string } | undefined;
}

export const maxKeys = 8;

export const openIdentity = (): Identity => ({
  model: undefined,
  state: undefined,
  activeAt: undefined,
  enrolled: undefined,
  bound: undefined,
  keys: [],
  certs: [],
  renewed: undefined,
  conflict: undefined,
  isolated: undefined,
  leak: undefined,
});

/** The isolation level in force at a moment: a timed order ends by itself. */
export function levelAt(identity: Identity, at: number): number {
  const body = identity.isolated?.body;
  return body === undefined || (body.until !== undefined && at >= body.until) ? 0 : body.level;
}

/** A live key at a moment: not retired, not past its overlap, its certificate not past its end. */
export function isLiveKey(identity: Identity, key: LiveKey, at: number): boolean {
  const cert = identity.certs.find(({ serial }) => serial === key.serial);
  if (cert !== undefined && (at >= cert.notAfter || cert.revokedAt !== undefined)) return false;
  return key.overlapUntil === undefined || at < key.overlapUntil;
}

function bind(identity: Identity, body: RecordBody<'device.key.bind'>, at: number): void {
  const old = identity.keys.find(({ spki }) => spki === body.supersedes);
  if (old !== undefined && body.overlapUntil !== undefined) {
    old.overlapUntil = body.overlapUntil;
    old.overlapMs = body.overlapUntil - at;
  }
  identity.keys = identity.keys.filter(({ spki }) => spki !== body.spki);
  identity.keys.push({ spki: body.spki, serial: body.serial, at, overlapUntil: undefined, overlapMs: undefined });
  if (identity.keys.length > maxKeys) identity.keys.shift();
}

function issue(identity: Identity, cert: Cert): void {
  if (identity.certs.some(({ serial }) => serial === cert.serial)) return;
  identity.certs.push(cert);
  if (identity.certs.length > maxKeys) identity.certs.shift();
}

/** Folds a record about this device in; kinds that say nothing of identity are left alone. */
// oxlint-disable-next-line complexity -- one case per kind, read as a table
export function feedIdentity(identity: Identity, record: AnyRecord, ref: Ref): void {
  const { at } = record;
  switch (record.kind) {
    case 'device.register':
      identity.model = record.body.model;
      return;
    case 'device.state':
      identity.state = record.body.state;
      if (record.body.state === 'active') identity.activeAt ??= at;
      return;
    case 'device.enrol':
      identity.model ??= record.body.model;
      if (record.body.pop && record.body.approved) identity.enrolled ??= { at, ref, body: record.body };
      return;
    case 'device.key.bind':
      identity.bound = { at, ref, body: record.body };
      bind(identity, record.body, at);
      return;
    case 'device.key.retire':
      identity.keys = identity.keys.filter(({ spki }) => spki !== record.body.spki);
      return;
    case 'device.id.conflict':
      identity.conflict = { at, ref, body: record.body };
      return;
    case 'cert.issue':
      issue(identity, { ...record.body, ref, revokedAt: undefined });
      return;
    case 'cert.renew':
      identity.renewed = { at, ref, body: record.body };
      issue(identity, {
        serial: record.body.serial,
        spki: undefined,
        issuer: undefined,
        notBefore: at,
        notAfter: record.body.notAfter,
        ref,
        revokedAt: undefined,
      });
      return;
    case 'cert.revoke': {
      const cert = identity.certs.find(({ serial }) => serial === record.body.serial);
      if (cert !== undefined) cert.revokedAt ??= at;
      return;
    }
    case 'device.isolate':
      identity.isolated = { at, ref, body: record.body };
      return;
    default:
  }
}
