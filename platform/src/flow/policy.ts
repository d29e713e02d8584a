import { Problem, type Texts } from '@pactgate/protocol';
import {
  makePolicySet,
  mandatoryPolicies,
  modelPolicy,
  type Policy,
  type PolicyEngine,
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

export function makePolicies<Tx>(parts: PolicyParts<Tx>): Policies {
  const sets = new Map<string, PolicySet>();
  let version: PolicyVersion = { version: 0, digest: '', policies: [], publishedAt: parts.clock.now(), by: 'platform' };
  let current = makePolicySet([], 0, parts.sha256);
  const use = (next: PolicyVersion, set: PolicySet): void => {
    version = next;
    current = set;
    sets.set(set.digest, set);
    const [oldest] = sets.keys();
    if (sets.size > kept && oldest !== undefined) sets.delete(oldest);
  };
  const publish = async (policies: readonly Policy[], by: string): Promise<number> => {
    const number = version.version + 1;
    const set = makePolicySet(policies, number, parts.sha256);
    const faults = parts.engine.check(set);
    if (faults.length > 0)
      throw new Problem(
        'policy/invalid',
        faults
          .map(({ policy, fault }) => `${policy}: ${fault}`)
          .join('; ')
          .slice(0, 1_500),
      );
    const next: PolicyVersion = { version: number, digest: set.digest, policies, publishedAt: parts.clock.now(), by };
    await parts.transact(async (tx) => {
      await parts.store.add(tx, next);
      await parts.recorder.recordIn(tx, [
        {
          kind: 'policy.publish',
          outcome: 'published',
          body: { digest: set.digest, version: number, policies: set.policies.map(({ id }) => id).slice(0, 256), by },
        },
      ]);
    });
    use(next, set);
    return parts.changed(set);
  };
  const own = (): readonly Policy[] => current.policies.filter(({ id }) => !mandatory.has(id));
  return {
    load: async () => {
      const newest = await parts.store.newest();
      if (newest) use(newest, makePolicySet(newest.policies.map(withCause), newest.version, parts.sha256));
      else use(version, current);
    },
    current: () => current,
    version: () => version,
    setOf: (digest) => sets.get(digest),
    publish: async (policies, by) => {
      const given = policies.filter(({ id }) => !mandatory.has(id));
      const known = new Map(own().map((policy) => [policy.id, policy]));
      const redecided = await publish(
        given.map(({ id, text }) => ({
          id,
          text,
          cause: known.get(id)?.text === text ? (known.get(id)?.cause ?? plainCause(id)) : plainCause(id),
        })),
        by,
      );
      return { version, redecided };
    },
    permitModel: async (party, model, by) => {
      const policy = modelPolicy({ party, model });
      if (own().some(({ id }) => id === policy.id)) return;
      await publish([...own(), policy], by);
    },
  };
}

const withCause = (policy: PolicyVersion['policies'][number]): Policy => ({
  id: policy.id,
  text: policy.text,
  cause: policy.cause ?? plainCause(policy.id),
});
