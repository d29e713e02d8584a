import type { ProblemCode } from '@pactgate/protocol';
import { reason } from './codec/reason.ts';

/** MQTT codes of a problem, one per packet that can carry it; what is absent takes the default of its packet. */
interface Row {
  /** CONNACK of MQTT 5; default 0x87. */
  readonly connack?: number;
  /** CONNACK return code before MQTT 5; default 5, not authorized. */
  readonly connack3?: number;
  /** PUBACK and PUBREC; default 0x87. */
  readonly ack?: number;
  /** SUBACK; default 0x87. */
  readonly suback?: number;
  /** DISCONNECT; default 0x98, administrative action. */
  readonly disconnect?: number;
}

const fault = (code: number): Row => ({ connack: code, disconnect: code });
const unavailable: Row = {
  connack: reason.unavailable,
  connack3: 3,
  ack: reason.implementation,
  disconnect: reason.busy,
};
const payload: Row = { ack: reason.payloadFormat };
const quota: Row = {
  connack: reason.quota,
  connack3: 3,
  ack: reason.quota,
  suback: reason.quota,
  disconnect: reason.quota,
};

const rows: Readonly<Partial<Record<ProblemCode, Row>>> = {
  'access/client-id': { connack: reason.clientId, connack3: 2 },
  'access/topic-foreign': { ack: reason.notAuthorized },
  'access/topic-unknown': { ack: reason.topicName },
  'mqtt/connect-first': fault(reason.protocolError),
  'mqtt/keep-alive': fault(reason.keepAlive),
  'mqtt/malformed': fault(reason.malformed),
  'mqtt/packet-too-large': fault(reason.tooLarge),
  'mqtt/protocol-error': fault(reason.protocolError),
  'mqtt/qos': fault(reason.qos),
  'mqtt/receive-maximum': fault(reason.receiveMaximum),
  'mqtt/retain': fault(reason.retain),
  'mqtt/topic-alias': fault(reason.topicAlias),
  'mqtt/version': { connack: reason.unsupportedVersion, connack3: 1 },
  'data/payload-invalid': payload,
  'data/required-field': payload,
  'data/too-large': quota,
  'data/rate': quota,
  'event/invalid': payload,
  'message/invalid': payload,
  'device/isolated': { connack: reason.banned },
  'gate/banned': { connack: reason.banned },
  'gate/busy': { connack: reason.busy, connack3: 3, ack: reason.quota, disconnect: reason.busy },
  'gate/connections': quota,
  'gate/max-age': { disconnect: reason.maximumConnectTime },
  'gate/rate': { connack: reason.connectionRate, connack3: 3, ack: reason.quota, disconnect: reason.rate },
  'data/key-unavailable': unavailable,
  'request/unavailable': unavailable,
  'store/full': { ...unavailable, ack: reason.quota },
  internal: { connack: reason.unspecified, connack3: 3, ack: reason.unspecified, disconnect: reason.unspecified },
};

export const connackReason = (code: ProblemCode): number => rows[code]?.connack ?? reason.notAuthorized;
export const connackReturn = (code: ProblemCode): number => rows[code]?.connack3 ?? 5;
export const ackReason = (code: ProblemCode): number => rows[code]?.ack ?? reason.notAuthorized;
export const subackReason = (code: ProblemCode): number => rows[code]?.suback ?? reason.notAuthorized;
export const disconnectReason = (code: ProblemCode): number => rows[code]?.disconnect ?? reason.administrative;

/**
 * Whether a refusal counts towards a ban: what a careless or hostile peer did. Not: containment, our own state, a
 * policy; those who wait for a release must find the door open then.
 */
export const countsAsFailure = (code: ProblemCode): boolean =>
  code.startsWith('mqtt/') || code.startsWith('channel/') || hostile.has(code);
const hostile = new Set<ProblemCode>(['access/client-id', 'access/will', 'device/unknown', 'gate/rate']);

/** The problem that a fault of the codec is recorded as, by its reason code. */
export function problemOfFault(code: number): ProblemCode {
  if (code === reason.protocolError) return 'mqtt/protocol-error';
  if (code === reason.topicAlias) return 'mqtt/topic-alias';
  if (code === reason.tooLarge) return 'mqtt/packet-too-large';
  return code === reason.unsupportedVersion ? 'mqtt/version' : 'mqtt/malformed';
}
