import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createSecureContext, type TLSSocket } from 'node:tls';
import { parseLogPath } from '@pactgate/proof';
import { Problem } from '@pactgate/protocol';
import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { csrAttributes } from '../adapters/x509/index.ts';
import type { People } from '../api/auth/people.ts';
import type { Handlers } from '../api/context.ts';
import { openDeviceServer } from '../api/device-server.ts';
import type { OpenListener } from '../api/listener.ts';
import { logCaller } from '../api/rest/ledger.ts';
import { type ExtraTools, openConsoleServer } from '../api/server.ts';
import type { PeerIdentity } from '../flow/gateway-port.ts';
import { cosignerOf, type LogCaller } from '../flow/logs.ts';
import { addEst } from '../gateway/est/plugin.ts';
import { plainAddress } from '../gateway/limits.ts';
import { CertificateCache, peerOf } from '../gateway/peer.ts';
import type { Base } from './base.ts';
import type { GatewayPart } from './gateway.ts';
import { hostNames, listenerCertificate } from './gateway.ts';
import type { IdentityPart } from './identity.ts';
import type { LedgerPart } from './ledger.ts';
import type { Terms } from './terms.ts';

/** The two HTTPS listeners: people and their tools, devices and party machines. */
export interface ServerPart {
  readonly console: OpenListener;
  readonly device: OpenListener;
  close(): Promise<void>;
}

export interface ServerNeeds {
  readonly identity: IdentityPart;
  readonly ledger: LedgerPart;
  readonly gateway: GatewayPart;
  readonly terms: Terms;
  readonly people: People;
  readonly handlers: Handlers;
  readonly version: string;
  readonly registry: Registry;
  readonly metricsToken: string;
  readonly ports: { readonly console: number; readonly device: number };
  readonly ready: Readonly<Record<string, () => Promise<void>>>;
}

const renewal = '/.well-known/est/simplereenroll';

export async function openServers(base: Base, needs: ServerNeeds): Promise<ServerPart> {
  const { config } = base;
  const { names, addresses } = hostNames(base);
  const hosts = [...names, ...addresses.map((address) => (address.includes(':') ? `[${address}]` : address))];
  const own = await listenerCertificate(base, needs.identity);
  const console = await openConsoleServer({
    tls: config.console.certificate === '' ? own : publicCertificate(config.console),
    at: { address: config.host, port: needs.ports.console },
    hosts,
    people: needs.people,
    handlers: needs.handlers,
    health: { checks: needs.ready, registry: needs.registry, metricsToken: needs.metricsToken },
    version: needs.version,
    log: base.log,
    ...consoleFiles(config.console.dist),
    rates: { caller: config.console.ratePerMinute, address: config.console.ratePerMinute * 10 },
    extraRoutes: (app, tools) => addPublicRoutes(app, tools, needs),
  });
  const cache = new CertificateCache();
  const device = await openDeviceServer({
    tls: own,
    clientRoots: [needs.identity.authority.trustPem()],
    at: { address: config.host, port: needs.ports.device },
    hosts,
    log: base.log,
    peerOf: (socket) => peerOf(socket, 'https', cache),
    gate: (peer, wanted) => Promise.resolve(deviceGate(needs.identity, peer, wanted.route, base)),
    refused: ({ code, address, peer }) =>
      needs.gateway.records.refused({
        code,
        stage: 'connect',
        detail: 'own check of the certificate',
        listener: 'https',
        transport: 'https',
        address: plainAddress(address),
        ...(peer && { peer }),
        count: 1,
        at: base.clock.now(),
      }),
    routes: (app) =>
      addEst(
        app,
        estOptions(base, needs, (socket) => peerOf(socket, 'https', cache)),
      ),
    rates: { caller: config.console.ratePerMinute, address: config.console.ratePerMinute * 10 },
  });
  return {
    console,
    device,
    close: async () => {
      await Promise.all([console.close(), device.close()]);
    },
  };
}

type EstParts = Parameters<typeof addEst>[1];

/** Enrolment with the same bans as the MQTT door: wrong codes count as failures of their address. */
const estOptions = (
  { clock }: Base,
  { identity, gateway }: ServerNeeds,
  peer: (socket: TLSSocket) => PeerIdentity | undefined,
): EstParts => ({
  flow: identity.enrol,
  csrAttributes: csrAttributes(),
  peerOf: peer,
  guard: {
    isBanned: (address) => gateway.sources.isAddressBanned(address, clock.now()),
    failed: (address) => void gateway.sources.failed(address, clock.now()),
  },
});

/** Renewal judges the certificate itself, expired ones included; everything else passes the own check here. */
function deviceGate(
  { registry }: IdentityPart,
  peer: PeerIdentity,
  route: string,
  { clock }: Base,
): Awaited<ReturnType<Parameters<typeof openDeviceServer>[0]['gate']>> {
  const record = registry.record(peer.serial);
  if (route === renewal || route === renewal.replace('/est/', '/est/:label/'))
    return { ok: true, party: record?.certificate.party ?? '', device: record?.certificate.device ?? '' };
  const admitted = registry.admit(peer, clock.now());
  if (!admitted.ok) return { ok: false, code: admitted.error };
  return { ok: true, party: admitted.value.device.party, device: admitted.value.device.id };
}

function publicCertificate({ certificate, key }: Base['config']['console']): {
  readonly cert: string;
  readonly key: string;
} {
  const fault = (what: string, cause: unknown): Problem =>
    new Problem('start/config-invalid', `console.certificate: ${certificate} and ${key} ${what}`, { cause });
  let found: { readonly cert: string; readonly key: string };
  try {
    found = { cert: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
  } catch (cause) {
    throw fault('cannot be read', cause);
  }
  try {
    createSecureContext(found);
  } catch (cause) {
    throw fault('are no certificate with its key (PEM)', cause);
  }
  return found;
}

function consoleFiles(dist: string): { readonly consoleDir?: string } {
  const dir = dist === '' ? path.resolve(import.meta.dirname, '../../../console/dist') : dist;
  return existsSync(path.join(dir, 'index.html')) ? { consoleDir: dir } : {};
}

/** The witness whose word a device party asks for; A's own people take anybody's. */
function ownCosigner({ platform, agreements }: LogCaller, terms: Terms): string | undefined {
  if (platform) return undefined;
  const [witness] = agreements.flatMap((agreement) => terms.document(agreement)?.anchors.witness ?? []);
  return witness && cosignerOf(witness);
}

/** Root, revocation lists, and the static face of the logs, with the same rights as the API's. */
function addPublicRoutes(app: FastifyInstance, tools: ExtraTools, { identity, ledger, terms }: ServerNeeds): void {
  app.get('/pki/root.pem', async (_, reply) => reply.type('application/x-pem-file').send(identity.authority.rootPem()));
  app.get<{ Params: { ca: string } }>('/pki/crl/:ca/0.crl', async (request, reply) => {
    const crl = identity.crls.current(request.params.ca);
    if (!crl) throw new Problem('request/not-found', 'no such list');
    return reply.type('application/pkix-crl').send(Buffer.from(crl));
  });
  app.get<{ Params: { '*': string } }>('/logs/*', async (request, reply) => {
    const caller = logCaller(await tools.caller(request), terms.inForce);
    const [name = '', shard = '', ...rest] = request.params['*'].split('/');
    const known = ledger.reader.logs().find(({ origin }) => origin.endsWith(`/logs/${name}/${shard}`));
    const log = ledger.reader.byOrigin(known?.origin ?? '', caller);
    const wanted = rest.join('/');
    if (wanted === 'checkpoint' || wanted === 'witnessed') {
      const { note } = await (wanted === 'witnessed'
        ? ledger.reader.witnessed(log, ownCosigner(caller, terms))
        : ledger.reader.checkpoint(log));
      return reply.header('cache-control', 'max-age=1').type('text/plain; charset=utf-8').send(note);
    }
    const bytes = await readResource(ledger, log, wanted);
    if (!bytes) throw new Problem('ledger/not-found', 'no such tile');
    return reply
      .header('cache-control', 'max-age=31536000, immutable')
      .type('application/octet-stream')
      .send(Buffer.from(bytes));
  });
}

async function readResource(
  { reader }: LedgerPart,
  log: ReturnType<LedgerPart['reader']['byOrigin']>,
  wanted: string,
): Promise<Uint8Array | undefined> {
  let parsed: ReturnType<typeof parseLogPath>;
  try {
    parsed = parseLogPath(wanted);
  } catch (cause) {
    throw new Problem('ledger/not-found', 'no such path of a log', { cause });
  }
  const tiles = reader.tiles(log);
  if (parsed.kind === 'tile') return tiles.readTile(parsed.tile);
  return parsed.kind === 'entries' ? tiles.readEntries(parsed.entries) : undefined;
}
