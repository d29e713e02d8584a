import type { Answer } from '../../app/api.ts';
import { judged, type Status } from '../../parts/statuses.ts';

export type Board = Answer<'board'>;
export type BoardRow = Board['rows'][number];
export type ClauseCounts = Board['clauses'][number];

export interface BoardFilter {
  /** `A` and `B` show the duties both share too. */
  readonly owner: 'A' | 'B' | 'all';
  readonly status: Status | 'all';
}

/** Rows a filter lets through; those that are not implemented stand apart and are no part of it. */
export function filterRows(rows: readonly BoardRow[], { owner, status }: BoardFilter): readonly BoardRow[] {
  return rows.filter(
    (row) =>
      row.status !== 'not-implemented' &&
      (owner === 'all' || row.owner.includes(owner)) &&
      (status === 'all' || row.status === status),
  );
}

export const laterRows = (rows: readonly BoardRow[], owner: BoardFilter['owner']): readonly BoardRow[] =>
  rows.filter((row) => row.status === 'not-implemented' && (owner === 'all' || row.owner.includes(owner)));

/** How many rows have each status. */
export function countRows(rows: readonly BoardRow[]): Readonly<Record<Status, number>> {
  const counts: Record<Status, number> = {
    met: 0,
    'at-risk': 0,
    breached: 0,
    unknown: 0,
    'n/a': 0,
    waived: 0,
    'not-implemented': 0,
  };
  for (const { status } of rows) counts[status] += 1;
  return counts;
}

/** Number of a status in the counts of a clause. */
export function countOf(clause: ClauseCounts, status: Status): number {
  const counts: Readonly<Record<Status, number>> = {
    met: clause.met,
    'at-risk': clause.atRisk,
    breached: clause.breached,
    unknown: clause.unknown,
    'n/a': clause.notApplicable,
    waived: clause.waived,
    'not-implemented': clause.notImplemented,
  };
  return counts[status];
}

/** Rows under their clauses, in the order of the agreement; clauses without a row are left out. */
export function groupRows(
  rows: readonly BoardRow[],
  clauses: readonly ClauseCounts[],
): readonly { readonly clause: ClauseCounts; readonly rows: readonly BoardRow[] }[] {
  return clauses
    .map((clause) => ({ clause, rows: rows.filter((row) => row.clause === clause.clause) }))
    .filter((group) => group.rows.length > 0);
}

/** What of a clause is worth a word beside its title: everything that needs somebody. */
export const worries = (rows: readonly BoardRow[]): readonly { readonly status: Status; readonly count: number }[] => {
  const counts = countRows(rows);
  return judged.flatMap((status) =>
    counts[status] > 0 && status !== 'n/a' ? [{ status, count: counts[status] }] : [],
  );
};
