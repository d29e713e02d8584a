import type { ProblemCode } from '@pactgate/protocol';
import type { Admission, ConnectRequest, DeviceSession } from '../../../flow/gateway-port.ts';
import { encode } from '../codec/encode.ts';
import { type ConnectPacket, noProperties, type Properties } from '../codec/packet.ts';
import { reason } from '../codec/reason.ts';
import { block } from './block.ts';
import type { Connection } from './connection.ts';
import { resend } from './outbound.ts';
import type { Profile } from './profile.ts';
import { neverExpires, sessionKey } from './session.ts';

/** CONNECT (section 3.1): what the packet alone decides, then the admission by the flow. */
export function onConnect(c: Connection, packet: ConnectPacket): void {
  const { core } = c;
  if (core.busy || core.draining) c.reject('gate/busy', core.draining ? 'shutting down' : 'too much to do');
  else if (packet.properties.authenticationMethod !== undefined)
    c.violate('mqtt/protocol-error', 'authentication method not supported', reason.authMethod);
  else if (!isClientIdPossible(packet, core.profile)) c.reject('access/client-id', 'client id empty or too long');
  else if (!isWillPossible(c, packet)) return;
  else askAdmission(c, packet);
}

/** [MQTT-3.1.3-8] of 3.1.1: an empty id only with Clean Session. */
function isClientIdPossible({ clientId, cleanStart, version }: ConnectPacket, profile: Profile): boolean {
  if (clientId === '') return version === 5 || cleanStart;
  return Buffer.byteLength(clientId) <= profile.clientIdLength;
}

/** [MQTT-3.2.2-12] [MQTT-3.2.2-13]; answers when it is not. */
function isWillPossible(c: Connection, { will }: ConnectPacket): boolean {
  const { profile } = c.core;
  if (will === undefined) return true;
  const code =
    will.qos > profile.maximumQos ? 'mqtt/qos' : will.retain && !profile.retained ? 'mqtt/retain' : undefined;
  if (code !== undefined) c.reject(code, 'not supported for a will');
  return code === undefined;
}

function askAdmission(c: Connection, packet: ConnectPacket): void {
  const { core, peer } = c;
  const { will, username } = packet;
  const now = core.now();
  const request: ConnectRequest = {
    peer,
    protocol: packet.version === 5 ? 'mqtt5' : 'mqtt3.1.1',
    clientId: packet.clientId,
    ...(username !== undefined && { username }),
    ...(will && { willTopic: will.topic }),
    keepAlive: packet.keepAlive,
    cleanStart: packet.cleanStart,
    at: now,
  };
  c.state = 'admission';
  c.lastSeen = now;
  c.silence = core.profile.admissionTimeout;
  core.wheel.schedule(c, now + c.silence);
  c.stop(block.admission);
  core.ports.admission
    .connect(request)
    .then((admission) => admitted(c, packet, admission))
    .catch((error: unknown) => c.crashed(error));
}

const noStats = { durationMs: 0, received: 0, refused: 0, sent: 0 };

function admitted(c: Connection, packet: ConnectPacket, admission: Admission): void {
  if (!admission.ok) {
    if (c.state === 'admission') c.reject(admission.code);
    return;
  }
  const { session: device } = admission;
  if (c.state !== 'admission') {
    device.closed('network', noStats);
    return;
  }
  const refusal = refusalOf(c, packet, device);
  if (refusal !== undefined) {
    device.closed(refusal, noStats);
    c.reject(refusal, refusalWords[refusal] ?? 'ordered or revoked while it connected');
    return;
  }
  open(c, packet, device);
}

const refusalWords: Partial<Record<ProblemCode, string>> = {
  'access/will': 'the will is not permitted',
  'gate/connections': 'too many client ids of one device',
};

function refusalOf(c: Connection, { will }: ConnectPacket, device: DeviceSession): ProblemCode | undefined {
  const { profile, index } = c.core;
  const late = device.recheck();
  if (late !== undefined) return late;
  if (will !== undefined) {
    const route = device.permitPublish(will.topic);
    if (typeof route === 'string' || (profile.name === 'device' && route.kind !== 'state')) return 'access/will';
  }
  let others = 0;
  for (const { device: other } of index.device(device.party, device.device))
    if (other?.clientId !== device.clientId) others++;
  return others >= profile.connectionsPerDevice ? 'gate/connections' : undefined;
}

function open(c: Connection, packet: ConnectPacket, device: DeviceSession): void {
  const { core } = c;
  const { profile, sessionTable } = core;
  const key = sessionKey(device);
  const rival = sessionTable.get(key)?.connection;
  if (rival) {
    core.counters.takeovers++;
    rival.close('takeover', rival.disconnectBytes(reason.takenOver)); // [MQTT-3.1.4-3], before the new CONNACK
  }
  const { session, present } = sessionTable.open(key, packet.cleanStart);
  session.expirySeconds = expiryOf(packet, profile);
  session.connection = c;
  c.session = session;
  c.device = device;
  c.will = packet.will;
  adopt(c, packet, profile);
  c.state = 'open';
  c.lastSeen = core.now();
  core.index.add(c);
  core.counters.connects++;
  core.sources.proved(c.peer.address, c.lastSeen);
  core.wheel.schedule(c, c.nextDeadline(c.lastSeen));
  c.send(connack(packet, c, present));
  if (present) resend(c, session);
  c.proceed(block.admission);
  if (session.subscriptions.size > 0) core.ports.downlink.pending(device);
}

/** Seconds; MQTT 3.1.1 has only "with the connection" and "kept". */
function expiryOf({ version, cleanStart, properties }: ConnectPacket, profile: Profile): number {
  if (version < 5) return cleanStart ? 0 : profile.sessionExpiryCap;
  return Math.min(properties.sessionExpiryInterval ?? 0, profile.sessionExpiryCap || neverExpires);
}

/** Takes over what the client says about itself. */
function adopt(c: Connection, { properties, keepAlive }: ConnectPacket, profile: Profile): void {
  c.clientMaximum = properties.maximumPacketSize ?? 268_435_460;
  c.window = Math.min(properties.receiveMaximum ?? 65_535, profile.outboundWindow);
  c.aliasMaximum = properties.topicAliasMaximum ?? 0;
  c.explain = properties.requestProblemInformation !== 0;
  c.silence = capped(keepAlive, profile.keepAliveCap) * 1_500;
}

/** Keep alive in force, seconds: 0 and anything above the cap become the cap [MQTT-3.2.2-21]. */
function capped(keepAlive: number, cap: number): number {
  if (cap === 0) return keepAlive;
  return keepAlive === 0 ? cap : Math.min(keepAlive, cap);
}

function connack(packet: ConnectPacket, c: Connection, sessionPresent: boolean): Buffer {
  const properties = packet.version === 5 ? limitsOf(packet, c) : noProperties;
  return encode({ type: 'connack', sessionPresent, reasonCode: 0, properties }, packet.version);
}

/** Every limit of ours that differs from what the client takes for granted (section 3.2.2.3). */
function limitsOf(packet: ConnectPacket, { core, device, session }: Connection): Properties {
  const { profile } = core;
  const keepAlive = capped(packet.keepAlive, profile.keepAliveCap);
  const expiry = session?.expirySeconds ?? 0;
  const assigned = device?.assignedClientId;
  return {
    topicAliasMaximum: profile.topicAliasMaximum,
    receiveMaximum: profile.receiveMaximum,
    ...(expiry !== (packet.properties.sessionExpiryInterval ?? 0) && { sessionExpiryInterval: expiry }),
    ...(assigned !== undefined && { assignedClientIdentifier: assigned }),
    ...(keepAlive !== packet.keepAlive && { serverKeepAlive: keepAlive }),
    maximumQos: profile.maximumQos,
    retainAvailable: profile.retained ? 1 : 0,
    ...(profile.maximumPacketSize < 268_435_460 && { maximumPacketSize: profile.maximumPacketSize }),
    wildcardSubscriptionAvailable: profile.wildcards ? 1 : 0,
    sharedSubscriptionAvailable: profile.shared ? 1 : 0,
  };
}
