import type { IdentityStore } from '../../duties/identity/index.ts';
import { changedOne } from './changed.ts';
import { certificateColumns, fromCertificate, toCertificate } from './identity-rows.ts';
import type { Db, Tx } from './schema.ts';

/** Certificates of devices (B2.2.5): what reads. */
const reads = (
  db: Db,
): Pick<IdentityStore<Tx>, 'certificate' | 'certificateDer' | 'certificatesOf' | 'openCertificates'> => ({
  certificate: async (serial) => {
    const row = await db
      .selectFrom('certificate')
      .select(certificateColumns)
      .where('serial', '=', serial)
      .executeTakeFirst();
    return row && toCertificate(row);
  },
  certificateDer: async (serial) => {
    const row = await db.selectFrom('certificate').select('der').where('serial', '=', serial).executeTakeFirst();
    return row?.der ?? undefined;
  },
  certificatesOf: async (agreement, device) => {
    const rows = await db
      .selectFrom('certificate')
      .select(certificateColumns)
      .where('agreement', '=', agreement)
      .where('device', '=', device)
      .orderBy('created', 'desc')
      .orderBy('serial')
      .limit(100)
      .execute();
    return rows.map(toCertificate);
  },
  openCertificates: async (agreement, device) => {
    const rows = await db
      .selectFrom('certificate')
      .select(certificateColumns)
      .where('agreement', '=', agreement)
      .where('device', '=', device)
      .where('state', 'in', ['live', 'candidate'])
      .execute();
    return rows.map(toCertificate);
  },
});

/** Those for the registry and the sweep. */
const scans = (db: Db): Pick<IdentityStore<Tx>, 'loadCertificates' | 'unproven'> => ({
  loadCertificates: async ({ since, now }, after, limit) => {
    const rows = await db
      .selectFrom('certificate')
      .select(certificateColumns)
      .where('serial', '>', after)
      .where((eb) =>
        eb.or([
          eb.and([eb('state', 'in', ['live', 'candidate']), eb('not_after', '>', since)]),
          eb.and([eb('state', 'in', ['superseded', 'revoked']), eb('not_after', '>', now)]),
        ]),
      )
      .orderBy('serial')
      .limit(limit)
      .execute();
    return rows.map(toCertificate);
  },
  unproven: async (now, limit) => {
    const rows = await db
      .selectFrom('certificate')
      .select(certificateColumns)
      .where('state', '=', 'candidate')
      .where('overlap_until', '<=', now)
      .orderBy('overlap_until')
      .limit(limit)
      .execute();
    return rows.map(toCertificate);
  },
});

/** Certificates of devices (B2.2.5): what writes, in the caller's transaction. */
const writes: Pick<IdentityStore<Tx>, 'addCertificate' | 'completeCertificate' | 'moveCertificate'> = {
  addCertificate: async (tx, certificate) => {
    await tx.insertInto('certificate').values(fromCertificate(certificate)).execute();
  },
  completeCertificate: async (tx, serial, state, { der, fingerprint }) => {
    const result = await tx
      .updateTable('certificate')
      .set({ state, der, fingerprint })
      .where('serial', '=', serial)
      .where('state', '=', 'issuing')
      .executeTakeFirst();
    return changedOne(result);
  },
  moveCertificate: async (tx, serial, { from, to, at }) => {
    const result = await tx
      .updateTable('certificate')
      .set({ state: to, ...(to === 'revoked' ? { revoked: at } : {}) })
      .where('serial', '=', serial)
      .where('state', '=', from)
      .executeTakeFirst();
    return changedOne(result);
  },
};

export const identityCertificates = (db: Db): typeof writes & ReturnType<typeof reads> & ReturnType<typeof scans> => ({
  ...reads(db),
  ...scans(db),
  ...writes,
});
