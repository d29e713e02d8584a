import type { TLSSocket } from 'node:tls';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { EnrolFlow } from '../../flow/enrol.ts';
import type { PeerIdentity } from '../../flow/gateway-port.ts';
import { plainAddress } from '../limits.ts';
import { sendBase64, sendError, sendRefusal } from './answer.ts';
import { channelBindings } from './binding.ts';
import { readBody, readCredentials } from './body.ts';

/** Path of every operation (RFC 7030 section 3.2.2), in front of an optional label. */
export const estPrefix = '/.well-known/est';
/** Longest request body, octets; Fastify answers 413 above. */
export const maxBody = 64 * 1_024;

export interface EstOptions {
  readonly flow: EnrolFlow;
  /** What the answer to `csrattrs` says, DER. */
  readonly csrAttributes: Uint8Array;
  /** What TLS showed; undefined without a usable client certificate. */
  readonly peerOf: (socket: TLSSocket) => PeerIdentity | undefined;
  /** Bans of addresses that try codes; absent: there are none. */
  readonly guard?: {
    isBanned(address: string): boolean;
    /** A wrong code came from there. */
    failed(address: string): void;
  };
}

type Labelled = FastifyRequest<{ Params: { label?: string } }>;
const certsOnly = 'application/pkcs7-mime; smime-type=certs-only';
const types = { cacerts: 'application/pkcs7-mime', csrattrs: 'application/csrattrs' } as const;

/** The listener of these routes speaks TLS only: every socket of it is one. */
const socketOf = (request: FastifyRequest): TLSSocket => request.raw.socket as TLSSocket;
const addressOf = (request: FastifyRequest): string => plainAddress(request.raw.socket.remoteAddress ?? '');
const labelOf = ({ params }: Labelled): { readonly label?: string } =>
  params.label === undefined ? {} : { label: params.label };

/** The request in the body; undefined after the refusal was sent. */
function requestOf(request: FastifyRequest, reply: FastifyReply): Uint8Array | undefined {
  // the one parser of these routes gives a Buffer; an empty body gives undefined
  const der = readBody((request.body as Buffer | undefined) ?? new Uint8Array());
  if (!der) void sendRefusal(reply, { code: 'enrol/csr-invalid', detail: 'the body is neither DER, base64 nor PEM' });
  return der;
}

async function enrol(options: EstOptions, request: Labelled, reply: FastifyReply): Promise<FastifyReply> {
  const address = addressOf(request);
  if (options.guard?.isBanned(address))
    return sendRefusal(reply, { code: 'gate/banned', detail: 'too many wrong codes' });
  const credentials = readCredentials(request.headers.authorization);
  if (!credentials) {
    const detail = 'send the device id as user name and its one-time code as password';
    return sendRefusal(reply, { code: 'enrol/code-invalid', detail });
  }
  const der = requestOf(request, reply);
  if (!der) return reply;
  const { user, password: code } = credentials;
  const bindings = channelBindings(socketOf(request));
  const result = await options.flow.enrol({ ...labelOf(request), user, code, request: der, address, bindings });
  if (result.ok) return sendBase64(reply, certsOnly, result.value);
  if (result.error.code === 'enrol/code-invalid') options.guard?.failed(address);
  return sendRefusal(reply, result.error);
}

async function renew(options: EstOptions, request: Labelled, reply: FastifyReply): Promise<FastifyReply> {
  const socket = socketOf(request);
  const peer = options.peerOf(socket);
  if (!peer) {
    const detail = 'simplereenroll needs the current certificate';
    return sendRefusal(reply, { code: 'channel/certificate-missing', detail });
  }
  const der = requestOf(request, reply);
  if (!der) return reply;
  const asked = { ...labelOf(request), request: der, address: addressOf(request), bindings: channelBindings(socket) };
  const result = await options.flow.renew({ ...asked, peer });
  return result.ok ? sendBase64(reply, certsOnly, result.value) : sendRefusal(reply, result.error);
}

/** Operations below a prefix or below a label. */
function addOperations(app: FastifyInstance, options: EstOptions, base: '' | '/:label'): void {
  app.get(`${base}/cacerts`, (request: Labelled, reply) => {
    const result = options.flow.caCertificates(request.params.label);
    return result.ok ? sendBase64(reply, types.cacerts, result.value) : sendRefusal(reply, result.error);
  });
  app.get(`${base}/csrattrs`, (_request, reply) => sendBase64(reply, types.csrattrs, options.csrAttributes));
  app.post(`${base}/simpleenroll`, (request: Labelled, reply) => enrol(options, request, reply));
  app.post(`${base}/simplereenroll`, (request: Labelled, reply) => renew(options, request, reply));
}

/**
 * Enrolment over secure transport (RFC 7030, RFC 8951) as routes of an HTTPS server that asks for client certificates
 * and judges none: `simplereenroll` refuses by itself. Everything else below the prefix, key generation by the server
 * included, is 404.
 */
export async function addEst(app: FastifyInstance, options: EstOptions): Promise<void> {
  await app.register(
    async (est) => {
      est.removeAllContentTypeParsers();
      est.addContentTypeParser(
        'application/pkcs10',
        { parseAs: 'buffer', bodyLimit: maxBody },
        (_request, body, done) => done(null, body),
      );
      est.setErrorHandler((error, request, reply) => sendError(request, reply, error));
      est.setNotFoundHandler((_request, reply) =>
        sendRefusal(reply, { code: 'enrol/not-found', detail: 'no such operation' }),
      );
      addOperations(est, options, '');
      addOperations(est, options, '/:label');
    },
    { prefix: estPrefix },
  );
}
