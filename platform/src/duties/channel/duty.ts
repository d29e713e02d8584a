import type { Duty } from '@pactgate/agreement';

/** What counts as a secure channel, on the device's side and on ours. */
export const duty = {
  name: 'channel',
  executes: ['B2.3.1', 'B2.3.2', 'A3.2.1'],
  emits: [
    'session.open',
    'session.reject',
    'device.ports.report',
    'monitor.heartbeat',
    'probe.plaintext.hit',
    'probe.tls',
  ],
} as const satisfies Duty;
