import { type AgreementDocument, type DocumentRow, standardEdition, standardRows } from './document.ts';
import { valuesOf } from './params.ts';
import { isRecord, pointer } from './schema.ts';

/** One departure of a document from the standard edition that this copy of the package holds. */
export interface Difference {
  /** `text`: words or rules of the edition. `value`: an agreed number. */
  readonly about: 'text' | 'value';
  readonly kind: 'added' | 'removed' | 'changed';
  /** Where: `edition`, `clauses/2.1/text/zh`, `rows/B2.2.6/pass`, `params/B2.2.6/warnAbove`. */
  readonly path: string;
  /** The standard's text or value; absent when added. */
  readonly standard?: string;
  /** The document's; absent when removed. */
  readonly document?: string;
}

type Keyed = Readonly<Record<string, unknown>>;
const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Leaves of two values that differ, named by path. Lists other than of named things are compared by place. */
function compare(path: string, standard: unknown, document: unknown): readonly Difference[] {
  if (standard === undefined && document === undefined) return [];
  if (standard === undefined) return [{ about: 'text', kind: 'added', path, document: shown(document) }];
  if (document === undefined) return [{ about: 'text', kind: 'removed', path, standard: shown(standard) }];
  const named = namesOf(standard) !== undefined && namesOf(document) !== undefined;
  const [left, right] = [toKeyed(standard, named), toKeyed(document, named)];
  if (left === undefined || right === undefined) {
    if (standard === document) return [];
    return [{ about: 'text', kind: 'changed', path, standard: shown(standard), document: shown(document) }];
  }
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return keys.flatMap((key) => compare(path === '' ? key : pointer(path, key), own(left, key), own(right, key)));
}

const own = (record: Keyed, key: string): unknown => (Object.hasOwn(record, key) ? record[key] : undefined);

/** Objects as they are; lists by the names of their items or by place. */
function toKeyed(value: unknown, named: boolean): Keyed | undefined {
  if (!Array.isArray(value)) return isRecord(value) ? value : undefined;
  const names = named ? namesOf(value) : undefined;
  return Object.fromEntries(value.map((item: unknown, index) => [names?.[index] ?? String(index), item]));
}

/**
 * What names the items of a list, so that an inserted clause does not move the rest.
 * Undefined when a name is missing or there twice: keyed by name, one item would hide the other from the reader.
 */
function namesOf(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const names = value.map(nameOf).filter((name) => name !== undefined);
  return new Set(names).size === value.length ? names : undefined;
}

function nameOf(item: unknown): string | undefined {
  if (!isRecord(item)) return undefined;
  const term = isRecord(item['term']) ? item['term']['en'] : undefined;
  const name = item['id'] ?? item['name'] ?? item['kind'] ?? term;
  return typeof name === 'string' ? name : undefined;
}

/** Agreed values beside the standard's own defaults, also where an amended row moved its default. */
function valueDifferences(document: AgreementDocument): readonly Difference[] {
  return document.rows.flatMap((row) => {
    const standard = standardRows.find(({ id }) => id === row.id);
    if (standard === undefined) return []; // an added row is named whole, with its defaults
    const agreed = valuesOf(row, document.params);
    return standard.params
      .filter(({ name, default: value }) => Object.hasOwn(agreed, name) && agreed[name] !== value)
      .map(({ name, default: value }) => toValueDifference(row, name, value, agreed[name]));
  });
}

function toValueDifference(row: DocumentRow, name: string, standard: unknown, agreed: unknown): Difference {
  const path = `params/${row.id}/${name}`;
  return { about: 'value', kind: 'changed', path, standard: shown(standard), document: shown(agreed) };
}

/**
 * Where a document departs from the standard edition: what party B reads before it signs.
 *
 * Compares with the edition in *this* copy of the package, so party B must run its own. A document that calls itself
 * standard and is not shows here; the name alone proves nothing. Particulars and anchors are not compared.
 *
 * @returns departures of the texts in the document's order, then of the agreed values; empty for the standard edition
 */
export function differencesFromStandard(document: AgreementDocument): readonly Difference[] {
  const texts = (Object.keys(standardEdition) as (keyof typeof standardEdition)[]).flatMap((key) =>
    compare(key, standardEdition[key], document[key]),
  );
  return [...texts, ...valueDifferences(document)];
}
