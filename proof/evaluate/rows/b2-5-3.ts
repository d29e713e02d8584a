import type { Device } from '../devices.ts';
import {
  activeDevices,
  breached,
  type Lack,
  met,
  missing,
  type Outcome,
  refsOf,
  unknownBy,
  type View,
  why,
} from '../finding.ts';
import { type Rule, readsActive } from '../rule.ts';
import { judgeShare, sample } from '../share.ts';
import type { Finding, Ref } from '../types.ts';

const subject = 'devices';
const code = 'VERSION_UNKNOWN';

interface Notes {
  readonly members: { good: number; bad: number; unknown: number };
  /** The oldest report past the limit that no report may pass. */
  overdue: Device | undefined;
  bad: Device | undefined;
  lack: Lack | undefined;
  /** The first few reports, as a sample of what the share rests on. */
  readonly refs: Ref[];
}

function note(view: View, notes: Notes, device: Device): void {
  const report = device.conduct.version;
  if (report === undefined) {
    notes.members.unknown++;
    notes.lack ??= missing('version.report', device.bornAt);
    return;
  }
  sample(notes.refs, report.ref);
  const age = view.at - report.at;
  const good = report.body.known && age <= view.terms.ms('reportMaxAge');
  notes.members[good ? 'good' : 'bad']++;
  if (!good) notes.bad ??= device;
  if (
    age > view.terms.ms('reportLimit') &&
    report.at < (notes.overdue?.conduct.version?.at ?? Number.POSITIVE_INFINITY)
  )
    notes.overdue = device;
}

function judgeOverdue(view: View, device: Device | undefined): Finding | undefined {
  const late = device?.conduct.version;
  if (device === undefined || late === undefined) return undefined;
  const args = { device: device.id, age: { ms: view.at - late.at }, limit: { ms: view.terms.ms('reportLimit') } };
  return breached(subject, why('version/overdue', args), { code, refs: [late.ref] });
}

function judgeReported(view: View, { members, bad, lack, refs: sampled }: Notes): Finding {
  const share = view.terms.number('reportedShare');
  const worst = bad?.conduct.version;
  const args = {
    ...members,
    total: members.good + members.bad + members.unknown,
    share: { share },
    device: bad?.id ?? '',
    version: worst?.body.version ?? '',
    limit: { ms: view.terms.ms('reportMaxAge') },
  };
  const status = judgeShare({ ...members, pending: 0 }, share);
  const refs = refsOf(worst);
  if (status === 'breached') return breached(subject, why('version/share', args), { code, refs });
  if (status === 'met') return met(subject, why('version/good', args), sampled);
  return unknownBy(
    subject,
    { ...(lack ?? missing('version.report', view.at)), why: why('version/unknown', args) },
    refs,
  );
}

/**
 * B2.5.3 Version reporting: at least `reportedShare` of the active devices have a report at most `reportMaxAge` old
 * with a known version, and no report is older than `reportLimit` (one that is breaches by itself: the criterion limits
 * the age). Devices without any report count neither way. All devices offline is an empty population: unknown, not
 * "no unknown version seen". One subject.
 */
export const b253: Rule = {
  id: 'B2.5.3',
  reads: readsActive,
  judge: (view): Outcome => {
    const { active, silent } = activeDevices(view);
    const notes: Notes = {
      members: { good: 0, bad: 0, unknown: 0 },
      overdue: undefined,
      bad: undefined,
      lack: undefined,
      refs: [],
    };
    for (const device of active) note(view, notes, device);
    return {
      findings: active.length === 0 ? [] : [judgeOverdue(view, notes.overdue) ?? judgeReported(view, notes)],
      counts: { silent, ...counted(notes) },
    };
  },
};

const counted = ({ members }: Notes): Record<string, number> => ({
  reported: members.good,
  unreported: members.bad,
  neverReported: members.unknown,
});
