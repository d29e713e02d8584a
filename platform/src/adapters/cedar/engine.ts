import type {
  AuthorizationAnswer,
  PolicySet as CedarPolicies,
  EntityJson,
  TypeAndId,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { AccessRequest, PolicyAnswer, PolicyEngine, PolicyFault, PolicySet } from '../../duties/access/index.ts';
import { type CedarModule, newCedar } from './instance.ts';

const maxFaults = 50;
/**
 * Prepared sets and schemas live in the wasm module for as long as the process: they can be replaced under their name
 * but not removed. So a fixed number of names is used in turn.
 */
const slots = 16;

const uid = (type: string, id: string): TypeAndId => ({ type: `Pactgate::${type}`, id });
const entity = (type: string, id: string): { __entity: TypeAndId } => ({ __entity: uid(type, id) });

/** One text per policy: parsed from one text all together, policies lose their ids. */
const cedarPolicies = ({ policies }: Pick<PolicySet, 'policies'>): CedarPolicies => ({
  staticPolicies: Object.fromEntries(policies.map(({ id, text }) => [id, text])),
});

function entitiesOf({ device, resource }: AccessRequest): EntityJson[] {
  const { party, model, groups } = device;
  return [
    {
      uid: uid('Device', device.device),
      attrs: {
        party: entity('Party', party),
        state: device.state,
        isolation: device.isolation,
        riskBand: device.riskBand,
        keyLevel: device.keyLevel,
        attestTier: device.attestTier,
        attestFresh: device.attestFresh,
        firmwareOk: device.firmwareOk,
      },
      parents: [uid('Model', model), uid('Party', party), ...groups.map((group) => uid('Group', group))],
    },
    {
      uid: uid('Resource', resource.id),
      attrs: { owner: entity('Party', resource.owner), kind: resource.kind, dataClass: resource.dataClass },
      parents: [uid('Party', resource.owner)],
    },
  ];
}

const messages = (errors: readonly { readonly message: string }[]): readonly string[] =>
  errors.slice(0, maxFaults).map(({ message }) => message.slice(0, 500));

/**
 * Cedar's answer as ours. An error while evaluating a forbid skips that forbid and may leave `allow`: so allow holds
 * only with `success`, `allow` and not one error.
 */
function answerOf(answer: AuthorizationAnswer): PolicyAnswer {
  if (answer.type !== 'success') return { allow: false, policies: [], errors: messages(answer.errors) };
  const { decision, diagnostics } = answer.response;
  const errors = diagnostics.errors.map(({ policyId, error }) => `${policyId}: ${error.message.slice(0, 500)}`);
  return { allow: decision === 'allow' && errors.length === 0, policies: diagnostics.reason.toSorted(), errors };
}

type Texts = Pick<PolicySet, 'schema' | 'policies'>;
interface Failed {
  readonly errors: readonly string[];
}

/** Sets prepared in one instance: names in turn, the set used longest ago makes room. */
class Prepared {
  readonly cedar: CedarModule;
  readonly #names = new Map<string, string>();
  #made = 0;

  constructor(cedar: CedarModule) {
    this.cedar = cedar;
  }

  /** Name of a set by its digest, or why it cannot be prepared. */
  name(set: Texts, digest: string): string | Failed {
    const known = this.#names.get(digest);
    if (known !== undefined) {
      this.#names.delete(digest);
      this.#names.set(digest, known);
      return known;
    }
    const name = this.#take();
    const schema = this.cedar.preparseSchema(name, set.schema);
    if (schema.type === 'failure') return { errors: messages(schema.errors) };
    const policies = this.cedar.preparsePolicySet(name, cedarPolicies(set));
    if (policies.type === 'failure') return { errors: messages(policies.errors) };
    this.#names.set(digest, name);
    return name;
  }

  #take(): string {
    if (this.#made < slots) return `pactgate-${this.#made++}`;
    const [oldest] = this.#names;
    if (oldest === undefined) return 'pactgate-0';
    this.#names.delete(oldest[0]);
    return oldest[1];
  }
}

function ask(cedar: CedarModule, name: string, request: AccessRequest): PolicyAnswer {
  const { ip, ...link } = request.link;
  return answerOf(
    cedar.statefulIsAuthorized({
      principal: uid('Device', request.device.device),
      action: uid('Action', request.action),
      resource: uid('Resource', request.resource.id),
      context: ip === undefined ? link : { ...link, ip: { __extn: { fn: 'ip', arg: ip } } },
      preparsedSchemaName: name,
      preparsedPolicySetId: name,
      validateRequest: true,
      entities: entitiesOf(request),
    }),
  );
}

/** Any request: whether it is answered matters, not how. */
const trial: AccessRequest = {
  device: {
    device: '*',
    party: 'trial',
    model: 'trial',
    groups: [],
    state: 'active',
    isolation: 0,
    riskBand: 0,
    keyLevel: 0,
    attestTier: 0,
    attestFresh: false,
    firmwareOk: true,
  },
  action: 'publish',
  resource: { id: '*', owner: 'trial', kind: 'ordinary', dataClass: 0 },
  link: { channel: 3, pqc: true, source: 'public', protocol: 'mqtt5' },
};

/** A permit for every principal: `permit(principal, ...)`, or bound to nothing but the type. */
function isOpen(cedar: CedarModule, text: string): boolean {
  const answer = cedar.policyToJson(text);
  if (answer.type === 'failure' || answer.json.effect !== 'permit') return false;
  const { principal } = answer.json;
  return principal.op === 'All' || (principal.op === 'is' && principal.in === undefined);
}

const ofSet = (faults: readonly string[]): readonly PolicyFault[] => faults.map((fault) => ({ policy: '', fault }));

function checkWith(cedar: CedarModule, set: Texts): readonly PolicyFault[] {
  const policies = cedarPolicies(set);
  const parsed = cedar.checkParsePolicySet(policies);
  if (parsed.type === 'failure') return ofSet(messages(parsed.errors));
  const answer = cedar.validate({ schema: set.schema, policies, validationSettings: { mode: 'strict' } });
  if (answer.type === 'failure') return ofSet(messages(answer.errors));
  const found = [...answer.validationErrors, ...answer.validationWarnings].map(({ policyId, error }) => ({
    policy: policyId,
    fault: error.message.slice(0, 500),
  }));
  const open = set.policies
    .filter(({ text }) => isOpen(cedar, text))
    .map(({ id }) => ({ policy: id, fault: 'permits every principal: bind it to a model, group or party' }));
  return [...found, ...open].slice(0, maxFaults);
}

/** What a trap inside wasm or its binding says. */
const failure = (cause: unknown): string =>
  `engine: ${cause instanceof Error ? cause.message.slice(0, 500) : 'failed'}`;

/**
 * Cedar 4 through its wasm build. Texts that are still to be judged never meet the instance that decides: `check` has
 * one of its own, thrown away after use. An instance that threw is replaced before the next decision.
 */
export class CedarEngine implements PolicyEngine {
  #prepared: Prepared | undefined;

  check(set: Texts): readonly PolicyFault[] {
    try {
      return checkWith(newCedar(), set);
    } catch (cause) {
      return ofSet([failure(cause)]);
    }
  }

  prepare(set: PolicySet): readonly PolicyFault[] {
    // One decision, so that the first device does not wait for the engine to warm up.
    return ofSet(this.#guarded(set, (cedar, name) => ask(cedar, name, trial).errors));
  }

  decide(set: PolicySet, request: AccessRequest): PolicyAnswer {
    let answer: PolicyAnswer | undefined;
    const errors = this.#guarded(set, (cedar, name) => {
      answer = ask(cedar, name, request);
      return answer.errors;
    });
    return answer ?? { allow: false, policies: [], errors };
  }

  /** Errors of a use; whatever is thrown is one too, and the instance that threw it is not trusted again. */
  #guarded(set: PolicySet, use: (cedar: CedarModule, name: string) => readonly string[]): readonly string[] {
    try {
      this.#prepared ??= new Prepared(newCedar());
      const { cedar } = this.#prepared;
      const name = this.#prepared.name(set, set.digest);
      return typeof name === 'string' ? use(cedar, name) : name.errors;
    } catch (cause) {
      this.#prepared = undefined;
      return [failure(cause)];
    }
  }
}
