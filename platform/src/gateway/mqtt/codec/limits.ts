import type { Role } from './packet.ts';

/** Limits in octets of whole packets, tested on the fixed header, before anything is buffered. */
export interface DecoderLimits {
  readonly role: Role;
  readonly maximumPacketSize: number;
  /** Of a CONNECT: what somebody not yet admitted may make us hold. */
  readonly maximumConnectSize: number;
  readonly topicAliasMaximum: number;
  readonly allowMqtt31: boolean;
}
