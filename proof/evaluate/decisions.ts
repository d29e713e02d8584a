import { newer } from './newest.ts';
import type { AnyRecord, Ref } from './types.ts';
import { addTo, openTally, type Tally } from './windows.ts';

/** Decisions of the platform about this agreement's devices (A3.1.3). */
export interface Decisions {
  last: { readonly at: number; readonly ref: Ref } | undefined;
  /** Decisions, timed ones, timed ones within the limit; over the age of the evidence. */
  readonly tally: Tally;
  readonly limitMs: number;
}

export const openDecisions = (windowMs: number, limitMs: number): Decisions => ({
  last: undefined,
  tally: openTally(windowMs, 3),
  limitMs,
});

/** Folds a record of the agreement's log in. Times measured against a longer limit than agreed prove nothing. */
export function feedDecisions(decisions: Decisions, record: AnyRecord, ref: Ref): void {
  if (record.kind !== 'authz.decide') return;
  const { timed = 0, within = 0, limitMs } = record.body;
  const usable = limitMs !== undefined && limitMs <= decisions.limitMs;
  decisions.last = newer(decisions.last, { at: record.at, ref });
  addTo(decisions.tally, record.at, [record.n, usable ? timed : 0, usable ? Math.min(within, timed) : 0]);
}
