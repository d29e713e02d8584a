import { canonicalBytes, encodeHex, type JsonValue, type ProofCrypto } from '@pactgate/proof';
import { Problem, type SecurityReport, type Severity } from '@pactgate/protocol';
import {
  type Actor,
  closeIncident,
  confirmIncident,
  containIncident,
  contiguousOf,
  type Incident,
  joinIncident,
  judgeSequence,
  noReports,
  openIncident,
  opensIncident,
  overflowOf,
  reportRecord,
  timesOf,
} from '../duties/incidents/index.ts';
import { type RandomBytes, uuidv7 } from '../kernel/ids.ts';
import { type Clock, type Instant, instant } from '../kernel/time.ts';
import type { Transact } from '../kernel/transact.ts';
import type { NewRecord } from '../parties/record.ts';
import type { LiveSession } from './device-session.ts';
import type { IncidentEvent, IncidentRow, IncidentStore } from './ports.ts';
import type { Recorder } from './recorder.ts';
import type { ControlMessage } from './uplink.ts';

export interface IncidentParts<Tx> {
  readonly store: IncidentStore<Tx>;
  readonly recorder: Recorder<Tx>;
  readonly transact: Transact<Tx>;
  readonly crypto: Pick<ProofCrypto, 'sha256'>;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Pseudonym of a device, for records. */
  readonly pseudonymOf: (agreement: string, device: string) => string | undefined;
  /** The report is durable: tell the device up to where all is known. */
  readonly receipt: (session: LiveSession, contiguous: number) => void;
  /** The same number or id with another content: two histories of one identity. */
  readonly forked: (session: LiveSession, what: 'sequence' | 'boot') => void;
}

export interface Incidents {
  /** Takes a security report of a device (B2.6.2); durable when it resolves. */
  report(message: ControlMessage, report: SecurityReport): Promise<void>;
  /** Opens an incident from a finding of the platform itself. */
  open(given: {
    readonly agreement: string;
    readonly device?: string;
    readonly type: string;
    readonly severity: Severity;
    readonly summary: string;
  }): Promise<string>;
  /** A step of a person; `incident/state` or `auth/forbidden` otherwise. */
  move(
    id: string,
    agreement: string,
    step: { readonly kind: 'confirm' | 'contain' | 'close'; readonly note: string; readonly actor: Actor },
  ): Promise<IncidentRow>;
}

/** Reports and incidents (clauses 2.6, 3.6): one report at a time for each device, so that its numbers are judged in order. */
export function makeIncidents<Tx>(parts: IncidentParts<Tx>): Incidents {
  const tails = new Map<string, Promise<void>>();
  return {
    report: (message, report) => {
      const key = `${message.session.agreement}/${message.session.device}`;
      const done = (tails.get(key) ?? Promise.resolve()).then(() => take(parts, message, report));
      const tail = done.catch(() => undefined); // the sender gets the error; the next report must not
      tails.set(key, tail);
      void tail.then(() => tails.get(key) === tail && tails.delete(key));
      return done;
    },
    open: async (given) => {
      const { row, records, event } = newIncident(parts, given, parts.clock.now());
      await parts.transact(async (tx) => {
        await parts.store.add(tx, row);
        await parts.store.addEvent(tx, event);
        await parts.recorder.recordIn(tx, records);
      });
      return row.id;
    },
    move: (id, agreement, step) => move(parts, id, agreement, step),
  };
}

type New = Parameters<Incidents['open']>[0];

function newIncident<Tx>(
  parts: IncidentParts<Tx>,
  given: New,
  at: Instant,
): { readonly row: IncidentRow; readonly records: readonly NewRecord[]; readonly event: IncidentEvent } {
  const { agreement, device, type, severity, summary } = given;
  const id = uuidv7(at, parts.random);
  const pseudonym = device === undefined ? undefined : parts.pseudonymOf(agreement, device);
  const { record } = openIncident(
    { id, agreement, type, severity, ...(pseudonym === undefined ? {} : { device: pseudonym }) },
    at,
  );
  const named = device === undefined ? {} : { device };
  const row: IncidentRow = {
    id,
    agreement,
    ...named,
    type,
    severity,
    state: 'reported',
    openedAt: at,
    reports: 1,
    summary,
  };
  const event = { incident: id, at, kind: 'opened', zh: `事件已建立：${summary}`, en: `Opened: ${summary}` };
  return { row, records: [record], event };
}

async function take<Tx>(parts: IncidentParts<Tx>, message: ControlMessage, report: SecurityReport): Promise<void> {
  const { session, receivedAt } = message;
  const ref = { agreement: session.agreement, device: session.device };
  // JSON by its parser and its schema.
  const digest = encodeHex(parts.crypto.sha256(canonicalBytes(report as unknown as JsonValue)));
  const explains = overflowOf(report);
  const known = await parts.store.sequence(ref);
  const [sameId, sameSeq] = await Promise.all([
    parts.store.report(ref, report.id),
    parts.store.reportOf(ref, report.seq),
  ]);
  const verdict = judgeSequence(
    known ?? noReports,
    { id: report.id, seq: report.seq, boot: report.boot, digest, ...(explains ? { explains } : {}) },
    { ...(sameId ? { sameId } : {}), ...(sameSeq ? { sameSeq: { digest: sameSeq.digest, id: sameSeq.report } } : {}) },
  );
  if (verdict.verdict === 'duplicate') {
    parts.receipt(session, contiguousOf(known ?? noReports));
    return;
  }
  if (verdict.verdict === 'changed') {
    parts.forked(session, 'sequence');
    throw new Problem('event/invalid', `this ${verdict.what} was used for another report`);
  }
  if (verdict.bootBackwards) parts.forked(session, 'boot');
  const times = { ...timesOf(report, { at: instant(session.openedAt) }, receivedAt), receivedAt };
  const record: NewRecord = {
    agreement: session.agreement,
    kind: 'incident.report',
    outcome: 'received',
    body: reportRecord(session.pseudonym, report, times, verdict.gaps),
  };
  const concerned = opensIncident(report) ? await parts.store.openOf(ref, report.type) : undefined;
  await parts.transact(async (tx) => {
    await parts.store.putReport(tx, {
      ...ref,
      report: report.id,
      seq: report.seq,
      boot: report.boot,
      digest,
      received: receivedAt,
    });
    await parts.store.putSequence(tx, ref, verdict.next);
    const more = opensIncident(report) ? await joinOrOpen(parts, tx, { message, report, concerned }) : [];
    await parts.recorder.recordIn(tx, [record, ...more]);
  });
  parts.receipt(session, contiguousOf(verdict.next));
}

/** The open incident of this device and type gets one report more; without one, one is opened. */
async function joinOrOpen<Tx>(
  parts: IncidentParts<Tx>,
  tx: Tx,
  given: {
    readonly message: ControlMessage;
    readonly report: SecurityReport;
    readonly concerned: IncidentRow | undefined;
  },
): Promise<readonly NewRecord[]> {
  const { message, report, concerned } = given;
  const { session, receivedAt: at } = message;
  if (!concerned) {
    const summary = `${report.type}${report.check === undefined ? '' : ` (${report.check})`}`;
    const made = newIncident(
      parts,
      { agreement: session.agreement, device: session.device, type: report.type, severity: report.severity, summary },
      at,
    );
    await parts.store.add(tx, made.row);
    await parts.store.addEvent(tx, made.event);
    return made.records;
  }
  const severity = joinIncident(toIncident(concerned), report.severity)?.severity ?? concerned.severity;
  await parts.store.move(tx, concerned, { ...concerned, severity, reports: concerned.reports + 1 });
  await parts.store.addEvent(tx, {
    incident: concerned.id,
    at,
    kind: 'report',
    zh: `设备再次上报（序号 ${report.seq}，级别 ${report.severity}）`,
    en: `Reported again (number ${report.seq}, severity ${report.severity})`,
  });
  return [];
}

const toIncident = (row: IncidentRow): Incident => ({
  id: row.id,
  agreement: row.agreement,
  type: row.type,
  severity: row.severity,
  state: row.state,
  openedAt: row.openedAt,
  ...(row.confirmedAt === undefined ? {} : { confirmedAt: row.confirmedAt }),
  ...(row.containedAt === undefined ? {} : { containedAt: row.containedAt }),
});

const stepWords = {
  confirm: { zh: '已确认', en: 'Confirmed' },
  contain: { zh: '已遏制', en: 'Contained' },
  close: { zh: '已关闭', en: 'Closed' },
} as const;

async function move<Tx>(
  parts: IncidentParts<Tx>,
  id: string,
  agreement: string,
  { kind, note, actor }: Parameters<Incidents['move']>[2],
): Promise<IncidentRow> {
  const row = await parts.store.incident(id);
  if (row?.agreement !== agreement) throw new Problem('request/not-found', 'no such incident');
  const at = parts.clock.now();
  const incident = toIncident(row);
  const outcome =
    kind === 'confirm'
      ? confirmIncident(incident, row.severity, actor, at)
      : kind === 'contain'
        ? containIncident(incident, note, actor, at)
        : closeIncident(incident, note, actor, at);
  if (!outcome.ok) throw new Problem(outcome.error, `the incident is ${row.state}`);
  const { state, confirmedAt, containedAt, closedAt } = outcome.value.incident;
  const next: IncidentRow = {
    ...row,
    state,
    ...(confirmedAt === undefined ? {} : { confirmedAt }),
    ...(containedAt === undefined ? {} : { containedAt }),
    ...(closedAt === undefined ? {} : { closedAt }),
  };
  await parts.transact(async (tx) => {
    if (!(await parts.store.move(tx, row, next)))
      throw new Problem('request/conflict', 'the incident was changed meanwhile');
    const { zh, en } = stepWords[kind];
    await parts.store.addEvent(tx, { incident: id, at, kind, zh: `${zh}：${note}`, en: `${en}: ${note}` });
    await parts.recorder.recordIn(tx, [outcome.value.record]);
  });
  return next;
}
