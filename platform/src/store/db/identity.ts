import type { IdentityStore } from '../../duties/identity/index.ts';
import { instant } from '../../kernel/time.ts';
import { identityCertificates } from './identity-certificates.ts';
import { identityDevices } from './identity-devices.ts';
import { identityKeys } from './identity-keys.ts';
import { caColumns, crlColumns, fromCa, fromCrl, toCa, toCrl } from './identity-rows.ts';
import type { Db, Tx } from './schema.ts';

/** CAs and revocation lists (B2.2.5). */
const authorities = (db: Db): Pick<IdentityStore<Tx>, 'cas' | 'addCa' | 'revokedOf' | 'crl' | 'saveCrl'> => ({
  cas: async () => {
    const rows = await db.selectFrom('ca').select(caColumns).orderBy('created').orderBy('id').execute();
    return rows.map(toCa);
  },
  addCa: async (ca) => {
    await db.insertInto('ca').values(fromCa(ca)).execute();
  },
  revokedOf: async (issuer, now) => {
    const rows = await db
      .selectFrom('certificate')
      .select(['serial', 'revoked', 'not_after'])
      .where('issuer', '=', issuer)
      .where('state', '=', 'revoked')
      .where('not_after', '>', now)
      .orderBy('serial')
      .execute();
    return rows.map(({ serial, revoked }) => ({ serial, revokedAt: instant(revoked ?? now) }));
  },
  crl: async (ca) => {
    const row = await db.selectFrom('crl').select(crlColumns).where('ca', '=', ca).executeTakeFirst();
    return row && toCrl(row);
  },
  saveCrl: async (tx, crl) => {
    const { ca: _, ...changes } = fromCrl(crl);
    const result = await tx
      .insertInto('crl')
      .values(fromCrl(crl))
      .onConflict((conflict) => conflict.column('ca').doUpdateSet(changes).where('crl.number', '<', crl.number))
      .executeTakeFirst();
    return result.numInsertedOrUpdatedRows === 1n;
  },
});

/** Identities over Kysely (B2.2.1-B2.2.5); one file for each part of the port. */
export const identityStore = (db: Db): IdentityStore<Tx> => ({
  ...identityDevices(db),
  ...identityKeys(db),
  ...identityCertificates(db),
  ...authorities(db),
});
