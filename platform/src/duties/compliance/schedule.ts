import type { CatalogueRow, SubDutyId } from '@pactgate/agreement';
import { evaluatorId, isImplemented } from '@pactgate/proof';
import { type Duration, type Instant, millis, seconds, since } from '../../kernel/time.ts';

/** When one row was judged last, by whom, and whether a record of its evidence came since. */
interface Slot {
  readonly row: SubDutyId;
  readonly every: Duration;
  /** Kinds of evidence that the row names: they wake it before its rhythm. */
  readonly kinds: ReadonlySet<string>;
  readonly judgedAt?: Instant;
  readonly evaluator?: string;
  readonly woken: boolean;
}

/** Rhythm of the rows of one agreement. A value: every change gives a new one. */
export interface Schedule {
  readonly slots: ReadonlyMap<SubDutyId, Slot>;
  /** Least time between two judgements of one row: a flood of evidence costs one judgement per rest. */
  readonly rest: Duration;
}

export interface ScheduleOptions {
  /** Time between two judgements of a row; absent: `evaluateEverySeconds` of the row. */
  readonly every?: (row: CatalogueRow) => Duration;
  /** Default 1 s. */
  readonly rest?: Duration;
}

/** Judged at this share of the rhythm, so that one late run does not show; collectors do the same with their ages. */
const share = 0.8;
const defaultRest: Duration = seconds(1);

export const rhythmOf = (row: Pick<CatalogueRow, 'evaluateEverySeconds'>): Duration =>
  seconds(row.evaluateEverySeconds);

/** The schedule of the rows that are implemented, all of them due at once. */
export function openSchedule(rows: readonly CatalogueRow[], options: ScheduleOptions = {}): Schedule {
  const { every = rhythmOf, rest = defaultRest } = options;
  const slots = rows
    .filter(({ id }) => isImplemented(id))
    .map((row): [SubDutyId, Slot] => {
      const kinds = new Set([...row.evidence.map(({ kind }) => kind as string), 'breach.waive']);
      return [row.id, { row: row.id, every: every(row), kinds, woken: false }];
    });
  return { slots: new Map(slots), rest };
}

const replace = (schedule: Schedule, changed: readonly Slot[]): Schedule =>
  changed.length === 0
    ? schedule
    : { ...schedule, slots: new Map([...schedule.slots, ...changed.map((slot) => [slot.row, slot] as const)]) };

/** A record of this kind was sequenced: the rows that name it are due after their rest. */
export function wake(schedule: Schedule, kind: string): Schedule {
  const touched = [...schedule.slots.values()].filter((slot) => !slot.woken && slot.kinds.has(kind));
  return replace(
    schedule,
    touched.map((slot) => ({ ...slot, woken: true })),
  );
}

/** A row was judged, now or before a restart (`evaluator` of its newest `eval.result`). */
export function judged(
  schedule: Schedule,
  row: SubDutyId,
  by: { readonly at: Instant; readonly evaluator: string },
): Schedule {
  const slot = schedule.slots.get(row);
  return slot === undefined
    ? schedule
    : replace(schedule, [{ ...slot, judgedAt: by.at, evaluator: by.evaluator, woken: false }]);
}

function isDue(slot: Slot, rest: Duration, at: Instant): boolean {
  // A judgement of another evaluator says nothing about what this one would say.
  if (slot.judgedAt === undefined || slot.evaluator !== evaluatorId) return true;
  const waited = since(slot.judgedAt, at);
  if (waited < 0) return true; // the clock was set back: rather once too often
  return (slot.woken && waited >= rest) || waited >= millis(slot.every * share);
}

/** Rows to judge at a moment, those that waited longest first. */
export function dueRows(schedule: Schedule, at: Instant): readonly SubDutyId[] {
  return [...schedule.slots.values()]
    .filter((slot) => isDue(slot, schedule.rest, at))
    .toSorted((a, b) => (a.judgedAt ?? 0) - (b.judgedAt ?? 0))
    .map(({ row }) => row);
}
