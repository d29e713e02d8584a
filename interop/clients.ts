import { readFileSync } from 'node:fs';
import path from 'node:path';
import mqtt from 'mqtt';
import { connectPacket, openWire, type Wire } from '../sim/wire.ts';
import { type Running, start, until } from '../tools/live/process.ts';
import type { Enrolled } from './devices.ts';
import type { Ready } from './platform.ts';

/** Foreign clients as an enrolled device: Debian's mosquitto tools, MQTT.js, and octets by hand. */

export const telemetryTopic = 'v1/me/up/telemetry/status';
/** A message the pump model accepts. */
export const reading = (temperature = 21.5): string => JSON.stringify({ temperature, pressure: 400 });

const text = ({ dir }: Enrolled, name: string): string => readFileSync(path.join(dir, name), 'utf8');

/** Certificate, key and root of a device. `certificate`: another file than `device.pem`. */
export const tlsOf = (
  device: Enrolled,
  { certificate = 'device.pem', key = 'device.key' }: { readonly certificate?: string; readonly key?: string } = {},
): { readonly ca: string; readonly cert: string; readonly key: string } => ({
  ca: text(device, 'root.pem'),
  cert: text(device, certificate),
  key: text(device, key),
});

/** Arguments of `mosquitto_pub` and `mosquitto_sub`, files relative to the directory of the device. */
export const mosquittoArgs = ({ platform }: Ready, version: '311' | '5', clientId: string): string[] =>
  ['-h', 'localhost', '-p', String(platform.mqttPort), '-V', version, '-i', clientId].concat([
    '--cafile',
    'root.pem',
    '--cert',
    'device.pem',
    '--key',
    'device.key',
  ]);

/** A client that stays, started in the directory of the device; its output line by line. */
export function startClient(
  device: Enrolled,
  command: string,
  args: readonly string[],
): { readonly process: Running; readonly lines: readonly string[] } {
  const lines: string[] = [];
  const process = start('env', ['-C', device.dir, command, ...args], { onLine: (line) => void lines.push(line) });
  opened.add(() => void process.stop());
  return { process, lines };
}

/** Clients that a test left open, ended with the platform: a failed test must not keep its process alive. */
const opened = new Set<() => void>();
export function closeClients(): void {
  for (const close of opened) close();
  opened.clear();
}

/** Connects with MQTT.js; rejects when the platform refuses. Never reconnects by itself. */
export async function connectJs(
  { platform }: Pick<Ready, 'platform'>,
  device: Enrolled,
  options: mqtt.IClientOptions = {},
): Promise<mqtt.MqttClient> {
  const client = await mqtt.connectAsync({
    protocol: 'mqtts',
    host: 'localhost',
    port: platform.mqttPort,
    protocolVersion: 5,
    clientId: device.id,
    reconnectPeriod: 0,
    connectTimeout: 10_000,
    ...tlsOf(device),
    ...options,
  });
  client.on('error', () => undefined); // a cut is seen by its close
  opened.add(() => client.end(true));
  return client;
}

/** How a connection ends: the reason code of its DISCONNECT (0 without one), once it is closed. Ask before the cut. */
export function endOf(client: mqtt.MqttClient): Promise<number> {
  let reason = 0;
  client.once('disconnect', ({ reasonCode }) => {
    reason = reasonCode ?? 0;
  });
  return new Promise((resolve) => void client.once('close', () => resolve(reason)));
}

/** Octets by hand over TLS, CONNECT sent and answered: see `sim/wire.ts`. */
export async function connectWire(
  { platform }: Ready,
  device: Enrolled,
  { clientId = device.id, localAddress }: { readonly clientId?: string; readonly localAddress?: string } = {},
): Promise<{ readonly wire: Wire; readonly connack: Awaited<ReturnType<Wire['next']>> }> {
  const from = localAddress === undefined ? {} : { localAddress };
  const wire = await openWire({ host: '127.0.0.1', port: platform.mqttPort, tls: tlsOf(device), ...from });
  opened.add(() => wire.destroy());
  wire.send(connectPacket(clientId));
  return { wire, connack: await wire.next() };
}

/** Waits until `ask` answers something; throws with `what` when it did not within 10 s. */
export async function demandSoon<T>(what: string, ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const found = await until(ask, { within: 10_000, every: 50 });
  if (found === undefined) throw new Error(`waited in vain for ${what}`);
  return found;
}
