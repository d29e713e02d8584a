import type { AgreementDocument, DocumentRow, Particulars } from './document.ts';
import { documentSchema, particularsSchema } from './document-schema.ts';
import { checkParams, faultOfValue, placeholdersOf } from './params.ts';
import { type Fault, faultsBySchema, isRecord, maxFaults, pointer } from './schema.ts';
import { checkUscc } from './uscc.ts';

/**
 * Characters that make a text look other than it is: controls, lone surrogates (RFC 8785 cannot hash them), marks
 * that reorder or hide what stands beside them. Joiners stay allowed: some scripts are written with them.
 */
const deceptive = /[\p{Cc}\p{Cs}\u00AD\u061C\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]/u;

function faultsOfTexts(value: unknown, path: string): readonly Fault[] {
  if (typeof value === 'string') {
    return deceptive.test(value) ? [{ path, fault: 'has an invisible or reordering character' }] : [];
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => faultsOfTexts(item, pointer(path, index)));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => faultsOfTexts(item, pointer(path, key)));
}

/** Faults of values that stand twice in a list where they must be unique. */
function repeated(values: readonly string[], path: (index: number) => string): readonly Fault[] {
  return values.flatMap((value, index) =>
    values.indexOf(value) < index ? [{ path: path(index), fault: `${value} is there twice` }] : [],
  );
}

const usccFaults = {
  length: 'must be 18 characters',
  character: 'has a character that the code never uses',
  division: 'must have digits in places 3 to 8 (administrative division)',
  'check-digit': 'does not fit its check digit (GB 32100-2015)',
} as const;

function faultsOfRegister({ register }: Particulars, path: string): readonly Fault[] {
  const named = register.registerName !== undefined;
  if (register.kind === 'other') {
    return named ? [] : [{ path: `${path}/registerName`, fault: 'is missing: name the register' }];
  }
  if (named) return [{ path: `${path}/registerName`, fault: 'is for other registers than uscc' }];
  const checked = checkUscc(register.number);
  if (checked.ok) return [];
  const place = checked.cause === 'character' ? `, place ${checked.place ?? 0}` : '';
  return [{ path: `${path}/number`, fault: usccFaults[checked.cause] + place }];
}

function faultsOfDate(text: string): readonly Fault[] {
  const at = Date.parse(text);
  const real = !Number.isNaN(at) && new Date(at).toISOString().startsWith(text.slice(0, 19));
  return real ? [] : [{ path: '/draftedAt', fault: 'is no date of the calendar' }];
}

function faultsOfTemplates(row: DocumentRow, path: string): readonly Fault[] {
  const names = new Set(row.params.map(({ name }) => name));
  const templates = [
    ['pass', row.pass],
    ['sla', row.sla],
    ['passZh', row.passZh],
    ['slaZh', row.slaZh],
  ] as const;
  const unknown = templates.flatMap(([field, template]) =>
    placeholdersOf(template)
      .filter((name) => !names.has(name))
      .map((name) => ({ path: `${path}/${field}`, fault: `names {${name}}, which is no parameter of the row` })),
  );
  const differing = (
    [
      ['passZh', row.pass, row.passZh],
      ['slaZh', row.sla, row.slaZh],
    ] as const
  ).filter(([, en, zh]) => placeholdersOf(en).toSorted().join() !== placeholdersOf(zh).toSorted().join());
  const used = new Set(templates.flatMap(([, template]) => placeholdersOf(template)));
  return [
    ...unknown,
    ...differing.map(([field]) => ({ path: `${path}/${field}`, fault: 'names other parameters than the English' })),
    ...row.params.flatMap(({ name }, index) =>
      used.has(name) ? [] : [{ path: `${path}/params/${index}`, fault: `{${name}} stands in no text of the row` }],
    ),
  ];
}

function faultsOfRow(row: DocumentRow, path: string, clauses: readonly string[]): readonly Fault[] {
  const faults: Fault[] = [];
  if (!row.id.slice(1).startsWith(`${row.clause}.`)) faults.push({ path: `${path}/id`, fault: 'names another clause' });
  if (!clauses.includes(row.clause)) faults.push({ path: `${path}/clause`, fault: 'no clause of the document' });
  const defaults = row.params.flatMap((param, index) => {
    const fault = faultOfValue(param.unit, param.default);
    return fault === undefined ? [] : [{ path: `${path}/params/${index}/default`, fault }];
  });
  const names = row.params.map(({ name }) => name);
  const kinds = row.evidence.map(({ kind }) => kind);
  return [
    ...faults,
    ...defaults,
    ...repeated(names, (index) => `${path}/params/${index}`),
    ...repeated(kinds, (index) => `${path}/evidence/${index}`),
    ...faultsOfTemplates(row, path),
  ];
}

/** Faults that the shape of a document cannot show. The input has passed the schema, so its size is bounded. */
function checkMeaning(document: AgreementDocument): readonly Fault[] {
  const clauses = document.clauses.map(({ id }) => id);
  const rows = document.rows.map(({ id }) => id);
  const codes = document.rows.flatMap((row) => row.breach.codes);
  const params = checkParams(document.params, document.rows);
  return [
    ...faultsOfTexts(document, ''),
    ...faultsOfDate(document.draftedAt),
    ...faultsOfRegister(document.partyA, '/partyA/register'),
    ...faultsOfRegister(document.partyB, '/partyB/register'),
    ...repeated(clauses, (index) => `/clauses/${index}/id`),
    ...repeated(
      document.definitions.map(({ term }) => term.en),
      (index) => `/definitions/${index}/term/en`,
    ),
    ...repeated(
      document.definitions.map(({ term }) => term.zh),
      (index) => `/definitions/${index}/term/zh`,
    ),
    ...repeated(
      document.provisions.map(({ id }) => id),
      (index) => `/provisions/${index}/id`,
    ),
    ...repeated(rows, (index) => `/rows/${index}/id`),
    ...repeated(codes, () => '/rows'),
    ...document.rows.flatMap((row, index) => faultsOfRow(row, `/rows/${index}`, clauses)),
    ...params.map(({ path, fault }) => ({ path: `/params${path}`, fault })),
  ].slice(0, maxFaults);
}

/** Faults of a party's particulars on their own, as an operator types them in; empty when they may be used. */
export function particularsFaults(input: unknown): readonly Fault[] {
  const faults = faultsBySchema(particularsSchema, input);
  if (faults.length > 0) return faults;
  const particulars = input as Particulars; // the schema's own definition of the type
  return [...faultsOfTexts(particulars, ''), ...faultsOfRegister(particulars, '/register')];
}

export type DocumentCheck = { readonly document: AgreementDocument } | { readonly faults: readonly Fault[] };

/**
 * Parses a document from outside: closed shape at every level, then what shape cannot say (unique ids, clauses that
 * exist, placeholders and values that fit their parameters, registration numbers, dates, characters that deceive).
 *
 * The edition may be amended: rows need to be well-formed, not standard. Party B reads the departures with
 * `differencesFromStandard` before it signs. Nothing is changed or filled in, so that the digest of the input is the
 * digest of the result. Faults name their place as JSON Pointers and are at most 100.
 */
export function checkDocument(input: unknown): DocumentCheck {
  const faults = faultsBySchema(documentSchema, input);
  if (faults.length > 0) return { faults };
  // The schema describes AgreementDocument field by field; a test drafts, corrupts and compares.
  const document = input as AgreementDocument;
  const further = checkMeaning(document);
  return further.length > 0 ? { faults: further } : { document };
}
