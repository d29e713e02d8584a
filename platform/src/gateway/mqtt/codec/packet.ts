/** Protocol level byte: 3 = MQTT 3.1 (`MQIsdp`), 4 = 3.1.1, 5 = 5.0. */
export type Version = 3 | 4 | 5;
export type Qos = 0 | 1 | 2;

/** Properties of MQTT 5 (section 2.2.2.2), of all packets; absent means not sent. Empty in earlier versions. */
export interface Properties {
  readonly payloadFormatIndicator?: number;
  readonly messageExpiryInterval?: number;
  readonly contentType?: string;
  readonly responseTopic?: string;
  readonly correlationData?: Uint8Array;
  /** One in SUBSCRIBE; one or more in a PUBLISH to a client. */
  readonly subscriptionIdentifiers?: readonly number[];
  readonly sessionExpiryInterval?: number;
  readonly assignedClientIdentifier?: string;
  readonly serverKeepAlive?: number;
  readonly authenticationMethod?: string;
  readonly authenticationData?: Uint8Array;
  readonly requestProblemInformation?: number;
  readonly willDelayInterval?: number;
  readonly requestResponseInformation?: number;
  readonly responseInformation?: string;
  readonly serverReference?: string;
  readonly reasonString?: string;
  readonly receiveMaximum?: number;
  readonly topicAliasMaximum?: number;
  readonly topicAlias?: number;
  readonly maximumQos?: number;
  readonly retainAvailable?: number;
  /** In the order sent; names may repeat. */
  readonly userProperties?: readonly (readonly [string, string])[];
  readonly maximumPacketSize?: number;
  readonly wildcardSubscriptionAvailable?: number;
  readonly subscriptionIdentifiersAvailable?: number;
  readonly sharedSubscriptionAvailable?: number;
}
export const noProperties: Properties = Object.freeze({});

/** Where properties stand: a packet type, or the will inside CONNECT. */
export type PacketWithProperties =
  | ('connect' | 'will' | 'connack' | 'publish' | 'puback' | 'pubrec' | 'pubrel' | 'pubcomp')
  | ('subscribe' | 'suback' | 'unsubscribe' | 'unsuback' | 'disconnect' | 'auth');

export interface Will {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly properties: Properties;
}

export interface ConnectPacket {
  readonly type: 'connect';
  readonly version: Version;
  /** Clean Session before MQTT 5. */
  readonly cleanStart: boolean;
  /** Seconds; 0 = none. */
  readonly keepAlive: number;
  readonly clientId: string;
  readonly will?: Will;
  readonly username?: string;
  readonly password?: Uint8Array;
  readonly properties: Properties;
}

export interface ConnackPacket {
  readonly type: 'connack';
  readonly sessionPresent: boolean;
  /** Return code 0 to 5 before MQTT 5. */
  readonly reasonCode: number;
  readonly properties: Properties;
}

export interface PublishPacket {
  readonly type: 'publish';
  readonly dup: boolean;
  readonly qos: Qos;
  readonly retain: boolean;
  /** Empty when the packet carries only an alias. */
  readonly topic: string;
  /** 0 with QoS 0. */
  readonly packetId: number;
  readonly payload: Uint8Array;
  readonly properties: Properties;
}

export type AckType = 'puback' | 'pubrec' | 'pubrel' | 'pubcomp';
export interface AckPacket {
  readonly type: AckType;
  readonly packetId: number;
  /** 0 before MQTT 5. */
  readonly reasonCode: number;
  readonly properties: Properties;
}

export interface SubscriptionRequest {
  readonly filter: string;
  readonly qos: Qos;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly retainHandling: 0 | 1 | 2;
}
export interface SubscribePacket {
  readonly type: 'subscribe';
  readonly packetId: number;
  readonly subscriptions: readonly SubscriptionRequest[];
  readonly properties: Properties;
}
export interface UnsubscribePacket {
  readonly type: 'unsubscribe';
  readonly packetId: number;
  readonly filters: readonly string[];
  readonly properties: Properties;
}
export interface SubackPacket {
  readonly type: 'suback' | 'unsuback';
  readonly packetId: number;
  /** One per filter, in order; none in an UNSUBACK before MQTT 5. */
  readonly reasonCodes: readonly number[];
  readonly properties: Properties;
}

export interface PingPacket {
  readonly type: 'pingreq' | 'pingresp';
}
export interface DisconnectPacket {
  readonly type: 'disconnect' | 'auth';
  readonly reasonCode: number;
  readonly properties: Properties;
}

export type Packet =
  | ConnectPacket
  | ConnackPacket
  | PublishPacket
  | AckPacket
  | SubscribePacket
  | UnsubscribePacket
  | SubackPacket
  | PingPacket
  | DisconnectPacket;

/** Which end of the connection decodes: packets of the other direction are refused. */
export type Role = 'server' | 'client';
