import type { LiveSession } from '../flow/device-session.ts';
import type { GatewayRecords } from '../flow/gateway-port.ts';
import { makeGatewayRecords } from '../flow/gateway-records.ts';
import { defaultSourceSettings, SourceLimits } from '../gateway/limits.ts';
import { DeviceListener } from '../gateway/listener.ts';
import { Engine } from '../gateway/mqtt/engine/engine.ts';
import { deviceProfile } from '../gateway/mqtt/engine/profile.ts';
import { Tripwire } from '../gateway/tripwire.ts';
import { type Instant, instant } from '../kernel/time.ts';
import type { NewRecord } from '../parties/record.ts';
import type { Base } from './base.ts';
import type { DevicePart } from './devices.ts';
import type { IdentityPart } from './identity.ts';
import { portProblem } from './ports.ts';

/** Where devices come in. */
export interface GatewayPart {
  readonly engine: Engine;
  readonly listener: DeviceListener;
  readonly sources: SourceLimits;
  /** What any transport refuses by itself goes here. */
  readonly records: GatewayRecords;
  readonly mqttPort: number;
  readonly tripwirePorts: readonly number[];
  /** Since when the tripwire listens, and what it saw since the last call; undefined when it is off. */
  heartbeat(): { readonly ports: readonly number[]; readonly hits: number } | undefined;
  close(): Promise<void>;
}

export interface GatewayNeeds {
  readonly identity: IdentityPart;
  readonly devices: DevicePart;
  readonly record: (records: readonly NewRecord[]) => Promise<void>;
  readonly pending: (session: LiveSession) => void;
}

const fullCut = 100_000;

/** Opens the MQTT listener and the tripwire. */
// oxlint-disable-next-line max-lines-per-function -- the wiring, in the order of the data path, reads better whole
export async function openGateway(base: Base, needs: GatewayNeeds): Promise<GatewayPart> {
  const { config, clock, failed } = base;
  const { identity, devices } = needs;
  const tell = (records: readonly NewRecord[]): void => void needs.record(records).catch(failed);
  const now = (): Instant => clock.now();
  const sources = new SourceLimits({
    ...defaultSourceSettings,
    acceptsPerSecond: config.mqtt.connectsPerSecond,
    acceptBurst: config.mqtt.connectsPerSecond * 5,
    acceptsPerSecondTotal: Math.max(defaultSourceSettings.acceptsPerSecondTotal, config.mqtt.connectsPerSecond),
    acceptBurstTotal: Math.max(defaultSourceSettings.acceptBurstTotal, config.mqtt.connectsPerSecond * 5),
    failures: config.mqtt.failuresPerMinute,
  });
  const parts = {
    registry: identity.registry,
    addresses: devices.addresses,
    refusals: devices.refusals,
    clock,
    record: tell,
  };
  const records = makeGatewayRecords(parts);
  const engine = new Engine({
    profile: {
      ...deviceProfile,
      receiveMaximum: config.mqtt.receiveMaximum,
      maximumPacketSize: config.mqtt.maxPacketBytes,
      keepAliveCap: config.mqtt.keepAliveMaxSeconds,
      connectTimeout: config.mqtt.connectTimeoutSeconds * 1_000,
      publishesPerSecond: config.mqtt.publishesPerSecond,
      bytesPerSecond: config.mqtt.bytesPerSecond,
      connectionsPerDevice: config.mqtt.connectionsPerDevice,
    },
    ports: {
      admission: devices.gate,
      uplink: devices.uplink,
      // Sessions are made by the gate of this process.
      downlink: { pending: (session) => needs.pending(session as LiveSession) },
      records,
    },
    sources,
    now,
    failed,
  });
  const server = await listenerCertificate(base, identity);
  const listener = new DeviceListener({
    name: 'mqtts',
    host: config.host,
    port: config.mqtt.port,
    tls: { ...server, ca: [identity.authority.trustPem()] },
    sources,
    records,
    maximumConnections: fullCut,
    now,
    failed,
    attach: (socket, peer) => engine.attach(socket, peer),
  });
  const mqttPort = await listener.listen().catch(portProblem(config.mqtt.port, 'mqtt.port'));
  engine.start();
  let hits = 0;
  const tripwire = new Tripwire({
    host: config.host,
    ports: config.tripwire.ports,
    now,
    port: {
      record: (hit) => {
        hits++;
        records.plaintext(hit);
      },
      heartbeat: () => undefined,
    },
  });
  const tripwirePorts =
    config.tripwire.ports.length === 0
      ? []
      : await tripwire.listen().catch(portProblem(config.tripwire.ports[0] ?? 0, 'tripwire.ports'));
  return {
    engine,
    listener,
    sources,
    records,
    mqttPort,
    tripwirePorts,
    heartbeat: () => {
      if (tripwirePorts.length === 0) return undefined;
      const seen = hits;
      hits = 0;
      return { ports: tripwirePorts, hits: seen };
    },
    close: async () => {
      await listener.close();
      await tripwire.close();
      engine.stop();
    },
  };
}

const isAddress = (name: string): boolean => /^[0-9.]+$|:/.test(name);

/** Names and addresses of the listeners, from the configuration. */
export const hostNames = ({
  config,
}: Pick<Base, 'config'>): { readonly names: readonly string[]; readonly addresses: readonly string[] } => {
  const all = config.publicHost
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const own = config.host === '0.0.0.0' || config.host === '::' ? [] : [config.host];
  return {
    names: [...new Set(['localhost', ...all.filter((name) => !isAddress(name))])],
    addresses: [...new Set(['127.0.0.1', '::1', ...own.filter(isAddress), ...all.filter(isAddress)])],
  };
};

/** A certificate of the own CA for every name a listener is reached by. */
export async function listenerCertificate(
  base: Base,
  { authority }: Pick<IdentityPart, 'authority'>,
): Promise<{ readonly cert: string; readonly key: string; readonly notAfter: Instant }> {
  const { names, addresses } = hostNames(base);
  const { cert, key, notAfter } = await authority.issueListener(names, addresses);
  return { cert, key, notAfter: instant(notAfter) };
}
