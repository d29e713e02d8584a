import type { CatalogueRow, Overrides, SubDutyId } from '@pactgate/agreement';
import { ageOf, termsOf } from '@pactgate/proof';
import type { RecordKind } from '@pactgate/protocol';
import { type Duration, millis, seconds } from '../kernel/time.ts';

/** What one agreement in force says about evidence. */
export interface Agreed {
  readonly id: string;
  readonly rows: readonly CatalogueRow[];
  readonly params: Overrides;
}

/** What a job provides: kinds of evidence, and numbers of the agreement that limit its age by themselves. */
export interface Provides {
  readonly kinds: readonly RecordKind[];
  readonly params?: readonly (readonly [row: SubDutyId, param: string])[];
}

/** Evidence is made anew when this share of its age has passed: a run may fail once and still be in time. */
const share = 0.8;
/** No job runs more often than this, whatever was agreed. */
export const leastRhythm: Duration = seconds(1);

/** Ages in seconds that an agreement sets for what a job provides. */
function agesOf({ rows, params }: Agreed, provides: Provides): readonly number[] {
  const ages = rows.flatMap((row) =>
    provides.kinds.flatMap((kind) =>
      row.evidence.some((evidence) => evidence.kind === kind) ? (ageOf(row, kind, params) ?? []) : [],
    ),
  );
  const limits = (provides.params ?? []).flatMap(([id, name]) => {
    const row = rows.find((candidate) => candidate.id === id);
    return row === undefined ? [] : [termsOf(row, params).ms(name) / 1_000];
  });
  return [...ages, ...limits];
}

/**
 * How often a job must run: 80 % of the smallest age over all agreements in force, never less often than `base`, never
 * more often than once a second (clause 3.4; ages by `ageOf`).
 */
export function rhythmOf(agreements: readonly Agreed[], provides: Provides, base: Duration): Duration {
  const smallest = Math.min(...agreements.flatMap((agreed) => agesOf(agreed, provides)));
  return millis(Math.max(leastRhythm, Math.min(base, smallest * 1_000 * share)));
}

/** Smallest value of a time parameter over all agreements, the standard one where there is none. */
export function smallestOf(agreements: readonly Agreed[], row: CatalogueRow, param: string): Duration {
  const agreed = agreements.map(({ rows, params }) =>
    termsOf(rows.find(({ id }) => id === row.id) ?? row, params).ms(param),
  );
  return millis(Math.min(termsOf(row, {}).ms(param), ...agreed));
}

/** Greatest value of a count over all agreements, the standard one where there is none. */
export function largestOf(agreements: readonly Agreed[], row: CatalogueRow, param: string): number {
  const agreed = agreements.map(({ rows, params }) =>
    termsOf(rows.find(({ id }) => id === row.id) ?? row, params).number(param),
  );
  return agreed.length === 0 ? termsOf(row, {}).number(param) : Math.max(...agreed);
}

/** When a job ran. Times are of a clock that never goes back. */
export interface JobState {
  /** Start of the last run; undefined: never. */
  readonly startedAt: number | undefined;
  /** The last run failed: it is tried again sooner. */
  readonly failed: boolean;
  /** Agreements that were in force when it ran. */
  readonly covered: ReadonlySet<string>;
}

export const neverRan: JobState = { startedAt: undefined, failed: false, covered: new Set() };

/** A failed run is repeated after this, or after its rhythm if that is shorter. */
const retryAfter: Duration = seconds(10);

export interface DueAt {
  readonly now: number;
  readonly every: Duration;
  /** Agreements in force that the job must have seen; empty for a job about the platform alone. */
  readonly agreements: readonly string[];
}

/** Whether a job is due: never ran, its rhythm has passed, it failed, or an agreement came into force since. */
export function isDue({ startedAt, failed, covered }: JobState, { now, every, agreements }: DueAt): boolean {
  if (startedAt === undefined) return true;
  const wait = failed ? Math.min(every, retryAfter) : every;
  if (now - startedAt >= wait) return true;
  return !failed && agreements.some((id) => !covered.has(id));
}
