import { type Fault, faults } from './faults.ts';
import type { Role, Version } from './packet.ts';
import { publishFlagsFault } from './publish.ts';

export const types = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  suback: 9,
  unsubscribe: 10,
  unsuback: 11,
  pingreq: 12,
  pingresp: 13,
  disconnect: 14,
  auth: 15,
} as const;

/** Packet types that only the decoding side itself sends. */
const refusedBy: Readonly<Record<Role, ReadonlySet<number>>> = {
  server: new Set([types.connack, types.suback, types.unsuback, types.pingresp]),
  client: new Set([types.connect, types.subscribe, types.unsubscribe, types.pingreq]),
};
/** Types whose flags are 0010 [MQTT-3.6.1-1] [MQTT-3.8.1-1] [MQTT-3.10.1-1]; PUBLISH has its own, all others 0000. */
const flagged = new Set<number>([types.pubrel, types.subscribe, types.unsubscribe]);

/** Fault of a first octet on an open connection (sections 2.1.2, 2.1.3). */
function faultOf(first: number, role: Role, version: Version): Fault | undefined {
  const type = first >> 4;
  if (type === 0 || (type === types.auth && version < 5)) return faults.packetType;
  if (type === types.connect && role === 'server') return faults.connectTwice;
  if (refusedBy[role].has(type)) return faults.direction;
  if (type === types.publish) return publishFlagsFault(first);
  return (first & 0x0f) === (flagged.has(type) ? 2 : 0) ? undefined : faults.flags;
}

function faultBeforeConnect(first: number): Fault | undefined {
  if (first >> 4 !== types.connect) return faults.connectFirst;
  return (first & 0x0f) === 0 ? undefined : faults.flags;
}

/** What each of the 256 first octets gives away by itself. */
export type Verdicts = readonly (Fault | undefined)[];
const table = (judge: (first: number) => Fault | undefined): Verdicts =>
  Array.from({ length: 256 }, (_, i) => judge(i));

export const beforeConnect: Verdicts = table(faultBeforeConnect);
const open = {
  server: { old: table((i) => faultOf(i, 'server', 4)), v5: table((i) => faultOf(i, 'server', 5)) },
  client: { old: table((i) => faultOf(i, 'client', 4)), v5: table((i) => faultOf(i, 'client', 5)) },
} as const;
export const verdictsFor = (role: Role, version: Version): Verdicts => (version === 5 ? open[role].v5 : open[role].old);
