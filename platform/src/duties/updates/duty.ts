import type { Duty } from '@pactgate/agreement';

/** Running versions; releases, roles and rollouts join when they are built. */
export const duty = { name: 'updates', executes: ['B2.5.3'], emits: ['version.report'] } as const satisfies Duty;
