import type { Inbound } from '../codec/decoder.ts';
import { onConnect } from './connect.ts';
import type { Connection } from './connection.ts';
import { onDisconnect } from './disconnect.ts';
import { onPuback, onPubrec } from './outbound.ts';
import { onPublish, onPubrel } from './publish.ts';
import { onSubscribe, onUnsubscribe } from './subscribe.ts';

const pingresp = Buffer.from([0xd0, 0]);

/** One handler per packet; the decoder lets through only what a client may send, CONNECT first and once. */
export function dispatch(c: Connection, packet: Inbound): void {
  if (packet.type === 'publish') onPublish(c, packet);
  else if (packet.type === 'puback') onPuback(c, packet);
  else if (packet.type === 'pingreq') c.send(pingresp);
  else other(c, packet);
}

function other(c: Connection, packet: Inbound): void {
  if (packet.type === 'connect') onConnect(c, packet);
  else if (packet.type === 'subscribe') onSubscribe(c, packet);
  else if (packet.type === 'unsubscribe') onUnsubscribe(c, packet);
  else if (packet.type === 'disconnect') onDisconnect(c, packet);
  else if (packet.type === 'pubrel') onPubrel(c, packet);
  else if (packet.type === 'pubrec') onPubrec(c, packet);
  else if (packet.type === 'auth') c.violate('mqtt/protocol-error', 'AUTH without authentication method', 0x82);
}
