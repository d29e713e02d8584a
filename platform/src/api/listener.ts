import { constants, randomUUID } from 'node:crypto';
import type { ServerOptions, Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import helmet from '@fastify/helmet';
import { type Locale, Problem, type ProblemCode, problemDocument, problemRow } from '@pactgate/protocol';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { demandQuery, parseQuery } from './input.ts';
import { localeOf, sendProblem } from './problems.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Counts against the limit of login and public forms too. */
    readonly form?: boolean;
    /** Of the device listener: answers without a client certificate. */
    readonly open?: boolean;
    /** Answers under load and without limits: health. */
    readonly always?: boolean;
  }
}

/** AEAD suites with forward secrecy (RFC 9325 section 4.2; TLS 1.3 suites are all of them). */
export const tlsSuites = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_AES_128_GCM_SHA256',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-RSA-CHACHA20-POLY1305',
] as const;

/** Certificate and key of a listener, PEM. */
export interface TlsMaterial {
  readonly key: string | Uint8Array;
  /** With its chain, leaf first. */
  readonly cert: string | Uint8Array;
}

/** Times in milliseconds, sizes in bytes: platform protection, section 1. Tests lower times, benchmarks raise limits. */
export interface ListenerLimits {
  /** Whole request, head and body; server-wide, so big things come in parts. Fastify alone would switch it off. */
  readonly requestTimeout: number;
  readonly headersTimeout: number;
  readonly keepAliveTimeout: number;
  readonly handlerTimeout: number;
  /** Silence of a socket. */
  readonly connectionTimeout: number;
  readonly handshakeTimeout: number;
  /** How often Node looks at the two timeouts of requests. */
  readonly connectionsCheckingInterval: number;
  readonly requestsPerSocket: number;
  readonly connections: number;
  readonly body: number;
  readonly header: number;
  readonly headers: number;
  /** After this time a close no longer waits for answers under way. */
  readonly drain: number;
}
export const consoleListener: ListenerLimits = {
  requestTimeout: 15_000,
  headersTimeout: 10_000,
  keepAliveTimeout: 10_000,
  handlerTimeout: 10_000,
  connectionTimeout: 60_000,
  handshakeTimeout: 10_000,
  connectionsCheckingInterval: 2_000,
  requestsPerSocket: 1_000,
  connections: 2_000,
  body: 65_536,
  header: 8_192,
  headers: 64,
  drain: 10_000,
};
export const deviceListener: ListenerLimits = {
  ...consoleListener,
  keepAliveTimeout: 60_000,
  handlerTimeout: 30_000,
  connections: 4_000,
};

export interface AppOptions {
  readonly tls: TlsMaterial;
  readonly limits: ListenerLimits;
  /** Names and addresses a `Host` header may carry, without port, lower case. */
  readonly hosts: readonly string[];
  /** Exact addresses of proxies whose `X-Forwarded-For` counts; empty: nobody's. */
  readonly proxies: readonly string[];
  readonly log: FastifyBaseLogger;
  readonly clientCertificates?: ServerOptions;
  /** Answers what nothing else does, such as pages of the console; `undefined`: it is not found. */
  readonly fallback?: (request: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined;
}

const secureContext = ({
  tls,
  clientCertificates,
}: Pick<AppOptions, 'tls' | 'clientCertificates'>): SecureContextOptions => ({
  key: Buffer.from(tls.key),
  cert: Buffer.from(tls.cert),
  minVersion: 'TLSv1.2',
  ciphers: tlsSuites.join(':'),
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
  ...(clientCertificates?.ca !== undefined && { ca: clientCertificates.ca }),
});

function tlsOptions({ tls, limits, clientCertificates = {} }: AppOptions): ServerOptions {
  return {
    ...secureContext({ tls, clientCertificates }),
    handshakeTimeout: limits.handshakeTimeout,
    maxHeaderSize: limits.header,
    connectionsCheckingInterval: limits.connectionsCheckingInterval,
    headersTimeout: limits.headersTimeout,
    requestTimeout: limits.requestTimeout,
    requireHostHeader: true,
    insecureHTTPParser: false,
    ...clientCertificates,
  };
}

/** Node's parser gave up: what it says in our words. */
const parserFaults: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'request/too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request/timeout',
};

/** Answers bytes that never became a request; without a socket to write to it only closes. */
function answerRaw(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET' || error.code === 'EPIPE') {
    socket.destroy();
    return;
  }
  const code = parserFaults[error.code ?? ''] ?? 'request/invalid';
  const body = JSON.stringify(problemDocument(new Problem(code, 'HTTP/1.1 message'), 'en'));
  const head = [
    `HTTP/1.1 ${problemRow(code).status} Refused`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** JSON alone, well-formed UTF-8, without `__proto__` and `constructor`; an empty body is none. */
function onlyJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (body.length === 0) {
      done(null, undefined);
      return;
    }
    try {
      void parse(request, utf8.decode(body as Buffer), done);
    } catch (cause) {
      done(new Problem('request/invalid', 'the body is no UTF-8', { cause }), undefined);
    }
  });
}

const pathOf = (url: string): string => url.split('?', 1)[0] ?? '';

/** What is registered, for 405: a path that exists with another method is no 404. */
class Paths {
  readonly #rows: { readonly parts: readonly string[]; readonly method: string }[] = [];

  add(method: string | readonly string[], url: string): void {
    if (url.includes('*')) return;
    for (const name of [method].flat()) this.#rows.push({ method: name, parts: url.split('/') });
  }

  methods(url: string): readonly string[] {
    const parts = pathOf(url).split('/');
    const fits = (row: readonly string[]): boolean =>
      row.length === parts.length &&
      row.every((part, i) => part === parts[i] || (part.startsWith(':') && parts[i] !== ''));
    return [...new Set(this.#rows.filter((row) => fits(row.parts)).map((row) => row.method))].toSorted();
  }
}

const hostOf = (header: string): string => header.toLowerCase().replace(/:[0-9]{1,5}$/, '');

/**
 * No inline script, no frame, nothing from elsewhere. Inline *styles* only because the component library of the console
 * writes them; what they could leak, images of other hosts, is closed by `default-src`.
 */
const safeHeaders: Parameters<typeof helmet>[1] = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'"],
      scriptSrcAttr: ["'none'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false },
  referrerPolicy: { policy: 'no-referrer' },
  xFrameOptions: { action: 'deny' },
};

function create({ limits, log, proxies, ...options }: AppOptions): FastifyInstance {
  const app = Fastify({
    https: tlsOptions({ limits, log, proxies, ...options }),
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: limits.requestTimeout,
    connectionTimeout: limits.connectionTimeout,
    keepAliveTimeout: limits.keepAliveTimeout,
    handlerTimeout: limits.handlerTimeout,
    maxRequestsPerSocket: limits.requestsPerSocket,
    bodyLimit: limits.body,
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    trustProxy: proxies.length > 0 ? [...proxies] : false,
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    genReqId: () => randomUUID(),
    exposeHeadRoutes: true,
    routerOptions: { maxParamLength: 160, querystringParser: parseQuery, caseSensitive: true },
    clientErrorHandler: (error, socket) => answerRaw(error, socket),
    frameworkErrors: (error, request, reply) => void sendProblem(request, reply as never, error),
  }) as unknown as FastifyInstance; // the HTTPS flavour: the same interface, another type parameter
  const server = app.server as unknown as TlsServer;
  server.maxConnections = limits.connections;
  server.maxHeadersCount = limits.headers;
  return app;
}

/** An HTTPS server with every bound set, JSON alone, and problems for whatever goes wrong. Nothing listens yet. */
export async function makeApp(options: AppOptions): Promise<FastifyInstance> {
  const app = create(options);
  const paths = new Paths();
  app.addHook('onRoute', ({ method, url }) => paths.add(method, url));
  onlyJson(app);
  await app.register(helmet, safeHeaders);
  const hosts = new Set(options.hosts.map((host) => host.toLowerCase()));
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
    // A forged host would end up in links and redirects.
    if (!hosts.has(hostOf(request.headers.host ?? ''))) throw new Problem('request/host', 'host header');
    demandQuery(request.query);
  });
  app.setErrorHandler((error, request, reply) => sendProblem(request, reply, error));
  app.setNotFoundHandler((request, reply) => {
    const allowed = paths.methods(request.url);
    const answer = allowed.length === 0 ? options.fallback?.(request, reply) : undefined;
    if (answer) return answer;
    if (allowed.length === 0 || allowed.includes(request.method))
      return sendProblem(request, reply, new Problem('request/not-found', 'no such address'));
    void reply.header('allow', allowed.join(', '));
    return sendProblem(request, reply, new Problem('request/method', request.method));
  });
  return app;
}

export const localeOfRequest = ({ headers }: Pick<FastifyRequest, 'headers'>): Locale =>
  localeOf(headers['accept-language']);

/** Ports and the way to stop of a listener. */
export interface OpenListener {
  readonly port: number;
  /** Serves a renewed certificate, and trusts other roots of clients, from the next handshake on. */
  replaceTls(tls: TlsMaterial, clientRoots?: readonly (string | Uint8Array)[]): void;
  /** Stops accepting, answers what is under way, then ends what is left after the drain time. Idempotent. */
  close(): Promise<void>;
}

/** Starts listening; a taken port is `start/port-taken`. */
export async function listen(
  app: FastifyInstance,
  at: { readonly address: string; readonly port: number },
  { drain, ...context }: { readonly drain: number; readonly clientCertificates?: ServerOptions },
): Promise<OpenListener> {
  try {
    await app.listen({ host: at.address, port: at.port });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE')
      throw new Problem('start/port-taken', `${at.address}:${at.port}`, { cause });
    throw cause;
  }
  const bound = app.server.address();
  let closing: Promise<void> | undefined;
  return {
    port: typeof bound === 'object' && bound ? bound.port : at.port,
    replaceTls: (tls, clientRoots) => {
      const ca = clientRoots?.map((root) => Buffer.from(root));
      const clientCertificates = ca ? { ...context.clientCertificates, ca } : context.clientCertificates;
      const server = app.server as unknown as TlsServer;
      server.setSecureContext(secureContext({ tls, ...(clientCertificates ? { clientCertificates } : {}) }));
    },
    close: () => {
      closing ??= closeApp(app, drain);
      return closing;
    },
  };
}

async function closeApp(app: FastifyInstance, drain: number): Promise<void> {
  const end = setTimeout(() => app.server.closeAllConnections(), drain).unref();
  await app.close();
  clearTimeout(end);
}
