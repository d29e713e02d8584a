import { maxNames, newer, toSeen } from './newest.ts';
import type { AnyRecord, Ref, Seen } from './types.ts';

export interface Challenge {
  readonly id: string;
  /** Newest state wins; a challenge resolved before it is seen open stays resolved. */
  opened: { readonly at: number; readonly ref: Ref } | undefined;
  resolvedAt: number | undefined;
}

/** Facts about proofs and exports (A3.4.6). */
export interface Proofs {
  /** Newest self-test by origin. */
  readonly selftests: Map<string, Seen<'ledger.proof.selftest'>>;
  /** Requests and answers by calendar month (UTC), `2026-11`; the newest three. */
  readonly months: Map<string, { requests: number; answered: number }>;
  exported: Seen<'evidence.export'> | undefined;
  readonly challenges: Map<string, Challenge>;
}

export const openProofs = (): Proofs => ({
  selftests: new Map(),
  months: new Map(),
  exported: undefined,
  challenges: new Map(),
});

export const monthOf = (at: number): string => new Date(at).toISOString().slice(0, 7);
const maxMonths = 3;

function feedRequests(proofs: Proofs, record: AnyRecord & { kind: 'ledger.proof.selftest' }): void {
  const month = monthOf(record.at);
  const sums = proofs.months.get(month) ?? { requests: 0, answered: 0 };
  sums.requests += record.body.requests;
  sums.answered += record.body.answered;
  proofs.months.set(month, sums);
  const kept = [...proofs.months.keys()].toSorted().slice(-maxMonths);
  for (const key of proofs.months.keys()) if (!kept.includes(key)) proofs.months.delete(key);
}

function feedChallenge(proofs: Proofs, record: AnyRecord & { kind: 'evidence.challenge' }, ref: Ref): void {
  const { challenge: id, state } = record.body;
  const known = proofs.challenges.get(id);
  if (known === undefined && proofs.challenges.size >= maxNames) dropResolved(proofs);
  const challenge = known ?? { id, opened: undefined, resolvedAt: undefined };
  if (state === 'open') challenge.opened ??= { at: record.at, ref };
  else challenge.resolvedAt ??= record.at;
  proofs.challenges.set(id, challenge);
}

/** Only resolved challenges make room: an open one is never forgotten. */
function dropResolved(proofs: Proofs): void {
  for (const [id, { resolvedAt }] of proofs.challenges) if (resolvedAt !== undefined) proofs.challenges.delete(id);
}

/** Folds a record about proofs in. `concerns`: the log is the agreement's, the platform's or the master log. */
export function feedProofs(proofs: Proofs, record: AnyRecord, ref: Ref, concerns: (origin: string) => boolean): void {
  switch (record.kind) {
    case 'ledger.proof.selftest': {
      feedRequests(proofs, record);
      const { origin } = record.body;
      if (!concerns(origin)) return;
      proofs.selftests.set(origin, newer(proofs.selftests.get(origin), toSeen<'ledger.proof.selftest'>(record, ref)));
      return;
    }
    case 'evidence.export':
      proofs.exported = newer(proofs.exported, toSeen<'evidence.export'>(record, ref));
      return;
    case 'evidence.challenge':
      feedChallenge(proofs, record, ref);
      return;
    default:
  }
}
