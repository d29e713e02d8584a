import type { ProblemCode } from '@pactgate/protocol';
import type {
  CloseReason,
  DeviceSession,
  GatewayRefusal,
  PeerIdentity,
  UplinkRoute,
  UplinkWaiter,
} from '../../../flow/gateway-port.ts';
import { Decoder } from '../codec/decoder.ts';
import { encode, encodeWithin } from '../codec/encode.ts';
import { faults } from '../codec/faults.ts';
import { noProperties, type Packet, type Will } from '../codec/packet.ts';
import { connackReason, connackReturn, countsAsFailure, disconnectReason, problemOfFault } from '../reasons.ts';
import { AckQueue } from './acks.ts';
import { block } from './block.ts';
import { ended } from './closing.ts';
import type { Core, Wire } from './core.ts';
import { dispatch } from './dispatch.ts';
import { RateMeter } from './rate.ts';
import type { Session } from './session.ts';
import { Timed } from './wheel.ts';

export type State = 'connect' | 'admission' | 'open' | 'closed';

/** Octets unread by the client above which we stop reading from it, and above which it is closed. */
const slowMark = 64 * 1024;
const stuckMark = 1024 * 1024;

/**
 * One connection: decodes, keeps the clock of silence, collects what is to be written, closes. One mutable object of
 * fixed shape; what packets mean stands in the handlers.
 */
export class Connection extends Timed implements UplinkWaiter {
  readonly core: Core;
  readonly wire: Wire;
  readonly peer: PeerIdentity;
  readonly decoder: Decoder;
  readonly acks = new AckQueue();
  readonly rate: RateMeter;
  readonly connectedAt: number;
  state: State = 'connect';
  blocked = 0;
  /** Of the last chunk. */
  lastSeen: number;
  /** Milliseconds of silence allowed; 0 = any. */
  silence: number;
  /** Set with the admission. */
  device: DeviceSession | undefined = undefined;
  session: Session | undefined = undefined;
  will: Will | undefined = undefined;
  clientMaximum = 268_435_460;
  window = 0;
  aliasMaximum = 0;
  explain = true;
  aliasesIn: string[] | undefined = undefined;
  aliasesOut: Map<string, number> | undefined = undefined;
  lastTopic = '';
  lastRoute: UplinkRoute | undefined = undefined;
  lastEpoch = -1;
  received = 0;
  refused = 0;
  sent = 0;
  private out: Buffer[] | undefined = undefined;
  private dirty = false;

  constructor(core: Core, wire: Wire, peer: PeerIdentity) {
    super();
    const now = core.now();
    this.core = core;
    this.wire = wire;
    this.peer = peer;
    this.decoder = new Decoder(core.decoderLimits);
    this.rate = new RateMeter(core.profile, now);
    this.connectedAt = now;
    this.lastSeen = now;
    this.silence = core.profile.connectTimeout;
    core.wheel.schedule(this, now + this.silence);
  }

  get isVersion5(): boolean {
    return this.decoder.version === 5;
  }

  /** Bytes from the wire. */
  receive(chunk: Buffer): void {
    if (this.state === 'closed') return;
    const now = this.core.now();
    if (this.state === 'open') this.lastSeen = now;
    this.rate.chunk(chunk.length, this.core.profile, now);
    this.decoder.push(chunk);
    this.pump();
    if (this.core.holding && this.state === 'open') this.core.hold(this);
  }

  /** Handles complete packets; an exception behind a packet costs its connection, not the process. */
  pump(): void {
    try {
      this.handle();
    } catch (error) {
      this.crashed(error);
    }
  }

  crashed(error: unknown): void {
    this.core.failed(error);
    if (this.state === 'open') this.refuse('internal', 'unexpected error');
    else this.reject('internal', 'unexpected error');
  }

  /** Until there are no packets, something blocks, or the connection ends. */
  private handle(): void {
    while (this.blocked === 0 && this.state !== 'closed') {
      const packet = this.decoder.next();
      if (packet === undefined) break;
      dispatch(this, packet);
    }
    const { fault } = this.decoder;
    if (fault === undefined || this.state === 'closed') return;
    const code = fault === faults.connectFirst ? 'mqtt/connect-first' : problemOfFault(fault.code);
    this.violate(code, fault.cause, fault.code);
  }

  stop(reason: number): void {
    if (this.blocked === 0) this.wire.pause();
    this.blocked |= reason;
  }

  /** Takes a reason to stop away; reads on when it was the last. */
  proceed(reason: number): void {
    if ((this.blocked & reason) === 0) return;
    this.blocked &= ~reason;
    if (this.blocked !== 0 || this.state === 'closed') return;
    this.lastSeen = this.core.now(); // silence is counted only while we listen
    this.pump();
    if (this.blocked === 0) this.wire.resume();
  }

  /** {@link UplinkWaiter}: the store answered. */
  acknowledge(packetId: number, code?: ProblemCode): void {
    const qos = this.acks.resolve(packetId, code);
    if (qos === 0) return;
    if (code !== undefined) this.refused++;
    else if (qos === 2 && this.session) (this.session.qos2 ??= new Set()).add(packetId);
    if (this.state === 'closed') return;
    this.markDirty();
  }

  /** Queues bytes for the end of this turn. */
  send(bytes: Buffer): void {
    (this.out ??= []).push(bytes);
    this.markDirty();
  }

  /** Queues a packet; one that the client's Maximum Packet Size forbids is left out. */
  sendPacket(packet: Packet): boolean {
    const version = this.decoder.version === 0 ? 4 : this.decoder.version;
    const bytes = encodeWithin(packet, version, this.clientMaximum);
    if (bytes !== undefined) this.send(bytes);
    return bytes !== undefined;
  }

  markDirty(): void {
    if (this.dirty) return;
    this.dirty = true;
    this.core.markDirty(this);
  }

  /** Writes what this turn collected as one buffer: one TLS record. */
  flush(): void {
    this.dirty = false;
    if (this.state === 'closed') return;
    this.write();
    if ((this.blocked & block.window) !== 0 && this.acks.size * 2 <= this.core.profile.windowBefore5)
      this.proceed(block.window);
  }

  private write(): void {
    const { out } = this;
    const acks = this.acks.take(this.isVersion5, this.explain);
    if (acks !== undefined) this.core.counters.acknowledged += this.acks.positive;
    this.out = undefined;
    if (out === undefined) {
      if (acks !== undefined) this.wire.write(acks);
    } else if (acks === undefined && out.length === 1 && out[0]) this.wire.write(out[0]);
    else this.wire.write(Buffer.concat(acks === undefined ? out : [acks, ...out]));
    if (this.wire.writableLength > slowMark) this.slow();
  }

  private slow(): void {
    this.stop(block.drain);
    this.core.wheel.schedule(this, this.core.now() + this.core.profile.drainTimeout);
    if (this.wire.writableLength > stuckMark) this.refuse('gate/rate', 'answers left unread', 0x97);
  }

  /** The wheel's call: something was not done in time, or the session is old enough. */
  due(now: number): void {
    if (this.state === 'closed') {
      this.wire.destroy();
      return;
    }
    if (this.device !== undefined && now >= this.device.expiresAt) {
      this.refuse('gate/max-age', 'the session reached its greatest age', 0xa0);
      return;
    }
    if (this.isOverdue(now)) this.overdue();
    else this.core.wheel.schedule(this, this.nextDeadline(now));
  }

  private isOverdue(now: number): boolean {
    if ((this.blocked & block.drain) !== 0) return now - this.lastSeen >= this.core.profile.drainTimeout;
    if (this.state === 'open' && this.blocked !== 0) return false; // we do not listen: its PINGREQ is unread
    return this.silence > 0 && now - this.lastSeen >= this.silence;
  }

  /** When to look again; an idle connection costs one look per allowed silence. */
  nextDeadline(now: number): number {
    let at = this.device?.expiresAt ?? Number.POSITIVE_INFINITY;
    if (this.blocked !== 0) at = Math.min(at, now + 1_000);
    else if (this.silence > 0) at = Math.min(at, this.lastSeen + this.silence);
    return Math.min(at, now + 86_400_000);
  }

  private overdue(): void {
    if ((this.blocked & block.drain) !== 0) this.refuse('gate/rate', 'answers left unread', 0x97);
    else if (this.state === 'connect') this.violate('mqtt/connect-timeout', 'CONNECT did not arrive in time', 0x80);
    else if (this.state === 'admission') this.reject('gate/busy', 'no admission in time');
    else this.refuse('mqtt/keep-alive', 'nothing heard for one and a half keep-alive times', 0x8d);
  }

  /** Ends a connection whose peer broke the protocol; counts towards a ban. */
  violate(code: ProblemCode, cause: string, reasonCode: number): void {
    if (this.state === 'open') {
      this.refuse(code, cause, reasonCode);
      return;
    }
    const answer = this.connackBytes(code, reasonCode);
    this.core.counters.connectsRefused++;
    this.report(code, cause, answer === undefined ? undefined : reasonCode);
    this.close(code, answer);
  }

  /** Refuses a CONNECT with CONNACK and closes [MQTT-3.2.2-7]. `cause` absent: the flow has recorded it. */
  reject(code: ProblemCode, cause?: string): void {
    this.core.counters.connectsRefused++;
    const reasonCode = this.isVersion5 ? connackReason(code) : connackReturn(code);
    if (cause !== undefined) this.report(code, cause, reasonCode);
    else this.countFailure(code);
    this.close(code, this.connackBytes(code, connackReason(code)));
  }

  private connackBytes(code: ProblemCode, reasonCode: number): Buffer | undefined {
    const { version } = this.decoder;
    if (version === 0) return undefined;
    const isMalformed = code === 'mqtt/malformed' || code === 'mqtt/protocol-error' || code === 'mqtt/packet-too-large';
    if (version < 5 && isMalformed) return undefined; // 3.1.1: close without an answer
    const properties = version === 5 ? { reasonString: code } : noProperties;
    const answer = version === 5 ? reasonCode : connackReturn(code);
    return encode({ type: 'connack', sessionPresent: false, reasonCode: answer, properties }, version);
  }

  /** Ends an open connection from our side: DISCONNECT in MQTT 5, then close; recorded. */
  refuse(code: ProblemCode, cause: string, reasonCode: number = disconnectReason(code)): void {
    this.report(code, cause, this.isVersion5 ? reasonCode : undefined);
    this.close(code, this.disconnectBytes(reasonCode, code));
  }

  disconnectBytes(reasonCode: number, text?: string): Buffer | undefined {
    if (!this.isVersion5) return undefined;
    const properties = text === undefined ? noProperties : { reasonString: text };
    return encodeWithin({ type: 'disconnect', reasonCode, properties }, 5, this.clientMaximum);
  }

  report(code: ProblemCode, detail: string, reasonCode: number | undefined, count = 1): void {
    const { peer, device } = this;
    const refusal: GatewayRefusal = {
      code,
      stage: this.state === 'open' ? 'session' : 'connect',
      detail,
      listener: peer.listener,
      transport: 'mqtt',
      address: peer.address,
      peer,
      ...(device && { session: device }),
      ...(reasonCode !== undefined && { reasonCode }),
      count,
      at: this.core.now(),
    };
    this.core.ports.records.refused(refusal);
    this.countFailure(code);
  }

  private countFailure(code?: ProblemCode): void {
    const { core, peer } = this;
    if (code !== undefined && !countsAsFailure(code)) return;
    const ban = core.sources.failed(peer.address, core.now(), { spki: peer.spki, verified: peer.authorized });
    if (ban) core.ports.records.banned(ban);
  }

  /** Ends the connection: what is owed leaves first, then `last`; a peer that does not read is cut after 2 s. */
  close(reason: CloseReason, last?: Buffer): void {
    if (this.state === 'closed') return;
    const wasOpen = this.state === 'open';
    if (last !== undefined) (this.out ??= []).push(last);
    if (!this.wire.destroyed) this.write();
    this.finish(reason, wasOpen);
    this.core.wheel.schedule(this, this.core.now() + 2_000);
    if (this.wire.destroyed) this.core.wheel.cancel(this);
    else {
      this.wire.resume(); // a paused socket would never see the peer's close
      this.wire.destroySoon();
    }
  }

  /** Ends the connection before this call returns: orders of containment do not wait for the peer. */
  cut(reason: CloseReason, last?: Buffer): void {
    if (this.state === 'closed') return;
    if (last !== undefined) this.wire.write(last);
    this.finish(reason, this.state === 'open');
    this.wire.destroy();
  }

  /** The socket is gone. */
  gone(): void {
    this.core.wheel.cancel(this);
    if (this.state === 'closed') return;
    if (this.state === 'open') this.core.counters.lost++;
    if (this.state !== 'admission') this.countFailure();
    this.finish('network', this.state === 'open');
  }

  private finish(reason: CloseReason, wasOpen: boolean): void {
    this.state = 'closed';
    this.core.wheel.cancel(this);
    this.core.index.delete(this);
    try {
      ended(this, reason, wasOpen);
    } catch (error) {
      this.core.failed(error); // the connection has ended all the same
    }
  }
}
