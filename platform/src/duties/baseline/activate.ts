import type { ProblemCode } from '@pactgate/protocol';
import { type Duration, type Instant, later } from '../../kernel/time.ts';

/** What is on record of a model when somebody asks to activate it. Absent members: not submitted. */
export interface ModelFacts {
  readonly file?: {
    readonly signedAt: Instant;
    /** First moment without support. */
    readonly supportEnd: Instant;
    readonly missing: readonly string[];
  };
  readonly sbom?: { readonly parsed: boolean };
  readonly manifest?: { readonly reviewBy: Instant; readonly untagged: readonly string[] };
}

export interface ActivationLimits {
  /** Greatest age of the signed file (B2.1.1 `fileMaxAge`). */
  readonly fileMaxAge: Duration;
}

/** Why a model may not be activated: the code and the plain cause of each. */
export interface ActivationFault {
  readonly code: Extract<
    ProblemCode,
    'model/file-incomplete' | 'model/sbom-invalid' | 'data/manifest-missing' | 'data/manifest-invalid'
  >;
  readonly detail: string;
}

function fileFaults({ file }: ModelFacts, { fileMaxAge }: ActivationLimits, now: Instant): readonly ActivationFault[] {
  const code = 'model/file-incomplete';
  if (file === undefined) return [{ code, detail: 'no security file was submitted' }];
  const faults: ActivationFault[] = [];
  if (file.missing.length > 0) faults.push({ code, detail: `missing: ${file.missing.join(', ')}` });
  if (later(file.signedAt, fileMaxAge) < now) faults.push({ code, detail: 'the file is older than agreed' });
  if (file.supportEnd <= now) faults.push({ code, detail: 'security support has ended' });
  return faults;
}

function sbomFaults({ sbom }: ModelFacts): readonly ActivationFault[] {
  if (sbom?.parsed === true) return [];
  const detail = sbom === undefined ? 'no SBOM was submitted' : 'the SBOM does not parse';
  return [{ code: 'model/sbom-invalid', detail }];
}

function manifestFaults({ manifest }: ModelFacts, now: Instant): readonly ActivationFault[] {
  if (manifest === undefined) return [{ code: 'data/manifest-missing', detail: 'no data manifest was submitted' }];
  const faults: ActivationFault[] = [];
  if (manifest.untagged.length > 0)
    faults.push({ code: 'data/manifest-invalid', detail: `untagged: ${manifest.untagged.slice(0, 20).join(', ')}` });
  if (manifest.reviewBy <= now)
    faults.push({ code: 'data/manifest-invalid', detail: 'the review of the manifest is overdue' });
  return faults;
}

/**
 * The gate before activation (B2.1.1, B2.4.2): no device of a model comes in before its security file is complete, its
 * SBOM parses and its manifest is in order. Empty: party A may countersign and activate. Ask again at activation: days
 * pass between submitting and countersigning.
 */
export function mayActivate(facts: ModelFacts, limits: ActivationLimits, now: Instant): readonly ActivationFault[] {
  return [...fileFaults(facts, limits, now), ...sbomFaults(facts), ...manifestFaults(facts, now)];
}
