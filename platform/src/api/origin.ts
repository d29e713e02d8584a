import { Problem } from '@pactgate/protocol';
import type { FastifyRequest } from 'fastify';
import { hasSessionCookie } from './auth/callers.ts';

const safe = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses a request that changes something and was started by another site's page (`auth/origin`). A browser always
 * names the origin of such a request; one that carries only a session cookie and no word about where it comes from is
 * refused too. Tools send tokens and no origin.
 */
export function demandOwnOrigin(origins: ReadonlySet<string>, request: FastifyRequest): void {
  if (safe.has(request.method)) return;
  const { origin, cookie, authorization, 'sec-fetch-site': site } = request.headers;
  if (origin !== undefined) {
    if (!origins.has(origin)) throw new Problem('auth/origin', 'origin header');
    return;
  }
  if (authorization === undefined && hasSessionCookie(cookie) && site !== 'same-origin')
    throw new Problem('auth/origin', 'no origin header');
}
