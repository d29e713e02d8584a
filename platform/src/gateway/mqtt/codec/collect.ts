import { Decoder } from './decoder.ts';
import type { Fault } from './faults.ts';
import type { DecoderLimits } from './limits.ts';
import type { Packet, Version } from './packet.ts';

/** Limits that tests, fuzzing and clients start from: those of the device profile. */
export const serverLimits: DecoderLimits = {
  role: 'server',
  maximumPacketSize: 65_536,
  maximumConnectSize: 8_192,
  topicAliasMaximum: 10,
  allowMqtt31: false,
};
export const clientLimits: DecoderLimits = { ...serverLimits, role: 'client', maximumPacketSize: 268_435_460 };

/** A packet that owns its memory: what a decoder returns is overwritten by its next packet. */
export function keep(packet: Packet): Packet {
  if (packet.type !== 'publish') return packet;
  const { dup, qos, retain, topic, packetId, properties } = packet;
  return { type: 'publish', dup, qos, retain, topic, packetId, payload: Uint8Array.from(packet.payload), properties };
}

export interface Collected {
  readonly packets: readonly Packet[];
  readonly fault: Fault | undefined;
}

/** Decodes chunks to the end or to the first fault. */
export function collect(chunks: Iterable<Buffer>, limits: DecoderLimits, version: Version | 0 = 0): Collected {
  const decoder = new Decoder(limits, version);
  const packets: Packet[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let packet = decoder.next(); packet; packet = decoder.next()) packets.push(keep(packet));
  }
  return { packets, fault: decoder.fault };
}
