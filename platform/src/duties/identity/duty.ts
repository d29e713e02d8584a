import type { Duty } from '@pactgate/agreement';

/** Who a device is: registration, enrolment, keys, certificates, and whether it comes in. */
export const duty = {
  name: 'identity',
  executes: ['B2.2.1', 'B2.2.2', 'B2.2.3', 'B2.2.4', 'B2.2.5', 'A3.1.1'],
  emits: [
    'device.register',
    'device.state',
    'device.enrol',
    'device.key.bind',
    'device.key.retire',
    'device.id.scan',
    'device.id.conflict',
    'cert.issue',
    'cert.renew',
    'cert.revoke',
    'crl.publish',
    'session.open',
    'session.close',
    'session.reject',
    'probe.authn.neg',
  ],
} as const satisfies Duty;
