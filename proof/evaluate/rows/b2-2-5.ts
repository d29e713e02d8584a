import { type Device, liveSessionsOf } from '../devices.ts';
import {
  activeDevices,
  breached,
  type Lack,
  lackOf,
  type Outcome,
  refsOf,
  unknownBy,
  type View,
  why,
} from '../finding.ts';
import type { Cert } from '../identity.ts';
import { type Rule, readsActive } from '../rule.ts';
import { dayMs } from '../sessions.ts';
import { judgeShare, type Members, sample } from '../share.ts';
import { editionRow } from '../state.ts';
import { termsOf } from '../terms.ts';
import type { Finding, Ref } from '../types.ts';
import type { Why } from '../why.ts';

const subject = 'devices';

/** A fault that no share excuses, with its record. */
interface Fault {
  readonly why: Why;
  readonly ref: Ref;
}

/**
 * The end of a session becomes a leaf up to `outboxMaxAge` of A3.4.1 after it happened; judged sooner, every session
 * that ended on time would look too old for a moment.
 */
const slackOf = ({ evaluation }: View): number =>
  termsOf(editionRow(evaluation, 'A3.4.1'), evaluation.facts.params).ms('outboxMaxAge');

function faultOf(view: View, device: Device, slack: number): Fault | undefined {
  const { sessions, identity, id } = device;
  const limit = view.terms.ms('sessionMaxAge');
  for (const { at, notAfter, serial, ref } of liveSessionsOf(device, view.evaluation.probes.startedAt)) {
    if (view.at - at > limit + slack)
      return { why: why('session/old', { device: id, age: { ms: view.at - at }, limit: { ms: limit } }), ref };
    const revokedAt = identity.certs.find((cert) => cert.serial === serial)?.revokedAt;
    if (view.at - Math.min(notAfter, revokedAt ?? notAfter) > slack)
      return { why: why('session/dead-certificate', { device: id, serial }), ref };
  }
  const { badCert } = sessions;
  if (badCert === undefined || view.at - badCert.at >= dayMs) return undefined;
  return { why: why('session/dead-certificate', { device: id, serial: badCert.what }), ref: badCert.ref };
}

type Standing = keyof Members;

/** Where a device stands with its renewal: late or expired is bad until the next renewal in time. */
function standingOf(view: View, device: Device, cert: Cert): Standing {
  const { renewed } = device.identity;
  const point = view.terms.number('renewalPoint');
  const left = (cert.notAfter - view.at) / Math.max(1, cert.notAfter - cert.notBefore);
  if (left <= 0) return 'bad';
  if (renewed !== undefined && renewed.body.leftShare <= point) return 'bad';
  return left > point ? 'good' : 'pending';
}

function lackOfDevice(view: View, { identity, sessions, bornAt }: Device): Lack | undefined {
  const cert = identity.certs.at(-1);
  return (
    lackOf(view, 'cert.issue', cert && { at: view.at }, bornAt) ??
    lackOf(view, 'session.open', sessions.last, bornAt) ??
    lackOf(view, 'crl.publish', view.evaluation.probes.revocations, bornAt)
  );
}

/**
 * B2.2.5 Periodic re-authentication: no live session older than `sessionMaxAge`, none on an expired or revoked
 * certificate (either breaches by itself), and at least `renewedShare` of the active devices renewed while more than
 * `renewalPoint` of the lifetime was left. A device past the point and not renewed is pending, which puts the row at
 * risk. Devices without session or certificate count neither way, nor does any without a fresh revocation list of the
 * party's CA. One subject.
 */
export const b225: Rule = {
  id: 'B2.2.5',
  reads: readsActive,
  judge: (view): Outcome => {
    const { active, silent } = activeDevices(view);
    const notes: Notes = {
      members: { good: 0, bad: 0, pending: 0, unknown: 0 },
      faults: [],
      worst: undefined,
      lack: undefined,
      refs: [],
    };
    const slack = slackOf(view);
    for (const device of active) note(view, notes, { device, slack });
    const counts = { silent, ...notes.members, faults: notes.faults.length };
    return { findings: active.length === 0 ? [] : [toFinding(view, notes)], counts };
  },
};

function note(view: View, notes: Notes, { device, slack }: { readonly device: Device; readonly slack: number }): void {
  const fault = faultOf(view, device, slack);
  if (fault !== undefined) notes.faults.push(fault);
  const missing = lackOfDevice(view, device);
  const cert = device.identity.certs.at(-1);
  const standing = missing !== undefined || cert === undefined ? 'unknown' : standingOf(view, device, cert);
  notes.members[standing]++;
  sample(notes.refs, cert?.ref);
  if (standing === 'bad' || (standing === 'pending' && notes.worst === undefined)) notes.worst = device;
  if (missing !== undefined && missing.since < (notes.lack?.since ?? Number.POSITIVE_INFINITY)) notes.lack = missing;
}

interface Notes {
  readonly members: { -readonly [S in Standing]: number };
  readonly faults: Fault[];
  worst: Device | undefined;
  lack: Lack | undefined;
  /** The first few certificates, as a sample of what the share rests on. */
  readonly refs: Ref[];
}

function toFinding(view: View, { members, faults, worst, lack, refs: sampled }: Notes): Finding {
  const [fault] = faults;
  const code = 'REAUTH_OVERDUE';
  if (fault !== undefined)
    return breached(subject, fault.why, { code, refs: faults.map(({ ref }) => ref).slice(0, 5) });
  const share = view.terms.number('renewedShare');
  const total = members.good + members.bad + members.pending + members.unknown;
  const args = {
    good: members.good,
    bad: members.bad,
    pending: members.pending,
    total,
    share: { share },
    device: worst?.id ?? '',
  };
  const status = judgeShare(members, share);
  const refs = status === 'met' ? sampled : refsOf(worst?.identity.certs.at(-1));
  if (status === 'breached') return breached(subject, why('renewal/late', args), { code, refs });
  if (status === 'unknown' && lack !== undefined)
    return {
      ...unknownBy(subject, lack),
      why: why('renewal/unknown', { ...args, unknown: members.unknown, kind: lack.kind }),
    };
  const reason = status === 'at-risk' ? why('renewal/pending', args) : why('renewal/good', args);
  return { subject, status, why: reason, refs };
}
