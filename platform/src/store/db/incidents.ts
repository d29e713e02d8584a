import type { Severity } from '@pactgate/protocol';
import type { IncidentRow, IncidentState, IncidentStore, ReportRow, SequenceRow } from '../../flow/ports.ts';
import { instant } from '../../kernel/time.ts';
import { cursorOf, toPage } from './paging.ts';
import type { Db, Tx } from './schema.ts';
import type { ConductTables } from './tables/conduct.ts';

const toIncident = (row: ConductTables['incident']): IncidentRow => ({
  id: row.id,
  agreement: row.agreement,
  ...(row.device === null ? {} : { device: row.device }),
  type: row.type,
  severity: row.severity as Severity, // written from the checked report
  state: row.state as IncidentState, // held by the table's check
  openedAt: instant(row.opened),
  ...(row.confirmed === null ? {} : { confirmedAt: instant(row.confirmed) }),
  ...(row.contained === null ? {} : { containedAt: instant(row.contained) }),
  ...(row.closed === null ? {} : { closedAt: instant(row.closed) }),
  reports: row.reports,
  summary: row.summary,
});

const fromIncident = (incident: IncidentRow): ConductTables['incident'] => ({
  id: incident.id,
  agreement: incident.agreement,
  device: incident.device ?? null,
  type: incident.type,
  severity: incident.severity,
  state: incident.state,
  opened: incident.openedAt,
  confirmed: incident.confirmedAt ?? null,
  contained: incident.containedAt ?? null,
  closed: incident.closedAt ?? null,
  reports: incident.reports,
  summary: incident.summary,
});

const columns = [
  'id',
  'agreement',
  'device',
  'type',
  'severity',
  'state',
  'opened',
  'confirmed',
  'contained',
  'closed',
  'reports',
  'summary',
] as const;

/** Incidents, their timelines and the device reports behind them (B2.6.2, A3.6.2). */
export function incidentStore(db: Db): IncidentStore<Tx> {
  return {
    add: async (tx, incident) => {
      await tx.insertInto('incident').values(fromIncident(incident)).execute();
    },
    move: async (tx, incident, to) => {
      const { numUpdatedRows } = await tx
        .updateTable('incident')
        .set(fromIncident(to))
        .where('id', '=', incident.id)
        .where('state', '=', incident.state)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    addEvent: async (tx, event) => {
      await tx
        .insertInto('incident_event')
        .values({ incident: event.incident, at: event.at, kind: event.kind, zh: event.zh, en: event.en })
        .execute();
    },
    incident: async (id) => {
      const row = await db.selectFrom('incident').select(columns).where('id', '=', id).executeTakeFirst();
      return row && toIncident(row);
    },
    openOf: async ({ agreement, device }, type) => {
      const row = await db
        .selectFrom('incident')
        .select(columns)
        .where('agreement', '=', agreement)
        .where('device', '=', device)
        .where('type', '=', type)
        .where('state', '!=', 'closed')
        .orderBy('opened', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && toIncident(row);
    },
    incidents: async (agreement, page) => {
      let query = db.selectFrom('incident').select(columns).where('agreement', '=', agreement);
      const cursor = cursorOf(page);
      if (cursor !== undefined) query = query.where('opened', '<', cursor);
      const rows = await query
        .orderBy('opened', 'desc')
        .limit(page.limit + 1)
        .execute();
      return toPage(rows, page, { item: toIncident, cursor: (row) => row.opened });
    },
    events: async (incident) => {
      const rows = await db
        .selectFrom('incident_event')
        .select(['incident', 'at', 'kind', 'zh', 'en'])
        .where('incident', '=', incident)
        .orderBy('id')
        .limit(1_000)
        .execute();
      return rows.map((row) => ({ ...row, at: instant(row.at) }));
    },
    ...reports(db),
  };
}

const reports = (
  db: Db,
): Pick<IncidentStore<Tx>, 'report' | 'reportOf' | 'putReport' | 'sequence' | 'putSequence'> => ({
  report: async ({ agreement, device }, report) => {
    const row = await reportQuery(db, agreement, device).where('report', '=', report).executeTakeFirst();
    return row && ({ ...row, received: instant(row.received) } satisfies ReportRow);
  },
  reportOf: async ({ agreement, device }, seq) => {
    const row = await reportQuery(db, agreement, device).where('seq', '=', seq).limit(1).executeTakeFirst();
    return row && ({ ...row, received: instant(row.received) } satisfies ReportRow);
  },
  putReport: async (tx, report) => {
    await tx.insertInto('device_report').values(report).execute();
  },
  sequence: async ({ agreement, device }) => {
    const row = await db
      .selectFrom('device_sequence')
      .select(['boot', 'seq', 'gaps'])
      .where('agreement', '=', agreement)
      .where('device', '=', device)
      .executeTakeFirst();
    return row && { boot: row.boot, highest: row.seq, gaps: JSON.parse(row.gaps) as SequenceRow['gaps'] }; // written below
  },
  putSequence: async (tx, { agreement, device }, { boot, highest, gaps }) => {
    const values = { boot, seq: highest, gaps: JSON.stringify(gaps) };
    await tx
      .insertInto('device_sequence')
      .values({ agreement, device, ...values })
      .onConflict((conflict) => conflict.columns(['agreement', 'device']).doUpdateSet(values))
      .execute();
  },
});

const reportQuery = (db: Db, agreement: string, device: string) =>
  db
    .selectFrom('device_report')
    .select(['agreement', 'device', 'report', 'seq', 'boot', 'digest', 'received'])
    .where('agreement', '=', agreement)
    .where('device', '=', device);
