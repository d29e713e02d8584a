import { matches } from '../codec/topics.ts';

export interface Subscription {
  readonly filter: string;
  readonly qos: 0 | 1 | 2;
  /** MQTT 5 Subscription Identifier; 0 = none. */
  readonly identifier: number;
  /** Session epoch at which the filter was last permitted. */
  epoch: number;
}

/** Subscriptions of one session by filter; re-subscribing replaces. */
export class Subscriptions {
  private readonly items: Subscription[] = [];

  get size(): number {
    return this.items.length;
  }

  get filters(): string[] {
    return this.items.map((item) => item.filter);
  }

  private indexOf(filter: string): number {
    return this.items.findIndex((item) => item.filter === filter);
  }

  has(filter: string): boolean {
    return this.indexOf(filter) >= 0;
  }

  set(subscription: Subscription): void {
    const at = this.indexOf(subscription.filter);
    if (at < 0) this.items.push(subscription);
    else this.items[at] = subscription;
  }

  delete(filter: string): boolean {
    const at = this.indexOf(filter);
    if (at >= 0) this.items.splice(at, 1);
    return at >= 0;
  }

  matching(topic: string): Subscription[] {
    return this.items.filter((item) => matches(item.filter, topic));
  }
}
