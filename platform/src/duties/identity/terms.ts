import { type Duration, days, hours } from '../../kernel/time.ts';

/** The numbers of the agreement (and of the model) that identity decisions use. */
export interface IdentityTerms {
  /** Life of a device certificate. Default 7 d; 24 h for models that are always on. */
  readonly certificateLife: Duration;
  /** Longest time in which old and new key of a renewal are both live (B2.2.1). Default 24 h. */
  readonly renewalOverlap: Duration;
  /** How long after its end a certificate may still renew, with a new key (B2.2.5). Default 400 d. */
  readonly dormancyGrace: Duration;
  /** Life of a one-time enrolment code (B2.2.3). Default 24 h. */
  readonly codeLife: Duration;
}

export const standardTerms: IdentityTerms = {
  certificateLife: days(7),
  renewalOverlap: hours(24),
  dormancyGrace: days(400),
  codeLife: hours(24),
};
