import { type Difference, differencesFromStandard } from '../differences.ts';
import { type AgreementDocument, standardRows } from '../document.ts';
import { renderValue, valuesOf } from '../params.ts';
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

export function toParamAnnex(document: AgreementDocument, words: Words): readonly Block[] {
  const { label, locale } = words;
  const rows = document.rows.flatMap((row) => {
    const standard = standardRows.find(({ id }) => id === row.id);
    const values = valuesOf(row, document.params);
    return row.params.map((param): readonly Cell[] => {
      const usual = standard?.params.find(({ name, unit }) => name === param.name && unit === param.unit);
      const agreed = values[param.name] ?? param.default;
      const mark = usual?.default === agreed ? '' : ' *';
      return [
        code(row.id),
        code(param.name),
        cell(words.of({ zh: param.meaningZh, en: param.meaning })),
        cell(renderValue(param, agreed, locale) + mark),
        cell(usual === undefined ? label('none') : renderValue(usual, usual.default, locale)),
      ];
    });
  });
  return [
    { block: 'heading', level: 2, text: label('paramAnnex') },
    { block: 'paragraph', text: cell(label('paramIntro')) },
    {
      block: 'table',
      head: [label('subDuty'), label('param'), label('meaning'), label('agreed'), label('standard')],
      rows,
    },
  ];
}

export function toDepartures(document: AgreementDocument, words: Words): readonly Block[] {
  const { label } = words;
  const row = (difference: Difference): readonly Cell[] => [
    value(difference.path),
    cell(label(difference.kind)),
    value(difference.standard ?? ''),
    value(difference.document ?? ''),
  ];
  const differences = differencesFromStandard(document);
  return [
    { block: 'heading', level: 2, text: label('departureAnnex') },
    { block: 'paragraph', text: cell(label('departureIntro')) },
    differences.length === 0
      ? { block: 'paragraph', text: cell(label('none')) }
      : {
          block: 'table',
          head: [label('place'), label('change'), label('standard'), label('thisDocument')],
          rows: differences.map(row),
        },
  ];
}

export function toAnchors({ anchors }: AgreementDocument, { label }: Words): readonly Block[] {
  const { signingKey, partyBThumbprint, witness } = anchors;
  return [
    { block: 'heading', level: 2, text: label('anchorAnnex') },
    { block: 'paragraph', text: cell(label('anchorIntro')) },
    {
      block: 'terms',
      items: [
        { term: label('rootSha256'), text: code(anchors.rootSha256) },
        { term: label('signingKey'), text: toCodes([signingKey.x, signingKey.y]) },
        { term: label('logs'), text: toCodes(anchors.logs) },
        { term: label('thumbprintB'), text: partyBThumbprint === undefined ? cell(blank) : code(partyBThumbprint) },
        { term: label('witnessB'), text: witness === undefined ? cell(blank) : code(witness) },
      ],
    },
  ];
}

export function toSignatures(words: Words, options: RenderOptions): readonly Block[] {
  const { label, locale } = words;
  const row = (party: 'A' | 'B'): readonly Cell[] => {
    const signed = options.signatures?.find((signature) => signature.party === party);
    const name = cell(label(`party${party}`));
    if (signed === undefined) return [name, cell(blank), cell(label('notSigned')), cell(blank)];
    return [name, value(signed.name), code(signed.thumbprint), cell(renderTime(signed.at, locale))];
  };
  return [
    { block: 'heading', level: 2, text: label('signatures') },
    {
      block: 'terms',
      items: [{ term: label('digest'), text: options.digest === undefined ? cell(blank) : code(options.digest) }],
    },
    {
      block: 'table',
      head: [label('party'), label('signatory'), label('thumbprint'), label('date')],
      rows: [row('A'), row('B')],
    },
  ];
}
