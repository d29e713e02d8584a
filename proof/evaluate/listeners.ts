import { maxNames, newer, toSeen } from './newest.ts';
import type { Stain } from './sessions.ts';
import type { AnyRecord, Ref, Seen } from './types.ts';

/** One listener of the platform, as probes and sessions name it. */
export interface Listener {
  readonly name: string;
  bornAt: number;
  authn: Seen<'probe.authn.neg'> | undefined;
  tls: Seen<'probe.tls'> | undefined;
  /** Newest session of a device of this agreement on it; 0: none. */
  sessionAt: number;
  /** A session without authentication. */
  unauthenticated: Stain | undefined;
}
export type Listeners = Map<string, Listener>;

function find(listeners: Listeners, name: string, at: number): Listener | undefined {
  const known = listeners.get(name);
  if (known !== undefined) {
    known.bornAt = Math.min(known.bornAt, at);
    return known;
  }
  if (listeners.size >= maxNames) return undefined;
  const listener: Listener = {
    name,
    bornAt: at,
    authn: undefined,
    tls: undefined,
    sessionAt: 0,
    unauthenticated: undefined,
  };
  listeners.set(name, listener);
  return listener;
}

/** Folds a probe or a session in. A listener once named stays: a dead prober must not make it vanish. */
export function feedListeners(listeners: Listeners, record: AnyRecord, ref: Ref): void {
  switch (record.kind) {
    case 'probe.authn.neg': {
      const listener = find(listeners, record.body.listener, record.at);
      if (listener) listener.authn = newer(listener.authn, toSeen<'probe.authn.neg'>(record, ref));
      return;
    }
    case 'probe.tls': {
      const listener = find(listeners, record.body.listener, record.at);
      if (listener) listener.tls = newer(listener.tls, toSeen<'probe.tls'>(record, ref));
      return;
    }
    case 'session.open': {
      const listener = find(listeners, record.body.listener, record.at);
      if (!listener) return;
      listener.sessionAt = Math.max(listener.sessionAt, record.at);
      if (!record.body.authenticated)
        listener.unauthenticated = newer(listener.unauthenticated, { at: record.at, ref, what: record.body.conn });
      return;
    }
    default:
  }
}
