import data from './catalogue.json' with { type: 'json' };

/** Id of a sub-duty: the party whose article the clause stands in, the clause, a running number. */
export type SubDutyId = `${'A' | 'B'}${number}.${number}.${number}`;
export type ClauseId = `${number}.${number}`;
/** Kind of a ledger record: dotted, lower case, for example `session.reject`. */
export type EvidenceKind = `${string}.${string}`;
/** Who owes a sub-duty. `AB`: the code of a breach says which of the two. */
export type Owner = 'A' | 'B' | 'AB';

export type Unit =
  | 'milliseconds'
  | 'seconds'
  | 'minutes'
  | 'hours'
  | 'days'
  | 'years'
  | 'ratio'
  | 'count'
  | 'perHour'
  | 'tlsVersion'
  | 'grade'
  | 'ports';

/** A number for most units; text for `tlsVersion`, `grade` and `ports`. */
export type ParamValue = number | string;

/** A number of the agreement. Both parties may agree another value than `default`. */
export interface Param {
  readonly name: string;
  readonly unit: Unit;
  readonly default: ParamValue;
  readonly meaning: string;
}

/** A kind of record that a row rests on. */
export interface Evidence {
  readonly kind: EvidenceKind;
  /** Seconds up to which the newest record counts; null: the last record holds. */
  readonly maxAgeSeconds: number | null;
  /** True: missing or too old makes the subject `unknown`. False: read when it exists. */
  readonly required: boolean;
}

/** One sub-duty: what is owed, how it is judged, what a breach says. Templates name params as `{name}`. */
export interface CatalogueRow {
  readonly id: SubDutyId;
  readonly clause: ClauseId;
  readonly nameZh: string;
  readonly nameEn: string;
  readonly duty: string;
  readonly dutyZh: string;
  readonly owner: Owner;
  /** E event-derived, P active probe, S state scan, D signed document; joined by `+`. */
  readonly mode: string;
  /** The other party sees the evidence arise or can repeat the check. */
  readonly counterpartyCheck: boolean;
  /** `each`: every subject is judged, the worst counts. `share`: the population is the one subject. */
  readonly population: 'each' | 'share';
  readonly control: string;
  readonly evidence: readonly Evidence[];
  /** Longest time between two judgements. */
  readonly evaluateEverySeconds: number;
  readonly params: readonly Param[];
  readonly pass: string;
  readonly sla: string;
  /** Breach opened to cured at the default parameters; null: the deadline is in `sla`. */
  readonly cureSeconds: number | null;
  readonly breach: { readonly codes: readonly string[]; readonly fields: string };
}

export interface Catalogue {
  readonly edition: string;
  readonly rows: readonly CatalogueRow[];
}

/** What a module that executes sub-duties says about itself: the sub-duties, and the evidence kinds it writes. */
export interface Duty {
  readonly name: string;
  readonly executes: readonly SubDutyId[];
  readonly emits: readonly string[];
}

/** The standard edition. The cast holds because a test checks the file against `catalogue.schema.json`. */
export const catalogue: Catalogue = data as Catalogue;

/** The twelve clauses with duties, in the order of the agreement. */
export const clauses = [
  '2.1',
  '2.2',
  '2.3',
  '2.4',
  '2.5',
  '2.6',
  '3.1',
  '3.2',
  '3.3',
  '3.4',
  '3.5',
  '3.6',
] as const satisfies readonly ClauseId[];

const byId: ReadonlyMap<string, CatalogueRow> = new Map(catalogue.rows.map((row) => [row.id, row]));

/** Whether a text from outside names a sub-duty of the standard edition. */
export function isSubDutyId(text: string): text is SubDutyId {
  return byId.has(text);
}

/**
 * The standard row of a sub-duty.
 *
 * @throws RangeError when the standard edition has no such row; ask {@link isSubDutyId} first for ids from outside
 */
export function rowOf(id: SubDutyId): CatalogueRow {
  const row = byId.get(id);
  if (row === undefined) throw new RangeError(`no sub-duty ${id} in ${catalogue.edition}`);
  return row;
}

/** The standard rows of a clause, in order; none for a clause that the standard edition does not have. */
export function rowsOfClause(clause: ClauseId): readonly CatalogueRow[] {
  return catalogue.rows.filter((row) => row.clause === clause);
}

/** Every kind of evidence that a row of the standard edition rests on, sorted. */
export const evidenceKinds: readonly EvidenceKind[] = [
  ...new Set(catalogue.rows.flatMap((row) => row.evidence.map(({ kind }) => kind))),
].toSorted();

/** Breach code to the one sub-duty whose breach it names. */
export const breachCodes: ReadonlyMap<string, SubDutyId> = new Map(
  catalogue.rows.flatMap((row) => row.breach.codes.map((code) => [code, row.id] as const)),
);
