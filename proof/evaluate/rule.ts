import type { SubDutyId } from '@pactgate/agreement';
import type { RecordKind } from '@pactgate/protocol';
import type { Outcome, View } from './finding.ts';

/** How one row of the catalogue is judged. */
export interface Rule {
  readonly id: SubDutyId;
  /** Kinds of record it reads beside the evidence that its row names. */
  readonly reads: readonly RecordKind[];
  judge(view: View): Outcome;
}

/** What tells which devices are active. */
export const readsActive = [
  'device.register',
  'device.state',
  'platform.start',
  'session.open',
  'session.close',
  'authz.decide',
  'msg.refuse',
  'version.report',
  'device.ports.report',
  'incident.selftest',
  'incident.report',
  'command.deliver',
  'command.result',
] as const satisfies readonly RecordKind[];
