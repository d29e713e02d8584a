import type { ProblemCode } from '@pactgate/protocol';
import type { Denial } from '../duties/access/index.ts';
import type { AdmittedIdentity, Device } from '../duties/identity/index.ts';
import type { NewRecord } from '../parties/record.ts';
import type { LiveSession } from './device-session.ts';
import type { CloseReason, PeerIdentity, SessionStats } from './gateway-port.ts';

// What the gate leaves in the ledger: who came in, who did not, what was denied, how it ended.

/** Why a connection was not let in; `device` only where it proved to be that one. */
export interface Stage {
  readonly ok: false;
  readonly code: ProblemCode;
  readonly stage: string;
  readonly device?: Device;
}

export function openRecord(session: LiveSession, { certificate }: AdmittedIdentity, transport: string): NewRecord {
  const { peer, agreement, pseudonym, conn } = session;
  return {
    agreement,
    kind: 'session.open',
    outcome: 'opened',
    body: {
      device: pseudonym,
      conn,
      transport,
      listener: peer.listener,
      serial: peer.serial,
      spki: peer.spki,
      tls: peer.tls,
      suite: peer.suite,
      resumed: peer.resumed,
      authenticated: true,
      notAfter: certificate.notAfter,
      ...(peer.group === undefined ? {} : { group: peer.group }),
    },
    personal: { address: peer.address },
  };
}

export const closeRecord = (session: LiveSession, reason: CloseReason, stats: SessionStats): NewRecord => ({
  agreement: session.agreement,
  kind: 'session.close',
  outcome: 'closed',
  body: {
    device: session.pseudonym,
    conn: session.conn,
    serial: session.peer.serial,
    reason,
    durationMs: Math.max(0, stats.durationMs),
    received: stats.received,
    sent: stats.sent,
  },
});

/** In the device's agreement when it proved who it is, else in the platform log. */
export const rejectRecord = (peer: PeerIdentity, { code, stage, device }: Stage, transport: string): NewRecord => ({
  ...(device ? { agreement: device.agreement } : {}),
  kind: 'session.reject',
  outcome: 'refused',
  body: {
    code,
    stage,
    listener: peer.listener,
    transport,
    tls: peer.tls,
    suite: peer.suite,
    ...(device ? { device: device.pseudonym } : {}),
    ...(peer.spki === '' ? {} : { spki: peer.spki, serial: peer.serial }),
  },
  personal: { address: peer.address },
});

export const denyRecord = (session: LiveSession, denial: Denial, topic: string): NewRecord => ({
  agreement: session.agreement,
  kind: 'authz.decide',
  outcome: 'deny',
  body: {
    policy: session.table.digest,
    policies: [...denial.policies],
    device: session.pseudonym,
    action: denial.action,
    resource: denial.resource,
    code: denial.code,
    foreign: denial.foreign,
  },
  personal: { topic: topic.slice(0, 256) },
});
