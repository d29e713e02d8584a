import { Problem, type Role } from '@pactgate/protocol';
import type { RandomBytes } from '../../kernel/ids.ts';
import type { Instant } from '../../kernel/time.ts';
import { type Notifier, type PeopleStore, peopleLimits } from '../../parties/people.ts';
import type { NewRecord } from '../../parties/record.ts';
import { platformParty } from '../../parties/roles.ts';
import { type AccountDatabase, type AccountOptions, type Accounts, openAccounts } from './accounts.ts';
import { type Credentials, type Identified, makeIdentify } from './callers.ts';
import { type Links, type MadeLink, makeLinks } from './links.ts';
import { demandPassword } from './passwords.ts';
import { Throttle, type ThrottleLimits } from './throttle.ts';
import { type MadeToken, makeTokenMaker, type TokenRequest } from './tokens.ts';

export interface PeopleOptions {
  readonly store: PeopleStore;
  /** For the login library's own tables. */
  readonly database: AccountDatabase;
  /** At least 32 characters, from a file of mode 0600. */
  readonly secret: string;
  /** Where people reach the console, such as `https://iot.example:8443`; links and cookies belong to it. */
  readonly origin: string;
  /** All origins the console may be used from, `origin` among them. */
  readonly origins: readonly string[];
  readonly now: () => Instant;
  readonly random: RandomBytes;
  /** Records events that change nothing of ours (sign-in); resolves when durable. */
  readonly record: (records: readonly NewRecord[]) => Promise<void>;
  /** Agreements of a party (of `platform`: all); asked at every request. */
  readonly agreementsOf: (party: string) => Promise<readonly string[]>;
  /** Absent: links are shown only. */
  readonly notifier?: Notifier;
  readonly throttle?: Partial<ThrottleLimits>;
  readonly log: AccountOptions['log'];
}

export interface NewPerson {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly party: string;
  readonly role: Role;
}

/** People's access: everything `api` and `main.ts` need of it. */
export interface People {
  readonly store: PeopleStore;
  readonly accounts: Accounts;
  readonly links: Links;
  readonly throttle: Throttle;
  readonly origins: readonly string[];
  readonly now: () => Instant;
  readonly mail: boolean;
  record(records: readonly NewRecord[]): Promise<void>;
  identify(credentials: Credentials): Promise<Identified>;
  makeToken(request: TokenRequest): Promise<MadeToken>;
  /** Account and person with a `person.join` record; `auth/password-weak`, `request/conflict` when the mail has one. */
  addPerson(person: NewPerson): Promise<string>;
  /** One-time link that makes the first administrator; undefined when there is one. For the operator's machine. */
  createSetUpLink(): Promise<MadeLink | undefined>;
  /**
   * One-time link that opens a session of the person, 30 minutes long valid. `linkTrust: 'operator'`: it was made on the
   * operator's machine and stands for the second factor; otherwise the session still owes it.
   */
  createSignInLink(person: string, linkTrust?: 'operator'): Promise<MadeLink>;
}

async function addPerson({ store, accounts, now }: People, person: NewPerson): Promise<string> {
  const { name, email, password, party, role } = person;
  demandPassword(password, [name, email]);
  if ((await store.people(party)).length >= peopleLimits.people)
    throw new Problem('request/conflict', `more than ${peopleLimits.people} people`);
  const id = (await accounts.create({ name, email, password })) ?? (await recreate(store, accounts, person));
  try {
    await store.addPerson({ id, party, role, createdAt: now() }, [
      { kind: 'person.join', outcome: 'ok', body: { person: id, role } },
    ]);
  } catch (error) {
    await accounts.remove(id);
    throw error;
  }
  return id;
}

/** An account without a person is what a crash between the two left behind: it never signed in, so it makes room. */
async function recreate(store: PeopleStore, accounts: Accounts, person: NewPerson): Promise<string> {
  const old = await accounts.idOf(person.email);
  if (old !== undefined && !(await store.person(old))) {
    await accounts.remove(old);
    const id = await accounts.create(person);
    if (id !== undefined) return id;
  }
  throw new Problem('request/conflict', 'this mail address has an account');
}

async function signInLink({ store, links }: People, id: string, operator: boolean): Promise<MadeLink> {
  const person = await store.person(id);
  if (!person) throw new Problem('request/not-found', 'no such person');
  const { party, role } = person;
  const records: NewRecord[] = [
    { kind: 'person.recover', outcome: 'ok', body: { person: id, how: operator ? 'operator link' : 'link' } },
  ];
  return links.make({ kind: 'signin', party, role, person: id, operator, records });
}

/** Joins login library, store and limits. Reads and writes nothing before the first call. */
export function openPeople(options: PeopleOptions): People {
  const { store, now, random, origin, origins, notifier } = options;
  if (options.secret.length < 32) throw new RangeError('the secret of sessions needs 32 characters');
  const accounts = openAccounts(options);
  const links = makeLinks({ store, origin, now, ...(notifier && { notifier }) });
  const people: People = {
    store,
    accounts,
    links,
    throttle: new Throttle(options.throttle ?? {}, now),
    origins,
    now,
    mail: notifier !== undefined,
    record: options.record,
    identify: makeIdentify({ accounts, store, agreementsOf: options.agreementsOf, now }),
    makeToken: makeTokenMaker({ store, now, random }),
    addPerson: (person) => addPerson(people, person),
    createSetUpLink: async () => {
      if (await store.hasRole('a.admin')) return undefined;
      return links.make({ kind: 'setup', party: platformParty, role: 'a.admin', operator: true });
    },
    createSignInLink: (person, linkTrust) => signInLink(people, person, linkTrust === 'operator'),
  };
  return people;
}
