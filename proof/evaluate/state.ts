import { type CatalogueRow, catalogue, rowOf, type SubDutyId } from '@pactgate/agreement';
import type { EvidenceRecord } from '@pactgate/protocol';
import { type Decisions, feedDecisions, openDecisions } from './decisions.ts';
import { type Devices, feedDevices, openDevices } from './devices.ts';
import { feedIncidents, feedIsolationProbes, type Incidents, openIncidents } from './incidents.ts';
import { feedLedger, type Ledger, logNameOf, openLedger } from './ledger.ts';
import { feedListeners, type Listeners } from './listeners.ts';
import { feedModels, type Models, openModels } from './models.ts';
import { feedProbes, openProbes, type Probes } from './probes.ts';
import { feedProofs, openProofs, type Proofs } from './proofs.ts';
import { feedSignatures, openSignatures, type Signatures } from './signatures.ts';
import { type Terms, termsOf } from './terms.ts';
import type { AgreementFacts, AnyRecord, Ref } from './types.ts';

/**
 * What the fold keeps of the records of one agreement. Change it only through {@link feed}.
 *
 * Memory: about 3 KB a device that is not retired (see `devices.ts`), at most 1,024 models, listeners, issuers, logs,
 * open cases and waivers, 64 records of each kind that is judged over several windows.
 */
export interface Evaluation {
  readonly facts: AgreementFacts;
  readonly rows: ReadonlyMap<string, CatalogueRow>;
  readonly devices: Devices;
  readonly models: Models;
  readonly listeners: Listeners;
  readonly ledger: Ledger;
  readonly probes: Probes;
  readonly proofs: Proofs;
  readonly incidents: Incidents;
  readonly signatures: Signatures;
  readonly decisions: Decisions;
  /** Next index expected of each log shard. */
  readonly next: Map<string, number>;
  /** Running maximum of time of each log. */
  readonly clocks: Map<string, number>;
  /** Running maximum over the logs: no judgement is earlier. */
  now: number;
  /** Time of the first record of the agreement's own log: nothing is missing since before. Undefined before any. */
  openedAt: number | undefined;
}

const dayMs = 86_400_000;

/** The row of the edition in force, the standard one where the edition left it out. */
export const editionRow = (evaluation: Pick<Evaluation, 'rows'>, id: SubDutyId): CatalogueRow =>
  evaluation.rows.get(id) ?? rowOf(id);

/** Begins the fold of one agreement. Records follow by {@link feed}, each log from its first, in its order. */
export function openEvaluation(facts: AgreementFacts): Evaluation {
  const rows = new Map((facts.rows ?? catalogue.rows).map((row) => [row.id as string, row]));
  const terms = (id: SubDutyId): Terms => termsOf(editionRow({ rows }, id), facts.params);
  const overreach = terms('B2.2.6');
  const reporting = terms('B2.6.2');
  const deciding = terms('A3.1.3');
  return {
    facts,
    rows,
    devices: openDevices({
      minTls: Number(terms('B2.3.1').text('minTls')),
      maxFailures: terms('B2.2.4').number('maxFailures'),
      warnAbove: overreach.number('warnAbove'),
      shareWindowMs: overreach.ms('shareWindow'),
    }),
    models: openModels(terms('B2.4.1').age('msg.validate') ?? dayMs),
    listeners: new Map(),
    ledger: openLedger(),
    probes: openProbes(),
    proofs: openProofs(),
    incidents: openIncidents({
      onlineMs: reporting.ms('onlineWithin'),
      reconnectMs: reporting.ms('reconnectWithin'),
      periodMs: reporting.age('incident.selftest') ?? 30 * dayMs,
    }),
    signatures: openSignatures(facts),
    decisions: openDecisions(deciding.age('authz.decide') ?? dayMs, deciding.ms('decideWithin')),
    next: new Map(),
    clocks: new Map(),
    now: 0,
    openedAt: undefined,
  };
}

/**
 * Folds one record in.
 *
 * Records of a log come in its order; those of the agreement's log and of the platform's may be mixed in any way
 * without changing a judgement. One that was fed before is passed over; one of another agreement or of the master log
 * is none of ours and passed over too. The body must have been checked against `recordBodies`. Time is the running
 * maximum of its log, so a clock set back ages nothing and shortens no timer.
 */
export function feed(evaluation: Evaluation, given: EvidenceRecord): void {
  const place = pass(evaluation, given);
  if (place === undefined) return;
  const { at, own } = place;
  // The body was checked against the schema of the kind, so the pair is a member of the union.
  const record = (at === given.at ? given : { ...given, at }) as AnyRecord;
  const ref: Ref = { origin: given.origin, index: given.index, at };
  if (own) feedOwn(evaluation, record, ref);
  feedShared(evaluation, record, ref, own);
}

/**
 * Passes a place of a log whose record says nothing here: of an unknown kind, or without its body. Its time counts, as
 * it did for whoever had the body.
 *
 * @returns ledger time, and whether the log is the agreement's own; undefined: passed before, or none of ours
 */
export function pass(
  evaluation: Evaluation,
  given: { readonly origin: string; readonly index: number; readonly at: number },
): { readonly at: number; readonly own: boolean } | undefined {
  const name = logNameOf(given.origin);
  const own = name === evaluation.facts.agreement;
  if (!own && name !== 'platform') return undefined;
  if (given.index < (evaluation.next.get(given.origin) ?? 0)) return undefined;
  evaluation.next.set(given.origin, given.index + 1);

  const at = Math.max(given.at, evaluation.clocks.get(name) ?? 0);
  evaluation.clocks.set(name, at);
  evaluation.now = Math.max(evaluation.now, at);
  if (own) evaluation.openedAt ??= at;
  return { at, own };
}

/** What only the agreement's own log can tell. */
function feedOwn(evaluation: Evaluation, record: AnyRecord, ref: Ref): void {
  feedDevices(evaluation.devices, record, ref);
  feedModels(evaluation.models, record, ref);
  feedDecisions(evaluation.decisions, record, ref);
  feedIncidents(evaluation.incidents, record, ref);
  feedSignatures(evaluation.signatures, record, ref);
}

/** What may stand in the agreement's log or in the platform's. */
function feedShared(evaluation: Evaluation, record: AnyRecord, ref: Ref, own: boolean): void {
  const concerns = (origin: string): boolean => isConcerned(evaluation, origin);
  if (own || record.kind !== 'session.open') feedListeners(evaluation.listeners, record, ref);
  feedLedger(evaluation.ledger, record, ref, concerns);
  feedProbes(evaluation.probes, record, ref, own);
  feedProofs(evaluation.proofs, record, ref, concerns);
  feedIsolationProbes(evaluation.incidents, record, ref);
}

/** Whether a log is the agreement's, the platform's or the master log. */
export function isConcerned(evaluation: Pick<Evaluation, 'facts'>, origin: string): boolean {
  const name = logNameOf(origin);
  return name === evaluation.facts.agreement || name === 'platform' || name === 'master';
}

/**
 * How a subject that was judged before has left for good: a device that is retired or unknown, an incident that is
 * closed. Undefined: it is still there, or only silent.
 */
export function departureOf(
  evaluation: Evaluation,
  row: SubDutyId,
  subject: string,
): 'cured-by-removal' | 'incident-closed' | undefined {
  if (/^d_[A-Za-z0-9_-]{16}$/.test(subject))
    return evaluation.devices.byId.has(subject) ? undefined : 'cured-by-removal';
  if (row !== 'A3.6.2' || subject.startsWith('level-') || subject.startsWith('evidence:')) return undefined;
  return evaluation.incidents.cases.has(subject) ? undefined : 'incident-closed';
}
