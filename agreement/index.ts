export {
  breachCodes,
  type Catalogue,
  type CatalogueRow,
  type ClauseId,
  catalogue,
  clauses,
  type Duty,
  type Evidence,
  type EvidenceKind,
  evidenceKinds,
  isSubDutyId,
  type Owner,
  type Param,
  type ParamValue,
  rowOf,
  rowsOfClause,
  type SubDutyId,
  type Unit,
} from './catalogue.ts';
export { checkDocument, type DocumentCheck, particularsFaults } from './check-document.ts';
export { type Difference, differencesFromStandard } from './differences.ts';
export {
  type AgreementDocument,
  type Anchors,
  type DocumentParam,
  type DocumentRow,
  type DraftInput,
  documentRowOf,
  documentRowsOfClause,
  draftDocument,
  type Particulars,
  type PublicJwk,
  type Register,
  standardEdition,
} from './document.ts';
export { documentSchema } from './document-schema.ts';
export {
  checkParams,
  cureSecondsOf,
  faultOfValue,
  type Locale,
  locales,
  type Overrides,
  paramSeconds,
  placeholdersOf,
  renderSeconds,
  renderTemplate,
  renderValue,
  type Values,
  valuesOf,
} from './params.ts';
export { type RenderOptions, renderTime, type Signature } from './render/blocks.ts';
export { renderHtml } from './render/html.ts';
export { renderMarkdown } from './render/markdown.ts';
export type { Fault, Schema } from './schema.ts';
export type { Bilingual, Clause, Definition, Provision } from './texts/bilingual.ts';
export { clauseTexts } from './texts/clauses.ts';
export { meaningZh } from './texts/meaning-zh.ts';
export { passZh } from './texts/pass-zh.ts';
export { slaZh } from './texts/sla-zh.ts';
export { checkUscc, type UsccCheck } from './uscc.ts';
