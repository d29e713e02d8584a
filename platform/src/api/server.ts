import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify';
import { publicCaller } from './auth/callers.ts';
import { mountAuth } from './auth/mount.ts';
import type { People } from './auth/people.ts';
import type { Caller, Handlers } from './context.ts';
import { addHealth, type HealthOptions } from './health.ts';
import { addLimits, type Counters, type Pressure, pressure, type RateLimits, rateLimits } from './limits.ts';
import {
  consoleListener,
  type ListenerLimits,
  listen,
  makeApp,
  type OpenListener,
  type TlsMaterial,
} from './listener.ts';
import { openApiDocument } from './openapi.ts';
import { demandOwnOrigin } from './origin.ts';
import { addPages, hasPages, pageFor } from './pages.ts';
import { registerRoutes } from './router.ts';

/** What extra routes get: they decide for themselves who may come in. */
export interface ExtraTools {
  /** Who calls; counted like every caller. A session that owes its second factor is nobody. */
  readonly caller: (request: FastifyRequest) => Promise<Caller>;
}

export interface ConsoleOptions {
  readonly tls: TlsMaterial;
  readonly at: { readonly address: string; readonly port: number };
  /** Names and addresses a `Host` header may carry, without port. */
  readonly hosts: readonly string[];
  /** Exact addresses of proxies in front; default none. */
  readonly proxies?: readonly string[];
  readonly people: People;
  readonly handlers: Handlers;
  readonly health: Omit<HealthOptions, 'behindProxy'>;
  /** Shown in the OpenAPI document. */
  readonly version: string;
  readonly log: FastifyBaseLogger;
  /** Folder of the built console; absent or unbuilt: the API alone. */
  readonly consoleDir?: string;
  /** `/pki/*`, `/logs/*`, `/.well-known/*`: routes beside the table. */
  readonly extraRoutes?: (app: FastifyInstance, tools: ExtraTools) => void | Promise<void>;
  /** Check answers against their schemas (development, tests). */
  readonly checkAnswers?: boolean;
  readonly limits?: Partial<ListenerLimits>;
  readonly rates?: Partial<RateLimits>;
  readonly pressure?: Partial<Pressure>;
}

/** Who calls; a refused credential counts against the address, so that guessing is not free. */
function makeIdentify(people: People, counters: Counters) {
  return async (request: FastifyRequest): ReturnType<People['identify']> => {
    const { authorization, cookie } = request.headers;
    try {
      return await people.identify({ authorization, cookie });
    } catch (error) {
      await counters.countCaller(request, publicCaller);
      throw error;
    }
  };
}

/** Everything of the listener for people but the listening: for tests that walk its routes. */
export async function makeConsoleApp(options: ConsoleOptions): Promise<FastifyInstance> {
  const { people } = options;
  const pages = hasPages(options.consoleDir);
  const app = await makeApp({
    tls: options.tls,
    limits: { ...consoleListener, ...options.limits },
    hosts: options.hosts,
    proxies: options.proxies ?? [],
    log: options.log,
    ...(pages && { fallback: pageFor }),
  });
  const counters = await addLimits(app, { ...rateLimits, ...options.rates }, { ...pressure, ...options.pressure });
  const origins = new Set(people.origins);
  app.addHook('onRequest', async (request) => {
    await counters.count(request);
    demandOwnOrigin(origins, request);
  });
  const identify = makeIdentify(people, counters);
  addHealth(app, { ...options.health, behindProxy: (options.proxies ?? []).length > 0 });
  mountAuth(app, people);
  registerRoutes(app, {
    handlers: options.handlers,
    identify,
    countCaller: counters.countCaller,
    checkAnswers: options.checkAnswers ?? false,
  });
  const document = Buffer.from(JSON.stringify(openApiDocument(options.version)));
  app.get('/api/v1/openapi.json', async (_, reply) => reply.type('application/json').send(document));
  const caller: ExtraTools['caller'] = async (request) => {
    const { caller: known } = await identify(request);
    await counters.countCaller(request, known);
    return known.kind !== 'public' && known.secondFactorNeeded ? publicCaller : known;
  };
  await options.extraRoutes?.(app, { caller });
  if (hasPages(options.consoleDir)) await addPages(app, options.consoleDir);
  return app;
}

/**
 * Opens the listener for people and their tools (8443): console, REST API, sign-in, health. TLS 1.2 or later; no client
 * certificate is asked for. `start/port-taken` when the port is in use.
 */
export async function openConsoleServer(options: ConsoleOptions): Promise<OpenListener> {
  const app = await makeConsoleApp(options);
  return listen(app, options.at, { drain: options.limits?.drain ?? consoleListener.drain });
}
