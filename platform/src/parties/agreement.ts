import type { Overrides, Particulars } from '@pactgate/agreement';
import type { PublicJwk } from '@pactgate/proof';
import { Problem } from '@pactgate/protocol';
import type { Instant } from '../kernel/time.ts';

/** Life of an agreement: each change is a record (ledger-and-evidence section 8). */
export type AgreementState = 'draft' | 'offered' | 'signed-by-one' | 'in-force' | 'suspended' | 'ended';

const next: Readonly<Record<AgreementState, readonly AgreementState[]>> = {
  draft: ['offered', 'ended'],
  offered: ['signed-by-one', 'ended'],
  'signed-by-one': ['in-force', 'ended'],
  'in-force': ['suspended', 'ended'],
  suspended: ['in-force', 'ended'],
  ended: [],
};

/** Throws `agreement/state` unless the step is due in this state. */
export function demandStep(from: AgreementState, to: AgreementState): void {
  if (!next[from].includes(to)) throw new Problem('agreement/state', `the agreement is ${from}, not ready for ${to}`);
}

export interface Agreement {
  readonly id: string;
  readonly party: string;
  readonly state: AgreementState;
  readonly edition: string;
  readonly params: Overrides;
  readonly draftedAt: Instant;
  /** RFC 8785 text of the document, from the offer on; never changed after. */
  readonly document?: string;
  /** SHA-256 of that text, hex. */
  readonly digest?: string;
  /** General JSON JWS with the signatures so far. */
  readonly jws?: string;
  readonly inForceAt?: Instant;
  /** Id of its log. */
  readonly log: string;
}

export interface Party {
  readonly id: string;
  readonly particulars: Particulars;
  readonly createdAt: Instant;
}

/** A key of a party: the one it signs with, or its witness's verifier key. */
export type PartyKey =
  | {
      readonly party: string;
      readonly use: 'sign';
      readonly thumbprint: string;
      readonly jwk: PublicJwk;
      readonly createdAt: Instant;
    }
  | {
      readonly party: string;
      readonly use: 'witness';
      readonly thumbprint: string;
      readonly vkey: string;
      readonly createdAt: Instant;
    };
