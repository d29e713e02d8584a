import type { DeliveryResult, DeviceSession, DownlinkMessage } from '../../../flow/gateway-port.ts';
import type { Will } from '../codec/packet.ts';
import type { Connection } from './connection.ts';
import { Subscriptions } from './subscriptions.ts';
import { Timed } from './wheel.ts';

/** One message on its way to a device, shared by the sessions it went to. */
export class Delivery {
  private waiting: number;
  private onAck: ((result: DeliveryResult) => void) | undefined;

  constructor(receivers: number, onAck: (result: DeliveryResult) => void) {
    this.waiting = receivers;
    this.onAck = onAck;
  }

  /** The first acknowledgement counts; else the outcome of the last receiver. */
  settle(result: DeliveryResult): void {
    this.waiting--;
    if (result !== 'acknowledged' && this.waiting > 0) return;
    const { onAck } = this;
    this.onAck = undefined;
    onAck?.(result);
  }
}

/** A PUBLISH to the client that waits for its PUBACK. */
export interface Outgoing {
  readonly message: DownlinkMessage;
  readonly topic: string;
  readonly identifiers: readonly number[];
  readonly delivery: Delivery;
}

/** 0xFFFFFFFF seconds: never, section 3.1.2.11.2. */
export const neverExpires = 0xffff_ffff;
/** Of an id that is its own owner: the identity stands in the key, so that no other device finds this session. */
export const sessionKey = (session: DeviceSession): string => `${session.party}/${session.device}/${session.clientId}`;

/** What outlives a connection (section 4.1): subscriptions, open QoS 2 ids, unacknowledged messages, a delayed will. */
export class Session extends Timed {
  readonly key: string;
  readonly subscriptions = new Subscriptions();
  connection: Connection | undefined = undefined;
  /** Seconds after the connection; 0 = with it. */
  expirySeconds = 0;
  /** QoS 2 ids stored and not yet released. */
  qos2: Set<number> | undefined = undefined;
  /** In the order sent. */
  outgoing: Map<number, Outgoing> | undefined = undefined;
  private lastId = 0;
  /** Epoch milliseconds; 0 = has a connection. */
  endsAt = 0;
  willAt = 0;
  delayedWill: { readonly will: Will; readonly session: DeviceSession } | undefined = undefined;
  private readonly onDue: (session: Session, now: number) => void;

  constructor(key: string, onDue: (session: Session, now: number) => void) {
    super();
    this.key = key;
    this.onDue = onDue;
  }

  due(now: number): void {
    this.onDue(this, now);
  }

  /** Next free packet identifier; the window is far below 65,535, so there always is one. */
  nextId(): number {
    do this.lastId = (this.lastId % 65_535) + 1;
    while (this.outgoing?.has(this.lastId));
    return this.lastId;
  }
}
