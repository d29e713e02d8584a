import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import type { ProblemCode } from '@pactgate/protocol';
import type {
  DeliverOutcome,
  DeliveryResult,
  DownlinkMessage,
  GatewayControl,
  KickSelector,
  PeerIdentity,
  SessionSnapshot,
} from '../../../flow/gateway-port.ts';
import type { SourceLimits } from '../../limits.ts';
import { warn } from '../../warn.ts';
import type { DecoderLimits } from '../codec/limits.ts';
import { reason } from '../codec/reason.ts';
import { disconnectReason } from '../reasons.ts';
import { block } from './block.ts';
import { Connection } from './connection.ts';
import { type Core, type Counters, type EnginePorts, newCounters, type WireSocket } from './core.ts';
import { SessionIndex } from './index-table.ts';
import { InboundMessage } from './message.ts';
import { deliver } from './outbound.ts';
import type { Profile } from './profile.ts';
import { SessionTable } from './session-table.ts';
import { TimerWheel } from './wheel.ts';

export interface EngineOptions {
  readonly profile: Profile;
  readonly ports: EnginePorts;
  readonly sources: SourceLimits;
  /** Epoch milliseconds; `Date.now` in the process. */
  readonly now: () => number;
  /** Operational log of exceptions; default a process warning. */
  readonly failed?: (error: unknown) => void;
  /** Most sessions kept without a connection; default 100,000. */
  readonly offlineSessions?: number;
  /** Milliseconds a second may take longer, twice in a row, before CONNECT is answered with 0x89; default 200. */
  readonly lagMark?: number;
}

const tickMs = 1_000;

/** The MQTT engine of one exposure profile: connections of all its listeners, their sessions, the clock over both. */
export class Engine implements Core, GatewayControl {
  readonly profile: Profile;
  readonly decoderLimits: DecoderLimits;
  readonly ports: EnginePorts;
  readonly sources: SourceLimits;
  readonly index = new SessionIndex();
  readonly sessionTable: SessionTable;
  readonly wheel: TimerWheel;
  readonly counters: Counters = newCounters();
  readonly message = new InboundMessage();
  readonly now: () => number;
  readonly failed: (error: unknown) => void;
  busy = false;
  holding = false;
  draining = false;
  /** Every connection with a live socket, admitted or not. */
  private readonly open = new Set<Connection>();
  private dirty: Connection[] = [];
  private throttled: Connection[] = [];
  private held: Connection[] = [];
  private readonly lagMark: number;
  private wasLate = false;
  private lastTick: number;
  private timer: NodeJS.Timeout | undefined = undefined;
  private readonly flushDirty = (): void => this.flushAll();

  constructor(options: EngineOptions) {
    const { profile, ports, sources, now, failed = warn, offlineSessions = 100_000, lagMark = 200 } = options;
    this.profile = profile;
    this.ports = ports;
    this.sources = sources;
    this.now = now;
    this.failed = failed;
    this.lagMark = lagMark;
    this.decoderLimits = { role: 'server', ...profile };
    this.sessionTable = new SessionTable(offlineSessions);
    this.sessionTable.bind(this);
    this.lastTick = now();
    this.wheel = new TimerWheel(tickMs, this.lastTick);
  }

  /** Starts the clock of time limits. */
  start(): void {
    this.timer ??= setInterval(() => this.tick(this.now()), tickMs).unref();
  }

  /** Stops the clock and cuts what is left. */
  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    for (const c of this.open) c.cut('shutdown');
  }

  /** One second passed: what is due, what was throttled, whether we keep up. */
  tick(now: number): void {
    const isLate = now - this.lastTick - tickMs > this.lagMark;
    this.busy = isLate && this.wasLate; // one late second is a pause, two are too much to do
    this.wasLate = isLate;
    this.lastTick = now;
    this.wheel.advance(now);
    const { throttled } = this;
    this.throttled = [];
    for (const c of throttled) this.refill(c, now);
  }

  private refill(c: Connection, now: number): void {
    c.rate.refill(this.profile, now);
    if (c.rate.exhausted && c.state !== 'closed') this.throttled.push(c);
    else c.proceed(block.rate);
  }

  /** Takes over an authenticated socket. */
  attach(socket: WireSocket, peer: PeerIdentity): Connection {
    this.counters.accepted++;
    const connection = new Connection(this, socket, peer);
    this.open.add(connection);
    const tagged: Tagged = Object.assign(socket, { [tag]: connection });
    tagged.on('data', onData);
    tagged.on('drain', onDrain);
    tagged.on('error', ignore);
    tagged.on('close', onClose);
    return connection;
  }

  /** @internal The socket of a connection closed. */
  forget(c: Connection): void {
    this.open.delete(c);
    c.gone();
  }

  markDirty(c: Connection): void {
    if (this.dirty.length === 0) process.nextTick(this.flushDirty);
    this.dirty.push(c);
  }

  private flushAll(): void {
    const { dirty } = this;
    this.dirty = [];
    for (const c of dirty) c.flush();
  }

  throttle(c: Connection, dropped: boolean): void {
    this.counters.throttles++;
    const now = this.now();
    if (c.rate.isFirstIn(60_000, now)) c.report('gate/rate', 'more messages than the rate allows', undefined);
    if (dropped && c.rate.strike(now) >= this.profile.rateStrikes) {
      c.refuse('gate/rate', 'over its rate for too long', reason.rate);
      return;
    }
    c.stop(block.rate);
    this.throttled.push(c);
  }

  hold(c: Connection): void {
    if ((c.blocked & block.hold) !== 0) return;
    c.stop(block.hold);
    this.held.push(c);
  }

  /**
   * The store is behind (true) or keeps up again (false): while it is behind, a connection stops reading after its
   * next chunk, its keep alive suspended.
   */
  setHolding(on: boolean): void {
    this.holding = on;
    if (on) return;
    const { held } = this;
    this.held = [];
    for (const c of held) c.proceed(block.hold);
  }

  deliver(
    target: { readonly party: string; readonly device: string },
    message: DownlinkMessage,
    onAck: (result: DeliveryResult) => void,
  ): DeliverOutcome {
    return deliver(this, target, message, onAck);
  }

  kick(selector: KickSelector, code: ProblemCode): number {
    const chosen = this.index.select(selector);
    const reasonCode = disconnectReason(code);
    for (const c of chosen) c.cut(code, c.disconnectBytes(reasonCode, code));
    this.counters.kicks += chosen.length;
    return chosen.length;
  }

  sessions(): SessionSnapshot[] {
    const out: SessionSnapshot[] = [];
    for (const { device, session, isVersion5, connectedAt, lastSeen, received, sent } of this.index.all)
      if (device && session)
        out.push({
          session: device,
          protocol: isVersion5 ? 'mqtt5' : 'mqtt3.1.1',
          connectedAt,
          lastSeen,
          received,
          sent,
          subscriptions: session.subscriptions.filters,
        });
    return out;
  }

  /** Connections with a live socket, admitted or not. */
  get size(): number {
    return this.open.size;
  }

  /**
   * Ends all connections with 0x8B, spread over `spreadMs` in an order given by `random` (0 to 1), so that devices do
   * not come back all at once. Stop listening first. Resolves when the last socket is gone, at the latest 3 s later.
   */
  async drain(spreadMs: number, random: () => number): Promise<void> {
    this.draining = true;
    const order = [...this.open].map((c) => ({ c, at: random() })).toSorted((a, b) => a.at - b.at);
    const started = this.now();
    for (const { c, at } of order) {
      const wait = started + at * spreadMs - this.now();
      if (wait > 10) await setTimeoutPromise(wait);
      c.close('shutdown', c.state === 'open' ? c.disconnectBytes(reason.shuttingDown) : undefined);
    }
    for (const end = this.now() + 3_000; this.open.size > 0 && this.now() < end; ) await setTimeoutPromise(10);
    this.stop();
  }
}

/** Finds the connection of a socket without a closure per socket. */
const tag = Symbol('connection');
type Tagged = WireSocket & { readonly [tag]: Connection };

function onData(this: Tagged, chunk: Buffer): void {
  this[tag].receive(chunk);
}
function onDrain(this: Tagged): void {
  this[tag].proceed(block.drain);
}
function onClose(this: Tagged): void {
  const connection = this[tag];
  (connection.core as Engine).forget(connection); // attach made both
}
/** Resets and TLS errors of a peer; `close` follows and does the work. */
function ignore(): void {}
