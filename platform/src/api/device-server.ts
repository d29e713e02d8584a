import type { IncomingMessage } from 'node:http';
import type { ServerOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { Problem, type ProblemCode, problemDocument, problemRow } from '@pactgate/protocol';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify';
import type { PeerIdentity } from '../flow/gateway-port.ts';
import { addLimits, type Pressure, pressure, type RateLimits, rateLimits } from './limits.ts';
import {
  deviceListener,
  type ListenerLimits,
  listen,
  makeApp,
  type OpenListener,
  type TlsMaterial,
} from './listener.ts';

/** What is asked for: the gate lets an expired certificate through to renewal, and nowhere else. */
export interface Wanted {
  readonly method: string;
  /** Address of the route as registered, or of the upgrade. */
  readonly route: string;
}
export interface DeviceCaller {
  readonly party: string;
  readonly device: string;
  readonly peer: PeerIdentity;
}
export type GateAnswer =
  | { readonly ok: true; readonly party: string; readonly device: string }
  | { readonly ok: false; readonly code: ProblemCode };

export interface DeviceOptions {
  readonly tls: TlsMaterial;
  /** Roots that client certificates are verified against, PEM. */
  readonly clientRoots: readonly (string | Uint8Array)[];
  readonly at: { readonly address: string; readonly port: number };
  readonly hosts: readonly string[];
  readonly log: FastifyBaseLogger;
  /** What TLS showed; undefined without a client certificate. */
  readonly peerOf: (socket: TLSSocket) => PeerIdentity | undefined;
  /**
   * Own check of the certificate, resumed sessions too, at every request: state, dates, issuer, isolation. A rejection
   * is `internal`.
   */
  readonly gate: (peer: PeerIdentity, wanted: Wanted) => Promise<GateAnswer>;
  /** Records a caller that was turned away, by the gate or for want of a certificate. Must not throw. */
  readonly refused?: (refusal: {
    readonly code: ProblemCode;
    readonly address: string;
    readonly peer?: PeerIdentity;
  }) => void;
  /** Registers EST and the other routes of devices; content types other than JSON bring their parsers. */
  readonly routes: (app: FastifyInstance) => void | Promise<void>;
  /** Takes over an admitted upgrade (WebSocket); absent: there are none and the connection is closed. */
  readonly upgrade?: (caller: DeviceCaller, request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly limits?: Partial<ListenerLimits>;
  readonly rates?: Partial<RateLimits>;
  readonly pressure?: Partial<Pressure>;
}

/**
 * The only addresses that answer without a client certificate: enrolment by one-time code (RFC 7030; decisions,
 * listeners). A route is on the list by its address; nothing a route says of itself opens it.
 */
export const openAddresses: ReadonlySet<string> = new Set([
  'GET /.well-known/est/cacerts',
  'GET /.well-known/est/csrattrs',
  'POST /.well-known/est/simpleenroll',
  'GET /.well-known/est/:label/cacerts',
  'GET /.well-known/est/:label/csrattrs',
  'POST /.well-known/est/:label/simpleenroll',
]);

const callers = new WeakMap<FastifyRequest, DeviceCaller>();

/** Whoever the gate admitted; undefined on the open addresses without a certificate. */
export const deviceCallerOf = (request: FastifyRequest): DeviceCaller | undefined => callers.get(request);

/** Who is behind a socket, or the refusal. */
async function admit(options: DeviceOptions, socket: TLSSocket, wanted: Wanted): Promise<DeviceCaller> {
  const peer = options.peerOf(socket);
  const turnAway = (code: ProblemCode, detail: string): Problem => {
    options.refused?.({ code, address: socket.remoteAddress ?? '', ...(peer && { peer }) });
    return new Problem(code, detail);
  };
  if (!peer) throw turnAway('channel/certificate-missing', 'no client certificate');
  const answer = await options.gate(peer, wanted);
  if (!answer.ok) throw turnAway(answer.code, 'client certificate');
  return { party: answer.party, device: answer.device, peer };
}

/** Gate before everything else of a request; unknown addresses demand a certificate as well. */
function addGate(app: FastifyInstance, options: DeviceOptions): void {
  app.addHook('onRequest', async (request) => {
    const route = request.routeOptions.url ?? 'none';
    if (openAddresses.has(`${request.method} ${route}`)) return;
    // The listener speaks TLS only: every socket of it is one.
    const caller = await admit(options, request.socket as TLSSocket, { method: request.method, route });
    callers.set(request, caller);
  });
}

function refuseUpgrade(socket: Duplex, problem: Problem): void {
  const body = JSON.stringify(problemDocument(problem, 'en'));
  socket.end(
    `HTTP/1.1 ${problemRow(problem.code).status} Refused\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

interface Upgrade {
  readonly head: Buffer;
  readonly route: string;
}
async function takeOver(
  options: DeviceOptions,
  request: IncomingMessage,
  socket: Duplex,
  { head, route }: Upgrade,
): Promise<void> {
  try {
    const caller = await admit(options, request.socket as TLSSocket, { method: 'UPGRADE', route });
    if (!options.upgrade) throw new Problem('request/not-found', 'nothing to upgrade to');
    options.upgrade(caller, request, socket, head);
  } catch (cause) {
    const problem = cause instanceof Problem ? cause : new Problem('internal', 'unexpected', { cause });
    if (problem.code === 'internal') options.log.error({ err: problem }, 'upgrade refused');
    refuseUpgrade(socket, problem);
  }
}

/** Upgrades leave Fastify's hooks behind: they pass the same gate here. */
function addUpgrades(app: FastifyInstance, options: DeviceOptions): void {
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const route = (request.url ?? '').split('?', 1)[0] ?? '';
    void takeOver(options, request, socket, { head, route });
  });
}

const clientCertificates = ({ clientRoots }: DeviceOptions): ServerOptions => ({
  requestCert: true,
  // Verified and then judged by the gate: an expired certificate may still renew, and a refusal gets an answer.
  rejectUnauthorized: false,
  ca: clientRoots.map((root) => Buffer.from(root)),
});

/** Everything of the device listener but the listening: for the test that walks all routes. */
export async function makeDeviceApp(options: DeviceOptions): Promise<FastifyInstance> {
  const app = await makeApp({
    tls: options.tls,
    limits: { ...deviceListener, ...options.limits },
    hosts: options.hosts,
    proxies: [],
    log: options.log,
    clientCertificates: clientCertificates(options),
  });
  const counters = await addLimits(app, { ...rateLimits, ...options.rates }, { ...pressure, ...options.pressure });
  app.addHook('onRequest', (request) => counters.count(request));
  addGate(app, options);
  await options.routes(app);
  addUpgrades(app, options);
  return app;
}

/** Opens the listener for devices and party machines (8444): HTTPS, client certificate asked for, default deny. */
export async function openDeviceServer(options: DeviceOptions): Promise<OpenListener> {
  const app = await makeDeviceApp(options);
  const drain = options.limits?.drain ?? deviceListener.drain;
  return listen(app, options.at, { drain, clientCertificates: clientCertificates(options) });
}
