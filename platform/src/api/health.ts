import { timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '@pactgate/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Counter, Histogram, type Registry } from 'prom-client';
import { hashSecret } from './auth/secrets.ts';

/** Resolves when the part is ready, rejects when it is not. */
export type ReadyCheck = () => Promise<void>;

export interface HealthOptions {
  /** By name; what they say of a fault goes to the log only. */
  readonly checks: Readonly<Record<string, ReadyCheck>>;
  readonly registry: Registry;
  /** Bearer of `/metrics`, from a file; absent: loopback alone may read them. */
  readonly metricsToken?: string;
  /** A proxy stands in front, maybe on this machine: loopback then says nothing, only the token counts. */
  readonly behindProxy?: boolean;
}

/** A check that takes longer has failed. */
const checkLimit = 2_000;

async function check(name: string, run: ReadyCheck, request: FastifyRequest): Promise<boolean> {
  const stop = new AbortController();
  const late = sleep(checkLimit, undefined, { signal: stop.signal, ref: false }).then(() => {
    throw new Error(`no answer in ${checkLimit} ms`);
  });
  try {
    await Promise.race([run(), late]);
    return true;
  } catch (err) {
    request.log.warn({ err, check: name }, 'not ready');
    return false;
  } finally {
    late.catch(() => {}); // the race is over: the abort below is not news
    stop.abort();
  }
}

const isLoopback = (address: string | undefined): boolean =>
  address !== undefined && /^(?:::ffff:)?127\.|^::1$/.test(address);

/** The token, or a peer on this machine that did not come through a proxy. Compared as hashes, in constant time. */
function mayReadMetrics(request: FastifyRequest, { metricsToken: token, behindProxy }: HealthOptions): boolean {
  const { authorization } = request.headers;
  if (token !== undefined && authorization !== undefined) {
    const [given, want] = [authorization.replace(/^bearer /i, ''), token].map((text) => Buffer.from(hashSecret(text)));
    return given !== undefined && want !== undefined && timingSafeEqual(given, want);
  }
  if (behindProxy === true || request.headers['x-forwarded-for'] !== undefined) return false;
  return isLoopback(request.socket.remoteAddress);
}

/** Counts and times requests by route, never by address or id: the number of series is bounded by the route table. */
function observe(app: FastifyInstance, registry: Registry): void {
  const labelNames = ['route', 'method', 'status'] as const;
  const total = new Counter({
    name: 'pactgate_http_requests_total',
    help: 'Requests answered',
    labelNames,
    registers: [registry],
  });
  const time = new Histogram({
    name: 'pactgate_http_request_seconds',
    help: 'Time to answer',
    labelNames: ['route'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const method = request.routeOptions.url === undefined ? 'any' : request.method;
    total.inc({ route, method, status: String(reply.statusCode) });
    time.observe({ route }, reply.elapsedTime / 1_000);
  });
}

/** `/healthz` (the process answers), `/readyz` (every part is ready, else 503), `/metrics`. */
export function addHealth(app: FastifyInstance, options: HealthOptions): void {
  const { checks, registry } = options;
  observe(app, registry);
  const config = { always: true };
  app.get('/healthz', { config }, async (_, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' }));
  app.get('/readyz', { config }, async (request, reply) => {
    const names = Object.entries(checks);
    const states = await Promise.all(
      names.map(async ([name, run]) => [name, await check(name, run, request)] as const),
    );
    const ready = states.every(([, state]) => state);
    if (!ready) void reply.code(503).header('retry-after', 5);
    const shown = Object.fromEntries(states.map(([name, state]) => [name, state ? 'ok' : 'failed']));
    return reply.header('cache-control', 'no-store').send({ ready, checks: shown });
  });
  app.get('/metrics', async (request, reply) => {
    if (!mayReadMetrics(request, options)) throw new Problem('auth/required', 'metrics token');
    return reply
      .header('cache-control', 'no-store')
      .type(registry.contentType)
      .send(await registry.metrics());
  });
}
