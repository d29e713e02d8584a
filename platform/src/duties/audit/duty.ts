import type { Duty } from '@pactgate/agreement';

/** What must be logged, and that it was: sources, gaps, checks of the ledger, clock. */
export const duty = {
  name: 'audit',
  executes: ['A3.3.5', 'A3.4.1'],
  emits: [
    'ledger.checkpoint',
    'ledger.cosign',
    'ledger.conflict',
    'ledger.fsck',
    'ledger.recover',
    'ledger.reconcile',
    'outbox.lag',
    'clock.check',
    'source.start',
    'log.grow',
  ],
} as const satisfies Duty;
