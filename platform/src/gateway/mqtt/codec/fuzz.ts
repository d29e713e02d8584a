import { randomBytes } from 'node:crypto';
import { collect, serverLimits } from './collect.ts';
import { encode } from './encode.ts';
import type { Packet, Version } from './packet.ts';

/** Small generator (mulberry32), so that a seed repeats a run. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}
type Pick = (below: number) => number;

const octets = (text: string): Buffer => Buffer.from(text);

const hello = (version: Version): Packet => ({
  type: 'connect',
  version,
  cleanStart: true,
  keepAlive: 60,
  clientId: 'dev-1',
  will: {
    topic: 'v1/me/up/state',
    payload: octets('{}'),
    qos: 1,
    retain: false,
    properties: { willDelayInterval: 5 },
  },
  username: 'u',
  password: octets('p'),
  properties: { sessionExpiryInterval: 60, receiveMaximum: 9, userProperties: [['a', 'b']] },
});

const corpus: readonly Packet[] = [
  {
    type: 'publish',
    dup: false,
    qos: 1,
    retain: false,
    topic: 'v1/me/up/telemetry/ambient',
    packetId: 7,
    payload: octets('{"temperature":21.5}'),
    properties: {
      topicAlias: 3,
      contentType: 'application/json',
      correlationData: octets('x'),
      responseTopic: 'r',
    },
  },
  {
    type: 'publish',
    dup: false,
    qos: 2,
    retain: true,
    topic: 'é/水',
    packetId: 65_535,
    payload: Buffer.alloc(300),
    properties: {},
  },
  { type: 'puback', packetId: 1, reasonCode: 0x10, properties: { reasonString: 'why' } },
  { type: 'pubrel', packetId: 2, reasonCode: 0x92, properties: {} },
  {
    type: 'subscribe',
    packetId: 3,
    subscriptions: [
      { filter: 'v1/me/dn/#', qos: 1, noLocal: true, retainAsPublished: true, retainHandling: 2 },
      { filter: '$share/g/+/a', qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 },
    ],
    properties: { subscriptionIdentifiers: [268_435_455] },
  },
  { type: 'unsubscribe', packetId: 4, filters: ['a/+', '#'], properties: { userProperties: [['k', 'v']] } },
  { type: 'pingreq' },
  { type: 'auth', reasonCode: 0x18, properties: { authenticationMethod: 'm', authenticationData: octets('d') } },
  { type: 'disconnect', reasonCode: 4, properties: { sessionExpiryInterval: 0 } },
];

/** Octets at which parsers go wrong. */
const edges = [0, 1, 2, 0x7f, 0x80, 0xc0, 0xed, 0xf4, 0xff];

function mutate(whole: Buffer, pick: Pick): Buffer {
  let bytes = Buffer.from(whole);
  for (let n = pick(5); n > 0 && bytes.length > 0; n--) {
    const at = pick(bytes.length);
    const how = pick(5);
    if (how === 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << pick(8));
    else if (how === 1) bytes[at] = edges[pick(edges.length)] ?? 0;
    else if (how === 2) bytes = bytes.subarray(0, at);
    else if (how === 3) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + pick(4))]);
    else
      bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([edges[pick(edges.length)] ?? 0]), bytes.subarray(at)]);
  }
  return bytes;
}

function split(whole: Buffer, pick: Pick): Buffer[] {
  const out: Buffer[] = [];
  for (let at = 0; at < whole.length; ) {
    const length = 1 + pick(pick(4) === 0 ? 3 : 200);
    out.push(whole.subarray(at, at + length));
    at += length;
  }
  return out;
}

const digest = (chunks: Buffer[]): string => {
  const { packets, fault } = collect(chunks, serverLimits);
  return `${packets.length} ${packets.map((p) => p.type).join()} ${fault?.cause ?? ''}`;
};

/**
 * One input: valid packets in a row, mutated, decoded whole and in pieces. Throws when the decoder throws or when two
 * splits of the same bytes disagree.
 */
export function fuzzOne(seed: number): void {
  const pick = generator(seed);
  const version: Version = pick(2) === 0 ? 4 : 5;
  const chosen = Array.from({ length: 1 + pick(4) }, () => corpus[pick(corpus.length)] ?? corpus[0]);
  const packets = [hello(version), ...chosen].filter((p) => p !== undefined);
  const bytes = mutate(Buffer.concat(packets.map((p) => encode(p, version))), pick);
  const whole = digest([bytes]);
  const pieces = digest(split(bytes, pick));
  if (whole !== pieces) throw new Error(`splits disagree at seed ${seed}: ${whole} | ${pieces}`);
}

export interface FuzzReport {
  readonly inputs: number;
  /** First messages of what was thrown, at most 20. */
  readonly crashes: readonly string[];
  /** Octets of heap after a collection where the runtime exposes one. */
  readonly heapStart: number;
  readonly heapEnd: number;
}

const heap = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};

function crashOf(seed: number): string | undefined {
  try {
    fuzzOne(seed);
    return undefined;
  } catch (error) {
    return `seed ${seed}: ${String(error)}`;
  }
}

/** Runs {@link fuzzOne} for `seconds` from `seed` (default random). Blocks. */
export function runFuzz({ seconds, seed }: { readonly seconds: number; readonly seed?: number }): FuzzReport {
  let next = seed ?? randomBytes(4).readUInt32BE();
  for (let i = 0; i < 1_000; i++) fuzzOne(next++);
  const heapStart = heap();
  const crashes: string[] = [];
  let inputs = 1_000;
  for (const end = performance.now() + seconds * 1_000; performance.now() < end; )
    for (let i = 0; i < 256; i++, inputs++) {
      const crash = crashOf(next++);
      if (crash !== undefined && crashes.length < 20) crashes.push(crash);
    }
  return { inputs, crashes, heapStart, heapEnd: heap() };
}
