import { topicPrefix } from '@pactgate/protocol';
import type { DeliverOutcome, DeliveryResult, DownlinkMessage } from '../../../flow/gateway-port.ts';
import { type AckPacket, noProperties, type Properties, type PublishPacket } from '../codec/packet.ts';
import { reason } from '../codec/reason.ts';
import type { Connection } from './connection.ts';
import type { Core } from './core.ts';
import { Delivery, type Outgoing, type Session } from './session.ts';
import type { Subscription } from './subscriptions.ts';

/** Octets unread by the client above which nothing more is sent to it. */
const backlogMark = 64 * 1024;

/** The subscriptions of a connection that take this topic and are still permitted. */
function permitted(c: Connection, topic: string): Subscription[] {
  const { session, device } = c;
  if (session === undefined || device === undefined || !device.permitReceive(topic)) return [];
  return session.subscriptions.matching(topic).filter((subscription) => {
    if (subscription.epoch === device.epoch) return true;
    if (device.permitSubscribe(subscription.filter) !== true) {
      session.subscriptions.delete(subscription.filter); // a right that went takes its subscription along
      return false;
    }
    subscription.epoch = device.epoch;
    return true;
  });
}

const hasRoom = (c: Connection): boolean =>
  (c.session?.outgoing?.size ?? 0) < c.window && c.wire.writableLength <= backlogMark;

/** {@link GatewayControl.deliver}. */
export function deliver(
  core: Core,
  target: { readonly party: string; readonly device: string },
  message: DownlinkMessage,
  onAck: (result: DeliveryResult) => void,
): DeliverOutcome {
  if (message.expiresAt !== undefined && message.expiresAt <= core.now()) return 'expired';
  const connections = core.index.device(target.party, target.device);
  if (connections.size === 0) return 'offline';
  const topic = topicPrefix + message.topic;
  const takers = [...connections]
    .map((c) => ({ c, subscriptions: permitted(c, topic) }))
    .filter(({ subscriptions }) => subscriptions.length > 0);
  if (takers.length === 0) return 'unsubscribed';
  const free = takers.filter(({ c }) => hasRoom(c));
  if (free.length === 0) return 'busy';
  const delivery = new Delivery(free.length, onAck);
  for (const { c, subscriptions } of free) sendTo(c, subscriptions, { message, topic, delivery });
  return 'sent';
}

type Sending = Omit<Outgoing, 'identifiers'>;

/** One copy with the highest QoS and all identifiers of the overlapping subscriptions [MQTT-3.3.4-2] [MQTT-3.3.4-3]. */
function sendTo(c: Connection, subscriptions: readonly Subscription[], sending: Sending): void {
  const { session } = c;
  if (session === undefined) return;
  const granted = subscriptions.reduce((highest, { qos }) => Math.max(highest, qos), 0);
  const identifiers = subscriptions.map(({ identifier }) => identifier).filter((id) => id > 0);
  const outgoing: Outgoing = { ...sending, identifiers };
  if (Math.min(sending.message.qos, granted) === 0) {
    const isSent = c.sendPacket(publishOf(c, outgoing, 0, false));
    if (isSent) counted(c);
    sending.delivery.settle(isSent ? 'acknowledged' : 'refused');
    return;
  }
  const id = session.nextId();
  (session.outgoing ??= new Map()).set(id, outgoing);
  if (c.sendPacket(publishOf(c, outgoing, id, false))) counted(c);
  else {
    session.outgoing.delete(id); // over the client's Maximum Packet Size: it can never be sent
    sending.delivery.settle('refused');
  }
}

function counted(c: Connection): void {
  c.sent++;
  c.core.counters.delivered++;
}

/** `id` 0: QoS 0. */
function publishOf(c: Connection, outgoing: Outgoing, id: number, dup: boolean): PublishPacket {
  const { message } = outgoing;
  const properties = c.isVersion5 ? propertiesOf(c, outgoing) : noProperties;
  const isAliased = properties.topicAlias !== undefined && !isNewAlias(c, outgoing.topic);
  const topic = isAliased ? '' : outgoing.topic;
  if (properties.topicAlias !== undefined) c.aliasesOut?.set(outgoing.topic, properties.topicAlias);
  return {
    type: 'publish',
    dup,
    qos: id === 0 ? 0 : 1,
    retain: false,
    topic,
    packetId: id,
    payload: message.payload,
    properties,
  };
}

const isNewAlias = (c: Connection, topic: string): boolean => !(c.aliasesOut?.has(topic) ?? false);

/** The alias of a topic, a new one while the client's maximum lasts [MQTT-3.2.2-17]. */
function aliasOf(c: Connection, topic: string): number | undefined {
  if (c.aliasMaximum === 0) return undefined;
  const known = (c.aliasesOut ??= new Map()).get(topic);
  if (known !== undefined) return known;
  return c.aliasesOut.size < Math.min(c.aliasMaximum, 64) ? c.aliasesOut.size + 1 : undefined;
}

function propertiesOf(c: Connection, { message, topic, identifiers }: Outgoing): Properties {
  const { expiresAt, responseTopic, correlation } = message;
  const topicAlias = aliasOf(c, topic);
  return {
    ...(expiresAt !== undefined && {
      messageExpiryInterval: Math.max(1, Math.ceil((expiresAt - c.core.now()) / 1_000)),
    }),
    ...(responseTopic !== undefined && { responseTopic }),
    ...(correlation && { correlationData: correlation }),
    ...(identifiers.length > 0 && { subscriptionIdentifiers: identifiers }),
    ...(topicAlias !== undefined && { topicAlias }),
  };
}

/** After a resumption: unacknowledged messages again, in order, same ids, DUP set [MQTT-4.4.0-1]; expired ones not. */
export function resend(c: Connection, session: Session): void {
  const now = c.core.now();
  for (const [id, outgoing] of session.outgoing ?? []) {
    const { expiresAt } = outgoing.message;
    const isExpired = expiresAt !== undefined && expiresAt <= now;
    if (!isExpired && permitted(c, outgoing.topic).length > 0 && c.sendPacket(publishOf(c, outgoing, id, true)))
      continue;
    session.outgoing?.delete(id);
    outgoing.delivery.settle('lost');
  }
}

/** PUBACK of the client: delivered, or refused by it; there is room again. An unknown id is ignored. */
export function onPuback(c: Connection, { packetId, reasonCode }: AckPacket): void {
  const { session, device } = c;
  const outgoing = session?.outgoing?.get(packetId);
  if (session === undefined || outgoing === undefined) return;
  session.outgoing?.delete(packetId);
  outgoing.delivery.settle(reasonCode < 0x80 ? 'acknowledged' : 'refused');
  if (device) c.core.ports.downlink.pending(device);
}

/** We send no QoS 2: the id of any PUBREC is unknown. */
export function onPubrec(c: Connection, { packetId }: AckPacket): void {
  c.sendPacket({ type: 'pubrel', packetId, reasonCode: reason.packetIdNotFound, properties: noProperties });
}
