import {
  noProperties,
  type SubscribePacket,
  type SubscriptionRequest,
  type UnsubscribePacket,
} from '../codec/packet.ts';
import { reason } from '../codec/reason.ts';
import { isShared } from '../codec/topics.ts';
import { subackReason } from '../reasons.ts';
import type { Connection } from './connection.ts';
import type { Session } from './session.ts';

/** What MQTT 3.1.1 has for every refusal. */
const failure = 0x80;

/** SUBSCRIBE (section 3.8): one answer per filter, in order [MQTT-3.8.4-6]. */
export function onSubscribe(c: Connection, packet: SubscribePacket): void {
  const { session, device } = c;
  if (session === undefined || device === undefined) return;
  const identifier = packet.properties.subscriptionIdentifiers?.[0] ?? 0;
  const reasonCodes = packet.subscriptions.map((request, i) => {
    const code = i < c.core.profile.filtersPerSubscribe ? decide(c, session, request) : reason.quota;
    if (code > 2) return c.isVersion5 ? code : failure;
    session.subscriptions.set({ filter: request.filter, qos: request.qos, identifier, epoch: device.epoch });
    return code;
  });
  c.sendPacket({ type: 'suback', packetId: packet.packetId, reasonCodes, properties: noProperties });
  if (reasonCodes.some((code) => code <= 2)) c.core.ports.downlink.pending(device);
}

/** Limits of the profile on one filter; 0: within them. */
function limitReason(c: Connection, session: Session, filter: string): number {
  const { profile } = c.core;
  const isTooLong = Buffer.byteLength(filter) > profile.topicLength || filter.split('/').length > profile.topicLevels;
  if (isTooLong) return reason.topicFilter;
  if (!profile.shared && c.isVersion5 && isShared(filter)) return reason.shared;
  if (!profile.wildcards && /[#+]/.test(filter)) return reason.wildcard;
  const isNew = !session.subscriptions.has(filter);
  return isNew && session.subscriptions.size >= profile.subscriptions ? reason.quota : 0;
}

/** Granted QoS or the reason against it. */
function decide(c: Connection, session: Session, { filter, qos }: SubscriptionRequest): number {
  const limit = limitReason(c, session, filter);
  if (limit !== 0) return limit;
  const permitted = c.device?.permitSubscribe(filter) ?? 'internal';
  if (permitted === true) return qos;
  const code = subackReason(permitted);
  return code === reason.notAuthorized ? c.core.profile.denySubscribeReason : code;
}

/** UNSUBSCRIBE (section 3.10); codes only in MQTT 5. */
export function onUnsubscribe(c: Connection, { packetId, filters }: UnsubscribePacket): void {
  const reasonCodes = filters.map((filter) =>
    c.session?.subscriptions.delete(filter) ? reason.success : reason.noSubscriptionExisted,
  );
  c.sendPacket({ type: 'unsuback', packetId, reasonCodes, properties: noProperties });
}
