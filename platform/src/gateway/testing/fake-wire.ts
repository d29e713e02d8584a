import type { PeerIdentity } from '../../flow/gateway-port.ts';
import { defaultSourceSettings, SourceLimits } from '../limits.ts';
import { clientLimits, keep } from '../mqtt/codec/collect.ts';
import { Decoder } from '../mqtt/codec/decoder.ts';
import { encode } from '../mqtt/codec/encode.ts';
import type { ConnectPacket, Packet, Version } from '../mqtt/codec/packet.ts';
import type { WireSocket } from '../mqtt/engine/core.ts';
import { Engine } from '../mqtt/engine/engine.ts';
import { deviceProfile, type Profile } from '../mqtt/engine/profile.ts';
import { FakeAdmission, FakeDownlink, FakeRecords, FakeUplink } from './ports.ts';

type Listener = (...args: never[]) => void;

/** A socket in memory: what the engine writes is decoded as a client would. */
export class FakeWire implements WireSocket {
  writableLength = 0;
  destroyed = false;
  paused = false;
  /** Sizes of single writes. */
  readonly writes: number[] = [];
  readonly received: Packet[] = [];
  private readonly handlers = new Map<string, Listener>();
  private readonly decoder: Decoder;
  readonly version: Version;

  constructor(version: Version) {
    this.version = version;
    this.decoder = new Decoder(clientLimits, version);
  }

  on(event: string, listener: Listener): this {
    this.handlers.set(event, listener);
    return this;
  }

  private emit(event: string, ...args: readonly Buffer[]): void {
    this.handlers.get(event)?.apply(this, args as never[]); // the engine's listeners take what sockets give
  }

  write(bytes: Buffer): boolean {
    this.writes.push(bytes.length);
    this.decoder.push(bytes);
    for (let packet = this.decoder.next(); packet; packet = this.decoder.next()) this.received.push(keep(packet));
    return true;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  destroySoon(): void {
    this.destroy();
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    setImmediate(() => this.emit('close'));
  }

  drain(): void {
    this.emit('drain');
  }

  feed(...packets: readonly Packet[]): this {
    this.emit('data', Buffer.concat(packets.map((packet) => encode(packet, this.version))));
    return this;
  }

  raw(bytes: Buffer): this {
    this.emit('data', bytes);
    return this;
  }

  /** The packets received since the last call. */
  take(): Packet[] {
    return this.received.splice(0);
  }
}

export const connectOf = (version: Version, clientId: string, fields: Partial<ConnectPacket> = {}): ConnectPacket => ({
  type: 'connect',
  version,
  cleanStart: true,
  keepAlive: 30,
  clientId,
  properties: {},
  ...fields,
});

export const publishOf = (topic: string, qos: 0 | 1 | 2, packetId = 0, payload = '{}'): Packet => ({
  type: 'publish',
  dup: false,
  qos,
  retain: false,
  topic,
  packetId,
  payload: Buffer.from(payload),
  properties: {},
});

export const subscribeOf = (packetId: number, ...filters: readonly string[]): Packet => ({
  type: 'subscribe',
  packetId,
  subscriptions: filters.map((filter) => ({
    filter,
    qos: 1,
    noLocal: false,
    retainAsPublished: false,
    retainHandling: 0,
  })),
  properties: {},
});

const peerOf = (device: string): PeerIdentity => ({
  authorized: true,
  spki: device.padEnd(64, '0'),
  serial: '4001',
  fingerprint: 'f'.repeat(64),
  subjectCn: device,
  sanUris: [],
  notBefore: 0,
  notAfter: Number.MAX_SAFE_INTEGER,
  tls: 'TLSv1.3',
  suite: 'TLS_AES_128_GCM_SHA256',
  resumed: false,
  address: '192.0.2.7',
  port: 40_000,
  listener: 'mqtts',
});

/** Lets everything queued for this turn of the event loop happen, twice over: answers of fakes come a turn later. */
export async function turns(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => void setImmediate(resolve));
}

/** An engine with fakes and a clock that moves when told to. */
export class Bench {
  clock = 1_000_000_000;
  readonly admission = new FakeAdmission();
  readonly uplink = new FakeUplink();
  readonly downlink = new FakeDownlink();
  readonly records = new FakeRecords();
  readonly sources = new SourceLimits(defaultSourceSettings);
  readonly engine: Engine;
  readonly failures: unknown[] = [];

  constructor(profile: Partial<Profile> = {}) {
    const { admission, uplink, downlink, records } = this;
    const ports = { admission, uplink, downlink, records };
    const now = (): number => this.clock;
    this.engine = new Engine({
      profile: { ...deviceProfile, ...profile },
      ports,
      sources: this.sources,
      now,
      failed: (error) => this.failures.push(error),
    });
  }

  attach(device: string, version: Version): FakeWire {
    const wire = new FakeWire(version);
    this.engine.attach(wire, peerOf(device));
    return wire;
  }

  /** A connection that is open; its CONNACK is the first packet received. */
  async open(clientId: string, version: Version, fields: Partial<ConnectPacket> = {}): Promise<FakeWire> {
    const wire = this.attach(clientId.split(':')[0] ?? '', version);
    wire.feed(connectOf(version, clientId, fields));
    await turns();
    return wire;
  }

  /** Moves the clock on, a second at a time. */
  async pass(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      this.clock += 1_000;
      this.engine.tick(this.clock);
    }
    await turns();
  }
}
