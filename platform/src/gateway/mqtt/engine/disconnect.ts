import type { DisconnectPacket } from '../codec/packet.ts';
import type { Connection } from './connection.ts';

/** DISCONNECT (section 3.14): ends the connection, may change the session's expiry, decides about the will. */
export function onDisconnect(c: Connection, { reasonCode, properties }: DisconnectPacket): void {
  const { session } = c;
  const expiry = properties.sessionExpiryInterval;
  if (session && expiry !== undefined) {
    if (session.expirySeconds === 0 && expiry > 0) {
      c.violate('mqtt/protocol-error', 'session expiry raised from 0 in DISCONNECT', 0x82);
      return;
    }
    session.expirySeconds = Math.min(expiry, c.core.profile.sessionExpiryCap || expiry);
  }
  if (reasonCode === 0) c.will = undefined; // [MQTT-3.14.4-3]
  c.close('client');
}
