/** How much of MQTT a listener shows, and its limits (gateway: exposure profiles). Benchmarks raise numbers here. */
export interface Profile {
  readonly name: 'device' | 'app' | 'conformance';
  /** Unacknowledged QoS 1 and 2 publishes of a client; advertised in MQTT 5, enforced as back-pressure before. */
  readonly receiveMaximum: number;
  /** The same before MQTT 5, where nothing can be advertised: reading stops above it. At most 1,024. */
  readonly windowBefore5: number;
  readonly topicAliasMaximum: number;
  /** Octets of a whole packet; advertised when below 268,435,460. */
  readonly maximumPacketSize: number;
  readonly maximumConnectSize: number;
  /** Highest QoS accepted of a publish. */
  readonly maximumQos: 0 | 1 | 2;
  /** Seconds; a request of 0 or above becomes this. 0 = no cap. */
  readonly keepAliveCap: number;
  /** Seconds; what a client asks beyond is cut. */
  readonly sessionExpiryCap: number;
  readonly wildcards: boolean;
  readonly retained: boolean;
  readonly shared: boolean;
  readonly allowMqtt31: boolean;
  /** SUBACK code of a denied filter in MQTT 5. */
  readonly denySubscribeReason: number;
  /** Octets and levels of a topic name or filter. */
  readonly topicLength: number;
  readonly topicLevels: number;
  readonly filtersPerSubscribe: number;
  readonly subscriptions: number;
  /** Octets. */
  readonly clientIdLength: number;
  /** Connections of one device at once, each with its own client id. */
  readonly connectionsPerDevice: number;
  /** Unacknowledged messages to a client, below what it allows itself. */
  readonly outboundWindow: number;
  /** Per connection; a bucket holds twice a second's worth. */
  readonly publishesPerSecond: number;
  readonly bytesPerSecond: number;
  /** Seconds in a row over its rate after which a connection is closed with 0x96. */
  readonly rateStrikes: number;
  /** Milliseconds from the TLS handshake to a complete CONNECT, and from there to an admission. */
  readonly connectTimeout: number;
  readonly admissionTimeout: number;
  /** Milliseconds a client may leave our writes unread. */
  readonly drainTimeout: number;
}

const day = 86_400;

/** 8883 and `/mqtt`: what devices see. Numbers are the order AWS IoT Core publishes. */
export const deviceProfile: Profile = {
  name: 'device',
  receiveMaximum: 20,
  windowBefore5: 64,
  topicAliasMaximum: 10,
  maximumPacketSize: 65_536,
  maximumConnectSize: 8_192,
  maximumQos: 2,
  keepAliveCap: 1_160,
  sessionExpiryCap: 7 * day,
  wildcards: true,
  retained: false,
  shared: false,
  allowMqtt31: false,
  denySubscribeReason: 0x87,
  topicLength: 256,
  topicLevels: 8,
  filtersPerSubscribe: 8,
  subscriptions: 50,
  clientIdLength: 128,
  connectionsPerDevice: 4,
  outboundWindow: 16,
  publishesPerSecond: 100,
  bytesPerSecond: 512 * 1024,
  rateStrikes: 10,
  connectTimeout: 5_000,
  admissionTimeout: 5_000,
  drainTimeout: 30_000,
};
