import { Problem } from '@pactgate/protocol';
import { type Instant, minutes } from '../../kernel/time.ts';
import type { ApiToken, PeopleStore } from '../../parties/people.ts';
import { needsSecondFactor } from '../../parties/roles.ts';
import type { Caller, KnownCaller, PublicCaller } from '../context.ts';
import { type Accounts, type Session, sessionCookie } from './accounts.ts';
import { hashSecret, isTokenSecret } from './secrets.ts';

export const publicCaller: PublicCaller = {
  kind: 'public',
  id: 'public',
  name: 'public',
  agreements: [],
  secondFactor: false,
};

/** Headers a caller is known by. Credentials come in these two alone, never in an address. */
export interface Credentials {
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
}
export interface Identified {
  readonly caller: Caller;
  /** `Set-Cookie` values that prolong or end the session. */
  readonly cookies: readonly string[];
}
export interface CallerParts {
  readonly accounts: Accounts;
  readonly store: Pick<PeopleStore, 'person' | 'tokenByHash' | 'touchToken'>;
  /** Agreements a caller of this party may see; asked at every request, so it answers from memory or an index. */
  readonly agreementsOf: (party: string) => Promise<readonly string[]>;
  readonly now: () => Instant;
}

/** Longest headers looked at; a session cookie of ours has about 100 characters. */
const maxHeader = 4_096;
/** A token's last use is written at most this often. */
const touchEvery = minutes(1);
const tokensRemembered = 4_096;

export const hasSessionCookie = (cookie: string | undefined): boolean =>
  cookie !== undefined && cookie.includes(`${sessionCookie}=`);

/**
 * Who calls. A bearer that is present decides alone: when it is malformed, unknown, revoked or expired the answer is
 * `auth/required`, on public routes too, so that nobody mistakes a dead token for a working one. A dead session is
 * simply nobody.
 */
export function makeIdentify(parts: CallerParts): (credentials: Credentials) => Promise<Identified> {
  const touch = makeTouch(parts);
  return async ({ authorization, cookie }) => {
    if (authorization !== undefined) return { caller: await byToken(parts, touch, authorization), cookies: [] };
    if (!cookie || cookie.length > maxHeader || !hasSessionCookie(cookie)) return { caller: publicCaller, cookies: [] };
    const { session, cookies } = await parts.accounts.session(new Headers({ cookie }));
    if (!session) return { caller: publicCaller, cookies };
    return { caller: await bySession(parts, session), cookies };
  };
}

async function byToken(
  parts: CallerParts,
  touch: (token: ApiToken) => void,
  authorization: string,
): Promise<KnownCaller> {
  const [scheme = '', secret = '', ...rest] = authorization.slice(0, maxHeader).split(' ');
  if (scheme.toLowerCase() !== 'bearer' || rest.length > 0 || !isTokenSecret(secret))
    throw new Problem('auth/required', 'no API token in the authorization header');
  const token = await parts.store.tokenByHash(hashSecret(secret), parts.now());
  if (!token) throw new Problem('auth/required', 'the token is unknown, revoked or expired');
  touch(token);
  return {
    kind: 'token',
    id: token.id,
    name: token.name,
    role: token.role,
    party: token.party,
    agreements: await parts.agreementsOf(token.party),
    secondFactor: true,
    secondFactorNeeded: false,
    expiresAt: token.expiresAt,
  };
}

async function bySession(parts: CallerParts, session: Session): Promise<Caller> {
  const person = await parts.store.person(session.person);
  if (!person) return publicCaller;
  const needed = needsSecondFactor(person.role) || session.hasSecondFactor;
  return {
    kind: 'person',
    id: person.id,
    name: session.name,
    email: session.email,
    role: person.role,
    party: person.party,
    agreements: await parts.agreementsOf(person.party),
    secondFactor: session.secondFactor,
    secondFactorNeeded: needed && !session.secondFactor,
    expiresAt: session.expiresAt,
  };
}

function makeTouch({ store, now }: CallerParts): (token: ApiToken) => void {
  const touched = new Map<string, Instant>();
  return ({ id }) => {
    const at = now();
    if (at - (touched.get(id) ?? 0) < touchEvery) return;
    if (touched.size >= tokensRemembered) touched.clear();
    touched.set(id, at);
    // When the last use cannot be written the call itself still counts: it is told by the next one.
    store.touchToken(id, at).catch(() => touched.delete(id));
  };
}
