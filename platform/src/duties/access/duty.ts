import type { Duty } from '@pactgate/agreement';

/** Policies, permission tables, explanations; A3.1.2 and A3.1.5 join when they are evaluated. */
export const duty = {
  name: 'access',
  executes: ['B2.2.6', 'A3.1.3'],
  emits: ['authz.decide', 'authz.deny.burst', 'policy.publish', 'probe.authz.replay'],
} as const satisfies Duty;
