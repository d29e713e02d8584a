import type { RecordKind } from '@pactgate/protocol';
import { type Device, isActive } from './devices.ts';
import { type Evaluation, editionRow, isConcerned } from './state.ts';
import { type Terms, termsOf } from './terms.ts';
import type { Finding, Ref, Seen, Status } from './types.ts';
import type { Why, WhyArg, WhyCode } from './why.ts';

/** What a row's rule looks at: the fold, the moment, and the row's own terms. */
export interface View {
  readonly evaluation: Evaluation;
  readonly at: number;
  readonly terms: Terms;
}
/** What a rule finds: every subject of its population, and what it counts beside. */
export interface Outcome {
  readonly findings: readonly Finding[];
  readonly counts?: Readonly<Record<string, number>>;
}

export const why = (code: WhyCode, args?: Readonly<Record<string, WhyArg>>): Why =>
  args === undefined ? { code } : { code, args };

const finding =
  (status: Status) =>
  (subject: string, reason: Why, refs: readonly Ref[] = []): Finding => ({ subject, status, why: reason, refs });

export const met = finding('met');
export const atRisk = finding('at-risk');
export const unknown = finding('unknown');
export const notApplicable = finding('n/a');

/** What a breach says beside its subject and reason. */
export interface BreachOf {
  readonly code: string;
  readonly refs?: readonly Ref[];
  readonly owner?: 'A' | 'B';
  readonly cureMs?: number | null;
}
export const breached = (subject: string, reason: Why, { refs = [], ...rest }: BreachOf): Finding => ({
  subject,
  status: 'breached',
  why: reason,
  refs,
  ...rest,
});

/** Why a kind of evidence does not count, and since when. */
export interface Lack {
  readonly kind: RecordKind;
  readonly since: number;
  readonly why: Why;
}
export const missing = (kind: RecordKind, since: number): Lack => ({
  kind,
  since,
  why: why('evidence/missing', { kind }),
});

/** Whether the newest record of a kind is missing (since `bornAt` of the subject) or older than the row's age for it. */
export function lackOf(
  view: View,
  kind: RecordKind,
  seen: { readonly at: number } | undefined,
  bornAt: number,
): Lack | undefined {
  if (seen === undefined) return missing(kind, bornAt);
  const age = view.terms.age(kind);
  if (age === null || view.at - seen.at <= age) return undefined;
  const old = { ms: view.at - seen.at };
  return { kind, since: seen.at + age, why: why('evidence/stale', { kind, old, limit: { ms: age } }) };
}
export const unknownBy = (subject: string, lack: Lack, refs: readonly Ref[] = []): Finding => ({
  subject,
  status: 'unknown',
  why: lack.why,
  refs,
  kind: lack.kind,
  since: lack.since,
});

/** Places of those records that there are. */
export const refsOf = (...seen: readonly ({ readonly ref: Ref } | undefined)[]): readonly Ref[] =>
  seen.flatMap((one) => one?.ref ?? []);

/** Since when a kind can be missing: the first record of the agreement's log. */
export const beginning = ({ evaluation, at }: View): number => evaluation.openedAt ?? at;

/** Devices in state `active` and seen in the last 24 h, and the number of silent ones. */
export function activeDevices(view: View): { readonly active: readonly Device[]; readonly silent: number } {
  const { devices, probes } = view.evaluation;
  const all = [...devices.byId.values()].filter(({ identity }) => identity.state === 'active');
  const active = all.filter((device) => isActive(device, view.at, probes.startedAt));
  return { active, silent: all.length - active.length };
}

/** Models that have an active device. */
export const activeModels = (view: View): ReadonlySet<string> =>
  new Set(activeDevices(view).active.flatMap(({ identity }) => identity.model ?? []));

/** Sums of a reconciliation that concern this agreement. */
export interface Reconciled {
  readonly sources: readonly {
    readonly source: string;
    readonly log: string;
    readonly counted: number;
    readonly logged: number;
  }[];
}
export const sourcesOf = (view: View, seen: Seen<'ledger.reconcile'>): Reconciled['sources'] =>
  seen.body.sources.filter(({ log }) => isConcerned(view.evaluation, log));

/**
 * Whether the sources of events are whole: a reconciliation not older than A3.4.1 allows, in which every counter of
 * the gateway equals the leaves. Event-driven rows (B2.2.3, B2.3.1, B2.6.2) hold their last state only while it is so.
 */
export function brokenSources(view: View): Lack | undefined {
  const { ledger, facts } = view.evaluation;
  const terms = termsOf(editionRow(view.evaluation, 'A3.4.1'), facts.params);
  const own: View = { ...view, terms };
  const lack = lackOf(own, 'ledger.reconcile', ledger.reconciled.at(-1), beginning(view));
  if (lack !== undefined) return lack;
  const age = terms.age('ledger.reconcile') ?? Number.POSITIVE_INFINITY;
  for (const seen of ledger.reconciled) {
    if (view.at - seen.at > age) continue;
    const gap = sourcesOf(view, seen).find(({ counted, logged }) => counted !== logged);
    if (gap === undefined) continue;
    const { source, counted, logged } = gap;
    return { kind: 'ledger.reconcile', since: seen.at, why: why('sources/broken', { source, counted, logged }) };
  }
  return undefined;
}
