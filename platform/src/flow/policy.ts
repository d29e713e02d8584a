import { Problem, type Texts } from '@pactgate/protocol';
import {
  makePolicySet,
  mandatoryPolicies,
  modelPolicy,
  type Policy,
  type PolicyEngine,
  type PolicyFault,
  type PolicySet,
} from '../duties/access/index.ts';
import type { Clock } from '../kernel/time.ts';
import type { Transact } from '../kernel/transact.ts';
import type { PolicyStore, PolicyVersion } from './ports.ts';
import type { Recorder } from './recorder.ts';

export interface PolicyParts<Tx> {
  readonly store: PolicyStore<Tx>;
  readonly engine: PolicyEngine;
  readonly recorder: Recorder<Tx>;
  readonly transact: Transact<Tx>;
  readonly clock: Clock;
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  /** Another set is in force: live sessions are to be decided again. Answers how many. */
  readonly changed: (set: PolicySet) => number;
}

/** The access policy in force and its history (A3.1.3). */
export interface Policies {
  /** Loads what was published; the empty set, which lets nobody in, before anything was. */
  load(): Promise<void>;
  current(): PolicySet;
  version(): PolicyVersion;
  /** Sets that were in force in this process or are stored as newest: for replay. */
  setOf(digest: string): PolicySet | undefined;
  publish(
    policies: readonly { readonly id: string; readonly text: string }[],
    by: string,
  ): Promise<{ readonly version: PolicyVersion; readonly redecided: number }>;
  /** Adds the permit of a model that was activated, unless a policy of this id stands there. */
  permitModel(party: string, model: string, by: string): Promise<void>;
}

/** Sets kept for replay: a day rarely sees more. */
const kept = 64;
const mandatory = new Set(mandatoryPolicies.map(({ id }) => id));
const plainCause = (id: string): Texts => ({ zh: `策略 ${id} 作出此决定。`, en: `Policy ${id} decided this.` });

const faultsText = (faults: readonly PolicyFault[]): string =>
  faults
    .map(({ policy, fault }) => `${policy}: ${fault}`)
    .join('; ')
    .slice(0, 1_500);

class PolicyBook<Tx> implements Policies {
  readonly #parts: PolicyParts<Tx>;
  readonly #sets = new Map<string, PolicySet>();
  #version: PolicyVersion;
  #current: PolicySet;

  constructor(parts: PolicyParts<Tx>) {
    this.#parts = parts;
    this.#current = makePolicySet([], 0, parts.sha256);
    const { digest } = this.#current;
    this.#version = { version: 0, digest, policies: [], publishedAt: parts.clock.now(), by: 'platform' };
  }

  async load(): Promise<void> {
    const newest = await this.#parts.store.newest();
    if (newest) this.#use(newest, makePolicySet(newest.policies.map(withCause), newest.version, this.#parts.sha256));
    else this.#use(this.#version, this.#current);
    this.#prepare(this.#current);
  }

  current(): PolicySet {
    return this.#current;
  }
  version(): PolicyVersion {
    return this.#version;
  }
  setOf(digest: string): PolicySet | undefined {
    return this.#sets.get(digest);
  }

  async publish(
    policies: readonly { readonly id: string; readonly text: string }[],
    by: string,
  ): Promise<{ readonly version: PolicyVersion; readonly redecided: number }> {
    const known = new Map(this.#own().map((policy) => [policy.id, policy]));
    const given = policies.filter(({ id }) => !mandatory.has(id));
    const redecided = await this.#enforce(
      given.map(({ id, text }) => {
        const before = known.get(id);
        return { id, text, cause: before?.text === text ? before.cause : plainCause(id) };
      }),
      by,
    );
    return { version: this.#version, redecided };
  }

  async permitModel(party: string, model: string, by: string): Promise<void> {
    const policy = modelPolicy({ party, model });
    if (this.#own().some(({ id }) => id === policy.id)) return;
    await this.#enforce([...this.#own(), policy], by);
  }

  #own(): readonly Policy[] {
    return this.#current.policies.filter(({ id }) => !mandatory.has(id));
  }

  #use(version: PolicyVersion, set: PolicySet): void {
    this.#version = version;
    this.#current = set;
    this.#sets.set(set.digest, set);
    const [oldest] = this.#sets.keys();
    if (this.#sets.size > kept && oldest !== undefined) this.#sets.delete(oldest);
  }

  /** The engine reads the set once, so that the first device does not wait for it. */
  #prepare(set: PolicySet): void {
    const faults = this.#parts.engine.prepare(set);
    if (faults.length > 0) throw new Problem('policy/invalid', faultsText(faults));
  }

  async #enforce(policies: readonly Policy[], by: string): Promise<number> {
    const { store, engine, recorder, transact, clock, sha256, changed } = this.#parts;
    const number = this.#version.version + 1;
    const set = makePolicySet(policies, number, sha256);
    const faults = engine.check(set);
    if (faults.length > 0) throw new Problem('policy/invalid', faultsText(faults));
    this.#prepare(set);
    const next: PolicyVersion = { version: number, digest: set.digest, policies, publishedAt: clock.now(), by };
    const ids = set.policies.map(({ id }) => id).slice(0, 256);
    await transact(async (tx) => {
      await store.add(tx, next);
      await recorder.recordIn(tx, [
        {
          kind: 'policy.publish',
          outcome: 'published',
          body: { digest: set.digest, version: number, policies: ids, by },
        },
      ]);
    });
    this.#use(next, set);
    return changed(set);
  }
}

export const makePolicies = <Tx>(parts: PolicyParts<Tx>): Policies => new PolicyBook(parts);

const withCause = (policy: PolicyVersion['policies'][number]): Policy => ({
  id: policy.id,
  text: policy.text,
  cause: policy.cause ?? plainCause(policy.id),
});
