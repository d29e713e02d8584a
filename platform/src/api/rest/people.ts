import { Problem, type Role } from '@pactgate/protocol';
import { days } from '../../kernel/time.ts';
import { type ApiToken, longestToken, platformItself } from '../../parties/people.ts';
import { isAdmin, isRoleOfParty, tokenRoles } from '../../parties/roles.ts';
import { demandPassword } from '../auth/passwords.ts';
import type { People } from '../auth/people.ts';
import type { HandlerAnswer, Handlers, KnownCaller, RequestOf } from '../context.ts';

type PlatformFacts = Omit<HandlerAnswer<'platform'>, 'setupNeeded' | 'mail'>;
type JoinRequest = RequestOf<'acceptParty'>['body'] & { readonly party: string };

export interface PeopleHandlerParts {
  readonly people: People;
  /** What the platform says of itself. */
  readonly about: () => Promise<PlatformFacts> | PlatformFacts;
  /** Name of a party for people; undefined for an unknown one. */
  readonly partyName: (party: string) => Promise<string | undefined>;
  /**
   * Binds the keys that a device party brought to its invitation and answers with its agreement. Refuse with `Problem`
   * what the party can mend: the invitation then stays usable.
   */
  readonly joinParty: (request: JoinRequest) => Promise<HandlerAnswer<'acceptParty'>['agreement']>;
}

const shownToken = ({ hash: _hash, by, ...token }: ApiToken): HandlerAnswer<'createToken'>['token'] =>
  by === platformItself ? { ...token, internal: true } : token;

type Names = 'platform' | 'setUp' | 'me';
function ownHandlers({ people, about }: PeopleHandlerParts): Pick<Handlers, Names> {
  return {
    platform: async () => ({
      ...(await about()),
      setupNeeded: !(await people.store.hasRole('a.admin')),
      mail: people.mail,
    }),
    setUp: (_, { body: { token, name, email, password } }) =>
      people.links.use(token, ['setup'], async ({ party, role }) => {
        if (await people.store.hasRole(role)) throw new Problem('auth/link-invalid', 'there is an administrator');
        return { person: await people.addPerson({ name, email, password, party, role }) };
      }),
    me: ({ caller }) => ({
      kind: caller.kind,
      id: caller.id,
      name: caller.name,
      ...(caller.email !== undefined && { email: caller.email }),
      role: caller.role,
      party: caller.party,
      agreements: caller.secondFactorNeeded ? [] : [...caller.agreements],
      secondFactor: caller.secondFactor,
      secondFactorNeeded: caller.secondFactorNeeded,
    }),
  };
}

/** The person of the caller's own party; anybody else's is not found. */
async function ofOwnParty(people: People, caller: KnownCaller, id: string): Promise<{ role: Role; party: string }> {
  const person = await people.store.person(id);
  if (!person || person.party !== caller.party) throw new Problem('request/not-found', 'no such person');
  return person;
}

async function removePerson(people: People, caller: KnownCaller, id: string): Promise<{ removed: boolean }> {
  const { role, party } = await ofOwnParty(people, caller, id);
  const admins = (await people.store.people(party)).filter((person) => person.role === role);
  if (isAdmin(role) && admins.length < 2) throw new Problem('request/conflict', 'the last administrator stays');
  const removed = await people.store.removePerson(id, [
    { kind: 'person.remove', outcome: 'ok', body: { person: id, by: caller.id } },
  ]);
  await people.accounts.remove(id);
  return { removed };
}

type PersonNames = 'people' | 'invitePerson' | 'removePerson' | 'recoverPerson';
function personHandlers({ people }: PeopleHandlerParts): Pick<Handlers, PersonNames> {
  return {
    people: async ({ caller }) => {
      const persons = await people.store.people(caller.party);
      const accounts = await people.accounts.describe(persons.map(({ id }) => id));
      const items = persons.flatMap((person) => {
        const account = accounts.get(person.id);
        if (!account) return [];
        const { hasSecondFactor, ...rest } = account;
        return [{ ...person, ...rest, secondFactor: hasSecondFactor }];
      });
      return { items };
    },
    invitePerson: async ({ caller }, { body: { role, email } }) => {
      if (!isRoleOfParty(role, caller.party)) throw new Problem('auth/forbidden', 'a role of the other side');
      const made = await people.links.make({
        kind: 'person',
        party: caller.party,
        role,
        by: caller.id,
        ...(email !== undefined && { email }),
        records: [{ kind: 'person.invite', outcome: 'ok', body: { role, by: caller.id } }],
      });
      return { link: made.link, expiresAt: made.expiresAt, mailed: made.mailed };
    },
    removePerson: ({ caller }, { params }) => removePerson(people, caller, params.person),
    recoverPerson: async ({ caller }, { params: { person } }) => {
      // Two persons: whoever issues the link is not the one who uses it.
      if (person === caller.id) throw new Problem('auth/forbidden', 'another administrator recovers you');
      const { role, party } = await ofOwnParty(people, caller, person);
      const email = (await people.accounts.describe([person])).get(person)?.email;
      const made = await people.links.make({
        kind: 'recovery',
        party,
        role,
        person,
        by: caller.id,
        ...(email !== undefined && { email }),
        records: [{ kind: 'person.recover', outcome: 'ok', body: { person, how: 'link issued' } }],
      });
      return { link: made.link, expiresAt: made.expiresAt, mailed: made.mailed };
    },
  };
}

type LinkNames = 'invitation' | 'acceptPerson' | 'acceptRecovery' | 'acceptParty';
function linkHandlers({ people, partyName, joinParty }: PeopleHandlerParts): Pick<Handlers, LinkNames> {
  return {
    invitation: async (_, { params }) => {
      const link = await people.links.look(params.token, 'person', 'party', 'recovery');
      const { kind, party, role, email, expiresAt } = link;
      if (kind === 'setup' || kind === 'signin') throw new Problem('auth/link-invalid', 'no invitation');
      const named = (await partyName(party)) ?? party;
      return { kind, party, partyName: named, role, expiresAt, ...(email !== undefined && { email }) };
    },
    acceptPerson: (_, { params, body: { name, email, password } }) =>
      people.links.use(params.token, ['person'], async ({ party, role }) => ({
        person: await people.addPerson({ name, email, password, party, role }),
      })),
    acceptRecovery: (_, { params, body: { password } }) =>
      people.links.use(params.token, ['recovery'], async ({ person }) => {
        const account = person === undefined ? undefined : (await people.accounts.describe([person])).get(person);
        if (person === undefined || !account) throw new Problem('auth/link-invalid', 'the person is gone');
        demandPassword(password, [account.name, account.email]);
        await people.record([{ kind: 'person.recover', outcome: 'ok', body: { person, how: 'link used' } }]);
        await people.accounts.reset(person, password);
        return { person };
      }),
    acceptParty: (_, { params, body }) =>
      people.links.use(params.token, ['party'], async ({ party }) => {
        const agreement = await joinParty({ ...body, party });
        const name = `party ${party}`;
        const made = await people.makeToken({ name, role: 'b.admin', party, life: longestToken });
        return { token: made.secret, agreement };
      }),
  };
}

/** Admins see and revoke every token of their party, others those they made; a token sees and revokes itself too. */
const mayHandle = (caller: KnownCaller, token: ApiToken): boolean =>
  token.party === caller.party && (isAdmin(caller.role) || token.by === caller.id || token.id === caller.id);

type TokenNames = 'tokens' | 'createToken' | 'revokeToken';
function tokenHandlers({ people }: PeopleHandlerParts): Pick<Handlers, TokenNames> {
  return {
    tokens: async ({ caller }) => {
      const tokens = await people.store.tokens(caller.party, people.now());
      return { items: tokens.filter((token) => mayHandle(caller, token)).map(shownToken) };
    },
    createToken: async ({ caller }, { body }) => {
      const role = body.role ?? caller.role;
      if (!tokenRoles[caller.role].includes(role))
        throw new Problem('auth/forbidden', `role ${caller.role} for ${role}`);
      const { secret, token } = await people.makeToken({
        name: body.name,
        role,
        party: caller.party,
        life: days(body.days),
        by: caller.id,
        ...(caller.kind === 'token' && { until: caller.expiresAt }),
      });
      return { secret, token: shownToken(token) };
    },
    revokeToken: async ({ caller }, { params }) => {
      const token = await people.store.token(params.token);
      if (!token || !mayHandle(caller, token)) throw new Problem('request/not-found', 'no such token');
      const revoked = await people.store.revokeToken(token.id, people.now(), [
        { kind: 'token.revoke', outcome: 'ok', body: { token: token.id, by: caller.id } },
      ]);
      return { revoked };
    },
  };
}

/** Handlers of set-up, people, invitations and tokens. */
export const peopleHandlers = (
  parts: PeopleHandlerParts,
): Pick<Handlers, Names | PersonNames | LinkNames | TokenNames> => ({
  ...ownHandlers(parts),
  ...personHandlers(parts),
  ...linkHandlers(parts),
  ...tokenHandlers(parts),
});

/** The invitation of a device party: a link for its command line, used once. */
export const inviteParty =
  (people: People, rootSha256: () => string, exists: (party: string) => Promise<boolean>): Handlers['inviteParty'] =>
  async ({ caller }, { params, body }) => {
    if (!(await exists(params.party))) throw new Problem('request/not-found', 'no such party');
    const email = body.email === undefined ? {} : { email: body.email };
    const records = [{ kind: 'person.invite', outcome: 'ok', body: { role: 'b.admin', by: caller.id } }] as const;
    const made = await people.links.make({
      kind: 'party',
      party: params.party,
      role: 'b.admin',
      by: caller.id,
      records,
      ...email,
    });
    // The fingerprint travels with the secret: B's command line trusts no other root.
    return { link: `${made.link}&root=${rootSha256()}`, expiresAt: made.expiresAt, mailed: made.mailed };
  };
