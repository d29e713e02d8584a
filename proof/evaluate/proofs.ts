import type { EvidenceRecord } from '@pactgate/protocol';
import { type Handlers, handle } from './handlers.ts';
import type { Concerns } from './ledger.ts';
import { keepNewest, maxNames, newer, toSeen } from './newest.ts';
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

function feedRequests(proofs: Proofs, record: EvidenceRecord<'ledger.proof.selftest'>): void {
  const month = monthOf(record.at);
  const sums = proofs.months.get(month) ?? { requests: 0, answered: 0 };
  sums.requests += record.body.requests;
  sums.answered += record.body.answered;
  proofs.months.set(month, sums);
  const kept = new Set([...proofs.months.keys()].toSorted().slice(-maxMonths));
  for (const key of proofs.months.keys()) if (!kept.has(key)) proofs.months.delete(key);
}

function feedChallenge(proofs: Proofs, record: EvidenceRecord<'evidence.challenge'>, ref: Ref): void {
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

interface ProofParts {
  readonly proofs: Proofs;
  readonly concerns: Concerns;
}

const proofHandlers: Handlers<ProofParts> = {
  'ledger.proof.selftest': ({ proofs, concerns }, record, ref) => {
    const { origin } = record.body;
    feedRequests(proofs, record);
    if (concerns(origin)) keepNewest(proofs.selftests, origin, toSeen(record, ref));
  },
  'evidence.export': ({ proofs }, record, ref) => {
    proofs.exported = newer(proofs.exported, toSeen(record, ref));
  },
  'evidence.challenge': ({ proofs }, record, ref) => {
    feedChallenge(proofs, record, ref);
  },
};

/** Folds a record about proofs in. */
export const feedProofs = (proofs: Proofs, record: AnyRecord, ref: Ref, concerns: Concerns): void =>
  handle(proofHandlers, { proofs, concerns }, record, ref);
