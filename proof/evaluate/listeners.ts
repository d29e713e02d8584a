import { type Handlers, handle } from './handlers.ts';
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

const listenerHandlers: Handlers<Listeners> = {
  'probe.authn.neg': (listeners, record, ref) => {
    const listener = find(listeners, record.body.listener, record.at);
    if (listener) listener.authn = newer(listener.authn, toSeen(record, ref));
  },
  'probe.tls': (listeners, record, ref) => {
    const listener = find(listeners, record.body.listener, record.at);
    if (listener) listener.tls = newer(listener.tls, toSeen(record, ref));
  },
  'session.open': (listeners, { body, at }, ref) => {
    const listener = find(listeners, body.listener, at);
    if (!listener) return;
    listener.sessionAt = Math.max(listener.sessionAt, at);
    if (!body.authenticated) listener.unauthenticated = newer(listener.unauthenticated, { at, ref, what: body.conn });
  },
};

/** Folds a probe or a session in. A listener once named stays: a dead prober must not make it vanish. */
export const feedListeners = (listeners: Listeners, record: AnyRecord, ref: Ref): void =>
  handle(listenerHandlers, listeners, record, ref);
