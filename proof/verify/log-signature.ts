import { type VerifiedCheckpoint, verifyCheckpoint } from '../checkpoint.ts';
import type { ProofCrypto } from '../crypto.ts';
import type { Policy } from '../policy.ts';
import type { Report } from './report.ts';

/** Step 4: the checkpoint is signed by the log it names, and no known signature under it is false. */
export async function checkLogSignature(
  report: Report,
  crypto: ProofCrypto,
  checkpoint: Uint8Array,
  policy: Policy,
): Promise<VerifiedCheckpoint | undefined> {
  const text = { zh: '检查点的签名不成立', en: 'The checkpoint is not validly signed' };
  const verified = await report.attempt('log-signature', text, () => verifyCheckpoint(crypto, checkpoint, policy));
  if (verified === undefined) return undefined;
  const { origin, size } = verified.checkpoint;
  report.holds(
    'log-signature',
    { zh: `${origin} 签署了 ${size} 条记录的检查点`, en: `${origin} signed a checkpoint over ${size} records` },
    origin,
  );
  return verified;
}

/** An agreement's log is the one whose origin has the agreement's id as a segment. */
export function isLogOf(origin: string, agreement: string): boolean {
  return origin.split('/').includes(agreement);
}
