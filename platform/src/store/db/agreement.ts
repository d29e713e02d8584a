import type { Overrides, Particulars } from '@pactgate/agreement';
import type { PublicJwk } from '@pactgate/proof';
import { instant } from '../../kernel/time.ts';
import type { Agreement, AgreementState, Party, PartyKey } from '../../parties/agreement.ts';
import type { AgreementStore } from '../../parties/ports.ts';
import type { Db, Tx } from './schema.ts';
import type { AgreementTables } from './tables/agreement.ts';

type AgreementRow = AgreementTables['agreement'];

// JSON columns were written by this file from typed values; the row's own constraints keep the states apart.
const toAgreement = (row: AgreementRow): Agreement => ({
  id: row.id,
  party: row.party,
  state: row.state as AgreementState,
  edition: row.edition,
  params: JSON.parse(row.params) as Overrides,
  draftedAt: instant(row.drafted),
  ...(row.document === null ? {} : { document: row.document }),
  ...(row.digest === null ? {} : { digest: row.digest }),
  ...(row.jws === null ? {} : { jws: row.jws }),
  ...(row.in_force === null ? {} : { inForceAt: instant(row.in_force) }),
  log: row.log,
});

const fromAgreement = (agreement: Agreement): AgreementRow => ({
  id: agreement.id,
  party: agreement.party,
  state: agreement.state,
  edition: agreement.edition,
  params: JSON.stringify(agreement.params),
  drafted: agreement.draftedAt,
  document: agreement.document ?? null,
  digest: agreement.digest ?? null,
  jws: agreement.jws ?? null,
  in_force: agreement.inForceAt ?? null,
  log: agreement.log,
});

const toParty = (row: AgreementTables['party']): Party => ({
  id: row.id,
  particulars: JSON.parse(row.particulars) as Particulars,
  createdAt: instant(row.created),
});

function toKey(row: AgreementTables['party_key']): PartyKey {
  const common = { party: row.party, thumbprint: row.thumbprint, createdAt: instant(row.created) };
  return row.use === 'sign'
    ? { ...common, use: 'sign', jwk: JSON.parse(row.key) as PublicJwk }
    : { ...common, use: 'witness', vkey: row.key };
}

/** Columns in full: a SELECT lists them (conventions 3). */
const columns = [
  'id',
  'party',
  'state',
  'edition',
  'params',
  'drafted',
  'document',
  'digest',
  'jws',
  'in_force',
  'log',
] as const;

export function agreementStore(db: Db): AgreementStore<Tx> {
  return {
    putParty: async (tx, party) => {
      await tx
        .insertInto('party')
        .values({ id: party.id, particulars: JSON.stringify(party.particulars), created: party.createdAt })
        .execute();
    },
    setParticulars: async (tx, party, particulars) => {
      await tx
        .updateTable('party')
        .set({ particulars: JSON.stringify(particulars) })
        .where('id', '=', party)
        .execute();
    },
    party: async (id) => {
      const row = await db
        .selectFrom('party')
        .select(['id', 'particulars', 'created'])
        .where('id', '=', id)
        .executeTakeFirst();
      return row && toParty(row);
    },
    parties: async () => {
      const rows = await db.selectFrom('party').select(['id', 'particulars', 'created']).orderBy('id').execute();
      return rows.map(toParty);
    },
    ...keys(db),
    addAgreement: async (tx, agreement) => {
      await tx.insertInto('agreement').values(fromAgreement(agreement)).execute();
    },
    changeAgreement: async (tx, from, to) => {
      const { numUpdatedRows } = await tx
        .updateTable('agreement')
        .set(fromAgreement(to))
        .where('id', '=', from.id)
        .where('state', '=', from.state)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    ...reads(db),
  };
}

const reads = (db: Db): Pick<AgreementStore<Tx>, 'agreement' | 'agreementOf' | 'agreements'> => ({
  agreement: async (id) => {
    const row = await db.selectFrom('agreement').select(columns).where('id', '=', id).executeTakeFirst();
    return row && toAgreement(row);
  },
  agreementOf: async (party) => {
    const row = await db.selectFrom('agreement').select(columns).where('party', '=', party).executeTakeFirst();
    return row && toAgreement(row);
  },
  agreements: async () => {
    const rows = await db.selectFrom('agreement').select(columns).orderBy('drafted').execute();
    return rows.map(toAgreement);
  },
});

const keys = (db: Db): Pick<AgreementStore<Tx>, 'putKey' | 'keys'> => ({
  putKey: async (tx, key) => {
    const value = key.use === 'sign' ? JSON.stringify(key.jwk) : key.vkey;
    await tx
      .insertInto('party_key')
      .values({
        thumbprint: key.thumbprint,
        party: key.party,
        use: key.use,
        key: value,
        created: key.createdAt,
        ended: null,
      })
      .execute();
  },
  keys: async (party) => {
    const rows = await db
      .selectFrom('party_key')
      .select(['thumbprint', 'party', 'use', 'key', 'created', 'ended'])
      .where('party', '=', party)
      .where('ended', 'is', null)
      .orderBy('created')
      .execute();
    return rows.map(toKey);
  },
});
