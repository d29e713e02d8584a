import type { AdmissionPort, DownlinkPort, GatewayRecords, UplinkPort } from '../../../flow/gateway-port.ts';
import type { SourceLimits } from '../../limits.ts';
import type { DecoderLimits } from '../codec/limits.ts';
import type { Connection } from './connection.ts';
import type { SessionIndex } from './index-table.ts';
import type { InboundMessage } from './message.ts';
import type { Profile } from './profile.ts';
import type { SessionTable } from './session-table.ts';
import type { TimerWheel } from './wheel.ts';

export interface EnginePorts {
  readonly admission: AdmissionPort;
  readonly uplink: UplinkPort;
  readonly downlink: DownlinkPort;
  readonly records: GatewayRecords;
}

/** Counts since the start, for metrics: no device is named. */
export interface Counters {
  accepted: number;
  connects: number;
  connectsRefused: number;
  publishes: number;
  acknowledged: number;
  publishesRefused: number;
  droppedQos0: number;
  throttles: number;
  delivered: number;
  takeovers: number;
  kicks: number;
  /** Ended without DISCONNECT. */
  lost: number;
}
export const newCounters = (): Counters => ({
  accepted: 0,
  connects: 0,
  connectsRefused: 0,
  publishes: 0,
  acknowledged: 0,
  publishesRefused: 0,
  droppedQos0: 0,
  throttles: 0,
  delivered: 0,
  takeovers: 0,
  kicks: 0,
  lost: 0,
});

/** What connections share. One per engine; the engine alone changes its fields. */
export interface Core {
  readonly profile: Profile;
  readonly decoderLimits: DecoderLimits;
  readonly ports: EnginePorts;
  readonly sources: SourceLimits;
  readonly index: SessionIndex;
  readonly sessionTable: SessionTable;
  readonly wheel: TimerWheel;
  readonly counters: Counters;
  /** Filled for each publish. */
  readonly message: InboundMessage;
  /** Wall clock, epoch milliseconds. */
  readonly now: () => number;
  /** Operational log of what should not have happened: an exception of the flow or of ours. */
  readonly failed: (error: unknown) => void;
  /** Too much to do: answer CONNECT with 0x89. */
  busy: boolean;
  /** The uplink asked for a pause: connections stop reading. */
  holding: boolean;
  draining: boolean;
  /** The connection has something to write when this turn ends. */
  markDirty(connection: Connection): void;
  /** The connection is over its rate: it reads on at the next second with room; `dropped`: it lost a QoS 0 message. */
  throttle(connection: Connection, dropped: boolean): void;
  /** The connection stops for {@link holding}. */
  hold(connection: Connection): void;
}

/** What a connection needs of a socket: `net.Socket`, `tls.TLSSocket`, later a WebSocket stream. */
export interface Wire {
  readonly writableLength: number;
  readonly destroyed: boolean;
  write(bytes: Buffer): boolean;
  pause(): unknown;
  resume(): unknown;
  /** Sends what is written, then closes. */
  destroySoon(): void;
  destroy(): unknown;
}

/** A socket as {@link Engine.attach} takes it over. */
export interface WireSocket extends Wire {
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  on(event: 'drain' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}
