/** Why something handed to this package was refused. Callers at an edge map these to their own `Problem` codes. */
export type ProofErrorCode =
  | 'bad-anchors'
  | 'bad-argument'
  | 'bad-bundle'
  | 'bad-checkpoint'
  | 'bad-commitment'
  | 'bad-disclosure'
  | 'bad-encoding'
  | 'bad-json'
  | 'bad-jws'
  | 'bad-leaf'
  | 'bad-note'
  | 'bad-path'
  | 'bad-policy'
  | 'bad-proof'
  | 'bad-signature'
  | 'bad-tile'
  | 'bad-vkey'
  | 'bad-zip'
  | 'missing'
  | 'no-signature'
  | 'quorum-not-met'
  | 'too-large'
  | 'unknown-log';

/** The one error class of this package: a refusal with a code. Anything else thrown here is a bug. */
export class ProofError extends Error {
  override readonly name = 'ProofError';
  readonly code: ProofErrorCode;
  readonly detail: string;

  constructor(code: ProofErrorCode, detail: string, options?: ErrorOptions) {
    super(`${code}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
  }
}

/** Throws a {@link ProofError} unless `holds`. */
export function demand(holds: boolean, code: ProofErrorCode, detail: string): asserts holds {
  if (!holds) throw new ProofError(code, detail);
}
