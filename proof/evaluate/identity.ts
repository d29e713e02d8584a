import type { RecordBody } from '@pactgate/protocol';
import type { Handlers } from './handlers.ts';
import { toSeen } from './newest.ts';
import type { Ref, Seen } from './types.ts';

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

const maxKeys = 8;

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
  const place = identity.certs.findIndex(({ serial }) => serial === cert.serial);
  // A renewal says less of its certificate than the issuance does; whichever comes first, the issuance stays.
  if (place >= 0 && cert.issuer === undefined) return;
  if (place >= 0) identity.certs.splice(place, 1);
  identity.certs.push(cert);
  if (identity.certs.length > maxKeys) identity.certs.shift();
}

/** What each kind of record says of a device's identity. */
export const identityHandlers: Handlers<Identity> = {
  'device.register': (identity, { body }) => {
    identity.model = body.model;
  },
  'device.state': (identity, { body, at }) => {
    identity.state = body.state;
    if (body.state === 'active') identity.activeAt ??= at;
  },
  'device.enrol': (identity, record, ref) => {
    const { body } = record;
    identity.model ??= body.model;
    if (body.pop && body.approved) identity.enrolled ??= toSeen(record, ref);
  },
  'device.key.bind': (identity, record, ref) => {
    identity.bound = toSeen(record, ref);
    bind(identity, record.body, record.at);
  },
  'device.key.retire': (identity, { body }) => {
    identity.keys = identity.keys.filter(({ spki }) => spki !== body.spki);
  },
  'device.id.conflict': (identity, record, ref) => {
    identity.conflict = toSeen(record, ref);
  },
  'cert.issue': (identity, { body }, ref) => {
    issue(identity, { ...body, ref, revokedAt: undefined });
  },
  'cert.renew': (identity, record, ref) => {
    const { serial, notAfter } = record.body;
    identity.renewed = toSeen(record, ref);
    const unnamed = { spki: undefined, issuer: undefined, revokedAt: undefined };
    issue(identity, { ...unnamed, serial, notBefore: record.at, notAfter, ref });
  },
  'cert.revoke': (identity, { body, at }) => {
    const cert = identity.certs.find(({ serial }) => serial === body.serial);
    if (cert !== undefined) cert.revokedAt ??= at;
  },
  'device.isolate': (identity, record, ref) => {
    identity.isolated = toSeen(record, ref);
  },
};
