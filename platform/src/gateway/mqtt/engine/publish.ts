import type { ProblemCode } from '@pactgate/protocol';
import type { UplinkRoute } from '../../../flow/gateway-port.ts';
import { type AckPacket, noProperties } from '../codec/packet.ts';
import type { InboundPublish } from '../codec/publish.ts';
import { reason } from '../codec/reason.ts';
import { block } from './block.ts';
import type { Connection } from './connection.ts';

/** PUBLISH (section 3.3): window, rate, route, then the flow. The hot path: no object is made here. */
export function onPublish(c: Connection, packet: InboundPublish): void {
  c.received++;
  c.core.counters.publishes++;
  const topic = packet.properties === noProperties ? packet.topic : aliasedTopic(c, packet);
  if (topic === undefined || !isWithinLimits(c, packet)) return;
  if (packet.qos === 2 && c.session?.qos2?.has(packet.packetId)) {
    answer(c, packet, undefined); // stored before: never delivered twice [MQTT-4.3.3-10]
    return;
  }
  if (!c.rate.publish() && isDropped(c, packet)) return;
  const route = routeOf(c, topic);
  if (typeof route === 'string') deny(c, packet, route);
  else submit(c, packet, route);
}

function routeOf(c: Connection, topic: string): UplinkRoute | ProblemCode {
  const { device } = c;
  if (device === undefined) return 'internal';
  if (topic === c.lastTopic && device.epoch === c.lastEpoch && c.lastRoute !== undefined) return c.lastRoute;
  const route = device.permitPublish(topic);
  if (typeof route === 'string') return route;
  c.lastTopic = topic;
  c.lastRoute = route;
  c.lastEpoch = device.epoch;
  return route;
}

function submit(c: Connection, packet: InboundPublish, route: UplinkRoute): void {
  const { core, device } = c;
  if (device === undefined) return;
  const { message } = core;
  message.session = device;
  message.route = route;
  message.topic = c.lastTopic;
  message.qos = packet.qos;
  message.packetId = packet.packetId;
  message.receivedAt = c.lastSeen;
  message.bytes = packet.bytes;
  message.start = packet.start;
  message.end = packet.end;
  if (packet.qos !== 0) {
    c.acks.push(packet.packetId, packet.qos === 2);
    if (!c.isVersion5 && c.acks.size >= core.profile.windowBefore5) c.stop(block.window);
  }
  const code = core.ports.uplink.submit(message, c);
  if (code === undefined) return;
  core.counters.publishesRefused++;
  if (packet.qos !== 0) c.acknowledge(packet.packetId, code);
  else c.refused++;
}

/** Acknowledges without the flow. */
function answer(c: Connection, packet: InboundPublish, code: ProblemCode | undefined): void {
  if (packet.qos === 0) {
    if (code !== undefined) c.refused++;
    return;
  }
  c.acks.push(packet.packetId, packet.qos === 2);
  c.acknowledge(packet.packetId, code);
}

/**
 * A publish the policy denies; the flow has recorded it. MQTT 5 says so in the acknowledgement; before, the connection
 * closes unless that would cut the lifeline of an isolated device.
 */
function deny(c: Connection, packet: InboundPublish, code: ProblemCode): void {
  c.core.counters.publishesRefused++;
  if (c.isVersion5 || c.device?.denialCloses === false) answer(c, packet, code);
  else {
    c.refused++;
    c.close(code);
  }
}

/** What CONNACK promised: Receive Maximum, Maximum QoS, retained messages. False: answered. */
function isWithinLimits(c: Connection, packet: InboundPublish): boolean {
  const { profile } = c.core;
  if (packet.qos > profile.maximumQos) {
    c.refuse('mqtt/qos', 'QoS above the maximum', reason.qos);
    return false;
  }
  if (packet.retain && !profile.retained) {
    if (c.isVersion5) c.refuse('mqtt/retain', 'retained messages are not supported', reason.retain);
    else {
      c.report('mqtt/retain', 'retained messages are not supported', undefined);
      deny(c, packet, 'mqtt/retain');
    }
    return false;
  }
  if (packet.qos === 0) return true;
  const open = c.acks.size + (c.session?.qos2?.size ?? 0);
  const limit = c.isVersion5 ? profile.receiveMaximum : profile.windowBefore5 * 2;
  if (open < limit) return true;
  c.refuse('mqtt/receive-maximum', 'more publishes in flight than allowed', reason.receiveMaximum);
  return false;
}

/** [MQTT-3.3.2-7] and following; undefined: answered. */
function aliasedTopic(c: Connection, packet: InboundPublish): string | undefined {
  const alias = packet.properties.topicAlias;
  if (alias === undefined) return packet.topic;
  if (packet.topic !== '') {
    (c.aliasesIn ??= [])[alias] = packet.topic; // the decoder holds aliases to our maximum
    return packet.topic;
  }
  const topic = c.aliasesIn?.[alias];
  if (topic === undefined) c.refuse('mqtt/protocol-error', 'topic alias that was never set', reason.protocolError);
  return topic;
}

/**
 * Over its rate: reading stops until the bucket fills. This one is dropped with QoS 0, else still taken: nothing that
 * will be acknowledged is lost.
 */
function isDropped(c: Connection, packet: InboundPublish): boolean {
  c.core.throttle(c, packet.qos === 0);
  if (packet.qos !== 0) return false;
  c.refused++;
  c.core.counters.droppedQos0++;
  return true;
}

/** PUBREL (section 3.6): the id is free again. An unknown id is told so in MQTT 5, and only there. */
export function onPubrel(c: Connection, { packetId }: AckPacket): void {
  const known = c.session?.qos2?.delete(packetId) ?? false;
  const reasonCode = known || !c.isVersion5 ? 0 : reason.packetIdNotFound;
  c.sendPacket({ type: 'pubcomp', packetId, reasonCode, properties: noProperties });
}
