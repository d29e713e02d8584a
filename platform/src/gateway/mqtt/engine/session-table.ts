import type { Core } from './core.ts';
import { neverExpires, Session } from './session.ts';
import { publishWill } from './will.ts';

/**
 * Sessions in memory, with and without a connection. A restart forgets them, and Session Present then says so; the
 * messages they wait for are rows of the database, not of this table. Bounded: the longest offline one ends first.
 */
export class SessionTable {
  private readonly byKey = new Map<string, Session>();
  private readonly offlineMaximum: number;
  /** Sessions without connection, oldest first. */
  private readonly offline = new Set<Session>();
  private core: Core | undefined = undefined;

  constructor(offlineMaximum: number) {
    this.offlineMaximum = offlineMaximum;
  }

  bind(core: Core): void {
    this.core = core;
  }

  get(key: string): Session | undefined {
    return this.byKey.get(key);
  }

  /** The session of this key for a new connection; a clean start ends the old one first [MQTT-3.1.2-4]. */
  open(key: string, cleanStart: boolean): { readonly session: Session; readonly present: boolean } {
    const known = this.byKey.get(key);
    if (known && !cleanStart) {
      this.offline.delete(known);
      this.core?.wheel.cancel(known);
      known.delayedWill = undefined; // resumed in time [MQTT-3.1.3-9]
      known.endsAt = 0;
      return { session: known, present: true };
    }
    if (known) this.end(known);
    const session = new Session(key, (due, now) => this.due(due, now));
    this.byKey.set(key, session);
    return { session, present: false };
  }

  /** The connection of the session ended: the session ends with it, or waits. */
  leave(session: Session, now: number): void {
    session.connection = undefined;
    if (session.expirySeconds === 0) {
      this.end(session);
      return;
    }
    const isEndless = session.expirySeconds === neverExpires;
    session.endsAt = isEndless ? Number.MAX_SAFE_INTEGER : now + session.expirySeconds * 1_000;
    this.offline.add(session);
    this.schedule(session, now);
    if (this.offline.size > this.offlineMaximum) {
      const { value: oldest } = this.offline.values().next();
      if (oldest) this.end(oldest);
    }
  }

  private schedule(session: Session, now: number): void {
    const will = session.delayedWill ? session.willAt : Number.MAX_SAFE_INTEGER;
    this.core?.wheel.schedule(session, Math.min(will, session.endsAt, now + 86_400_000));
  }

  private due(session: Session, now: number): void {
    if (now >= session.endsAt) {
      this.end(session);
      return;
    }
    if (now >= session.willAt) this.sendWill(session);
    this.schedule(session, now);
  }

  private sendWill(session: Session): void {
    const { delayedWill } = session;
    session.delayedWill = undefined;
    if (delayedWill && this.core) publishWill(this.core, delayedWill.session, delayedWill.will);
  }

  /** Ends a session: a delayed will is due now, what was not acknowledged is lost. */
  end(session: Session): void {
    this.byKey.delete(session.key);
    this.offline.delete(session);
    this.core?.wheel.cancel(session);
    this.sendWill(session);
    const { outgoing } = session;
    session.outgoing = undefined;
    for (const { delivery } of outgoing?.values() ?? []) delivery.settle('lost');
  }

  get size(): number {
    return this.byKey.size;
  }
}
