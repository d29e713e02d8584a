import { differencesFromStandard } from '../differences.ts';
import type { AgreementDocument, DocumentRow, Particulars } from '../document.ts';
import { renderSeconds, renderTemplate, valuesOf } from '../params.ts';
import type { Bilingual, Clause, Provision } from '../texts/bilingual.ts';
import type { Label } from '../texts/labels.ts';
import {
  type Block,
  blank,
  type Cell,
  cell,
  code,
  type RenderOptions,
  renderTime,
  toCodes,
  value,
  type Words,
} from './blocks.ts';

export function toHead(document: AgreementDocument, words: Words, options: RenderOptions): readonly Block[] {
  const { label } = words;
  const departures = differencesFromStandard(document).length;
  return [
    { block: 'title', text: words.of(document.title) },
    {
      block: 'terms',
      items: [
        { term: label('agreementId'), text: code(document.id) },
        { term: label('edition'), text: code(document.edition) },
        { term: label('draftedAt'), text: cell(renderTime(document.draftedAt, words.locale)) },
        { term: label('departures'), text: cell(departures === 0 ? label('none') : String(departures)) },
        { term: label('digest'), text: options.digest === undefined ? cell(blank) : code(options.digest) },
      ],
    },
  ];
}
export function toParties({ partyA, partyB }: AgreementDocument, words: Words): readonly Block[] {
  const { label } = words;
  const register = ({ register: entry }: Particulars): string =>
    entry.kind === 'uscc' ? label('uscc') : (entry.registerName ?? '');
  const row = (name: Label, of: (party: Particulars) => string): readonly Cell[] => [
    cell(label(name)),
    value(of(partyA)),
    value(of(partyB)),
  ];
  return [
    { block: 'heading', level: 2, text: label('parties') },
    {
      block: 'table',
      head: ['', label('partyA'), label('partyB')],
      rows: [
        row('name', (party) => party.name),
        row('representative', (party) => party.representative),
        row('address', (party) => party.address),
        row('register', register),
        row('number', (party) => party.register.number),
        row('contactEmail', (party) => party.contactEmail),
      ],
    },
  ];
}

export function toDefinitions(document: AgreementDocument, words: Words): readonly Block[] {
  return [
    { block: 'heading', level: 2, text: words.label('purpose') },
    { block: 'paragraph', text: cell(words.of(document.purpose)) },
    { block: 'heading', level: 2, text: words.label('definitions') },
    {
      block: 'terms',
      items: document.definitions.map(({ term, text }) => ({ term: words.of(term), text: cell(words.of(text)) })),
    },
  ];
}

const modes: Readonly<Record<string, Label>> = { E: 'modeE', P: 'modeP', S: 'modeS', D: 'modeD' };

function toJudged(row: DocumentRow, { label, locale }: Words): string {
  const parts = [
    label(row.population),
    label('atLeastEvery').replace('{time}', () => renderSeconds(row.evaluateEverySeconds, locale)),
    row.mode
      .split('+')
      .map((mode) => label(modes[mode] ?? 'modeE'))
      .join(locale === 'zh-CN' ? '、' : ', '),
    ...(row.counterpartyCheck ? [label('counterparty')] : []),
  ];
  return parts.join(locale === 'zh-CN' ? '；' : '; ');
}

function toEvidence(row: DocumentRow, { label, locale }: Words): Cell {
  const [open, comma, close, separator] = locale === 'zh-CN' ? ['（', '，', '）', '；'] : [' (', ', ', ')', '; '];
  return row.evidence.flatMap(({ kind, maxAgeSeconds, required }, index) => {
    const age =
      maxAgeSeconds === null
        ? label('lastHolds')
        : label('maxAge').replace('{time}', () => renderSeconds(maxAgeSeconds, locale));
    const note = `${open}${label(required ? 'required' : 'optional')}${comma}${age}${close}`;
    return [...(index > 0 ? [separator] : []), { code: kind }, note];
  });
}

function toRow(document: AgreementDocument, row: DocumentRow, words: Words): readonly Block[] {
  const { label, locale } = words;
  const values = valuesOf(row, document.params);
  const filled = (text: Bilingual): Cell => cell(renderTemplate(words.of(text), row, values, locale));
  const name = words.of({ zh: row.nameZh, en: row.nameEn });
  return [
    { block: 'heading', level: 4, text: `${row.id} ${name}`, anchor: row.id },
    {
      block: 'terms',
      items: [
        { term: label('duty'), text: cell(words.of({ zh: row.dutyZh, en: row.duty })) },
        { term: label('owner'), text: cell(label(`owner${row.owner}`)) },
        { term: label('criterion'), text: filled({ zh: row.passZh, en: row.pass }) },
        { term: label('deadline'), text: filled({ zh: row.slaZh, en: row.sla }) },
        { term: label('evidence'), text: toEvidence(row, words) },
        { term: label('judged'), text: cell(toJudged(row, words)) },
        { term: label('breachCodes'), text: toCodes(row.breach.codes) },
      ],
    },
  ];
}

function toClause(document: AgreementDocument, clause: Clause, words: Words): readonly Block[] {
  const rows = document.rows.filter((row) => row.clause === clause.id);
  return [
    { block: 'heading', level: 3, text: `${clause.id} ${words.of(clause.title)}`, anchor: clause.id },
    { block: 'paragraph', text: cell(words.of(clause.text)) },
    ...rows.flatMap((row) => toRow(document, row, words)),
  ];
}

const articleLabels: Readonly<Record<string, Label>> = { '2': 'article2', '3': 'article3' };

function toArticle(document: AgreementDocument, article: string, words: Words): readonly Block[] {
  const name = articleLabels[article];
  const heading = name === undefined ? `${words.label('article')} ${article}` : words.label(name);
  const clauses = document.clauses.filter(({ id }) => id.startsWith(`${article}.`));
  return [
    { block: 'heading', level: 2, text: heading },
    ...clauses.flatMap((clause) => toClause(document, clause, words)),
  ];
}

/** The clauses under their articles, each with its sub-duties. An amended edition may have further articles. */
export function toArticles(document: AgreementDocument, words: Words): readonly Block[] {
  const articles = new Set(document.clauses.map(({ id }) => id.split('.')[0] ?? ''));
  return [...articles].flatMap((article) => toArticle(document, article, words));
}

function toProvision(provision: Provision, words: Words): readonly Block[] {
  return [
    { block: 'heading', level: 3, text: words.of(provision.title) },
    ...provision.paragraphs.map((text): Block => ({ block: 'paragraph', text: cell(words.of(text)) })),
  ];
}

export function toProvisions(document: AgreementDocument, words: Words): readonly Block[] {
  return [
    { block: 'heading', level: 2, text: words.label('general') },
    ...document.provisions.flatMap((provision) => toProvision(provision, words)),
  ];
}
