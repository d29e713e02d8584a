import type { ProofCrypto } from '../crypto.ts';
import { demand } from '../error.ts';
import type { Policy } from '../policy.ts';
import { parseTlogProof, verifyTlogProof } from '../tlog-proof.ts';
import type { ProvenLeaves } from './entries.ts';
import type { Report } from './report.ts';

/** Step 11: the ready-made proofs are about these leaves and this log, so other people's tools will agree. */
export async function checkProofs(
  report: Report,
  { crypto, policy }: { readonly crypto: ProofCrypto; readonly policy: Policy },
  proofs: ReadonlyMap<number, string>,
  range: ProvenLeaves,
): Promise<void> {
  if (proofs.size === 0) return;
  const byIndex = new Map(range.leaves.map((leaf) => [leaf.index, leaf.bytes]));
  const text = { zh: '单条证明不成立', en: 'A single proof does not hold' };
  for (const [index, proofText] of proofs) {
    await report.attempt(
      'proofs',
      text,
      async () => {
        const proof = parseTlogProof(proofText);
        const entry = byIndex.get(index);
        demand(proof.index === index, 'bad-proof', `proof ${index} is for entry ${proof.index}`);
        demand(entry !== undefined, 'bad-proof', `proof ${index} is for an entry that is not here`);
        const { checkpoint } = await verifyTlogProof(crypto, proof, entry, policy);
        demand(checkpoint.origin === range.origin, 'bad-proof', `proof ${index} is for another log`);
      },
      range.origin,
    );
  }
  if (!report.isClean('proofs', range.origin)) return;
  const text2 = { zh: `${proofs.size} 个单条证明成立`, en: `${proofs.size} single proofs hold` };
  report.holds('proofs', text2, range.origin);
}
