import { Problem, type ProblemCode, problemRow } from '@pactgate/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Refusal } from '../../duties/identity/index.ts';

/**
 * Status of a code on EST (RFC 7030 section 4.2.3, RFC 8951): 400 encoding, request and signature, 401 credentials, 403
 * policy and certificate. `device/unknown` looks like a wrong code: nobody learns which devices exist.
 */
export function statusOf(code: ProblemCode): number {
  if (code === 'channel/certificate-missing' || code === 'enrol/code-invalid' || code === 'device/unknown') return 401;
  const { status } = problemRow(code);
  if (status === 401 || status === 409) return 403;
  return status === 422 ? 400 : status;
}

/** Cause and next step in both languages, one line each: what `curl` shows is what a person needs. */
function textOf({ code, detail }: Refusal): string {
  const { title, next } = problemRow(code);
  return `${code}: ${title.en}. ${detail}\n${next.en}\n${title.zh}。${next.zh}\n`;
}

export function sendRefusal(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const status = statusOf(refusal.code);
  // enrolment knows Basic; on renewal it is the certificate that is missing, and a challenge would mislead
  if (status === 401 && refusal.code !== 'channel/certificate-missing')
    void reply.header('www-authenticate', 'Basic realm="est", charset="UTF-8"');
  if (status === 429 || status === 503) void reply.header('retry-after', 10);
  return reply.code(status).header('cache-control', 'no-store').type('text/plain; charset=utf-8').send(textOf(refusal));
}

/** Fastify's own refusals on these routes, by code. */
const known: Readonly<Record<string, Refusal>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'enrol/type', detail: 'the body must be application/pkcs10' },
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'enrol/too-large', detail: 'over 64 KiB' },
  FST_ERR_NOT_FOUND: { code: 'enrol/not-found', detail: 'no such operation' },
};

/** Kinds of the store's errors that are nobody's bug (`StoreError`, which this ring does not import): try again. */
const storeKinds: Readonly<Record<string, ProblemCode>> = {
  'disk-full': 'store/full',
  busy: 'request/unavailable',
  timeout: 'request/unavailable',
  connection: 'request/unavailable',
  dead: 'request/unavailable',
};
function storeRefusal(error: unknown): Refusal | undefined {
  if (!(error instanceof Error) || error.name !== 'StoreError' || !('kind' in error)) return undefined;
  const code = storeKinds[String(error.kind)];
  return code && { code, detail: 'nothing was issued' };
}

/** Whatever was thrown, as text; what is our own fault is logged with its cause and told as `internal`. */
export function sendError(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  if (error instanceof Problem) return sendRefusal(reply, error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const refusal = known[code] ?? storeRefusal(error);
  if (refusal) return sendRefusal(reply, refusal);
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status >= 400 && status < 500)
    return sendRefusal(reply, { code: 'enrol/csr-invalid', detail: 'malformed request' });
  request.log.error({ err: error, requestId: request.id }, 'enrolment failed');
  return sendRefusal(reply, { code: 'internal', detail: 'nothing was issued' });
}

/** A certs-only answer: base64 in one unbroken line, for clients that fail on any line break (RFC 8951 section 3.1). */
export const sendBase64 = (reply: FastifyReply, type: string, der: Uint8Array): FastifyReply =>
  reply
    .code(200)
    .headers({ 'content-transfer-encoding': 'base64', 'cache-control': 'no-store' })
    .type(type)
    .send(Buffer.from(der).toString('base64'));
