import type { DeviceSession, UplinkWaiter } from '../../../flow/gateway-port.ts';
import type { Will } from '../codec/packet.ts';
import type { Core } from './core.ts';

/** Nobody waits for a will. */
const nobody: UplinkWaiter = { acknowledge: () => undefined };

/**
 * Publishes a will as an uplink of its device, authorised anew: rights may have gone since it was registered. A
 * refusal is the flow's to record.
 */
export function publishWill(core: Core, session: DeviceSession, will: Will): void {
  try {
    submitWill(core, session, will);
  } catch (error) {
    core.failed(error); // the end of the connection goes on
  }
}

function submitWill(core: Core, session: DeviceSession, will: Will): void {
  const route = session.permitPublish(will.topic);
  if (typeof route === 'string') return;
  const { message } = core;
  message.session = session;
  message.route = route;
  message.topic = will.topic;
  message.qos = will.qos;
  message.packetId = 0;
  message.receivedAt = core.now();
  message.bytes = Buffer.from(will.payload);
  message.start = 0;
  message.end = message.bytes.length;
  core.ports.uplink.submit(message, nobody);
}
