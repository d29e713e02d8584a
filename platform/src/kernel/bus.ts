/** What happens inside the process and across its parts; one map, so that every topic has one type. */
export interface BusEvents {
  /** An isolation order, revocation or ban took effect: cut what it names and refuse it from now on. */
  readonly 'ctl.kick': {
    readonly reason: string;
    readonly party?: string;
    readonly device?: string;
    readonly serial?: string;
    readonly at: number;
  };
  /** Attributes that policy decisions read have changed for this device (or for all of a party). */
  readonly 'ctl.epoch': { readonly party: string; readonly device?: string };
  /** A downlink row (command, configuration, notice) waits for this device. */
  readonly 'dn.ready': { readonly party: string; readonly device: string };
  /** Outbox rows were committed for this log: wake its sequencer. */
  readonly 'ledger.outbox': { readonly log: string };
  /** A checkpoint of this log was stored and may be served. */
  readonly 'ledger.published': { readonly log: string; readonly size: number };
  /** A record of this kind was sequenced: wakes evaluators of the rows that name it. */
  readonly 'ledger.record': { readonly log: string; readonly kind: string; readonly index: number };
}
export type BusTopic = keyof BusEvents;

/**
 * In-process events. Delivery: at most once per subscriber, in publication order, synchronously in the memory
 * driver; a subscriber that throws is reported and does not stop the others. Nothing that must not be lost rides on
 * it alone: each event only wakes somebody who reads the database.
 */
export interface Bus {
  publish<T extends BusTopic>(topic: T, event: BusEvents[T]): void;
  /** Returns the function that ends the subscription. */
  subscribe<T extends BusTopic>(topic: T, listener: (event: BusEvents[T]) => void): () => void;
}
