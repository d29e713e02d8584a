import { Problem, topicPrefix } from '@pactgate/protocol';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import type { Credentials } from './identity.ts';
import { problemOfReason } from './refusals.ts';

export interface LinkOptions {
  readonly host: string;
  readonly port: number;
  /** Name the server's certificate must have; absent: the host. */
  readonly servername?: string;
  /** Own address to connect from; absent: the system chooses. */
  readonly localAddress?: string;
  readonly credentials: Credentials;
  readonly clientId: string;
  /** 5, or 4 for MQTT 3.1.1. */
  readonly version: 4 | 5;
  /** Seconds. */
  readonly keepAlive: number;
  /** Milliseconds from the first packet of TCP to CONNACK, and for a SUBACK. */
  readonly timeout: number;
  /** A message below `v1/me/`, without that prefix. */
  readonly onMessage: (topic: string, payload: Buffer) => void;
}

/** One connection, from CONNACK to its end. Never reconnects by itself. */
export interface Link {
  /** QoS 1 publishes that may be under way at once. */
  readonly window: number;
  /**
   * Publishes with QoS 1; resolves on PUBACK. A refusal (MQTT 5) is the platform's problem; the end of the connection
   * before PUBACK is `request/unavailable`: the message may or may not have arrived.
   *
   * @param topic below `v1/me/`
   */
  publish(topic: string, payload: string): Promise<void>;
  /** Resolves when the connection is gone, with the reason if the platform gave one. */
  readonly ended: Promise<Problem | undefined>;
  /** Leaves with DISCONNECT, after what is under way was acknowledged or 2 s have passed. */
  close(): Promise<void>;
}

/** Below what every listener of ours grants; MQTT 3.1.1 cannot ask. */
const defaultWindow = 16;
const maxWindow = 64;
const closeTimeout = 2_000;

/** What the platform said last: CONNACK, DISCONNECT. */
interface Heard {
  refusal?: Problem;
  error?: Error;
  window: number;
}

function listen(client: MqttClient, version: 4 | 5): Heard {
  const heard: Heard = { window: defaultWindow };
  client.on('packetreceive', (packet) => {
    if (packet.cmd === 'connack') {
      const reason = (version === 5 ? packet.reasonCode : packet.returnCode) ?? 0;
      if (reason !== 0) heard.refusal = problemOfReason(reason, packet.properties?.reasonString, version);
      heard.window = Math.min(packet.properties?.receiveMaximum ?? defaultWindow, maxWindow);
    }
    if (packet.cmd === 'disconnect')
      heard.refusal = problemOfReason(packet.reasonCode ?? 0, packet.properties?.reasonString, 5);
  });
  client.on('error', (error) => {
    heard.error = error;
  });
  return heard;
}

const brokenOff = (heard: Heard, fallback: string): Problem =>
  heard.refusal ??
  new Problem('request/unavailable', heard.error?.message || fallback, heard.error && { cause: heard.error });

function optionsOf({
  host,
  port,
  servername,
  localAddress,
  credentials,
  clientId,
  version,
  keepAlive,
  timeout,
}: LinkOptions) {
  // MQTT.js hands its options on to tls.connect; its own type does not name this one.
  const options: IClientOptions & { readonly localAddress?: string } = {
    protocol: 'mqtts',
    host,
    port,
    ...(servername === undefined ? {} : { servername }),
    ...(localAddress === undefined ? {} : { localAddress }),
    ca: credentials.rootPem,
    cert: credentials.certificatePem,
    key: credentials.keyPem,
    rejectUnauthorized: true,
    clientId,
    protocolVersion: version,
    clean: true,
    keepalive: keepAlive,
    connectTimeout: timeout,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    ...(version === 5 ? { properties: { receiveMaximum: defaultWindow, requestProblemInformation: true } } : {}),
  };
  return options;
}

/** Resolves at CONNACK 0; rejects with the platform's refusal, or `request/unavailable`. */
function connected(client: MqttClient, heard: Heard, timeout: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail('no CONNACK in time'), timeout);
    const fail = (why: string): void => {
      clearTimeout(timer);
      client.end(true);
      reject(brokenOff(heard, why));
    };
    client.once('close', () => fail('the connection was closed before CONNACK'));
    client.once('connect', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function publishOn(client: MqttClient, heard: Heard, topic: string, payload: string): Promise<void> {
  return new Promise((resolve, reject) => {
    client.publish(topicPrefix + topic, payload, { qos: 1 }, (error, packet) => {
      if (!error) {
        resolve();
        return;
      }
      const reason = 'code' in error && typeof error.code === 'number' ? error.code : undefined;
      const text = packet !== undefined && 'properties' in packet ? packet.properties : undefined;
      reject(
        reason === undefined
          ? brokenOff({ ...heard, error }, 'the connection ended')
          : problemOfReason(reason, (text as { reasonString?: string } | undefined)?.reasonString, 5),
      );
    });
  });
}

/** Connects with mutual TLS, subscribes to the device's own downlink, and returns the connection. */
export async function openLink(options: LinkOptions): Promise<Link> {
  const client = connect(optionsOf(options));
  const heard = listen(client, options.version);
  client.on('message', (topic, payload) => {
    if (topic.startsWith(topicPrefix)) options.onMessage(topic.slice(topicPrefix.length), payload);
  });
  await connected(client, heard, options.timeout);
  const ended = new Promise<Problem | undefined>((resolve) => {
    client.once('close', () => {
      // Whatever waits for an acknowledgement is told now, not when somebody closes the client.
      client.end(true);
      resolve(heard.refusal ?? (heard.error && brokenOff(heard, '')));
    });
  });
  await subscribe(client, heard, options.timeout);
  return {
    window: Math.max(1, heard.window),
    publish: (topic, payload) => publishOn(client, heard, topic, payload),
    ended,
    close: async () => {
      const timer = setTimeout(() => client.end(true), closeTimeout);
      await new Promise<void>((resolve) => {
        client.end(false, {}, () => resolve());
        client.once('close', () => resolve());
      });
      clearTimeout(timer);
    },
  };
}

function subscribe(client: MqttClient, heard: Heard, timeout: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (problem: Problem): void => {
      clearTimeout(timer);
      client.end(true);
      reject(problem);
    };
    const timer = setTimeout(() => fail(new Problem('request/timeout', 'no SUBACK in time')), timeout);
    client.subscribe(`${topicPrefix}dn/#`, { qos: 1 }, (error) => {
      clearTimeout(timer);
      if (error) fail(heard.refusal ?? new Problem('request/unavailable', error.message, { cause: error }));
      else resolve();
    });
  });
}
