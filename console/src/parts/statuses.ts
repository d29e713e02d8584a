import type { Answer } from '../app/api.ts';

export type Status = Answer<'board'>['rows'][number]['status'];
/** Statuses in the order of urgency; `not-implemented` stands apart everywhere. */
export const judged = ['breached', 'at-risk', 'unknown', 'met', 'waived', 'n/a'] as const;
