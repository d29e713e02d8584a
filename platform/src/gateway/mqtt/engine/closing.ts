import type { CloseReason } from '../../../flow/gateway-port.ts';
import type { Connection } from './connection.ts';
import type { Session } from './session.ts';
import { publishWill } from './will.ts';

/** Everything that follows the end of a connection; called once per connection. */
export function ended(c: Connection, reason: CloseReason, wasOpen: boolean): void {
  const { core, device, session } = c;
  if (device === undefined || !wasOpen) return;
  const now = core.now();
  c.session = undefined;
  // A will is deleted by a normal DISCONNECT only (section 3.1.2.5); a server that stops may hold it back.
  if (reason !== 'shutdown') leaveWill(c, session, now);
  if (session?.connection === c) core.sessionTable.leave(session, now);
  device.closed(reason, {
    durationMs: now - c.connectedAt,
    received: c.received,
    refused: c.refused,
    sent: c.sent,
  });
}

/** Publishes the will, or leaves it with the session for its delay [MQTT-3.1.3-9]. */
function leaveWill(c: Connection, session: Session | undefined, now: number): void {
  const { will, device } = c;
  c.will = undefined;
  if (will === undefined || device === undefined) return;
  const delay = will.properties.willDelayInterval ?? 0;
  if (delay === 0 || session === undefined || session.expirySeconds === 0) {
    publishWill(c.core, device, will);
    return;
  }
  session.delayedWill = { will, session: device };
  session.willAt = now + delay * 1_000;
}
