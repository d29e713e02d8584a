import { type CatalogueRow, type ClauseId, clauses, type Owner, type SubDutyId } from '@pactgate/agreement';
import { evaluatorId, explain, isImplemented, type OpenBreach, type Status } from '@pactgate/proof';
import type { RecordBody, Texts } from '@pactgate/protocol';
import type { Duration, Instant } from '../../kernel/time.ts';
import { rhythmOf } from './schedule.ts';

/** One line of the clause board, the same for both parties: status, since when, on what, and why. */
export interface BoardRow {
  readonly row: SubDutyId;
  readonly clause: ClauseId;
  readonly owner: Owner;
  readonly nameZh: string;
  readonly nameEn: string;
  readonly status: Status | 'not-implemented';
  /** Absent: never judged. */
  readonly judgedAt?: Instant;
  /** Time of the newest record it rests on. */
  readonly evidenceAt?: Instant;
  /** Lowest grade of the evidence, 0 to 3. */
  readonly grade?: number;
  readonly counts: Readonly<Record<string, number>>;
  /** Subjects that are not met, worst first, at most {@link maxReasons}. */
  readonly reasons: readonly { readonly subject: string; readonly status: Status; readonly why: Texts }[];
  readonly openBreaches: number;
  /** The nearest of their deadlines. */
  readonly deadline?: Instant;
}
const maxReasons = 5;

/** Counts of one clause, for the head of the board and the report; those not implemented apart. */
export interface BoardClause {
  readonly clause: ClauseId;
  readonly met: number;
  readonly atRisk: number;
  readonly breached: number;
  readonly unknown: number;
  readonly notApplicable: number;
  readonly waived: number;
  readonly notImplemented: number;
}
export interface Board {
  readonly rows: readonly BoardRow[];
  readonly clauses: readonly BoardClause[];
}

type Result = RecordBody<'eval.result'>;

export interface BoardInput {
  /** Rows of the edition in force. */
  readonly rows: readonly CatalogueRow[];
  /** Newest `eval.result` of each row. */
  readonly results: ReadonlyMap<string, Result>;
  readonly breaches: readonly OpenBreach[];
  readonly at: Instant;
  /** Rhythm of a row, as the schedule has it; absent: the catalogue's. */
  readonly every?: (row: CatalogueRow) => Duration;
}

/** A result that nobody renews says nothing of today: neither an old one nor one of another evaluator. */
function reasonNotCurrent(result: Result, at: Instant, every: Duration): Texts | undefined {
  if (result.evaluator !== evaluatorId)
    return explain({ code: 'evaluator/changed', args: { evaluator: result.evaluator } });
  const age = at - result.at;
  if (age <= 2 * every) return undefined;
  return explain({ code: 'judgement/stale', args: { age: { ms: age }, every: { ms: every } } });
}

function toRow(input: BoardInput, row: CatalogueRow): BoardRow {
  const { id, clause, owner, nameZh, nameEn } = row;
  const named = { row: id, clause, owner, nameZh, nameEn };
  const none = { ...named, counts: {}, reasons: [], openBreaches: 0 };
  if (!isImplemented(id)) return { ...none, status: 'not-implemented' };
  const result = input.results.get(id);
  if (result === undefined) return { ...none, status: 'unknown' };
  const open = input.breaches.filter((breach) => breach.row === id);
  const deadlines = open.flatMap(({ deadline }) => deadline ?? []);
  const stale = reasonNotCurrent(result, input.at, input.every?.(row) ?? rhythmOf(row));
  const reasons = result.subjects
    .slice(0, maxReasons)
    .map(({ subject, status, why, zh }) => ({ subject, status, why: { zh, en: why } }));
  return {
    ...named,
    status: stale === undefined ? result.status : 'unknown',
    judgedAt: instantOf(result.at),
    ...(result.evidenceAt === undefined ? {} : { evidenceAt: instantOf(result.evidenceAt) }),
    grade: result.grade,
    counts: result.counts,
    reasons: stale === undefined ? reasons : [{ subject: id, status: 'unknown', why: stale }],
    openBreaches: open.length,
    ...(deadlines.length === 0 ? {} : { deadline: instantOf(Math.min(...deadlines)) }),
  };
}
const instantOf = (at: number): Instant => at as Instant; // epoch milliseconds by its schema

function countClause(clause: ClauseId, rows: readonly BoardRow[]): BoardClause {
  const count = (status: BoardRow['status']): number =>
    rows.filter((row) => row.clause === clause && row.status === status).length;
  return {
    clause,
    met: count('met'),
    atRisk: count('at-risk'),
    breached: count('breached'),
    unknown: count('unknown'),
    notApplicable: count('n/a'),
    waived: count('waived'),
    notImplemented: count('not-implemented'),
  };
}

/** The clause board of an agreement, from the records alone: newest results, open breaches. */
export function toBoard(input: BoardInput): Board {
  const rows = input.rows.map((row) => toRow(input, row));
  return { rows, clauses: clauses.map((clause) => countClause(clause, rows)) };
}
