import { type Locale, Problem, type ProblemCode, problemDocument, problemRow } from '@pactgate/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A refusal that says when to come back; the seconds become `Retry-After`. */
export class RetryProblem extends Problem {
  readonly retryAfter: number;

  constructor(code: ProblemCode, detail: string, retryAfterSeconds: number) {
    super(code, detail);
    this.retryAfter = Math.max(1, Math.ceil(retryAfterSeconds));
  }
}

/** First of our languages in `Accept-Language` (RFC 9110 section 12.5.4, without weights: order is what clients send). */
export function localeOf(header: string | undefined): Locale {
  for (const range of (header ?? '').slice(0, 256).toLowerCase().split(',')) {
    const tag = range.trim();
    if (tag.startsWith('zh')) return 'zh';
    if (tag.startsWith('en')) return 'en';
  }
  return 'en';
}

/** Fastify's and Node's own refusals, by code. */
const known: Readonly<Record<string, { readonly code: ProblemCode; readonly detail: string }>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'request/type', detail: 'content type' },
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'request/too-large', detail: 'body' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { code: 'request/invalid', detail: 'content-length' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'request/invalid', detail: 'body: empty' },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'request/invalid', detail: 'body: no JSON' },
  FST_ERR_BAD_URL: { code: 'request/invalid', detail: 'address' },
  FST_ERR_INVALID_URL: { code: 'request/invalid', detail: 'address' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'request/not-found', detail: 'address' },
  FST_ERR_NOT_FOUND: { code: 'request/not-found', detail: 'no such address' },
  FST_ERR_HANDLER_TIMEOUT: { code: 'request/unavailable', detail: 'took too long' },
  FST_UNDER_PRESSURE: { code: 'request/unavailable', detail: 'under load' },
};
/** Kinds of the store's errors that are nobody's bug (`StoreError` of the store, which this ring does not import). */
const storeKinds: Readonly<Record<string, ProblemCode>> = {
  'disk-full': 'store/full',
  'duplicate-key': 'request/conflict',
  busy: 'request/unavailable',
  timeout: 'request/unavailable',
  connection: 'request/unavailable',
  dead: 'request/unavailable',
};

/** The refusal a peer sees for whatever was thrown; anything not expected is `internal`, with the error as cause. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (!(error instanceof Error)) return new Problem('internal', 'unexpected', { cause: error });
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const row = known[code];
  if (row) return new Problem(row.code, row.detail, { cause: error });
  const kind = error.name === 'StoreError' && 'kind' in error ? storeKinds[String(error.kind)] : undefined;
  if (kind) return new Problem(kind, 'storage', { cause: error });
  // Errors of body parsing that carry no code (`__proto__` in JSON, for one) name a 4xx status.
  const status = 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status >= 400 && status < 500) return new Problem('request/invalid', 'request', { cause: error });
  return new Problem('internal', 'unexpected', { cause: error });
}

/** Statuses after which a client should wait; used where no exact time is known. */
const defaultRetryAfter = 10;

/** Sends a problem document (RFC 9457) in the caller's language and logs what is our own fault, with its cause. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  const problem = toProblem(error);
  const { status } = problemRow(problem.code);
  if (status >= 500)
    request.log.error({ err: problem, requestId: request.id, route: request.routeOptions.url }, 'refused');
  if (problem instanceof RetryProblem) void reply.header('retry-after', problem.retryAfter);
  else if ((status === 503 || status === 429) && !reply.hasHeader('retry-after'))
    void reply.header('retry-after', defaultRetryAfter);
  if (status === 401) void reply.header('www-authenticate', 'Bearer realm="pactgate"');
  const locale = localeOf(request.headers['accept-language']);
  return reply
    .code(status)
    .headers({ 'cache-control': 'no-store', 'content-language': locale === 'zh' ? 'zh-CN' : 'en' })
    .type('application/problem+json')
    .send(Buffer.from(JSON.stringify(problemDocument(problem, locale)))); // to a text Fastify would add a charset
}
