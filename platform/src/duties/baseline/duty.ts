import type { Duty } from '@pactgate/agreement';

/** Security file, SBOM and the gate before activation; B2.1.2-5 join when they are evaluated. */
export const duty = {
  name: 'baseline',
  executes: ['B2.1.1'],
  emits: ['model.profile.sign', 'sbom.ingest', 'model.activate'],
} as const satisfies Duty;
