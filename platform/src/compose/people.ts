import { readFileSync } from 'node:fs';
import { Problem } from '@pactgate/protocol';
import { openMail } from '../adapters/notify/mail.ts';
import { openPeople, type People } from '../api/auth/people.ts';
import { openPeopleStore } from '../store/db/people.ts';
import type { Base } from './base.ts';
import { authSecret } from './first-keys.ts';
import { hostNames } from './gateway.ts';
import type { LedgerPart } from './ledger.ts';
import type { Terms } from './terms.ts';

const secretOf = async ({ keys }: Base): Promise<string> =>
  Buffer.from(await keys.get(authSecret)).toString('base64url');

function mailOf({ config, log }: Base): { readonly notifier?: ReturnType<typeof openMail> } {
  if (config.mail.urlFile === '') return {};
  try {
    return {
      notifier: openMail({
        url: readFileSync(config.mail.urlFile, 'utf8'),
        from: config.mail.from,
        log: (message, cause) => log.error({ err: cause }, message),
      }),
    };
  } catch (cause) {
    throw new Problem('start/config-invalid', `mail.urlFile: ${config.mail.urlFile} cannot be used`, { cause });
  }
}

/** Sign-in, people, tokens, links. `port`: the console's, which is part of every link. */
export async function openPeoplePart(base: Base, ledger: LedgerPart, terms: Terms, port: number): Promise<People> {
  const { names, addresses } = hostNames(base);
  const [first = 'localhost'] = base.config.publicHost.split(',');
  const originOf = (name: string): string => `https://${name.includes(':') ? `[${name}]` : name}:${port}`;
  const origin = originOf(first.trim());
  return openPeople({
    store: openPeopleStore(base.store.db, (tx, records) => ledger.recorder.recordIn(tx, records)),
    database: { db: base.store.db, type: base.store.kind },
    secret: await secretOf(base),
    origin,
    origins: [...new Set([origin, ...[...names, ...addresses].map(originOf)])],
    now: () => base.clock.now(),
    random: base.random,
    record: (records) => ledger.recorder.record(records),
    agreementsOf: async (party) => {
      const all = terms.agreements();
      return all.filter((agreement) => party === 'platform' || agreement.party === party).map(({ id }) => id);
    },
    ...mailOf(base),
    log: (level, message) => base.log[level](message),
  });
}
