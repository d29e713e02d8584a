import type { EvidenceRecord } from '@pactgate/protocol';
import { type Handlers, handle } from './handlers.ts';
import { newer, toSeen } from './newest.ts';
import type { AnyRecord, Ref, Seen } from './types.ts';
import { addTo, openTally, type Tally } from './windows.ts';

export interface Case {
  readonly id: string;
  /** Severity as confirmed. */
  readonly severity: string;
  readonly confirmed: { readonly at: number; readonly ref: Ref };
  contained: { readonly at: number; readonly ref: Ref } | undefined;
}

/** Incidents and reports of the party's devices (B2.6.2, A3.6.2). */
export interface Incidents {
  /** Confirmed, not closed; at most {@link maxCases}, contained ones make room first. */
  readonly cases: Map<string, Case>;
  /** Newest isolation probe by level. */
  readonly probes: Map<number, Seen<'probe.isolation'>>;
  /** Reports, those on time, those invalid. */
  readonly reports: Tally;
  /** Any report, ever. */
  lastReport: Seen<'incident.report'> | undefined;
  lastLate: { readonly at: number; readonly ref: Ref; readonly device: string; readonly delayMs: number } | undefined;
  readonly limits: ReportLimits;
}
export interface ReportLimits {
  readonly onlineMs: number;
  readonly reconnectMs: number;
  /** Period of the share, milliseconds. */
  readonly periodMs: number;
}
const maxCases = 1_024;

export const openIncidents = (limits: ReportLimits): Incidents => ({
  cases: new Map(),
  probes: new Map(),
  reports: openTally(limits.periodMs, 3),
  lastReport: undefined,
  lastLate: undefined,
  limits,
});

/**
 * On time: received soon after detection, or soon after the reconnect when it was detected while offline. A device
 * that was connected when it detected the event has no reconnect to wait for.
 */
function isOnTime(report: { readonly delayMs: number; readonly reconnectMs: number }, limits: ReportLimits): boolean {
  if (report.delayMs <= limits.onlineMs) return true;
  return report.delayMs > report.reconnectMs && report.reconnectMs <= limits.reconnectMs;
}

function feedReport(incidents: Incidents, record: EvidenceRecord<'incident.report'>, ref: Ref): void {
  const { body, at } = record;
  const onTime = isOnTime(body, incidents.limits);
  addTo(incidents.reports, at, [1, onTime ? 1 : 0, body.valid ? 0 : 1]);
  incidents.lastReport = newer(incidents.lastReport, toSeen(record, ref));
  if (!onTime) incidents.lastLate = { at, ref, device: body.device, delayMs: body.delayMs };
}

function confirm(incidents: Incidents, record: EvidenceRecord<'incident.confirm'>, ref: Ref): void {
  const { incident: id, severity } = record.body;
  if (incidents.cases.has(id)) return;
  if (incidents.cases.size >= maxCases) {
    const done = [...incidents.cases.values()].find(({ contained }) => contained !== undefined);
    incidents.cases.delete(done?.id ?? [...incidents.cases.keys()][0] ?? '');
  }
  incidents.cases.set(id, { id, severity, confirmed: { at: record.at, ref }, contained: undefined });
}

const incidentHandlers: Handlers<Incidents> = {
  'incident.report': feedReport,
  'incident.confirm': confirm,
  'incident.contain': (incidents, { body, at }, ref) => {
    const found = incidents.cases.get(body.incident);
    if (found) found.contained ??= { at, ref };
  },
  'incident.close': (incidents, { body }) => {
    incidents.cases.delete(body.incident);
  },
};
const isolationHandlers: Handlers<Incidents> = {
  'probe.isolation': ({ probes }, record, ref) => {
    const { level } = record.body;
    probes.set(level, newer(probes.get(level), toSeen(record, ref)));
  },
};

/** Folds a record of the agreement's log in. */
export const feedIncidents = (incidents: Incidents, record: AnyRecord, ref: Ref): void =>
  handle(incidentHandlers, incidents, record, ref);

/** Probes of isolation levels may stand in either log. */
export const feedIsolationProbes = (incidents: Incidents, record: AnyRecord, ref: Ref): void =>
  handle(isolationHandlers, incidents, record, ref);
