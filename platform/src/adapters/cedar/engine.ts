import {
  type AuthorizationAnswer,
  type PolicySet as CedarPolicies,
  checkParsePolicySet,
  type EntityJson,
  policyToJson,
  preparsePolicySet,
  preparseSchema,
  statefulIsAuthorized,
  type TypeAndId,
  validate,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { AccessRequest, PolicyAnswer, PolicyEngine, PolicyFault, PolicySet } from '../../duties/access/index.ts';

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
      parents: [uid('Model', `${party}/${model}`), uid('Party', party), ...groups.map((group) => uid('Group', group))],
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
export function answerOf(answer: AuthorizationAnswer): PolicyAnswer {
  if (answer.type !== 'success') return { allow: false, policies: [], errors: messages(answer.errors) };
  const { decision, diagnostics } = answer.response;
  const errors = diagnostics.errors.map(({ policyId, error }) => `${policyId}: ${error.message.slice(0, 500)}`);
  return { allow: decision === 'allow' && errors.length === 0, policies: diagnostics.reason.toSorted(), errors };
}

/** A permit for every principal: `permit(principal, ...)`, or bound to nothing but the type. */
function isOpen(text: string): boolean {
  const answer = policyToJson(text);
  if (answer.type === 'failure' || answer.json.effect !== 'permit') return false;
  const { principal } = answer.json;
  return principal.op === 'All' || (principal.op === 'is' && principal.in === undefined);
}

function checkWithCedar(set: Pick<PolicySet, 'schema' | 'policies'>): readonly PolicyFault[] {
  const policies = cedarPolicies(set);
  const parsed = checkParsePolicySet(policies);
  if (parsed.type === 'failure') return messages(parsed.errors).map((fault) => ({ policy: '', fault }));
  const answer = validate({ schema: set.schema, policies, validationSettings: { mode: 'strict' } });
  if (answer.type === 'failure') return messages(answer.errors).map((fault) => ({ policy: '', fault }));
  const found = [...answer.validationErrors, ...answer.validationWarnings].map(({ policyId, error }) => ({
    policy: policyId,
    fault: error.message.slice(0, 500),
  }));
  const open = set.policies
    .filter(({ text }) => isOpen(text))
    .map(({ id }) => ({ policy: id, fault: 'permits every principal: bind it to a model, group or party' }));
  return [...found, ...open].slice(0, maxFaults);
}

/**
 * Digest to the name its set is prepared under, the one used longest ago first. Belongs to the module, as the prepared
 * sets do: two engines of one thread must not think differently about a name.
 */
const prepared = new Map<string, string>();
let named = 0;

function takeName(): string {
  if (named < slots) return `pactgate-${named++}`;
  const [oldest] = prepared;
  if (oldest === undefined) return 'pactgate-0';
  prepared.delete(oldest[0]);
  return oldest[1];
}

/** Name of a prepared set, or why it cannot be prepared. */
function prepareSet(set: PolicySet): string | { readonly errors: readonly string[] } {
  const known = prepared.get(set.digest);
  if (known !== undefined) {
    prepared.delete(set.digest);
    prepared.set(set.digest, known);
    return known;
  }
  const name = takeName();
  const schema = preparseSchema(name, set.schema);
  if (schema.type === 'failure') return { errors: messages(schema.errors) };
  const policies = preparsePolicySet(name, cedarPolicies(set));
  if (policies.type === 'failure') return { errors: messages(policies.errors) };
  prepared.set(set.digest, name);
  return name;
}

function ask(name: string, request: AccessRequest): PolicyAnswer {
  const { ip, ...link } = request.link;
  return answerOf(
    statefulIsAuthorized({
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

/** What a trap inside wasm or in its binding says; the answer it stands for is no. */
const failure = (cause: unknown): string =>
  `engine: ${cause instanceof Error ? cause.message.slice(0, 500) : 'failed'}`;

/** Cedar 4 through its wasm build. */
export const cedarEngine: PolicyEngine = {
  check(set) {
    try {
      return checkWithCedar(set);
    } catch (cause) {
      return [{ policy: '', fault: failure(cause) }];
    }
  },
  prepare(set) {
    try {
      const name = prepareSet(set);
      return typeof name === 'string' ? [] : name.errors.map((fault) => ({ policy: '', fault }));
    } catch (cause) {
      return [{ policy: '', fault: failure(cause) }];
    }
  },
  decide(set, request) {
    try {
      const name = prepareSet(set);
      return typeof name === 'string' ? ask(name, request) : { allow: false, policies: [], errors: name.errors };
    } catch (cause) {
      return { allow: false, policies: [], errors: [failure(cause)] };
    }
  },
};
