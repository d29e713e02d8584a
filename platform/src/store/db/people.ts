import type { Role } from '@pactgate/protocol';
import type { Selectable } from 'kysely';
import type { Instant } from '../../kernel/time.ts';
import {
  type ApiToken,
  type Link,
  type LinkKind,
  type PeopleStore,
  type Person,
  peopleLimits,
} from '../../parties/people.ts';
import type { NewRecord } from '../../parties/record.ts';
import type { Db, Tx } from './schema.ts';
import type { PeopleTables } from './tables/people.ts';

/** Writes records into the outbox inside a transaction: `flow/recorder.ts`. */
export type RecordIn = (tx: Tx, records: readonly NewRecord[]) => Promise<void>;

const personColumns = ['id', 'party', 'role', 'created'] as const;
const linkColumns = [
  'hash',
  'kind',
  'party',
  'role',
  'person',
  'email',
  'operator',
  'made_by',
  'created',
  'expires',
] as const;
const tokenColumns = ['id', 'hash', 'name', 'role', 'party', 'made_by', 'created', 'expires', 'last_used'] as const;

type Row<T extends keyof PeopleTables, C extends keyof Selectable<PeopleTables[T]>> = Pick<
  Selectable<PeopleTables[T]>,
  C
>;

// Roles and kinds are written only from their types (kinds are also checked by the table), instants only from instants.
const toPerson = (row: Row<'person', (typeof personColumns)[number]>): Person => ({
  id: row.id,
  party: row.party,
  role: row.role as Role,
  createdAt: row.created as Instant,
});
const toLink = (row: Row<'link', (typeof linkColumns)[number]>): Link => ({
  hash: row.hash,
  kind: row.kind as LinkKind,
  party: row.party,
  role: row.role as Role,
  ...(row.person === null ? {} : { person: row.person }),
  ...(row.email === null ? {} : { email: row.email }),
  operator: row.operator === 1,
  ...(row.made_by === null ? {} : { by: row.made_by }),
  createdAt: row.created as Instant,
  expiresAt: row.expires as Instant,
});
const toToken = (row: Row<'api_token', (typeof tokenColumns)[number]>): ApiToken => ({
  id: row.id,
  hash: row.hash,
  name: row.name,
  role: row.role as Role,
  party: row.party,
  ...(row.made_by === null ? {} : { by: row.made_by }),
  createdAt: row.created as Instant,
  expiresAt: row.expires as Instant,
  ...(row.last_used === null ? {} : { lastUsedAt: row.last_used as Instant }),
});

type PersonPart = Pick<PeopleStore, 'addPerson' | 'person' | 'people' | 'hasRole' | 'removePerson'>;
type LinkPart = Pick<PeopleStore, 'addLink' | 'link' | 'takeLink' | 'releaseLink' | 'countLinks' | 'sweep'>;

function persons(db: Db, recordIn: RecordIn): PersonPart {
  return {
    addPerson: (person, records) =>
      db.transaction().execute(async (tx) => {
        const { id, party, role, createdAt } = person;
        await tx.insertInto('person').values({ id, party, role, created: createdAt }).execute();
        await recordIn(tx, records);
      }),
    person: async (id) => {
      const row = await db.selectFrom('person').select(personColumns).where('id', '=', id).executeTakeFirst();
      return row && toPerson(row);
    },
    people: async (party) => {
      const query = db.selectFrom('person').select(personColumns).where('party', '=', party);
      const rows = await query.orderBy('created').orderBy('id').limit(peopleLimits.people).execute();
      return rows.map(toPerson);
    },
    hasRole: async (role) => {
      const row = await db.selectFrom('person').select('id').where('role', '=', role).limit(1).executeTakeFirst();
      return row !== undefined;
    },
    removePerson: (id, records) =>
      db.transaction().execute(async (tx) => {
        const gone = await tx.deleteFrom('person').where('id', '=', id).executeTakeFirst();
        if (gone.numDeletedRows !== 1n) return false;
        await tx.deleteFrom('api_token').where('made_by', '=', id).execute();
        const theirs = tx.deleteFrom('link').where('used', 'is', null);
        await theirs.where((eb) => eb.or([eb('made_by', '=', id), eb('person', '=', id)])).execute();
        await recordIn(tx, records);
        return true;
      }),
  };
}

function links(db: Db, recordIn: RecordIn): LinkPart {
  const open = (hash: string, at: Instant) =>
    db
      .selectFrom('link')
      .select(linkColumns)
      .where('hash', '=', hash)
      .where('used', 'is', null)
      .where('expires', '>', at);
  return {
    addLink: (link, records) =>
      db.transaction().execute(async (tx) => {
        await tx.insertInto('link').values(linkRow(link)).execute();
        await recordIn(tx, records);
      }),
    link: async (hash, at) => {
      const row = await open(hash, at).executeTakeFirst();
      return row && toLink(row);
    },
    takeLink: async (hash, at) => {
      const row = await open(hash, at).executeTakeFirst();
      if (!row) return undefined;
      const query = db.updateTable('link').set({ used: at }).where('hash', '=', hash).where('used', 'is', null);
      const { numUpdatedRows } = await query.executeTakeFirst();
      return numUpdatedRows === 1n ? toLink(row) : undefined;
    },
    releaseLink: async (hash) => {
      await db.updateTable('link').set({ used: null }).where('hash', '=', hash).execute();
    },
    countLinks: async (party, at) => {
      const query = db.selectFrom('link').select((eb) => eb.fn.countAll<number>().as('n'));
      const row = await query
        .where('party', '=', party)
        .where('used', 'is', null)
        .where('expires', '>', at)
        .executeTakeFirst();
      return row?.n ?? 0;
    },
    sweep: async (before) => {
      const a = await db.deleteFrom('link').where('expires', '<', before).executeTakeFirst();
      const b = await db.deleteFrom('api_token').where('expires', '<', before).executeTakeFirst();
      return Number(a.numDeletedRows + b.numDeletedRows);
    },
  };
}

const linkRow = (link: Link): Omit<Selectable<PeopleTables['link']>, 'used'> & { used: null } => ({
  hash: link.hash,
  kind: link.kind,
  party: link.party,
  role: link.role,
  person: link.person ?? null,
  email: link.email ?? null,
  operator: link.operator ? 1 : 0,
  made_by: link.by ?? null,
  created: link.createdAt,
  expires: link.expiresAt,
  used: null,
});

type TokenPart = Pick<PeopleStore, 'addToken' | 'tokenByHash' | 'token' | 'tokens' | 'touchToken' | 'revokeToken'>;

function tokens(db: Db, recordIn: RecordIn): TokenPart {
  const select = () => db.selectFrom('api_token').select(tokenColumns);
  const live = (at: Instant) => select().where('revoked', 'is', null).where('expires', '>', at);
  return {
    addToken: (token, records) =>
      db.transaction().execute(async (tx) => {
        await tx.insertInto('api_token').values(tokenRow(token)).execute();
        await recordIn(tx, records);
      }),
    tokenByHash: async (hash, at) => {
      const row = await live(at).where('hash', '=', hash).executeTakeFirst();
      return row && toToken(row);
    },
    token: async (id) => {
      const row = await select().where('id', '=', id).where('revoked', 'is', null).executeTakeFirst();
      return row && toToken(row);
    },
    tokens: async (party, at) => {
      const query = live(at).where('party', '=', party).orderBy('created').orderBy('id');
      return (await query.limit(peopleLimits.tokens).execute()).map(toToken);
    },
    touchToken: async (id, at) => {
      await db.updateTable('api_token').set({ last_used: at }).where('id', '=', id).execute();
    },
    revokeToken: (id, at, records) =>
      db.transaction().execute(async (tx) => {
        const query = tx
          .updateTable('api_token')
          .set({ revoked: at })
          .where('id', '=', id)
          .where('revoked', 'is', null);
        const { numUpdatedRows } = await query.executeTakeFirst();
        if (numUpdatedRows !== 1n) return false;
        await recordIn(tx, records);
        return true;
      }),
  };
}

const tokenRow = (token: ApiToken): Selectable<PeopleTables['api_token']> => ({
  id: token.id,
  hash: token.hash,
  name: token.name,
  role: token.role,
  party: token.party,
  made_by: token.by ?? null,
  created: token.createdAt,
  expires: token.expiresAt,
  last_used: token.lastUsedAt ?? null,
  revoked: null,
});

/** People, links and tokens in the main database; see the port for the contract. */
export const openPeopleStore = (db: Db, recordIn: RecordIn): PeopleStore => ({
  ...persons(db, recordIn),
  ...links(db, recordIn),
  ...tokens(db, recordIn),
});
