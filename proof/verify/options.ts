import type { Texts } from '@pactgate/protocol';
import type { ProofCrypto } from '../crypto.ts';
import type { JsonObject } from '../json.ts';
import type { Leaf } from '../leaf.ts';
import type { TreeHead } from '../tiles/reader.ts';
import type { ZipLimits } from '../zip.ts';

/** A record whose leaf is proven to be in its log, and whose body, when there is one, is what the leaf committed to. */
export interface VerifiedRecord {
  readonly origin: string;
  readonly index: number;
  readonly leaf: Leaf;
  /** Absent when the body is erased or withheld. Disclosed members are in their places. */
  readonly body?: JsonObject;
  /** The body without any member that was ever concealed: the same for every reader, so judgements rest on it. */
  readonly plain?: JsonObject;
  /** Digests of members that are erased or withheld. */
  readonly hidden: readonly string[];
}

/** What an evaluator may look at. */
export interface Evidence {
  /** Records of all logs, in the order of each log. */
  readonly records: readonly VerifiedRecord[];
  /** The document both parties signed: its clauses and parameters are the criteria. */
  readonly agreement: JsonObject;
}

/** Outcome of recomputing one evaluation. */
export interface RecomputeOutcome {
  readonly ok: boolean;
  /** With `ok: false`: the evidence it needs is not all here, so it was neither confirmed nor refuted. */
  readonly incomplete?: boolean;
  readonly why: Texts;
}

/** Judges evidence as the platform should have. Pure: the same evidence always gives the same answer. */
export interface Evaluator {
  readonly recompute: (record: VerifiedRecord, evidence: Evidence) => RecomputeOutcome | Promise<RecomputeOutcome>;
}

/** Kind of the records that an evaluator recomputes. */
export const evaluationKind = 'eval.result';

/** A tree head that a verifier remembers of an earlier visit. */
export interface LogState extends TreeHead {
  readonly origin: string;
}

/** What all verification needs from its caller. */
export interface VerifyOptions {
  /** Milliseconds since 1970: this package reads no clock. */
  readonly now: number;
  /** Default: WebCrypto. */
  readonly crypto?: ProofCrypto;
  /** Age of the newest cosignature above which the result is stale, in seconds. Default 86,400 (LEDGER_UNWITNESSED). */
  readonly maxWitnessAge?: number;
  /** Absent: evaluations are listed as not recomputed, which makes the result incomplete. */
  readonly evaluator?: Evaluator;
}

export interface BundleOptions extends VerifyOptions {
  readonly limits?: ZipLimits;
}

/** Default of {@link VerifyOptions.maxWitnessAge}, in seconds. */
export const defaultWitnessAge = 86_400;
/** How far a witness's clock may run ahead of ours, in seconds. */
export const clockSkew = 300;
