import type { RecordBody } from '@pactgate/protocol';
import type { AccessRequest, PolicyAnswer, PolicySet } from './ports.ts';
import type { PermissionTable } from './table.ts';

/** A decision that was acted upon: everything it rested on, and the answer. */
export interface DecisionSample {
  readonly digest: string;
  readonly request: AccessRequest;
  readonly allow: boolean;
}

/**
 * An even sample of a stream of decisions (reservoir sampling by skipping, algorithm L of K.-H. Li, 1994): between two
 * samples a decision costs one decrement. Kept in memory: a sample holds attributes, never payloads.
 */
export class DecisionSamples {
  readonly #capacity: number;
  readonly #random: () => number;
  #samples: DecisionSample[] = [];
  #weight = 1;
  #skip = 0;

  /** @param random uniform in [0, 1) */
  constructor(capacity: number, random: () => number) {
    this.#capacity = capacity;
    this.#random = random;
  }

  /** Offers a verdict on a publish topic; verdicts that no policy made are passed over. */
  offer(table: PermissionTable, topic: string, allow: boolean): void {
    if (this.#skip > 0) {
      this.#skip--;
      return;
    }
    const request = table.requestOf(topic);
    if (request !== undefined) this.#keep({ digest: table.digest, request, allow });
  }

  #keep(sample: DecisionSample): void {
    if (this.#samples.length < this.#capacity) {
      this.#samples.push(sample);
      if (this.#samples.length === this.#capacity) this.#next();
      return;
    }
    this.#samples[Math.floor(this.#random() * this.#capacity)] = sample;
    this.#next();
  }

  #next(): void {
    // 1 - random: never 0, whose logarithm is none.
    this.#weight *= Math.exp(Math.log(1 - this.#random()) / this.#capacity);
    this.#skip = Math.floor(Math.log(1 - this.#random()) / Math.log1p(-this.#weight));
  }

  get size(): number {
    return this.#samples.length;
  }

  /** Takes the samples and starts a new day. */
  drain(): readonly DecisionSample[] {
    const taken = this.#samples;
    this.#samples = [];
    this.#weight = 1;
    this.#skip = 0;
    return taken;
  }
}

const maxDiverged = 32;

/**
 * Decides samples again and compares (A3.1.3). A set that is not at hand any more counts as diverged: an answer that
 * cannot be repeated is not explained. Takes a third of a millisecond a sample: the caller gives it a few at a time.
 */
export function replay(
  samples: readonly DecisionSample[],
  setOf: (digest: string) => PolicySet | undefined,
  decide: (set: PolicySet, request: AccessRequest) => PolicyAnswer,
): RecordBody<'probe.authz.replay'> {
  const diverged: string[] = [];
  for (const { digest, request, allow } of samples) {
    const set = setOf(digest);
    const answer = set === undefined ? undefined : decide(set, request);
    const now = answer !== undefined && answer.allow && answer.errors.length === 0;
    if (answer !== undefined && now === allow) continue;
    const was = allow ? 'allow' : 'deny';
    const is = answer === undefined ? 'no policy set' : now ? 'allow' : 'deny';
    diverged.push(`${request.action} ${request.resource.id}: ${was}, now ${is} (${digest.slice(0, 16)})`);
  }
  return {
    samples: samples.length,
    equal: samples.length - diverged.length,
    diverged: diverged.slice(0, maxDiverged),
  };
}

/** Sums bodies of parts that were replayed one after another. */
export function joinReplays(parts: readonly RecordBody<'probe.authz.replay'>[]): RecordBody<'probe.authz.replay'> {
  return {
    samples: parts.reduce((sum, { samples }) => sum + samples, 0),
    equal: parts.reduce((sum, { equal }) => sum + equal, 0),
    diverged: parts.flatMap(({ diverged }) => diverged).slice(0, maxDiverged),
  };
}
