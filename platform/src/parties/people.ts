import type { Role } from '@pactgate/protocol';
import { type Duration, days, hours, type Instant, minutes } from '../kernel/time.ts';
import type { NewRecord } from './record.ts';

/** Who somebody is here: party and role beside the account of the login library, which holds name, mail and secrets. */
export interface Person {
  /** Id of the login account. */
  readonly id: string;
  readonly party: string;
  readonly role: Role;
  readonly createdAt: Instant;
}

/**
 * What a one-time link does: `setup` makes the first administrator, `person` and `party` accept an invitation,
 * `recovery` sets a new password, `signin` opens a session.
 */
export const linkKinds = ['setup', 'person', 'party', 'recovery', 'signin'] as const;
export type LinkKind = (typeof linkKinds)[number];

/** Longest life of each kind of link. */
export const linkLife: Readonly<Record<LinkKind, Duration>> = {
  setup: minutes(30),
  person: days(7),
  party: days(14),
  recovery: hours(24),
  signin: minutes(30),
};

/** A link as kept: whoever reads the database cannot use it, because only the SHA-256 of its secret is here. */
export interface Link {
  /** SHA-256 of the secret, lower-case hex. */
  readonly hash: string;
  readonly kind: LinkKind;
  readonly party: string;
  readonly role: Role;
  /** Of `recovery` and `signin`: whose. */
  readonly person?: string;
  /** The address it was made for; the invited person may give another one. */
  readonly email?: string;
  /** A `signin` link made on the machine of the operator stands for the second factor too. */
  readonly operator: boolean;
  /** Id of the person or token that made it; absent: the machine of the operator. */
  readonly by?: string;
  readonly createdAt: Instant;
  /** From this instant on it is invalid. */
  readonly expiresAt: Instant;
}

export const longestToken = days(365);
/** `by` of a token that the platform made for work of its own. */
export const platformItself = 'assurance';

/** An API token as kept. */
export interface ApiToken {
  /** UUIDv7. */
  readonly id: string;
  /** SHA-256 of the secret, lower-case hex. */
  readonly hash: string;
  readonly name: string;
  readonly role: Role;
  readonly party: string;
  /** Id of the person or token that made it; absent: an accepted party invitation or the operator's machine. */
  readonly by?: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  /** To the minute. */
  readonly lastUsedAt?: Instant;
}

/** Most people, open links and live tokens of one party; the next one is refused. */
export const peopleLimits = { people: 500, links: 500, tokens: 500 } as const;

/**
 * People, links and tokens at rest. Contract, the same on SQLite and PostgreSQL:
 *
 * - A writing method is one transaction that also holds its `records`: change and evidence stand or fall together, and
 *   it resolves when both are durable.
 * - Nothing retries inside. Rejections are `StoreError`; `duplicate-key` where an id or hash exists already.
 * - `take*`, `revoke*` and `remove*` are compare-and-swap: of any number of concurrent calls exactly one gets the row.
 */
export interface PeopleStore {
  addPerson(person: Person, records: readonly NewRecord[]): Promise<void>;
  person(id: string): Promise<Person | undefined>;
  /** By creation, at most {@link peopleLimits}`.people`. */
  people(party: string): Promise<readonly Person[]>;
  /** True when anybody holds the role, of whatever party. */
  hasRole(role: Role): Promise<boolean>;
  /** Removes the person with all tokens and open links made by or for them; false if there was none. */
  removePerson(id: string, records: readonly NewRecord[]): Promise<boolean>;

  addLink(link: Link, records: readonly NewRecord[]): Promise<void>;
  /** An unused link that has not expired at `at`. */
  link(hash: string, at: Instant): Promise<Link | undefined>;
  /** The same, and marks it used: it works once. */
  takeLink(hash: string, at: Instant): Promise<Link | undefined>;
  /** Gives back a link whose use failed for a reason the holder can mend. */
  releaseLink(hash: string): Promise<void>;
  /** Links of the party that are open at `at`, and of all kinds. */
  countLinks(party: string, at: Instant): Promise<number>;
  /** Removes what expired before `before`: links, tokens. Returns how many rows went. */
  sweep(before: Instant): Promise<number>;

  addToken(token: ApiToken, records: readonly NewRecord[]): Promise<void>;
  /** A token that is not revoked and has not expired at `at`. */
  tokenByHash(hash: string, at: Instant): Promise<ApiToken | undefined>;
  token(id: string): Promise<ApiToken | undefined>;
  /** Not revoked, not expired at `at`, by creation, at most {@link peopleLimits}`.tokens`. */
  tokens(party: string, at: Instant): Promise<readonly ApiToken[]>;
  /** Best effort, without record. */
  touchToken(id: string, at: Instant): Promise<void>;
  revokeToken(id: string, at: Instant, records: readonly NewRecord[]): Promise<boolean>;
}

/** Sends a message to a person, best effort; the answer says what to show instead. Bounded in time by the sender. */
export interface Notifier {
  /** Never rejects; `failed` after the sender's own time limit (30 s at most). Plain text, one recipient. */
  send(to: string, subject: string, text: string): Promise<'sent' | 'failed'>;
}
