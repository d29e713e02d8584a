import { Problem, type ProblemCode } from '@pactgate/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type TSchema, Type } from 'typebox';
import type { NewRecord } from '../../parties/record.ts';
import type { Caller } from '../context.ts';
import { type Check, inspectJson, makeBodyCheck, makeCheck } from '../input.ts';
import { RetryProblem } from '../problems.ts';
import { challengeCookie } from './accounts.ts';
import { demandPassword } from './passwords.ts';
import type { People } from './people.ts';
import { hashSecret } from './secrets.ts';
import { type Attempt, sourceOf } from './throttle.ts';

const closed = (properties: Record<string, TSchema>): TSchema =>
  Type.Object(properties, { additionalProperties: false });
const Email = Type.String({ pattern: '^[^\\s@<>"]{1,64}@[^\\s@<>"]{1,190}$' });
const Password = Type.String({ minLength: 1, maxLength: 200 });
const NewPassword = Type.String({ minLength: 1, maxLength: 400 });

interface Endpoint {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: TSchema;
  /** Who may call: anybody, somebody with a session, or one whose session owes nothing. */
  readonly who: 'anybody' | 'session' | 'proved';
  /** It checks a password or a code: failures are counted, delayed, locked and recorded under this name. */
  readonly proves?: 'password' | 'code' | 'backup-code';
}

/**
 * The only addresses of the login library that exist here. Not among them, so not found: sign-up (people come by
 * invitation), switching the second factor off, trusted devices, changing the mail address, and lists that hand out
 * session secrets.
 */
export const authEndpoints: readonly Endpoint[] = [
  {
    method: 'POST',
    path: '/sign-in/email',
    who: 'anybody',
    proves: 'password',
    body: closed({ email: Email, password: Password }),
  },
  {
    method: 'POST',
    path: '/two-factor/verify-totp',
    who: 'anybody',
    proves: 'code',
    body: closed({ code: Type.String({ pattern: '^[0-9]{6}$' }) }),
  },
  {
    method: 'POST',
    path: '/two-factor/verify-backup-code',
    who: 'anybody',
    proves: 'backup-code',
    body: closed({ code: Type.String({ pattern: '^[A-Za-z0-9-]{6,32}$' }) }),
  },
  {
    method: 'POST',
    path: '/two-factor/enable',
    who: 'session',
    proves: 'password',
    body: closed({ password: Password }),
  },
  {
    method: 'POST',
    path: '/two-factor/generate-backup-codes',
    who: 'proved',
    proves: 'password',
    body: closed({ password: Password }),
  },
  {
    method: 'POST',
    path: '/change-password',
    who: 'proved',
    proves: 'password',
    body: closed({ currentPassword: Password, newPassword: NewPassword }),
  },
  { method: 'POST', path: '/sign-out', who: 'anybody' },
  { method: 'POST', path: '/revoke-other-sessions', who: 'proved' },
  { method: 'GET', path: '/get-session', who: 'anybody' },
];

type Json = Readonly<Record<string, unknown>>;
const asObject = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});

/** Without the session's secret: the cookie alone carries it, out of the reach of scripts. */
function withoutSecrets(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { token: _, session, ...rest } = value as Json;
  return session === undefined ? rest : { ...rest, session: withoutSecrets(session) };
}

function attemptOf(endpoint: Endpoint, request: FastifyRequest, caller: Caller): Attempt {
  const address = sourceOf(request.ip);
  const { email } = asObject(request.body);
  if (typeof email === 'string') return { account: `mail ${email.toLowerCase()}`, address };
  if (caller.kind !== 'public') return { account: `person ${caller.id}`, address };
  const challenge = request.headers.cookie?.split('; ').find((pair) => pair.startsWith(`${challengeCookie}=`));
  return { account: `${endpoint.path} ${hashSecret(challenge ?? 'none')}`, address };
}

/** Same words for a wrong password, a wrong code and an unknown name: nothing here tells them apart. */
function refusalOf(status: number): Problem {
  if (status === 429) return new RetryProblem('auth/locked', 'too many failed codes', 900);
  if (status >= 500) return new Problem('internal', 'login library');
  return new Problem('auth/failed', 'name, password or code');
}

async function forward(people: People, endpoint: Endpoint, request: FastifyRequest): Promise<Response> {
  const headers = new Headers({ accept: 'application/json' });
  for (const name of ['cookie', 'origin', 'user-agent', 'sec-fetch-site', 'sec-fetch-mode'] as const) {
    const value = request.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  const address = new URL(`/api/auth${endpoint.path}`, people.origins[0]);
  if (endpoint.method === 'GET') return people.accounts.handle(new Request(address, { headers }));
  headers.set('content-type', 'application/json');
  const extra = endpoint.path === '/change-password' ? { revokeOtherSessions: true } : {};
  const body = JSON.stringify({ ...asObject(request.body), ...extra });
  return people.accounts.handle(new Request(address, { method: 'POST', headers, body }));
}

/** Whom a right answer was for: the library says it, except where a second factor is still to come. */
async function personOf(
  people: People,
  request: FastifyRequest,
  caller: Caller,
  answer: unknown,
): Promise<string | undefined> {
  const { id } = asObject(asObject(answer)['user']);
  if (typeof id === 'string') return id;
  const { email } = asObject(request.body);
  if (typeof email === 'string') return people.accounts.idOf(email);
  return caller.kind === 'person' ? caller.id : undefined;
}

const signIn = (outcome: string, person?: string, code?: ProblemCode): NewRecord => ({
  kind: 'person.signin',
  outcome,
  body: { outcome, ...(person && { person }), ...(code && { code }) },
});

/** Runs an attempt under the limits and records how it ended, before anybody is told. */
async function prove(people: People, endpoint: Endpoint, request: FastifyRequest, caller: Caller): Promise<Response> {
  const attempt = attemptOf(endpoint, request, caller);
  await people.throttle.begin(attempt);
  const response = await forward(people, endpoint, request);
  if (!response.ok) {
    const locked = people.throttle.isNewlyLocked(attempt);
    // A tried mail address is never looked up: unknown names leave the same record as known ones.
    const known = caller.kind === 'person' && !('email' in asObject(request.body)) ? caller.id : undefined;
    await people.record([signIn('refused', known, locked ? 'auth/locked' : 'auth/failed')]);
    throw refusalOf(response.status);
  }
  people.throttle.succeeded(attempt);
  const answer: unknown = await response.clone().json();
  const outcome = asObject(answer)['twoFactorRedirect'] === true ? 'second-factor-due' : (endpoint.proves ?? 'ok');
  await people.record([signIn(outcome, await personOf(people, request, caller, answer))]);
  return response;
}

function demandCaller(endpoint: Endpoint, caller: Caller): void {
  if (endpoint.who === 'anybody') return;
  if (caller.kind !== 'person') throw new Problem('auth/required', 'no session');
  if (endpoint.who === 'proved' && caller.secondFactorNeeded)
    throw new Problem('auth/second-factor', `role ${caller.role} needs a second factor`);
}

async function sendOn(reply: FastifyReply, response: Response): Promise<FastifyReply> {
  const text = await response.text();
  for (const cookie of response.headers.getSetCookie()) void reply.header('set-cookie', cookie);
  void reply.header('cache-control', 'no-store').type('application/json');
  return reply.send(JSON.stringify(text === '' ? {} : withoutSecrets(JSON.parse(text))));
}

async function serve(
  people: People,
  endpoint: Endpoint & { readonly check: Check },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  inspectJson(request.body);
  endpoint.check(request.body);
  // A session that owes its second factor counts as somebody here: this is where it is paid.
  const { authorization: _, cookie } = request.headers;
  const { caller, cookies } = await people.identify({ authorization: undefined, cookie });
  demandCaller(endpoint, caller);
  const { newPassword } = asObject(request.body);
  if (typeof newPassword === 'string' && caller.kind === 'person')
    demandPassword(newPassword, [caller.name, caller.email ?? '']);
  const work = endpoint.proves ? prove : forward;
  const response = await work(people, endpoint, request, caller);
  if (!response.ok) throw refusalOf(response.status);
  for (const value of cookies) void reply.header('set-cookie', value);
  return sendOn(reply, response);
}

const signInToken = makeCheck(closed({ token: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }) }), 'query');

/**
 * `GET /signin?token=`: opens the session of a one-time link and goes on to the console. HEAD does not use it up. A
 * browser with a link that is gone is shown the page that says so.
 */
async function byLink(people: People, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  signInToken({ ...asObject(request.query) });
  const { token } = request.query as { token: string };
  const cookies = await openByLink(people, token).catch((cause: unknown) => {
    const gone = cause instanceof Problem && cause.code === 'auth/link-invalid';
    if (gone && request.headers.accept?.includes('text/html') === true) return undefined;
    throw cause;
  });
  if (!cookies) return reply.code(303).headers({ location: '/link-gone', 'cache-control': 'no-store' }).send('');
  for (const cookie of cookies) void reply.header('set-cookie', cookie);
  return reply.code(303).headers({ location: '/', 'cache-control': 'no-store' }).send('');
}

const openByLink = (people: People, token: string): Promise<readonly string[]> =>
  people.links.use(token, ['signin'], async ({ person, operator }) => {
    if (person === undefined || !(await people.store.person(person))) throw new Problem('auth/link-invalid', 'nobody');
    await people.record([signIn(operator ? 'operator-link' : 'link', person)]);
    return people.accounts.open(person, operator);
  });

/** Mounts sign-in below `/api/auth`, each counted against the limit of forms, and the sign-in link, which is not. */
export function mountAuth(app: FastifyInstance, people: People): void {
  for (const row of authEndpoints) {
    const endpoint = { ...row, check: row.body ? makeCheck(row.body, 'body') : makeBodyCheck(undefined) };
    const { method, path } = row;
    app.route({
      method,
      url: `/api/auth${path}`,
      config: { form: method === 'POST', open: true },
      handler: (request, reply) => serve(people, endpoint, request, reply),
    });
  }
  app.route({
    method: 'GET',
    url: '/signin',
    exposeHeadRoute: false,
    // No form: there is nothing to guess in 256 bits, and who tried passwords from here before must not stop the link.
    config: { open: true },
    handler: (request, reply) => byLink(people, request, reply),
  });
}
