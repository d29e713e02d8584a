import type { EvidenceRecord } from '@pactgate/protocol';
import { type Conduct, type ConductLimits, conductHandlers, feedPermits, openConduct } from './conduct.ts';
import { handle } from './handlers.ts';
import { type Identity, identityHandlers, levelAt, openIdentity } from './identity.ts';
import { cutMs, dayMs, openSessions, type SessionLimits, type Sessions, sessionHandlers } from './sessions.ts';
import type { AnyRecord, Ref } from './types.ts';

/**
 * Everything the fold keeps of one device, under its pseudonym. Bounded: at most 8 keys, 8 certificates, 16 live
 * sessions, 24 slots of two numbers, 16 gaps, and two lists of at most 512 pairs that exist only while it offends;
 * about 3 KB for an honest device, 20 KB for the worst.
 */
export interface Device {
  readonly id: string;
  /** First record about it, ledger time. */
  readonly bornAt: number;
  /** Last sign of life: a session, a decision, a report. 0: never seen. */
  seenAt: number;
  readonly identity: Identity;
  readonly sessions: Sessions;
  readonly conduct: Conduct;
}

/** Devices that are not retired. One that is retired is forgotten at once: its breaches close as cured by removal. */
export interface Devices {
  readonly byId: Map<string, Device>;
  readonly limits: SessionLimits & ConductLimits;
}

export const openDevices = (limits: SessionLimits & ConductLimits): Devices => ({ byId: new Map(), limits });

/** Kinds that bring a device into being; others about one that is unknown or retired are left alone. */
const creating: ReadonlySet<string> = new Set(['device.register', 'device.state', 'device.enrol', 'session.open']);
const signsOfLife: ReadonlySet<string> = new Set([
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
]);

const subjectOf = (record: AnyRecord): string | undefined =>
  'device' in record.body && typeof record.body.device === 'string' ? record.body.device : undefined;

function find(devices: Devices, id: string, record: AnyRecord): Device | undefined {
  const known = devices.byId.get(id);
  if (known !== undefined || !creating.has(record.kind)) return known;
  const device: Device = {
    id,
    bornAt: record.at,
    seenAt: 0,
    identity: openIdentity(),
    sessions: openSessions(),
    conduct: openConduct(),
  };
  devices.byId.set(id, device);
  return device;
}

/** Permits come aggregated over many devices. */
function feedAggregate(devices: Devices, record: EvidenceRecord<'authz.decide'>, ref: Ref): void {
  const at = Math.min(record.at, record.body.to ?? record.at);
  for (const [id, n] of Object.entries(record.body.devices ?? {})) {
    const device = devices.byId.get(id);
    if (device === undefined) continue;
    device.seenAt = Math.max(device.seenAt, at);
    feedPermits(device.conduct, n, { at, ref }, devices.limits);
    const { isolated } = device.identity;
    const from = record.body.from ?? at;
    if (levelAt(device.identity, at) >= 4 && isolated !== undefined && from > isolated.at + cutMs)
      device.identity.leak = { at, ref, what: 'authz.decide' };
  }
}

/** Folds a record of the agreement's log in. */
export function feedDevices(devices: Devices, record: AnyRecord, ref: Ref): void {
  if (record.kind === 'authz.decide' && record.body.devices !== undefined) {
    feedAggregate(devices, record, ref);
    return;
  }
  const id = subjectOf(record);
  if (id === undefined) return;
  if (record.kind === 'device.state' && record.body.state === 'retired') {
    devices.byId.delete(id);
    return;
  }
  const device = find(devices, id, record);
  if (device === undefined) return;
  if (signsOfLife.has(record.kind)) device.seenAt = Math.max(device.seenAt, record.at);
  const { identity, sessions, conduct } = device;
  const { limits } = devices;
  handle(sessionHandlers, { sessions, identity, limits }, record, ref);
  handle(identityHandlers, identity, record, ref);
  handle(conductHandlers, { conduct, limits }, record, ref);
}

/** Live sessions of a device: those opened since the platform last started, for a start ends all of before. */
export const liveSessionsOf = (device: Device, startedAt: number): Sessions['live'] =>
  device.sessions.live.filter(({ at }) => at >= startedAt);

/** Active: in state `active`, and seen in the last 24 h or connected now. */
export const isActive = (device: Device, at: number, startedAt: number): boolean =>
  device.identity.state === 'active' &&
  ((device.seenAt > 0 && at - device.seenAt <= dayMs) || liveSessionsOf(device, startedAt).length > 0);
