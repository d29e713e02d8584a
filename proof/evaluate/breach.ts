import { type CatalogueRow, cureSecondsOf, type Overrides, paramSeconds, valuesOf } from '@pactgate/agreement';
import type { EvidenceRecord, RecordBody } from '@pactgate/protocol';
import { collectorOf } from './grade.ts';
import { ownerOf } from './judge.ts';
import { departureOf, type Evaluation, editionRow } from './state.ts';
import { ageOf } from './terms.ts';
import type { Finding, Judgement } from './types.ts';
import { explain } from './why.ts';

/** Code of a breach against whoever collects a kind of evidence that stayed away for more than twice its age. */
export const evidenceOverdue = 'EVIDENCE_OVERDUE';
/** Breaches opened in one step at most; the next judgement opens more. */
export const maxOpened = 100;

export type BreachKind = 'breach.open' | 'breach.notify' | 'breach.cure' | 'breach.close';
/** A record of the life of a breach, ready to be recorded in the agreement's log. */
export type BreachRecord = {
  [K in BreachKind]: { readonly kind: K; readonly outcome: string; readonly body: RecordBody<K> };
}[BreachKind];

export interface OpenBreach {
  readonly id: string;
  readonly row: string;
  readonly code: string;
  readonly owner: string;
  readonly subject: string;
  /** Epoch milliseconds; absent: the row gives none. */
  readonly deadline?: number;
}

/** Breaches that are not closed, by row, subject and code. Kept by the records alone: {@link foldBreach}. */
export interface Breaches {
  readonly open: Map<string, OpenBreach>;
}
export const openBreaches = (): Breaches => ({ open: new Map() });

type Named = Pick<OpenBreach, 'row' | 'subject' | 'code'>;
const keyOf = ({ row, subject, code }: Named): string => `${row} ${code} ${subject}`;

/** Folds a record in; all but the opening and the closing change nothing that a restart would need. */
export function foldBreach(breaches: Breaches, record: Pick<EvidenceRecord, 'kind' | 'body'> | BreachRecord): void {
  const { kind, body } = record;
  if (kind === 'breach.open' && 'code' in body && 'observed' in body) {
    const { breach: id, row, code, owner, subject, deadline } = body;
    const opened = { id, row, code, owner, subject, ...(deadline === undefined ? {} : { deadline }) };
    breaches.open.set(keyOf(opened), opened);
  }
  if (kind === 'breach.close' && 'breach' in body)
    for (const [key, { id }] of breaches.open) if (id === body.breach) breaches.open.delete(key);
}

/** What a step needs beside the judgement. */
export interface BreachContext {
  readonly evaluation: Evaluation;
  /** Ids of the parties, to be notified as owner. */
  readonly parties: { readonly A: string; readonly B: string };
  /** How the notice is given, such as `console`. */
  readonly how: string;
  readonly newId: () => string;
}

/** Rows without a time to cure whose `sla` asks for an explanation by a parameter. */
const explainedWithin: Readonly<Record<string, string>> = {
  'B2.2.4': 'answerWithin',
  'B2.2.6': 'explainWithin',
  'B2.6.2': 'explainWithin',
};

/** Milliseconds from opening to deadline: the finding's own, the row's, or that of its explanation; null: none. */
export function cureMsOf(row: CatalogueRow, overrides: Overrides, finding: Pick<Finding, 'cureMs'>): number | null {
  if (finding.cureMs !== undefined) return finding.cureMs;
  const seconds = cureSecondsOf(row, overrides);
  if (seconds !== null) return seconds * 1_000;
  const name = explainedWithin[row.id];
  const param = row.params.find((candidate) => candidate.name === name);
  const value = name === undefined ? undefined : valuesOf(row, overrides)[name];
  const explained = param === undefined || value === undefined ? undefined : paramSeconds(param, value);
  return explained === undefined ? null : explained * 1_000;
}

/** What a new breach says. */
interface Opening extends Named {
  readonly owner: 'A' | 'B';
  readonly observed: { readonly zh: string; readonly en: string };
  readonly deadline: number | undefined;
}

const clip = (text: string): string => text.slice(0, 512);

function open(
  context: BreachContext,
  { row, code, owner, subject, observed, deadline }: Opening,
): readonly BreachRecord[] {
  const breach = context.newId();
  const texts = { observed: clip(observed.en), observedZh: clip(observed.zh) };
  const body = { breach, row, code, owner, subject: subject.slice(0, 128), ...texts };
  return [
    { kind: 'breach.open', outcome: 'open', body: deadline === undefined ? body : { ...body, deadline } },
    { kind: 'breach.notify', outcome: 'sent', body: { breach, to: context.parties[owner], how: context.how } },
  ];
}

/** The cure, where there is one, and the closing. A waiver cures nothing: it closes. */
function close({ id: breach, row, subject }: OpenBreach, how: string): readonly BreachRecord[] {
  const closing: BreachRecord = { kind: 'breach.close', outcome: 'closed', body: { breach, how } };
  if (how === 'waived') return [closing];
  return [{ kind: 'breach.cure', outcome: 'cured', body: { breach, row, subject, how } }, closing];
}

/** Unknown for more than twice the age of the evidence that is missing, as one breach for each kind. */
function overdueOf({ evaluation }: BreachContext, judgement: Judgement): ReadonlyMap<string, readonly Finding[]> {
  const row = editionRow(evaluation, judgement.row);
  const byKind = new Map<string, Finding[]>();
  for (const finding of judgement.subjects) {
    const { status, kind, since } = finding;
    if (status !== 'unknown' || kind === undefined || since === undefined) continue;
    const age = (ageOf(row, kind, evaluation.facts.params) ?? defaultAge) * 1_000;
    // What A did before there was an agreement is nobody's evidence under it.
    const unknownSince = Math.max(since, evaluation.openedAt ?? since);
    if (judgement.at - unknownSince <= 2 * age) continue;
    const list = byKind.get(kind);
    if (list === undefined) byKind.set(kind, [finding]);
    else list.push(finding);
  }
  return byKind;
}
/** Age, in seconds, of evidence that never ages, for the rule of twice the age: it should have come within a day. */
const defaultAge = 86_400;

/** How an open breach ends by this judgement; undefined: it goes on. A subject that is only silent cures nothing. */
function endOf(context: BreachContext, judgement: Judgement, breach: OpenBreach, found: Found): string | undefined {
  if (breach.code === evidenceOverdue)
    return found.overdue.has(breach.subject.slice(9)) ? undefined : 'evidence-present';
  const status = found.bySubject.get(breach.subject)?.status;
  if (status === undefined) return departureOf(context.evaluation, judgement.row, breach.subject);
  if (status === 'waived') return 'waived';
  return status === 'met' || status === 'n/a' ? 'met' : undefined;
}
interface Found {
  readonly bySubject: ReadonlyMap<string, Finding>;
  readonly overdue: ReadonlyMap<string, readonly Finding[]>;
}

function openingsOf(context: BreachContext, judgement: Judgement, { overdue }: Found): readonly Opening[] {
  const { evaluation } = context;
  const { params } = evaluation.facts;
  const row = editionRow(evaluation, judgement.row);
  const deadline = (ms: number | null): number | undefined => (ms === null ? undefined : Math.round(judgement.at + ms));
  const broken = judgement.subjects.flatMap((finding): readonly Opening[] => {
    const { status, code, subject, why } = finding;
    if (status !== 'breached' || code === undefined) return [];
    const named = { row: row.id, code, subject, owner: ownerOf(row, finding) };
    return [{ ...named, observed: explain(why), deadline: deadline(cureMsOf(row, params, finding)) }];
  });
  const silent = [...overdue].map(([kind, findings]): Opening => {
    const named = { row: row.id, code: evidenceOverdue, subject: `evidence:${kind}`, owner: collectorOf(kind) };
    return { ...named, observed: describe(findings), deadline: deadline(cureMsOf(row, params, {})) };
  });
  return [...broken, ...silent];
}

function describe(findings: readonly Finding[]): { readonly zh: string; readonly en: string } {
  const [first] = findings;
  const texts = first === undefined ? { zh: '', en: '' } : explain(first.why);
  const n = findings.length;
  const name = first?.subject ?? '';
  return { en: `${n} unknown for too long; ${name}: ${texts.en}`, zh: `${n} 个对象长期未知；${name}：${texts.zh}` };
}

/**
 * The records that a judgement brings about: breaches opened and notified, cured and closed.
 *
 * Changes nothing: record what is returned and fold it (or its copy from the log) before the next step, so that a
 * restart, which folds the log, continues where this left off. Only `met` and `n/a` cure; `unknown` and `at-risk` keep
 * a breach open; a device retired closes it as `cured-by-removal`. At most {@link maxOpened} openings a step.
 */
export function stepBreaches(
  breaches: Breaches,
  judgement: Judgement,
  context: BreachContext,
): readonly BreachRecord[] {
  const found: Found = {
    bySubject: new Map(judgement.subjects.map((finding) => [finding.subject.slice(0, 128), finding])),
    overdue: overdueOf(context, judgement),
  };
  const ended = [...breaches.open.values()]
    .filter(({ row }) => row === judgement.row)
    .flatMap((breach) => {
      const how = endOf(context, judgement, breach, found);
      return how === undefined ? [] : close(breach, how);
    });
  const opened = openingsOf(context, judgement, found)
    .filter((opening) => !breaches.open.has(keyOf({ ...opening, subject: opening.subject.slice(0, 128) })))
    .slice(0, maxOpened)
    .flatMap((opening) => open(context, opening));
  return [...ended, ...opened];
}
