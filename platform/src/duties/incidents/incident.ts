import type { ProblemCode, Role, Severity } from '@pactgate/protocol';
import { severities } from '@pactgate/protocol';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { Instant } from '../../kernel/time.ts';
import type { NewRecord } from '../../parties/record.ts';

export type IncidentState = 'reported' | 'confirmed' | 'contained' | 'closed';

/** An incident of one agreement. A value: every step gives a new one, and the record that says so. */
export interface Incident {
  readonly id: string;
  readonly agreement: string;
  /** Pseudonym; absent: none or several. */
  readonly device?: string;
  readonly type: string;
  readonly severity: Severity;
  readonly state: IncidentState;
  readonly openedAt: Instant;
  readonly confirmedAt?: Instant;
  readonly containedAt?: Instant;
  readonly closedAt?: Instant;
}

export interface IncidentStep {
  readonly incident: Incident;
  readonly record: NewRecord;
}
/** Who acts: a person with a role of the platform party, or the platform's own rules. */
export interface Actor {
  /** Id of the person or rule, for the record. */
  readonly id: string;
  readonly role?: Role;
}
type Outcome = Result<IncidentStep, ProblemCode>;

/** Roles that may move an incident. B reads its incidents and reports; what it says joins the case, a later issue. */
const mayMove: ReadonlySet<Role> = new Set<Role>(['a.admin', 'a.operator', 'a.security']);
const rank = (severity: Severity): number => severities.indexOf(severity);
/** From here an incident has a limit to be contained in (A3.6.2), and may not be closed without. */
const contained: Severity = 'high';

/** A new incident, from a report or a finding of the platform. */
export function openIncident(
  given: Pick<Incident, 'id' | 'agreement' | 'device' | 'type' | 'severity'>,
  at: Instant,
): IncidentStep {
  const { id, agreement, device, type, severity } = given;
  const incident: Incident = { ...given, state: 'reported', openedAt: at };
  const body = { incident: id, type, severity, ...(device === undefined ? {} : { device }) };
  return { incident, record: { agreement, kind: 'incident.open', outcome: 'opened', body } };
}

/** A further report of the same device and type: the graver severity stands. Nothing new is nothing to store. */
export function joinIncident(incident: Incident, severity: Severity): Incident | undefined {
  return rank(severity) > rank(incident.severity) ? { ...incident, severity } : undefined;
}

function allowed(incident: Incident, actor: Actor, from: readonly IncidentState[]): ProblemCode | undefined {
  if (actor.role !== undefined && !mayMove.has(actor.role)) return 'auth/forbidden';
  return from.includes(incident.state) ? undefined : 'incident/state';
}

/** Confirms an incident at a severity: the clock of its containment starts (A3.6.2). */
export function confirmIncident(incident: Incident, severity: Severity, actor: Actor, at: Instant): Outcome {
  const refusal = allowed(incident, actor, ['reported']);
  if (refusal !== undefined) return err(refusal);
  const body = { incident: incident.id, severity, by: actor.id };
  return ok({
    incident: { ...incident, severity, state: 'confirmed', confirmedAt: at },
    record: { agreement: incident.agreement, kind: 'incident.confirm', outcome: 'confirmed', body },
  });
}

/** Contains an incident: isolation acknowledged, or whatever else stops it. */
export function containIncident(incident: Incident, how: string, actor: Actor, at: Instant): Outcome {
  const refusal = allowed(incident, actor, ['confirmed']);
  if (refusal !== undefined) return err(refusal);
  const body = { incident: incident.id, how: how.slice(0, 512), by: actor.id };
  return ok({
    incident: { ...incident, state: 'contained', containedAt: at },
    record: { agreement: incident.agreement, kind: 'incident.contain', outcome: 'contained', body },
  });
}

/**
 * Closes an incident with its reason: one that was only reported (a false alarm), or contained; a confirmed one of
 * less than high severity needs no containment. A critical or high one is not closed around its limit.
 */
export function closeIncident(incident: Incident, why: string, actor: Actor, at: Instant): Outcome {
  const mild = rank(incident.severity) < rank(contained);
  const refusal = allowed(incident, actor, mild ? ['reported', 'confirmed', 'contained'] : ['reported', 'contained']);
  if (refusal !== undefined) return err(refusal);
  const body = { incident: incident.id, by: actor.id, why: why.slice(0, 512) };
  return ok({
    incident: { ...incident, state: 'closed', closedAt: at },
    record: { agreement: incident.agreement, kind: 'incident.close', outcome: 'closed', body },
  });
}
