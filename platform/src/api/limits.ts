import { getHeapStatistics } from 'node:v8';
import rateLimit from '@fastify/rate-limit';
import underPressure from '@fastify/under-pressure';
import { Problem } from '@pactgate/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sourceOf } from './auth/throttle.ts';
import type { Caller } from './context.ts';
import { RetryProblem } from './problems.ts';

/** Requests a minute (platform protection, section 1); raised by configuration for benchmarks, never switched off. */
export interface RateLimits {
  /** Of one address (IPv6: /64), whoever calls from there: a network behind one address has many people. */
  readonly address: number;
  /** Of one person or token; of one address for everybody who is not signed in. */
  readonly caller: number;
  /** Sign-in and public forms, of one address. */
  readonly form: number;
  /** After so many requests over a limit the answer is `gate/banned` until the minute ends. */
  readonly ban: number;
}
export const rateLimits: RateLimits = { address: 3_000, caller: 300, form: 10, ban: 3 };

/** Load above which requests are turned away, health excepted. */
export interface Pressure {
  /** Mean delay of the event loop in a second, milliseconds. */
  readonly loopDelay: number;
  /** Share of the heap limit. */
  readonly heap: number;
}
export const pressure: Pressure = { loopDelay: 500, heap: 0.85 };

const perMinute = 60_000;

export interface Counters {
  /** Counts by address and, for forms, by address of forms. */
  readonly count: (request: FastifyRequest) => Promise<void>;
  readonly countCaller: (request: FastifyRequest, caller: Caller) => Promise<void>;
}

/** Turns requests away under load and counts them; call before routes are registered. */
export async function addLimits(app: FastifyInstance, limits: RateLimits, load: Pressure): Promise<Counters> {
  await app.register(underPressure, {
    maxEventLoopDelay: load.loopDelay,
    maxHeapUsedBytes: Math.floor(getHeapStatistics().heap_size_limit * load.heap),
    pressureHandler: (request) =>
      request.routeOptions.config.always === true
        ? undefined
        : Promise.reject(new RetryProblem('request/unavailable', 'under load', 10)),
  });
  await app.register(rateLimit, { global: false });
  const keys = new WeakMap<FastifyRequest, string>();
  const counter = (max: number): ((request: FastifyRequest, key: string) => Promise<void>) => {
    const take = app.createRateLimit({
      max,
      timeWindow: perMinute,
      ban: limits.ban,
      keyGenerator: (request) => keys.get(request) ?? 'nobody',
    });
    return async (request, key) => {
      keys.set(request, key);
      const state = await take(request);
      if (state.isAllowed || !state.isExceeded) return;
      if (state.isBanned) throw new Problem('gate/banned', 'requests went on over the limit');
      throw new RetryProblem('request/rate', 'requests of this minute', state.ttlInSeconds);
    };
  };
  const [address, caller, form] = [counter(limits.address), counter(limits.caller), counter(limits.form)];
  return {
    count: async (request) => {
      const { config } = request.routeOptions;
      if (config.always === true) return;
      const source = sourceOf(request.ip);
      await address(request, source);
      if (config.form === true) await form(request, source);
    },
    countCaller: (request, known) =>
      caller(request, known.kind === 'public' ? sourceOf(request.ip) : `${known.kind} ${known.id}`),
  };
}
