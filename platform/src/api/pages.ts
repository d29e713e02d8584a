import { existsSync } from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Addresses that are never a page of the console: unknown ones there are refused as problems. */
const notPages = /^\/(?:api|logs|pki|metrics|healthz|readyz|signin|\.well-known|assets)(?:\/|$)/;

/** Built files carry their hash in the name and never change; the page that names them is always asked for. */
const cacheOf = (file: string): string =>
  file.includes(`${path.sep}assets${path.sep}`) ? 'public, max-age=31536000, immutable' : 'no-cache';

/** Serves the files of the built console: those that exist now, each as a route of its own, so no path leads elsewhere. */
export async function addPages(app: FastifyInstance, dir: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: path.resolve(dir),
    wildcard: false,
    index: 'index.html',
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders: (reply, file) => void reply.header('cache-control', cacheOf(file)),
  });
}

export const hasPages = (dir: string | undefined): dir is string =>
  dir !== undefined && existsSync(path.join(dir, 'index.html'));

/** The page for every address that the console's own router knows; undefined where a page is not what was asked for. */
export function pageFor(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  const [at = ''] = request.url.split('?', 1);
  const wantsPage = request.headers.accept?.includes('text/html') === true;
  if ((request.method !== 'GET' && request.method !== 'HEAD') || !wantsPage || notPages.test(at)) return undefined;
  if (/\.[a-z0-9]{1,8}$/i.test(at)) return undefined;
  void reply.code(200).header('cache-control', 'no-cache');
  return reply.sendFile('index.html');
}
