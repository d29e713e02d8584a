import { betterAuth } from 'better-auth';
import { APIError, createAuthEndpoint, createAuthMiddleware } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { twoFactor } from 'better-auth/plugins/two-factor';
import type { Kysely } from 'kysely';
import { hours, type Instant, instant, minutes, seconds } from '../../kernel/time.ts';

/** A session ends this long after its last use, and this long after sign-in at the latest. */
export const sessionIdle = minutes(30);
export const sessionLongest = hours(12);
/** `__Host-`: the browser sends the cookie to this origin alone, over TLS alone, and no sibling host can set it. */
const cookiePrefix = '__Host-pactgate';
export const sessionCookie = `${cookiePrefix}.session_token`;
export const challengeCookie = `${cookiePrefix}.two_factor`;
/** A code is remembered this long after use: longer than the three windows of 30 s in which it would verify again. */
const codeMemory = seconds(120);
const codesRemembered = 10_000;

/** The main Kysely instance, whatever its tables: the login library writes `auth_*` only. */
export interface AccountDatabase {
  readonly db: { readonly selectFrom: unknown; readonly insertInto: unknown; readonly transaction: unknown };
  readonly type: 'sqlite' | 'postgres';
}

export interface AccountOptions {
  readonly database: AccountDatabase;
  /** Secret of cookies and of the sealed TOTP keys: at least 32 characters, from a file. */
  readonly secret: string;
  /** Where people reach the console, such as `https://iot.example:8443`. */
  readonly origin: string;
  readonly origins: readonly string[];
  readonly now: () => Instant;
  /** What the library says of its own faults; never holds secrets. */
  readonly log: (level: 'warn' | 'error', message: string) => void;
}

export interface Session {
  readonly id: string;
  readonly token: string;
  readonly person: string;
  readonly name: string;
  readonly email: string;
  /** This session proved a second factor. */
  readonly secondFactor: boolean;
  /** The account has one. */
  readonly hasSecondFactor: boolean;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
}
export interface Account {
  readonly name: string;
  readonly email: string;
  readonly hasSecondFactor: boolean;
}
export interface NewAccount {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/** The login library behind the few calls we make of it. */
export interface Accounts {
  /** One of the library's own endpoints below `/api/auth`. */
  handle(request: Request): Promise<Response>;
  /** The live session of the cookies, with the cookies that prolong it; ends one that is past its longest life. */
  session(headers: Headers): Promise<{ readonly session?: Session; readonly cookies: readonly string[] }>;
  /** Id of the new account; undefined when the address has one. */
  create(account: NewAccount): Promise<string | undefined>;
  idOf(email: string): Promise<string | undefined>;
  describe(ids: readonly string[]): Promise<ReadonlyMap<string, Account>>;
  /** New password, no second factor, every session ended: what a recovery does. */
  reset(id: string, password: string): Promise<void>;
  /** Removes the account with its sessions and secrets. */
  remove(id: string): Promise<void>;
  /** Opens a session without password; `secondFactor` as the link is trusted. The cookies to set. */
  open(id: string, secondFactor: boolean): Promise<readonly string[]>;
}

const secondFactorPaths = new Set(['/two-factor/verify-totp', '/two-factor/verify-backup-code']);

/** Codes used in the last two minutes (RFC 6238 section 5.2: a code is accepted once). Bounded, oldest out first. */
class UsedCodes {
  readonly #used = new Map<string, Instant>();
  readonly #now: () => Instant;

  constructor(now: () => Instant) {
    this.#now = now;
  }

  has(person: string, code: string): boolean {
    const at = this.#used.get(`${person} ${code}`);
    return at !== undefined && this.#now() - at < codeMemory;
  }

  /** False when it was there already: of two requests with one code at once, one wins. */
  add(person: string, code: string): boolean {
    if (this.has(person, code)) return false;
    const at = this.#now();
    this.#used.set(`${person} ${code}`, at);
    for (const [old, when] of this.#used) {
      if (this.#used.size <= codesRemembered && at - when < codeMemory) break;
      this.#used.delete(old);
    }
    return true;
  }
}

const usedBefore = (): APIError => new APIError('UNAUTHORIZED', { code: 'INVALID_CODE', message: 'used before' });

/** Refuses a used code of a sign-in that waits for it, before the library spends the challenge on it. */
const beforeSecondFactor = (used: UsedCodes) =>
  createAuthMiddleware(async (ctx) => {
    if (!secondFactorPaths.has(ctx.path)) return;
    const challenge = await ctx.getSignedCookie(challengeCookie, ctx.context.secret);
    const waiting = challenge ? await ctx.context.internalAdapter.findVerificationValue(challenge) : null;
    const { code } = ctx.body as { code: string };
    if (waiting && used.has(waiting.value, code)) throw usedBefore();
  });

/** Marks the session that a second factor was proved in; a code that was used before ends it instead. */
const afterSecondFactor = (used: UsedCodes) =>
  createAuthMiddleware(async (ctx) => {
    if (!secondFactorPaths.has(ctx.path)) return;
    const { newSession, session: current, internalAdapter } = ctx.context;
    const proved = newSession ?? current;
    if (!proved || ctx.context.returned instanceof APIError) return;
    const { code } = ctx.body as { code: string };
    if (!used.add(proved.user.id, code)) {
      if (newSession) await internalAdapter.deleteSession(newSession.session.token);
      throw usedBefore();
    }
    if (newSession) {
      await internalAdapter.updateSession(newSession.session.token, { secondFactor: true });
      return;
    }
    // The session gains rights: it gets a new secret, and the old one ends (session fixation).
    const fresh = await internalAdapter.createSession(proved.user.id, false);
    await internalAdapter.updateSession(fresh.token, { secondFactor: true });
    await setSessionCookie(ctx, { session: fresh, user: proved.user });
    await internalAdapter.deleteSession(proved.session.token);
  });

/** An endpoint without an address: only {@link Accounts.open} calls it. */
const openEndpoint = () => ({
  id: 'pactgate-open',
  endpoints: {
    openSession: createAuthEndpoint.serverOnly({ method: 'POST' }, async (ctx) => {
      const { person, secondFactor } = ctx.body as unknown as { person: string; secondFactor: boolean };
      const user = await ctx.context.internalAdapter.findUserById(person);
      if (!user) throw new APIError('UNAUTHORIZED');
      const session = await ctx.context.internalAdapter.createSession(person, false);
      if (secondFactor) await ctx.context.internalAdapter.updateSession(session.token, { secondFactor: true });
      await setSessionCookie(ctx, { session, user });
      return { opened: true };
    }),
  },
});

function configure(options: AccountOptions) {
  const used = new UsedCodes(options.now);
  return betterAuth({
    appName: 'Pactgate',
    baseURL: options.origin,
    basePath: '/api/auth',
    secret: options.secret,
    trustedOrigins: [...options.origins],
    telemetry: { enabled: false },
    // Text times and 0/1 booleans on PostgreSQL too, as our tables have them: hence SQLite's types for both databases.
    database: { db: options.database.db as Kysely<never>, type: 'sqlite' },
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 12, maxPasswordLength: 200 },
    user: { modelName: 'auth_user', changeEmail: { enabled: false }, deleteUser: { enabled: false } },
    session: {
      modelName: 'auth_session',
      expiresIn: sessionIdle / seconds(1),
      updateAge: 60,
      additionalFields: { secondFactor: { type: 'boolean', input: false, required: false, defaultValue: false } },
    },
    account: { modelName: 'auth_account' },
    verification: { modelName: 'auth_verification' },
    plugins: [
      twoFactor({ issuer: 'Pactgate', schema: { twoFactor: { modelName: 'auth_two_factor' } } }),
      openEndpoint(),
    ],
    hooks: { before: beforeSecondFactor(used), after: afterSecondFactor(used) },
    rateLimit: { enabled: false }, // ours stands before it, by account, address and globally
    advanced: {
      cookiePrefix,
      useSecureCookies: false, // would put `__Secure-` before `__Host-`; `secure` itself is set here:
      defaultCookieAttributes: { secure: true, httpOnly: true, sameSite: 'lax', path: '/' },
      ipAddress: { disableIpTracking: true },
      database: { validateSchema: false }, // the store's own test compares its tables with both databases
    },
    onAPIError: {
      // Refusals are answers; only what the library did not expect is worth a line.
      onError: (error) => {
        if (!(error instanceof APIError)) options.log('error', error instanceof Error ? error.message : 'unknown');
      },
    },
    logger: {
      level: 'warn',
      log: (level, message) => {
        if (level === 'error') options.log('error', message);
      },
    },
  });
}
type Auth = ReturnType<typeof configure>;

const cookiesOf = (headers: Headers | null | undefined): readonly string[] => headers?.getSetCookie() ?? [];

async function readSession(auth: Auth, headers: Headers, now: Instant): ReturnType<Accounts['session']> {
  const { response, headers: answer } = await auth.api.getSession({ headers, returnHeaders: true });
  if (!response) return { cookies: cookiesOf(answer) };
  const { session, user } = response;
  const createdAt = instant(session.createdAt.getTime());
  if (now >= createdAt + sessionLongest) {
    await (await auth.$context).internalAdapter.deleteSession(session.token);
    return { cookies: [] };
  }
  const ends = Math.min(session.expiresAt.getTime(), createdAt + sessionLongest);
  return {
    cookies: cookiesOf(answer),
    session: {
      id: session.id,
      token: session.token,
      person: user.id,
      name: user.name,
      email: user.email,
      secondFactor: session.secondFactor === true,
      hasSecondFactor: user.twoFactorEnabled === true,
      createdAt,
      expiresAt: instant(ends),
    },
  };
}

async function createAccount(auth: Auth, { name, email, password }: NewAccount): Promise<string | undefined> {
  const { internalAdapter, password: passwords } = await auth.$context;
  const address = email.toLowerCase();
  if (await internalAdapter.findUserByEmail(address)) return undefined;
  const hash = await passwords.hash(password);
  const user = await internalAdapter.createUser(
    { name, email: address, emailVerified: false },
    { method: 'email-password' },
  );
  await internalAdapter.linkAccount({ accountId: user.id, providerId: 'credential', userId: user.id, password: hash });
  return user.id;
}

async function resetAccount(auth: Auth, id: string, password: string): Promise<void> {
  const { adapter, internalAdapter, password: passwords } = await auth.$context;
  const hash = await passwords.hash(password);
  await internalAdapter.deleteUserSessions(id);
  await adapter.deleteMany({ model: 'twoFactor', where: [{ field: 'userId', value: id }] });
  await internalAdapter.updateUser(id, { twoFactorEnabled: false });
  await internalAdapter.updatePassword(id, hash);
  await internalAdapter.deleteUserSessions(id);
}

async function describeAccounts(auth: Auth, ids: readonly string[]): ReturnType<Accounts['describe']> {
  if (ids.length === 0) return new Map();
  const { adapter } = await auth.$context;
  const users = await adapter.findMany<{ id: string; name: string; email: string; twoFactorEnabled?: boolean | null }>({
    model: 'user',
    where: [{ field: 'id', operator: 'in', value: [...ids] }],
    limit: ids.length,
  });
  return new Map(
    users.map((user) => [
      user.id,
      { name: user.name, email: user.email, hasSecondFactor: user.twoFactorEnabled === true },
    ]),
  );
}

/** Opens the login library on the main database. Nothing is read or written until it is first asked. */
export function openAccounts(options: AccountOptions): Accounts {
  const auth = configure(options);
  return {
    handle: (request) => auth.handler(request),
    session: (headers) => readSession(auth, headers, options.now()),
    create: (account) => createAccount(auth, account),
    idOf: async (email) => {
      const found = await (await auth.$context).internalAdapter.findUserByEmail(email.toLowerCase());
      return found?.user.id;
    },
    describe: (ids) => describeAccounts(auth, ids),
    reset: (id, password) => resetAccount(auth, id, password),
    remove: async (id) => {
      const { adapter, internalAdapter } = await auth.$context;
      await internalAdapter.deleteUserSessions(id);
      await adapter.deleteMany({ model: 'twoFactor', where: [{ field: 'userId', value: id }] });
      await internalAdapter.deleteUser(id);
    },
    open: async (person, secondFactor) => {
      const { headers } = await auth.api.openSession({ body: { person, secondFactor }, returnHeaders: true } as never);
      return cookiesOf(headers);
    },
  };
}
