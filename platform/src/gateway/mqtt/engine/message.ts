import type { DeviceSession, UplinkMessage, UplinkRoute } from '../../../flow/gateway-port.ts';

const empty = Buffer.alloc(0);

/** The one {@link UplinkMessage} of an engine, filled anew for each publish. */
export class InboundMessage implements UplinkMessage {
  // The first publish sets the fields that have no meaning before it.
  declare session: DeviceSession;
  declare route: UplinkRoute;
  topic = '';
  qos: 0 | 1 | 2 = 0;
  packetId = 0;
  receivedAt = 0;
  bytes: Buffer = empty;
  start = 0;
  end = 0;

  get size(): number {
    return this.end - this.start;
  }

  get payload(): Uint8Array {
    return this.bytes.subarray(this.start, this.end);
  }

  text(): string {
    return this.bytes.toString('utf8', this.start, this.end);
  }
}
