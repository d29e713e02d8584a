import type { Anchors } from '../anchors.ts';
import type { ProofCrypto } from '../crypto.ts';
import { type Policy, parsePolicy } from '../policy.ts';
import type { Report } from './report.ts';
import { counted } from './words.ts';

/**
 * Step 2: trust comes from the anchors, never from what is verified; a bundle's own copy of the policy must be the same
 * text. Without a usable policy nothing further can be believed.
 */
export async function checkAnchors(
  report: Report,
  crypto: ProofCrypto,
  anchors: Anchors,
  bundlePolicy: string | undefined,
): Promise<Policy | undefined> {
  const text = { zh: '信任锚中的策略不可用', en: 'The policy of the trust anchors cannot be used' };
  const policy = await report.attempt('anchors', text, () => parsePolicy(crypto, anchors.policy));
  if (policy === undefined) return undefined;
  if (bundlePolicy !== undefined && bundlePolicy !== anchors.policy) {
    report.fails('anchors', 'invalid', {
      zh: '证据包里的 policy.tlog 与信任锚不同：只按信任锚验证，但对方提供的不是所约定的策略',
      en: 'policy.tlog of the bundle differs from the trust anchors: verified by the anchors, but it is not what was agreed',
    });
    return policy;
  }
  report.holds('anchors', {
    zh: `使用外部信任锚：协议 ${anchors.agreement}，${policy.logs.length} 个日志，${policy.witnesses.length} 个见证方`,
    en: `Trust anchors from outside: agreement ${anchors.agreement}, ${counted(policy.logs.length, 'log')}, ${counted(policy.witnesses.length, 'witness', 'witnesses')}`,
  });
  return policy;
}
