import type { VerifiedCheckpoint } from '../checkpoint.ts';
import type { Policy } from '../policy.ts';
import { clockSkew, defaultWitnessAge, type VerifyOptions } from './options.ts';
import type { Report, Severity } from './report.ts';
import { durationInWords, timeInWords } from './words.ts';

/**
 * Step 5: enough witnesses cosigned. Without them A alone could have rewritten this history, so in a bundle, which A
 * could have cut at a witnessed checkpoint, it is invalid; on a live log a cosignature may be seconds away: stale.
 */
export function checkQuorum(
  report: Report,
  { checkpoint, cosignatures, quorum }: VerifiedCheckpoint,
  policy: Policy,
  unmet: Severity,
): void {
  const log = checkpoint.origin;
  const names = cosignatures.map(({ witness }) => witness).join(', ');
  if (policy.quorum === undefined) {
    report.holds('quorum', { zh: '约定的策略不要求见证', en: 'The agreed policy asks for no witness' }, log);
  } else if (quorum) {
    const text = { zh: `见证签名达到法定数：${names}`, en: `The witnesses make the quorum: ${names}` };
    report.holds('quorum', text, log);
  } else {
    const text = {
      zh: '已发布但未经见证：见证签名不足法定数，平台方单方仍可能改写这段历史',
      en: 'Published, not witnessed: the cosignatures do not make the quorum, so A alone could still rewrite this history',
    };
    report.fails('quorum', unmet, text, log);
  }
}

/** Step 6: the newest witness time is neither too old nor ahead of the clock. */
export function checkCosignatureTimes(
  report: Report,
  { checkpoint, cosignatures }: VerifiedCheckpoint,
  options: Pick<VerifyOptions, 'now' | 'maxWitnessAge'>,
): void {
  if (cosignatures.length === 0) return;
  const log = checkpoint.origin;
  const newest = Math.max(...cosignatures.map(({ time }) => time));
  const age = options.now / 1000 - newest;
  const allowed = options.maxWitnessAge ?? defaultWitnessAge;
  const when = timeInWords(newest);
  const ageText = durationInWords(age);
  const limit = durationInWords(allowed);
  if (age < -clockSkew) {
    const text = {
      zh: `见证时间 ${when} 晚于本机时钟：本机或见证方的时钟有误，或时间是伪造的`,
      en: `Witness time ${when} is ahead of this machine's clock: one of the clocks is wrong, or the time is made up`,
    };
    report.fails('cosignature-times', 'invalid', text, log);
  } else if (age > allowed) {
    const text = {
      zh: `最近一次见证在 ${when}，距今 ${ageText.zh}，超过允许的 ${limit.zh}`,
      en: `Last witnessed ${when}, ${ageText.en} ago: more than the ${limit.en} allowed`,
    };
    report.fails('cosignature-times', 'stale', text, log);
  } else {
    const text = { zh: `最近一次见证在 ${when}，距今 ${ageText.zh}`, en: `Last witnessed ${when}, ${ageText.en} ago` };
    report.holds('cosignature-times', text, log);
  }
}
