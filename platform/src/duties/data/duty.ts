import type { Duty } from '@pactgate/agreement';

/** Data minimisation, declaration, sealing and masking. B2.4.3-5 join when their evidence is evaluated. */
export const duty = {
  name: 'data',
  executes: ['B2.4.1', 'B2.4.2'],
  emits: ['schema.publish', 'schema.countersign', 'msg.validate', 'msg.refuse', 'data.read', 'data.export'],
} as const satisfies Duty;
