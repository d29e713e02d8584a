import type { TLSSocket } from 'node:tls';

/**
 * Channel bindings of a connection in base64, as a request may carry one in challengePassword (RFC 7030 section 3.5).
 *
 * TLS 1.2: tls-unique, which says nothing in a resumed session, so then there is none. TLS 1.3: tls-exporter (RFC 9266).
 */
export function channelBindings(socket: TLSSocket): readonly string[] {
  if (socket.getProtocol() === 'TLSv1.3')
    return [socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)).toString('base64')];
  const finished = socket.isSessionReused() ? undefined : socket.getPeerFinished();
  return finished ? [finished.toString('base64')] : [];
}
