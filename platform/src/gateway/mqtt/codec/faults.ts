/** Why bytes are refused. `code` is the MQTT 5 reason code; `cause` goes to records, never the bytes themselves. */
export interface Fault {
  readonly code: number;
  readonly cause: string;
}

const malformed = (cause: string): Fault => ({ code: 0x81, cause });
const forbidden = (cause: string): Fault => ({ code: 0x82, cause });

/**
 * Every fault of the codec. 0x81: cannot be parsed. 0x82: parsed, but the standard forbids it. Statement numbers are
 * those of MQTT 5.0 unless marked 3.1.1.
 */
export const faults = {
  // Fixed header: sections 2.1.1 to 2.1.4
  packetType: malformed('packet type 0 or one the version does not have'),
  /** [MQTT-2.1.3-1] */
  flags: malformed('reserved flags of the fixed header'),
  /** [MQTT-3.3.1-4] */
  qos3: malformed('PUBLISH with QoS 3'),
  /** [MQTT-3.3.1-2] */
  dupQos0: malformed('DUP set with QoS 0'),
  /** [MQTT-1.5.5-1] */
  varint: malformed('variable byte integer over 4 bytes or not in its shortest form'),
  tooLarge: { code: 0x95, cause: 'packet larger than the limit' },
  direction: forbidden('packet type this side never receives'),
  // Body
  truncated: malformed('a field runs past the end of the packet'),
  trailing: malformed('bytes left after the last field'),
  /** [MQTT-1.5.4-1] [MQTT-1.5.4-2] */
  utf8: malformed('ill-formed UTF-8 or a character that is not accepted'),
  /** [MQTT-2.2.1-2] [MQTT-2.2.1-3] [MQTT-2.2.1-4] */
  packetId: forbidden('packet identifier 0'),
  reasonCode: malformed('reason code that this packet does not have'),
  // Properties: section 2.2.2
  propertyUnknown: malformed('unknown property, or one this packet does not have'),
  propertyTwice: forbidden('property present twice'),
  propertyValue: forbidden('property value that the standard forbids'),
  propertyLength: malformed('properties run past their length'),
  /** Section 3.1.2.11.10 */
  authData: forbidden('authentication data without authentication method'),
  /** [MQTT-3.3.2-8] [MQTT-3.3.2-9] */
  topicAlias: { code: 0x94, cause: 'topic alias 0 or above the maximum' },
  /** [MQTT-3.3.4-6] */
  clientSubscriptionId: forbidden('subscription identifier in a PUBLISH from a client'),
  // CONNECT
  /** [MQTT-3.1.0-1] */
  connectFirst: forbidden('the first packet is not CONNECT'),
  /** [MQTT-3.1.0-2] */
  connectTwice: forbidden('a second CONNECT'),
  /** [MQTT-3.1.2-1] */
  protocolName: { code: 0x84, cause: 'unknown protocol name' },
  /** [MQTT-3.1.2-2] */
  protocolVersion: { code: 0x84, cause: 'protocol version not supported' },
  /** [MQTT-3.1.2-3] [MQTT-3.1.2-11] [MQTT-3.1.2-12] [MQTT-3.1.2-13]; 3.1.1 [MQTT-3.1.2-22] */
  connectFlags: malformed(
    'CONNECT flags: reserved bit, will bits without will, will QoS 3, or password without user name',
  ),
  /** [MQTT-3.3.2-2] [MQTT-3.3.2-14] */
  wildcardTopic: malformed('wildcard in a topic name'),
  /** [MQTT-4.7.3-1], section 3.3.2.1 */
  emptyTopic: forbidden('empty topic name without a topic alias'),
  // SUBSCRIBE, UNSUBSCRIBE
  /** [MQTT-3.8.3-2] [MQTT-3.10.3-2] */
  noFilter: forbidden('no topic filter'),
  /** [MQTT-4.7.1-1] [MQTT-4.7.1-2] [MQTT-4.7.3-1] [MQTT-4.8.2-1] [MQTT-4.8.2-2] */
  filter: malformed('topic filter: empty, misplaced wildcard, or malformed shared name'),
  /** [MQTT-3.8.3-5]; 3.1.1 [MQTT-3-8.3-4] */
  optionBits: malformed('reserved bits of the subscription options'),
  subscribeQos: forbidden('maximum QoS 3 in a subscription'),
  retainHandling: forbidden('retain handling 3'),
  /** [MQTT-3.8.3-4] */
  noLocalShared: forbidden('No Local on a shared subscription'),
  /** [MQTT-3.14.2-2] */
  serverExpiry: forbidden('session expiry in a DISCONNECT from a server'),
} as const satisfies Record<string, Fault>;
