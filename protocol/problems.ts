import { accessProblems } from './problems/access.ts';
import { dataProblems } from './problems/data.ts';
import { generalProblems } from './problems/general.ts';
import { identityProblems } from './problems/identity.ts';
import type { ProblemRow } from './problems/row.ts';
import { startProblems } from './problems/start.ts';
import type { Locale } from './texts.ts';

/** Every way the platform says no. Codes are public and stable; `docs/problems.md` is made from this table. */
export const problems = {
  ...generalProblems,
  ...identityProblems,
  ...accessProblems,
  ...dataProblems,
  ...startProblems,
} as const;
export type ProblemCode = keyof typeof problems;

export const isProblemCode = (text: string): text is ProblemCode => text in problems;
export const problemRow = (code: ProblemCode): ProblemRow => problems[code];

/** A refusal with a public code. Anything else that is thrown is a bug and reaches the peer as `internal`. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  /** Plain cause in English for this one case; never holds secrets or values of telemetry. */
  readonly detail: string;

  constructor(code: ProblemCode, detail: string, options?: ErrorOptions) {
    super(`${code}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
  }
}

/** Problem document of RFC 9457 as every HTTP listener sends it. */
export interface ProblemDocument {
  readonly type: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly title: string;
  readonly detail: string;
  readonly next: string;
}

export function problemDocument(problem: Problem, locale: Locale): ProblemDocument {
  const row = problemRow(problem.code);
  return {
    type: `urn:pactgate:problem:${problem.code}`,
    status: row.status,
    code: problem.code,
    title: row.title[locale],
    detail: problem.detail,
    next: row.next[locale],
  };
}
