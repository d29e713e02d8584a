import type { ProofCrypto } from './crypto.ts';
import { parseVkey } from './note/key.ts';
import { formatPolicy } from './policy.ts';

/** The keys a signed document names: those of the logs, and of B's witness if there is one. */
export interface AgreedKeys {
  readonly logs: readonly string[];
  readonly witness?: string;
}

/** Name of B's witness inside the policy. */
export const partyWitness = 'party';

/**
 * The `policy.tlog` that follows from the anchors of a signed document: its logs, and B's witness as the quorum. Both
 * parties compute it from what both signed, so neither has to hand it to the other.
 */
export function agreedPolicy(crypto: Pick<ProofCrypto, 'sha256'>, { logs, witness }: AgreedKeys): string {
  return formatPolicy(crypto, {
    logs: logs.map((vkey) => ({ key: parseVkey(crypto, vkey) })),
    witnesses: witness === undefined ? [] : [{ name: partyWitness, key: parseVkey(crypto, witness) }],
    groups: [],
    quorum: witness === undefined ? undefined : partyWitness,
  });
}
