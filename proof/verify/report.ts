import type { Texts } from '@pactgate/protocol';
import { ProofError } from '../error.ts';
import { causeInWords } from './words.ts';

/** Steps of verification, in the order they are taken. */
export const steps = [
  'manifest',
  'anchors',
  'agreement',
  'log-signature',
  'quorum',
  'cosignature-times',
  'consistency',
  'tiles',
  'entries',
  'bounds',
  'proofs',
  'records',
  'sequences',
  'evaluations',
] as const;
export type Step = (typeof steps)[number];

/**
 * How bad a failed step is. `invalid`: something is false. `incomplete`: what is there is true, but something is not
 * there (erased, withheld, not recomputed). `stale`: no witness has looked lately.
 */
export type Severity = 'invalid' | 'incomplete' | 'stale';

/** One thing that was checked, in words. */
export type VerifyFinding =
  | { readonly step: Step; readonly ok: true; readonly log?: string; readonly text: Texts }
  | {
      readonly step: Step;
      readonly ok: false;
      readonly severity: Severity;
      readonly log?: string;
      readonly text: Texts;
    };

/** 0 valid, 1 invalid, 2 valid but incomplete, 3 newest witness time too old. Any other code of a program: not verified. */
export type ExitCode = 0 | 1 | 2 | 3;

/** Exit code of findings: 1 beats 3 beats 2. */
export function exitCodeOf(findings: readonly VerifyFinding[]): ExitCode {
  const has = (severity: Severity): boolean => findings.some((finding) => !finding.ok && finding.severity === severity);
  if (has('invalid')) return 1;
  if (has('stale')) return 3;
  return has('incomplete') ? 2 : 0;
}

/** Most findings kept of one step and log: a hostile bundle must not flood its reader. The first ones are kept. */
const maxPerStep = 50;

/** Collects findings while the steps run. */
export class Report {
  readonly #findings: VerifyFinding[] = [];
  readonly #counts = new Map<string, number>();

  get findings(): readonly VerifyFinding[] {
    return this.#findings;
  }

  holds(step: Step, text: Texts, log?: string): void {
    this.#add({ step, ok: true, ...(log === undefined ? {} : { log }), text });
  }

  fails(step: Step, severity: Severity, text: Texts, log?: string): void {
    this.#add({ step, ok: false, severity, ...(log === undefined ? {} : { log }), text });
  }

  /** True when the step has no failed finding (for this log). */
  isClean(step: Step, log?: string): boolean {
    return !this.#findings.some((finding) => finding.step === step && finding.log === log && !finding.ok);
  }

  /**
   * Runs a check. A {@link ProofError} becomes an `invalid` finding that begins with `text` and ends with the cause,
   * and the result is undefined; any other error is our bug or the platform's and passes through.
   */
  async attempt<T>(step: Step, text: Texts, check: () => T | Promise<T>, log?: string): Promise<T | undefined> {
    try {
      return await check();
    } catch (cause) {
      if (!(cause instanceof ProofError)) throw cause;
      const why = causeInWords(cause);
      this.fails(step, 'invalid', { zh: `${text.zh}：${why.zh}`, en: `${text.en}: ${why.en}` }, log);
      return undefined;
    }
  }

  #add(finding: VerifyFinding): void {
    const key = `${finding.step} ${finding.log ?? ''} ${finding.ok}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    if (count <= maxPerStep) this.#findings.push(finding);
  }
}
