import { isPlatformRole, Problem } from '@pactgate/protocol';
import type { Route } from '@pactgate/protocol/api';
import type { Caller } from './context.ts';

/** What the rule of a route needs beyond the table. */
export interface AccessRule {
  /** Absent: nobody comes in (default deny). */
  readonly access?: Route['access'];
  /** Answers before the second factor is proved: `me` alone, so that a console can say what is due. */
  readonly beforeSecondFactor?: boolean;
}

/**
 * Decides one request, in this order: no rule, not signed in (`auth/required`), second factor owed
 * (`auth/second-factor`), role (`auth/forbidden`), and for `b.*` the agreement of the path, which is not found
 * (`request/not-found`) when it is another party's: whether it exists is nobody's business.
 *
 * @param agreement the `:agreement` of the path, absent where it has none
 */
export function decideAccess(rule: AccessRule, caller: Caller, agreement: string | undefined): Problem | undefined {
  const { access } = rule;
  if (access === undefined) return new Problem('auth/forbidden', 'no rule allows this operation');
  if (access !== 'public') {
    const refusal = decideKnown(access, caller, rule.beforeSecondFactor === true);
    if (refusal) return refusal;
  }
  if (agreement !== undefined && !reaches(caller, agreement))
    return new Problem('request/not-found', 'no such agreement');
  return undefined;
}

function decideKnown(
  access: Exclude<Route['access'], 'public'>,
  caller: Caller,
  beforeSecondFactor: boolean,
): Problem | undefined {
  if (caller.kind === 'public') return new Problem('auth/required', 'no valid session or token');
  if (caller.secondFactorNeeded && !beforeSecondFactor)
    return new Problem('auth/second-factor', `role ${caller.role} needs a second factor`);
  if (access !== 'person' && !access.includes(caller.role)) return new Problem('auth/forbidden', `role ${caller.role}`);
  return undefined;
}

/** `a.*` reaches every agreement, `b.*` its own party's, nobody else any. */
function reaches(caller: Caller, agreement: string): boolean {
  if (caller.kind === 'public') return false;
  return isPlatformRole(caller.role) || caller.agreements.includes(agreement);
}
