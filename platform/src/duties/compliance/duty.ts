import type { Duty } from '@pactgate/agreement';

/** Evaluation, breaches, and evidence that either party can verify. */
export const duty = {
  name: 'compliance',
  executes: ['A3.4.6'],
  emits: [
    'eval.result',
    'breach.open',
    'breach.notify',
    'breach.cure',
    'breach.close',
    'breach.waive',
    'ledger.proof.selftest',
    'evidence.export',
    'evidence.challenge',
  ],
} as const satisfies Duty;
