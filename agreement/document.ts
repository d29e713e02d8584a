import { type CatalogueRow, type ClauseId, catalogue, type Param, type SubDutyId } from './catalogue.ts';
import type { Locale, Overrides } from './params.ts';
import type { Bilingual, Clause, Definition, Provision } from './texts/bilingual.ts';
import { clauseTexts } from './texts/clauses.ts';
import { definitions, standardPurpose, title } from './texts/definitions.ts';
import { meaningZh } from './texts/meaning-zh.ts';
import { passZh } from './texts/pass-zh.ts';
import { provisions } from './texts/provisions.ts';
import { slaZh } from './texts/sla-zh.ts';

/** Where a party is registered. `uscc`: unified social credit code (GB 32100-2015), checked by its own digit. */
export interface Register {
  readonly kind: 'uscc' | 'other';
  /** Name of the register; required for `other`, absent for `uscc`. */
  readonly registerName?: string;
  readonly number: string;
}

/** Who a party is. The other party typed it: display it escaped, never as markup. */
export interface Particulars {
  readonly name: string;
  /** Legal or authorised representative. */
  readonly representative: string;
  readonly address: string;
  readonly register: Register;
  readonly contactEmail: string;
  /** Language this party prefers to be written to in. */
  readonly language?: Locale;
}

/** Public key of a party, EC P-256 (RFC 7518 section 6.2). A `d`, the private part, is refused. */
export interface PublicJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly kid?: string;
  readonly alg?: 'ES256';
  readonly use?: 'sig';
}

/** What party B will trust once it has signed, and what it compares out of band before. */
export interface Anchors {
  /** SHA-256 of A's root certificate (DER), 64 lower-case hex digits. */
  readonly rootSha256: string;
  /** Key that A signs this document with. */
  readonly signingKey: PublicJwk;
  /** Keys of the logs as signed-note verifier keys: `name+hash+key`. Shape only is checked here. */
  readonly logs: readonly string[];
  /** RFC 7638 thumbprint (SHA-256, base64url) of the key that B signs with, once it is bound. */
  readonly partyBThumbprint?: string;
  /** Verifier key of B's witness: with its cosignatures A alone cannot rewrite history unseen. */
  readonly witness?: string;
}

export interface DocumentParam extends Param {
  readonly meaningZh: string;
}
/** A row of the edition with its Chinese counterparts. */
export interface DocumentRow extends CatalogueRow {
  readonly params: readonly DocumentParam[];
  readonly passZh: string;
  readonly slaZh: string;
}

/** What both parties sign: plain JSON with every text inside, so that nothing has to be looked up elsewhere. */
export interface AgreementDocument {
  readonly v: 1;
  /** UUID of the agreement, lower case. */
  readonly id: string;
  readonly edition: string;
  /** RFC 3339 in UTC, ending in `Z`. */
  readonly draftedAt: string;
  readonly title: Bilingual;
  readonly purpose: Bilingual;
  readonly partyA: Particulars;
  readonly partyB: Particulars;
  readonly definitions: readonly Definition[];
  readonly clauses: readonly Clause[];
  readonly provisions: readonly Provision[];
  readonly rows: readonly DocumentRow[];
  /** Agreed values that differ from the defaults of `rows`. */
  readonly params: Overrides;
  readonly anchors: Anchors;
}

export interface DraftInput {
  readonly id: string;
  readonly draftedAt: string;
  readonly partyA: Particulars;
  readonly partyB: Particulars;
  readonly anchors: Anchors;
  readonly params?: Overrides;
  /** Absent: the standard purpose. */
  readonly purpose?: Bilingual;
}

function toDocumentRow(row: CatalogueRow): DocumentRow {
  const zh = (texts: Readonly<Record<SubDutyId, string>>): string => texts[row.id] ?? '';
  const params = row.params.map((param) => ({ ...param, meaningZh: meaningZh[row.id]?.[param.name] ?? '' }));
  return { ...row, params, passZh: zh(passZh), slaZh: zh(slaZh) };
}

/** The rows of the standard edition with their Chinese counterparts. */
export const standardRows: readonly DocumentRow[] = catalogue.rows.map(toDocumentRow);

/** The parts of a document that come from the edition, not from the parties. */
export const standardEdition: Readonly<
  Pick<AgreementDocument, 'edition' | 'title' | 'purpose' | 'definitions' | 'clauses' | 'provisions' | 'rows'>
> = {
  edition: catalogue.edition,
  title,
  purpose: standardPurpose,
  definitions,
  clauses: clauseTexts,
  provisions,
  rows: standardRows,
};

/**
 * Drafts the standard edition between two parties.
 *
 * Checks nothing: pass the result through `checkDocument`, as each party does with what it receives.
 */
export function draftDocument(input: DraftInput): AgreementDocument {
  return {
    v: 1,
    id: input.id,
    ...standardEdition,
    draftedAt: input.draftedAt,
    purpose: input.purpose ?? standardPurpose,
    partyA: input.partyA,
    partyB: input.partyB,
    params: input.params ?? {},
    anchors: input.anchors,
  };
}

/** The row of a document with this id; undefined when this edition has none. */
export function documentRowOf(document: AgreementDocument, id: SubDutyId): DocumentRow | undefined {
  return document.rows.find((row) => row.id === id);
}

/** The rows of a clause of a document, in their order. */
export function documentRowsOfClause(document: AgreementDocument, clause: ClauseId): readonly DocumentRow[] {
  return document.rows.filter((row) => row.clause === clause);
}
