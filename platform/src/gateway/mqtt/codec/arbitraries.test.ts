import * as fc from 'fast-check';
import type { Packet, PacketWithProperties, Properties, Role, SubscriptionRequest, Version, Will } from './packet.ts';
import { ackReasons, authReasons, connackReasons, disconnectReasons, subackReasons } from './reason.ts';
import { isMqttText } from './utf8.ts';

/** Generators of valid packets for the laws of the codec. */

const accepted = (text: string): boolean => {
  const bytes = Buffer.from(text);
  return bytes.length < 300 && isMqttText(bytes, 0, bytes.length) && text.isWellFormed();
};
const text = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9 ._-]{0,12}$/),
  fc.string({ unit: 'grapheme', maxLength: 12 }).filter(accepted),
);
const bytes = fc.uint8Array({ maxLength: 40 });
const u16 = fc.integer({ min: 0, max: 65_535 });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const id = fc.integer({ min: 1, max: 65_535 });
const qos = fc.constantFrom(0, 1, 2);
const level = fc.stringMatching(/^[a-zA-Z0-9$_-]{1,6}$/);
const topic = fc.array(level, { minLength: 1, maxLength: 5 }).map((levels) => levels.join('/'));
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, hash]) => [...levels, ...(hash ? ['#'] : [])].join('/'))
  .filter((f) => !f.startsWith('$share'));
const flag0 = fc.constant(0);
const flag1 = fc.constant(1);
const codes = (set: ReadonlySet<number>): fc.Arbitrary<number> => fc.constantFrom(...set);

/** Each property with values the protocol does not take for absence, and where it may stand. */
const property: Readonly<Record<keyof Properties, readonly [string, fc.Arbitrary<unknown>]>> = {
  topicAliasMaximum: ['connect connack', id],
  receiveMaximum: ['connect connack', fc.integer({ min: 1, max: 65_534 })],
  payloadFormatIndicator: ['publish will', flag1],
  messageExpiryInterval: ['publish will', u32],
  contentType: ['publish will', text],
  responseTopic: ['publish will', topic],
  correlationData: ['publish will', bytes],
  subscriptionIdentifiers: ['subscribe', fc.integer({ min: 1, max: 268_435_455 }).map((n) => [n])],
  sessionExpiryInterval: ['connect connack', u32],
  assignedClientIdentifier: ['connack', text],
  serverKeepAlive: ['connack', u16],
  authenticationMethod: ['connect connack', text],
  authenticationData: ['', bytes],
  requestProblemInformation: ['connect', flag0],
  willDelayInterval: ['will', fc.integer({ min: 1, max: 0xffff_ffff })],
  requestResponseInformation: ['connect', flag1],
  responseInformation: ['connack', text],
  serverReference: ['connack', text],
  reasonString: ['connack puback pubrec pubrel pubcomp suback unsuback disconnect auth', text],
  topicAlias: ['publish', fc.integer({ min: 1, max: 10 })],
  maximumQos: ['connack', fc.constantFrom(0, 1)],
  retainAvailable: ['connack', flag0],
  userProperties: [
    'connect will connack publish puback pubrec pubrel pubcomp subscribe suback unsubscribe unsuback disconnect auth',
    fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 3 }),
  ],
  maximumPacketSize: ['connect connack', fc.integer({ min: 1, max: 0xffff_ffff })],
  wildcardSubscriptionAvailable: ['connack', flag0],
  subscriptionIdentifiersAvailable: ['connack', flag0],
  sharedSubscriptionAvailable: ['connack', flag0],
};

function properties(type: PacketWithProperties, version: Version): fc.Arbitrary<Properties> {
  if (version < 5) return fc.constant({});
  const legal = Object.entries(property).filter(([, [where]]) => where.split(' ').includes(type));
  const shape = Object.fromEntries(legal.map(([name, [, values]]) => [name, values]));
  return fc.record(shape, { requiredKeys: [] }) as fc.Arbitrary<Properties>; // each value fits its name in the table above
}

const will = (version: Version): fc.Arbitrary<Will> =>
  fc.record({
    topic,
    payload: bytes,
    qos,
    retain: fc.boolean(),
    properties: properties('will', version),
  });

const connect = (version: Version): fc.Arbitrary<Packet> =>
  fc
    .tuple(
      fc.record({
        cleanStart: fc.boolean(),
        keepAlive: u16,
        clientId: text,
        properties: properties('connect', version),
      }),
      fc.record({ will: will(version), username: text, password: bytes }, { requiredKeys: [] }),
    )
    .map(([fixed, { password, ...optional }]): Packet => {
      const allowed = password !== undefined && (version === 5 || optional.username !== undefined);
      return { type: 'connect', version, ...fixed, ...optional, ...(allowed && { password }) };
    });

const publish = (version: Version): fc.Arbitrary<Packet> =>
  fc
    .record({
      dup: fc.boolean(),
      qos,
      retain: fc.boolean(),
      topic,
      packetId: id,
      payload: bytes,
      p: properties('publish', version),
    })
    .map(
      ({ p, ...fields }): Packet => ({
        type: 'publish',
        ...fields,
        dup: fields.qos > 0 && fields.dup,
        packetId: fields.qos > 0 ? fields.packetId : 0,
        properties: p,
      }),
    );

const ack = (type: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp', version: Version): fc.Arbitrary<Packet> =>
  fc.record({
    type: fc.constant(type),
    packetId: id,
    reasonCode: version === 5 ? codes(ackReasons[type]) : flag0,
    properties: properties(type, version),
  });

const options = (version: Version): fc.Arbitrary<Omit<SubscriptionRequest, 'filter' | 'qos'>> =>
  version === 5
    ? fc.record({ noLocal: fc.boolean(), retainAsPublished: fc.boolean(), retainHandling: fc.constantFrom(0, 1, 2) })
    : fc.constant<Omit<SubscriptionRequest, 'filter' | 'qos'>>({
        noLocal: false,
        retainAsPublished: false,
        retainHandling: 0,
      });

const subscribe = (version: Version): fc.Arbitrary<Packet> =>
  fc
    .record({
      packetId: id,
      subscriptions: fc.array(
        fc.tuple(fc.record({ filter, qos }), options(version)).map(([a, b]) => ({ ...a, ...b })),
        { minLength: 1, maxLength: 4 },
      ),
      properties: properties('subscribe', version),
    })
    .map((p): Packet => ({ type: 'subscribe', ...p }));

const unsubscribe = (version: Version): fc.Arbitrary<Packet> =>
  fc.record({
    type: fc.constant('unsubscribe'),
    packetId: id,
    filters: fc.array(filter, { minLength: 1, maxLength: 4 }),
    properties: properties('unsubscribe', version),
  });

const suback = (type: 'suback' | 'unsuback', version: Version): fc.Arbitrary<Packet> => {
  const legal = version === 5 ? subackReasons[type] : new Set([0, 1, 2, 0x80]);
  const bare = version < 5 && type === 'unsuback';
  return fc.record({
    type: fc.constant(type),
    packetId: id,
    reasonCodes: fc.array(codes(legal), { minLength: bare ? 0 : 1, maxLength: bare ? 0 : 4 }),
    properties: properties(type, version),
  });
};

const connack = (version: Version): fc.Arbitrary<Packet> =>
  fc.record({
    type: fc.constant('connack'),
    sessionPresent: fc.boolean(),
    reasonCode: version === 5 ? codes(connackReasons) : fc.integer({ min: 0, max: 5 }),
    properties: properties('connack', version),
  });

const disconnect = (version: Version, role: Role): fc.Arbitrary<Packet> =>
  fc.record({
    type: fc.constant('disconnect'),
    reasonCode: version === 5 ? codes(disconnectReasons[role]) : flag0,
    properties: properties('disconnect', version),
  });

const auth = fc.record({
  type: fc.constant('auth'),
  reasonCode: codes(authReasons),
  properties: properties('auth', 5),
});

/** What a client sends after CONNECT. */
export const fromClient = (version: Version): fc.Arbitrary<Packet> =>
  fc.oneof(
    publish(version),
    ...(['puback', 'pubrec', 'pubrel', 'pubcomp'] as const).map((type) => ack(type, version)),
    subscribe(version),
    unsubscribe(version),
    fc.constant<Packet>({ type: 'pingreq' }),
    disconnect(version, 'server'),
    ...(version === 5 ? [auth as fc.Arbitrary<Packet>] : []),
  );

/** What a server sends. */
export const fromServer = (version: Version): fc.Arbitrary<Packet> =>
  fc.oneof(
    connack(version),
    publish(version),
    ...(['puback', 'pubrec', 'pubrel', 'pubcomp'] as const).map((type) => ack(type, version)),
    suback('suback', version),
    suback('unsuback', version),
    fc.constant<Packet>({ type: 'pingresp' }),
    ...(version === 5 ? [disconnect(version, 'client')] : []),
  );

export const connectPacket = connect;
/** A way to cut a buffer: piece lengths, repeated to its end. */
export const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 });
export function cut(whole: Buffer, lengths: readonly number[]): Buffer[] {
  const out: Buffer[] = [];
  for (let at = 0, i = 0; at < whole.length; i++) {
    const length = lengths[i % lengths.length] ?? 1;
    out.push(Buffer.from(whole.subarray(at, at + length)));
    at += length;
  }
  return out;
}
