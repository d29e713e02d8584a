import { readFileSync } from 'node:fs';
import { canonicalBytes, encodeHex } from '@pactgate/proof';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { nodeProofCrypto } from '../adapters/proof-crypto.ts';
import type { Configuration } from '../config.ts';
import { type Assurance, startAssurance } from './assurance.ts';
import { startProblem } from './base.ts';
import { openControl } from './control.ts';
import { metricsToken } from './first-keys.ts';
import { listenerCertificate } from './gateway.ts';
import { type Addresses, makeHandlers, publicHostOf } from './handlers.ts';
import { startJobs } from './jobs.ts';
import { type Core, openCore } from './platform.ts';
import { openServers, type ServerPart } from './servers.ts';

export interface Running {
  readonly core: Core;
  readonly addresses: Addresses;
  readonly assurance: Pick<Assurance, 'runNow'>;
  readonly tripwirePorts: readonly number[];
  /** One-time link that makes the first administrator; absent when there is one. */
  readonly setupLink?: string;
  /** Stops accepting, drains, publishes what is left, closes. */
  stop(): Promise<void>;
}

/** Version of the product, from its manifest. */
export const version: string = (() => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return manifest.version;
})();

async function tokenOfMetrics({ base }: Core): Promise<string> {
  const { tokenFile } = base.config.metrics;
  if (tokenFile !== '') return readFileSync(tokenFile, 'utf8').trim();
  return Buffer.from(await base.keys.get(metricsToken)).toString('base64url');
}

/** Metrics without device ids: totals of gateway, data path and ledger. */
function metricsOf({ gateway, devices, ledger }: Core): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string, read: () => number): void => {
    registry.registerMetric(
      new Gauge({
        name,
        help,
        registers: [],
        collect() {
          this.set(read());
        },
      }),
    );
  };
  gauge('pactgate_connections', 'live device connections', () => gateway.engine.size);
  gauge(
    'pactgate_messages_accepted_total',
    'messages acknowledged after their durable write',
    () => devices.uplink.counters.accepted,
  );
  gauge('pactgate_messages_refused_total', 'messages refused', () => devices.uplink.counters.refused);
  gauge('pactgate_fields_dropped_total', 'undeclared fields dropped', () => devices.uplink.counters.fieldsDropped);
  gauge('pactgate_sessions_opened_total', 'sessions opened', () => devices.gate.counters.opened);
  gauge('pactgate_operations_denied_total', 'operations denied by policy', () => devices.gate.counters.denied);
  gauge('pactgate_ledger_entries', 'entries of all logs', () =>
    ledger.ledger.states().reduce((sum, { size }) => sum + size, 0),
  );
  gauge(
    'pactgate_ledger_held',
    'logs that refuse to sign',
    () => ledger.ledger.states().filter(({ refusal }) => refusal).length,
  );
  return registry;
}

/** Starts the whole platform. Throws `Problem` with a `start/*` code where the operator can do something about it. */
export async function runPlatform(config: Configuration, dataDirectory: string): Promise<Running> {
  try {
    return await startAll(config, dataDirectory);
  } catch (error) {
    throw startProblem(error);
  }
}

async function startAll(config: Configuration, dataDirectory: string): Promise<Running> {
  const core = await openCore(config, dataDirectory);
  const { base, gateway, ledger, people } = core;
  const addresses: Addresses = {
    consolePort: core.ports.console,
    devicePort: core.ports.device,
    mqttPort: gateway.mqttPort,
    host: publicHostOf(core),
  };
  const closed = await base.store.transaction((tx) => core.devices.sessions.closeStale(tx, base.clock.now()));
  if (closed > 0) base.log.info({ closed }, 'sessions of a process that died were ended');
  await recordStart(core);
  const servers = await openServers(base, {
    identity: core.identity,
    ledger,
    gateway,
    terms: core.terms,
    people,
    handlers: makeHandlers(core, addresses, version),
    version,
    registry: metricsOf(core),
    metricsToken: await tokenOfMetrics(core),
    ports: core.ports,
    ready: readyChecks(core),
  });
  core.trust.listener = () => void renewDeviceTrust(core, servers).catch(base.failed);
  const control = await openControl(core, dataDirectory);
  const jobs = startJobs(core);
  const assurance = await startAssurance(base, { ...core, version });
  const setup = await people.createSetUpLink();
  const parts = { servers, control, jobs, assurance };
  return {
    core,
    addresses,
    assurance,
    tripwirePorts: gateway.tripwirePorts,
    ...(setup ? { setupLink: setup.link } : {}),
    stop: () => stop(core, parts),
  };
}

async function renewDeviceTrust({ base, identity }: Core, { device }: ServerPart): Promise<void> {
  const own = await listenerCertificate(base, identity);
  device.replaceTls(own, [identity.authority.trustPem()]);
}

/** The start and the configuration in force are records (A3.4.1). */
async function recordStart({ base, ledger }: Core): Promise<void> {
  const config = encodeHex(nodeProofCrypto.sha256(canonicalBytes(base.config)));
  await ledger.recorder.record([
    { kind: 'platform.start', outcome: 'started', body: { version, config, database: base.store.kind } },
  ]);
}

const readyChecks = ({ base, ledger }: Core): Readonly<Record<string, () => Promise<void>>> => ({
  database: async () => {
    await base.store.db.selectFrom('migration').select('id').limit(1).execute();
  },
  ledger: async () => {
    const held = ledger.ledger.states().find(({ refusal }) => refusal !== undefined);
    if (held) throw new Error(`${held.log.origin} refuses to sign`);
  },
});

const drainMs = 3_000;

async function stop(
  core: Core,
  {
    servers,
    control,
    jobs,
    assurance,
  }: {
    readonly servers: ServerPart;
    readonly control: { close(): Promise<void> };
    readonly jobs: { close(): Promise<void> };
    readonly assurance: Assurance;
  },
): Promise<void> {
  const { base, gateway, devices, ledger } = core;
  await control.close();
  await assurance.close();
  await jobs.close();
  await gateway.engine.drain(drainMs, () => (base.random(1)[0] ?? 0) / 256);
  await Promise.all([gateway.close(), servers.close()]);
  await devices.refusals.flush();
  await devices.book.flush();
  await assurance.close(); // what came in while the sessions closed
  await ledger.recorder.record([{ kind: 'platform.stop', outcome: 'stopped', body: { why: 'asked' } }]);
  await ledger.close();
  await base.store.close();
  base.dir.release();
}
