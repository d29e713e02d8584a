import { Problem } from '@pactgate/protocol';
import type { Incidents } from '../../flow/incident.ts';
import type { IncidentRow, IncidentStore } from '../../flow/ports.ts';
import type { Handlers } from '../context.ts';

export interface IncidentRestParts<Tx> {
  readonly flow: Incidents;
  readonly store: IncidentStore<Tx>;
}

/** Incidents over REST (clauses 2.6, 3.6). */
export function incidentHandlers<Tx>(
  parts: IncidentRestParts<Tx>,
): Pick<Handlers, 'incidents' | 'incident' | 'moveIncident'> {
  const demand = async (agreement: string, id: string): Promise<IncidentRow> => {
    const row = await parts.store.incident(id);
    if (row?.agreement !== agreement) throw new Problem('request/not-found', 'no such incident');
    return row;
  };
  return {
    incidents: async (_, { params, query }) => {
      const page = { limit: query.limit ?? 50, ...(query.after === undefined ? {} : { after: query.after }) };
      const { items, next } = await parts.store.incidents(params.agreement, page);
      return { items: [...items], ...(next === undefined ? {} : { next }) };
    },
    incident: async (_, { params }) => {
      const incident = await demand(params.agreement, params.incident);
      const events = await parts.store.events(incident.id);
      return { incident, timeline: events.map(({ at, kind, zh, en }) => ({ at, kind, text: { zh, en } })) };
    },
    moveIncident: ({ caller }, { params, body }) =>
      parts.flow.move(params.incident, params.agreement, {
        kind: body.step,
        note: body.note,
        actor: { id: caller.id, role: caller.role },
      }),
  };
}
