import type { IdentityStore, LiveKey } from '../../duties/identity/index.ts';
import { instant } from '../../kernel/time.ts';
import { changedOne } from './changed.ts';
import { bindingColumns, codeColumns, fromCode, toBinding, toCode } from './identity-rows.ts';
import type { Db, Tx } from './schema.ts';

/** One-time codes and keys (B2.2.1, B2.2.3): what reads. */
const reads = (db: Db): Pick<IdentityStore<Tx>, 'code' | 'keyBinding' | 'liveKeys'> => ({
  code: async (hash) => {
    const row = await db.selectFrom('enrolment_code').select(codeColumns).where('hash', '=', hash).executeTakeFirst();
    return row && toCode(row);
  },
  keyBinding: async (spki) => {
    const row = await db.selectFrom('key_binding').select(bindingColumns).where('spki', '=', spki).executeTakeFirst();
    return row && toBinding(row);
  },
  liveKeys: async (agreement) => {
    const rows = await db
      .selectFrom('certificate')
      .innerJoin('device', (join) =>
        join.onRef('device.agreement', '=', 'certificate.agreement').onRef('device.id', '=', 'certificate.device'),
      )
      .select(['device.pseudonym', 'certificate.spki', 'certificate.state', 'certificate.overlap_until'])
      .where('certificate.agreement', '=', agreement)
      .where('certificate.state', 'in', ['live', 'candidate'])
      .execute();
    return rows.map(({ pseudonym: device, spki, state, overlap_until: until }): LiveKey => {
      const overlaps = state === 'candidate' && until !== null;
      return overlaps ? { device, spki, overlapUntil: instant(until) } : { device, spki };
    });
  },
});

/** One-time codes and keys (B2.2.1, B2.2.3): what writes, in the caller's transaction. */
const writes: Pick<IdentityStore<Tx>, 'putCodes' | 'useCode' | 'bindKey' | 'retireKey'> = {
  putCodes: async (tx, codes) => {
    for (const { agreement, device } of codes)
      await tx
        .deleteFrom('enrolment_code')
        .where('agreement', '=', agreement)
        .where('device', '=', device)
        .where('used', 'is', null)
        .execute();
    if (codes.length > 0) await tx.insertInto('enrolment_code').values(codes.map(fromCode)).execute();
  },
  useCode: async (tx, { hash, at, serial, retry }) => {
    const update = tx.updateTable('enrolment_code').set({ used: at, used_for: serial }).where('hash', '=', hash);
    const result = await (retry === undefined
      ? update.where('used', 'is', null)
      : update.where('used_for', '=', retry)
    ).executeTakeFirst();
    return changedOne(result);
  },
  bindKey: async (tx, { spki, agreement, device, boundAt }) => {
    await tx
      .insertInto('key_binding')
      .values({ spki, agreement, device, bound: boundAt, retired: null, blocked: 0 })
      .onConflict((conflict) => conflict.column('spki').doNothing())
      .execute();
    const result = await tx
      .updateTable('key_binding')
      .set({ retired: null })
      .where('spki', '=', spki)
      .where('agreement', '=', agreement)
      .where('device', '=', device)
      .where('blocked', '=', 0)
      .executeTakeFirst();
    return changedOne(result);
  },
  retireKey: async (tx, spki, at, blocked) => {
    await tx
      .updateTable('key_binding')
      .set({ retired: at, ...(blocked ? { blocked: 1 } : {}) })
      .where('spki', '=', spki)
      .execute();
  },
};

export const identityKeys = (db: Db): typeof writes & ReturnType<typeof reads> => ({ ...reads(db), ...writes });
