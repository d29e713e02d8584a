import { type AgreementDocument, checkDocument, renderHtml, renderMarkdown, type Signature } from '@pactgate/agreement';
import { type GeneralJws, jwkThumbprint, type ProofCrypto, type PublicJwk } from '@pactgate/proof';
import { Problem } from '@pactgate/protocol';
import type { Agreements } from '../../flow/agreement.ts';
import { iso } from '../../kernel/time.ts';
import type { Agreement } from '../../parties/agreement.ts';
import type { AgreementStore } from '../../parties/ports.ts';
import type { Handlers } from '../context.ts';

export interface AgreementRestParts<Tx> {
  readonly flow: Agreements;
  readonly store: AgreementStore<Tx>;
  readonly crypto: Pick<ProofCrypto, 'sha256'>;
  readonly signingKey: PublicJwk;
  /** Origin and id of an agreement's log. */
  readonly logOf: (agreement: Agreement) => { readonly origin: string; readonly logId: string };
  readonly countDevices: (agreement: string) => Promise<number>;
}

type Names =
  | 'parties'
  | 'setPlatformParticulars'
  | 'createParty'
  | 'agreements'
  | 'draftAgreement'
  | 'agreement'
  | 'agreementDocument'
  | 'agreementSignatures'
  | 'agreementText'
  | 'signAgreement'
  | 'countersignAgreement';
type Summary = Awaited<ReturnType<Handlers['draftAgreement']>>;

/** An agreement by id; `request/not-found` otherwise. */
export async function demandAgreement<Tx>(store: AgreementStore<Tx>, id: string): Promise<Agreement> {
  const agreement = await store.agreement(id);
  if (!agreement) throw new Problem('request/not-found', 'no such agreement');
  return agreement;
}

/** How an agreement is shown in lists and answers. */
export async function summaryOf<Tx>(parts: AgreementRestParts<Tx>, agreement: Agreement): Promise<Summary> {
  const party = await parts.store.party(agreement.party);
  return {
    id: agreement.id,
    party: agreement.party,
    partyName: party?.particulars.name ?? agreement.party,
    state: agreement.state,
    edition: agreement.edition,
    draftedAt: agreement.draftedAt,
    ...(agreement.inForceAt === undefined ? {} : { inForceAt: agreement.inForceAt }),
    ...(agreement.digest === undefined ? {} : { digest: agreement.digest }),
    ...parts.logOf(agreement),
  };
}

/** The document as both parties sign it; `agreement/state` before the offer. */
function documentOf(agreement: Agreement): { readonly text: string; readonly document: AgreementDocument } {
  if (agreement.document === undefined)
    throw new Problem('agreement/state', 'the document is final once the device party has joined with its keys');
  const checked = checkDocument(JSON.parse(agreement.document));
  if ('faults' in checked) throw new Error(`stored document of ${agreement.id} is damaged`);
  return { text: agreement.document, document: checked.document };
}

/** Who signed so far, from the keys both parties are known by. */
async function signaturesOf<Tx>(
  parts: AgreementRestParts<Tx>,
  agreement: Agreement,
): Promise<
  readonly { readonly party: string; readonly name: string; readonly at: number; readonly thumbprint: string }[]
> {
  if (agreement.jws === undefined) return [];
  const [a, b] = await Promise.all([parts.store.party('platform'), parts.store.party(agreement.party)]);
  const keys = await parts.store.keys(agreement.party);
  const own = keys.find(({ use }) => use === 'sign');
  const at = agreement.inForceAt ?? agreement.draftedAt;
  const ofB = own
    ? [{ party: agreement.party, name: b?.particulars.name ?? agreement.party, at, thumbprint: own.thumbprint }]
    : [];
  if (agreement.inForceAt === undefined) return ofB;
  const thumbprint = jwkThumbprint(parts.crypto, parts.signingKey);
  return [...ofB, { party: 'platform', name: a?.particulars.name ?? 'platform', at, thumbprint }];
}

/** Parties and the life of agreements over REST. */
export function agreementHandlers<Tx>(parts: AgreementRestParts<Tx>): Pick<Handlers, Names> {
  const demand = (id: string): Promise<Agreement> => demandAgreement(parts.store, id);
  return {
    parties: async () => ({ items: await listParties(parts) }),
    setPlatformParticulars: async (_, { body }) => {
      await parts.flow.setParticulars('platform', body);
      return { saved: true };
    },
    createParty: async (_, { body }) => {
      await parts.flow.createParty(body.id, body.particulars);
      return { id: body.id };
    },
    agreements: async ({ caller }) => {
      const all = await parts.store.agreements();
      const visible = all.filter(({ id }) => caller.role.startsWith('a.') || caller.agreements.includes(id));
      return { items: await Promise.all(visible.map((agreement) => summaryOf(parts, agreement))) };
    },
    draftAgreement: async (_, { body }) => summaryOf(parts, await parts.flow.draft(body.party, body.params ?? {})),
    agreement: async (_, { params }) => {
      const agreement = await demand(params.agreement);
      const [a, b] = await Promise.all([parts.store.party('platform'), parts.store.party(agreement.party)]);
      if (!b) throw new Error(`agreement ${agreement.id} has no party`);
      return {
        summary: await summaryOf(parts, agreement),
        signatures: [...(await signaturesOf(parts, agreement))],
        ...(a ? { partyA: plain(a.particulars) } : {}),
        partyB: plain(b.particulars),
      };
    },
    agreementDocument: async (_, { params }) => ({ body: documentOf(await demand(params.agreement)).text }),
    agreementSignatures: async (_, { params }) => {
      const { jws } = await demand(params.agreement);
      return jws === undefined ? {} : { jws: JSON.parse(jws) as Mutable<GeneralJws> };
    },
    agreementText: async (_, { params, query }) => text(parts, await demand(params.agreement), query),
    signAgreement: async (_, { params, body }) =>
      summaryOf(parts, await parts.flow.sign(await demand(params.agreement), body.jws)),
    countersignAgreement: async (_, { params, body }) =>
      summaryOf(parts, await parts.flow.countersign(await demand(params.agreement), body.digest)),
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : T[K] };
type Shown = NonNullable<Awaited<ReturnType<Handlers['agreement']>>['partyA']>;

/** Particulars as the answer's schema has them: the union of registers spelled out. */
function plain({ name, representative, address, register, contactEmail }: AgreementDocument['partyA']): Shown {
  const { number } = register;
  const shown: Shown['register'] =
    register.kind === 'uscc'
      ? { kind: 'uscc', number }
      : { kind: 'other', registerName: register.registerName ?? '', number };
  return { name, representative, address, register: shown, contactEmail };
}

async function listParties<Tx>(
  parts: AgreementRestParts<Tx>,
): Promise<Awaited<ReturnType<Handlers['parties']>>['items']> {
  const parties = await parts.store.parties();
  return Promise.all(
    parties.map(async ({ id, particulars }) => {
      const agreement = await parts.store.agreementOf(id);
      const devices = agreement ? await parts.countDevices(agreement.id) : 0;
      return {
        id,
        particulars: plain(particulars),
        devices,
        ...(agreement ? { agreement: agreement.id, state: agreement.state } : {}),
      };
    }),
  );
}

async function text<Tx>(
  parts: AgreementRestParts<Tx>,
  agreement: Agreement,
  query: { readonly lang?: string; readonly format?: string },
): Promise<{ readonly type: string; readonly body: string }> {
  const { document } = documentOf(agreement);
  const locale = query.lang === 'en' ? 'en' : 'zh-CN';
  const signed = await signaturesOf(parts, agreement);
  const signatures: Signature[] = signed.map(({ party, name, at, thumbprint }) => ({
    party: party === 'platform' ? 'A' : 'B',
    name,
    at: iso(at as Parameters<typeof iso>[0]),
    thumbprint,
  }));
  const options = { signatures, ...(agreement.digest === undefined ? {} : { digest: agreement.digest }) };
  return query.format === 'md'
    ? { type: 'text/markdown; charset=utf-8', body: renderMarkdown(document, locale, options) }
    : { type: 'text/html; charset=utf-8', body: renderHtml(document, locale, options) };
}
