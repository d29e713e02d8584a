import type { Duty } from '@pactgate/agreement';

/** Reports of devices, incidents, isolation. */
export const duty = {
  name: 'incidents',
  executes: ['B2.6.2', 'A3.6.2'],
  emits: [
    'incident.report',
    'incident.selftest',
    'incident.open',
    'incident.confirm',
    'incident.contain',
    'incident.close',
    'device.isolate',
    'device.isolate.effect',
    'probe.isolation',
  ],
} as const satisfies Duty;
