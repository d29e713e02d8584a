import { type CatalogueRow, type Overrides, paramSeconds, valuesOf } from '@pactgate/agreement';

/** Ages that follow a parameter of their row: evidence kind to the parameter and how many of it. */
const derived: Readonly<Record<string, Readonly<Record<string, readonly [param: string, times: number]>>>> = {
  'B2.1.1': { 'model.profile.sign': ['fileMaxAge', 1] },
  // Two windows: a reconciliation covers a window that has ended, and the next may run late once.
  'B2.2.4': { 'ledger.reconcile': ['window', 2] },
  'B2.3.2': { 'device.ports.report': ['reportMaxAge', 1] },
  'B2.4.2': { 'schema.publish': ['reviewMaxAge', 1], 'schema.countersign': ['reviewMaxAge', 1] },
  'B2.5.3': { 'version.report': ['reportLimit', 1] },
  'A3.1.3': { 'ledger.reconcile': ['window', 2] },
  'A3.3.5': { 'ledger.cosign': ['cosignMaxAge', 1], 'ledger.fsck': ['tailMaxAge', 1] },
  'A3.4.1': { 'outbox.lag': ['window', 2], 'ledger.reconcile': ['window', 2], 'clock.check': ['window', 2] },
  'A3.4.6': { 'ledger.proof.selftest': ['selfTestMaxAge', 1] },
};

/** Name under which the parties agree another age of a kind of evidence, in seconds, beside a row's parameters. */
export const evidenceParam = (kind: string): `evidence.${string}` => `evidence.${kind}`;

/**
 * Age in seconds up to which the newest record of a kind counts for a row; null: the last record holds.
 *
 * An agreed `{[row]: {'evidence.<kind>': seconds}}` comes first, then the parameter that the catalogue's age stands
 * for (`tailMaxAge` of A3.3.5, say), then the catalogue. Ages of a day that only mean "seen lately" follow no parameter:
 * `session.open` of B2.2.4, B2.2.5 and B2.3.1, `authz.decide` of B2.2.6 and A3.1.3, `msg.validate` of B2.4.1 (whose age
 * is also the "day" of its share), `incident.selftest` of B2.6.2 (also the period of its share).
 */
export function ageOf(row: CatalogueRow, kind: string, overrides: Overrides): number | null {
  const agreed = Object.hasOwn(overrides, row.id) ? overrides[row.id]?.[evidenceParam(kind)] : undefined;
  if (typeof agreed === 'number' && Number.isFinite(agreed) && agreed > 0) return agreed;
  const standard = row.evidence.find((evidence) => evidence.kind === kind)?.maxAgeSeconds ?? null;
  return derivedAge(row, kind, overrides) ?? standard;
}

function derivedAge(row: CatalogueRow, kind: string, overrides: Overrides): number | undefined {
  const [name = '', times = 1] = derived[row.id]?.[kind] ?? [];
  const param = row.params.find((candidate) => candidate.name === name);
  const value = valuesOf(row, overrides)[name];
  if (param === undefined || value === undefined) return undefined;
  const seconds = paramSeconds(param, value);
  return seconds === undefined ? undefined : seconds * times;
}

/** The numbers one row is judged by. */
export interface Terms {
  readonly row: CatalogueRow;
  /** Value of a `ratio`, `count` or `perHour` parameter. */
  number(name: string): number;
  /** Value of a time parameter in milliseconds. */
  ms(name: string): number;
  text(name: string): string;
  /** {@link ageOf} in milliseconds; null: the last record holds. */
  age(kind: string): number | null;
}

/** Terms of a row under the agreed values. A name that the row does not have is a bug and throws. */
export function termsOf(row: CatalogueRow, overrides: Overrides): Terms {
  const values = valuesOf(row, overrides);
  const find = (name: string): { readonly value: number | string; readonly seconds: number | undefined } => {
    const param = row.params.find((candidate) => candidate.name === name);
    const value = values[name];
    if (param === undefined || value === undefined) throw new RangeError(`${row.id} has no parameter ${name}`);
    return { value, seconds: paramSeconds(param, value) };
  };
  const ages = new Map<string, number | null>();
  return {
    row,
    number: (name) => Number(find(name).value),
    ms: (name) => {
      const { seconds } = find(name);
      if (seconds === undefined) throw new RangeError(`${row.id}: ${name} is no length of time`);
      return seconds * 1_000;
    },
    text: (name) => String(find(name).value),
    age: (kind) => {
      let age = ages.get(kind);
      if (age === undefined) {
        const seconds = ageOf(row, kind, overrides);
        age = seconds === null ? null : seconds * 1_000;
        ages.set(kind, age);
      }
      return age;
    },
  };
}
