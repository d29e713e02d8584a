import { Problem } from '@pactgate/protocol';
import { type Route, type RouteName, routes } from '@pactgate/protocol/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { decideAccess } from './access.ts';
import { publicCaller } from './auth/callers.ts';
import type { Caller, Context, Handlers, RawAnswer } from './context.ts';
import { type Check, checkParams, inspectJson, makeBodyCheck, makeCheck, makeQueryCheck } from './input.ts';
import { localeOfRequest } from './listener.ts';

export type { Caller, Handlers } from './context.ts';

/** Bodies that are larger than the listener's limit by nature, in bytes. */
const bodyLimits: Partial<Readonly<Record<RouteName, number>>> = {
  /** Two JWS of 1.4 MB at most and an SBOM. */
  putModel: 4_194_304,
  /** One JWS over a whole edition. */
  signAgreement: 1_500_000,
  publishPolicy: 1_048_576,
  registerDevices: 262_144,
  reportConflict: 262_144,
};

export interface RouterOptions {
  readonly handlers: Handlers;
  /** Who calls, and the cookies to send back; throws `auth/required` for a bad token. */
  readonly identify: (
    request: FastifyRequest,
  ) => Promise<{ readonly caller: Caller; readonly cookies: readonly string[] }>;
  /** Counts a request of a known caller; throws `request/rate`. */
  readonly countCaller: (request: FastifyRequest, caller: Caller) => Promise<void>;
  /** Check answers against their schemas too (development, tests): an answer that does not fit is `internal`. */
  readonly checkAnswers: boolean;
}

/** A handler as the router calls it, after its types have done their work. */
type AnyHandler = (context: Context, request: object) => Promise<unknown>;

interface Compiled {
  readonly name: RouteName;
  readonly route: Route;
  readonly handler: AnyHandler;
  readonly query: (query: Record<string, string>) => Record<string, unknown>;
  readonly body: Check;
  readonly answer: Check | undefined;
}

const callers = new WeakMap<FastifyRequest, Caller>();

/** A session that owes its second factor is nobody where everybody may come in. */
const seenBy = (route: Route, caller: Caller): Caller =>
  route.access === 'public' && caller.kind !== 'public' && caller.secondFactorNeeded ? publicCaller : caller;

/** Before the body is read: who calls, how often, and whether the rule of the route lets them. */
async function admit(
  { name, route }: Compiled,
  options: RouterOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const params = request.params as Record<string, string>;
  const { caller, cookies } = await options.identify(request);
  for (const cookie of cookies) void reply.header('set-cookie', cookie);
  await options.countCaller(request, caller);
  const seen = seenBy(route, caller);
  const refusal = decideAccess({ access: route.access, beforeSecondFactor: name === 'me' }, seen, params['agreement']);
  if (refusal) throw refusal;
  checkParams(params);
  callers.set(request, seen);
}

/** HEAD of a GET route runs it and drops the body, as RFC 9110 section 9.3.2 wants. */
async function run(compiled: Compiled, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const caller = callers.get(request);
  if (!caller) throw new Problem('auth/forbidden', 'not admitted'); // default deny, should the hook ever be skipped
  const query = compiled.query(request.query as Record<string, string>);
  inspectJson(request.body);
  compiled.body(request.body);
  const context: Context = {
    caller,
    requestId: request.id,
    locale: localeOfRequest(request),
    address: request.ip,
    signal: request.signal,
  };
  const body = compiled.route.body ? request.body : undefined;
  const given = { params: request.params, query: compiled.route.query ? query : undefined, body };
  const answer = await compiled.handler(context, given);
  void reply.header('cache-control', 'no-store');
  return typeof compiled.route.response === 'string'
    ? sendRaw(reply, compiled.route.response, answer as RawAnswer)
    : sendJson(compiled, reply, answer);
}

function sendJson({ name, answer }: Compiled, reply: FastifyReply, value: unknown): FastifyReply {
  const text = JSON.stringify(value);
  if (answer && text !== undefined) {
    try {
      answer(JSON.parse(text));
    } catch (cause) {
      throw new TypeError(`the answer of ${name} is not of its schema`, { cause });
    }
  }
  return reply.type('application/json').send(Buffer.from(text));
}

/** Quotes and line ends would leave the header; other languages go by RFC 6266 section 4.3. */
const disposition = (filename: string): string =>
  `attachment; filename="${filename.replaceAll(/[^A-Za-z0-9._-]/g, '_')}"; filename*=UTF-8''${encodeURIComponent(filename)}`;

function sendRaw(reply: FastifyReply, fallback: string, { type, body, filename }: RawAnswer): FastifyReply {
  const kind = type ?? fallback;
  if (filename !== undefined) void reply.header('content-disposition', disposition(filename));
  // Rendered agreements are documents of ours, but nothing in them may ever run: no script, no frame, no form.
  if (kind.startsWith('text/html'))
    void reply.header(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
    );
  return reply
    .type(kind.includes('charset') || !kind.startsWith('text/') ? kind : `${kind}; charset=utf-8`)
    .send(
      typeof body === 'string' ? Buffer.from(body, 'utf8') : Buffer.from(body.buffer, body.byteOffset, body.byteLength),
    );
}

const isForm = (route: Route): boolean => route.access === 'public' && route.method !== 'GET';

/** Registers every route of the table; a route without handler is a start-up error, not a 404. */
export function registerRoutes(app: FastifyInstance, options: RouterOptions): void {
  for (const name of Object.keys(routes) as RouteName[]) {
    const route: Route = routes[name];
    const handler = options.handlers[name] as AnyHandler | undefined;
    if (typeof handler !== 'function') throw new TypeError(`no handler for ${name}`);
    const compiled: Compiled = {
      name,
      route,
      handler,
      query: makeQueryCheck(route.query),
      body: makeBodyCheck(route.body),
      answer:
        options.checkAnswers && typeof route.response !== 'string' ? makeCheck(route.response, 'answer') : undefined,
    };
    const bodyLimit = bodyLimits[name];
    app.route({
      method: route.method,
      url: route.path,
      config: { form: isForm(route) || name === 'invitation' },
      ...(bodyLimit === undefined ? {} : { bodyLimit }),
      onRequest: (request, reply) => admit(compiled, options, request, reply),
      handler: (request, reply) => run(compiled, request, reply),
    });
  }
}
