import type { EvidenceRecord, RecordBody } from '@pactgate/protocol';
import type { Handlers } from './handlers.ts';
import { type Identity, levelAt } from './identity.ts';
import { isAcceptedSuite, tlsVersion } from './suites.ts';
import type { Ref, Seen } from './types.ts';
import { countUp, openRun, type Run } from './windows.ts';

interface LiveSession {
  readonly conn: string;
  readonly at: number;
  readonly serial: string;
  readonly notAfter: number;
  readonly ref: Ref;
}
/** What made a session wrong, and when it was seen last. */
export interface Stain {
  readonly at: number;
  readonly ref: Ref;
  readonly what: string;
}

/** Connections of one device. At most {@link maxLive} live ones are kept: a device may have four. */
export interface Sessions {
  live: LiveSession[];
  last: Seen<'session.open'> | undefined;
  /** A session before any valid enrolment (B2.2.3). */
  unenrolled: Stain | undefined;
  /** A session of weak version or suite (B2.3.1). */
  weak: Stain | undefined;
  /** A session opened on an expired or revoked certificate (B2.2.5). */
  badCert: Stain | undefined;
  /** Failed authentications (B2.2.4). */
  failures: Run | undefined;
  lastFailure: Stain | undefined;
  /** Refusals for weak channels: the first of an unbroken row of days, and the last. */
  weakRefusals: { readonly since: number; readonly last: Stain; readonly n: number } | undefined;
}

const maxLive = 16;
/** An offence is judged for a day after it was seen, so that no rhythm of judging misses it. */
export const dayMs = 86_400_000;

export const openSessions = (): Sessions => ({
  live: [],
  last: undefined,
  unenrolled: undefined,
  weak: undefined,
  badCert: undefined,
  failures: undefined,
  lastFailure: undefined,
  weakRefusals: undefined,
});

/** Refusals that are failed authentications of the device named. */
const authenticationFailures: ReadonlySet<string> = new Set([
  'channel/certificate-expired',
  'channel/certificate-missing',
  'channel/certificate-revoked',
  'channel/certificate-superseded',
  'channel/certificate-unknown',
  'device/unknown',
]);
const weakRefusals: ReadonlySet<string> = new Set(['channel/plaintext', 'channel/tls-too-old', 'channel/weak-suite']);

/** Limits that are fixed with the agreement and needed while folding. */
export interface SessionLimits {
  readonly minTls: number;
  readonly maxFailures: number;
}

/** What is wrong with the channel of a session; undefined: nothing. */
function weaknessOf(body: { readonly tls: string; readonly suite: string }, minTls: number): string | undefined {
  const version = tlsVersion(body.tls);
  if (version === undefined || version < minTls) return body.tls;
  return isAcceptedSuite(body.suite) ? undefined : body.suite;
}

function openSession(parts: FeedParts, body: RecordBody<'session.open'>, at: number): void {
  const { sessions, identity, ref, limits } = parts;
  sessions.last = { at, ref, body };
  sessions.live = sessions.live.filter(({ conn }) => conn !== body.conn);
  sessions.live.push({ conn: body.conn, at, serial: body.serial, notAfter: body.notAfter, ref });
  if (sessions.live.length > maxLive) sessions.live.shift();

  if (identity.enrolled === undefined) sessions.unenrolled = { at, ref, what: body.spki };
  const weakness = weaknessOf(body, limits.minTls);
  if (weakness !== undefined) sessions.weak = { at, ref, what: weakness };
  const revoked = identity.certs.some(({ serial, revokedAt }) => serial === body.serial && revokedAt !== undefined);
  if (revoked || body.notAfter <= at) sessions.badCert = { at, ref, what: body.serial };
  // An order of level 4 or 5 cuts within seconds; a session opened well after it is one that should not be.
  if (levelAt(identity, at) >= 4 && at - (identity.isolated?.at ?? at) > cutMs)
    identity.leak = { at, ref, what: 'session.open' };
}
/** Time an isolation order has to reach every gateway (identity and access: isolation). */
export const cutMs = 2_000;

function reject(parts: FeedParts, record: EvidenceRecord<'session.reject'>): void {
  const { sessions, ref, limits } = parts;
  const { at, body } = record;
  if (authenticationFailures.has(body.code)) {
    sessions.failures ??= openRun();
    countUp(sessions.failures, at, record.n, limits.maxFailures);
    sessions.lastFailure = { at, ref, what: body.code };
  }
  if (weakRefusals.has(body.code)) {
    const before = sessions.weakRefusals;
    const goesOn = before !== undefined && at - before.last.at < dayMs;
    sessions.weakRefusals = {
      since: goesOn ? before.since : at,
      n: (goesOn ? before.n : 0) + record.n,
      last: { at, ref, what: body.tls ?? body.code },
    };
  }
}

export interface FeedParts {
  readonly sessions: Sessions;
  readonly identity: Identity;
  readonly ref: Ref;
  readonly limits: SessionLimits;
}

/** What each kind of record says of a device's connections. */
export const sessionHandlers: Handlers<Omit<FeedParts, 'ref'>> = {
  'session.open': (parts, { body, at }, ref) => {
    openSession({ ...parts, ref }, body, at);
  },
  'session.close': ({ sessions }, { body }) => {
    sessions.live = sessions.live.filter(({ conn }) => conn !== body.conn);
  },
  'session.reject': (parts, record, ref) => {
    reject({ ...parts, ref }, record);
  },
};
