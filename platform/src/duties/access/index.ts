export { type Burst, type BurstLimits, DenialBursts } from './bursts.ts';
export { type Compiled, TableCompiler } from './compiler.ts';
export { duty } from './duty.ts';
export { type Explanation, explain } from './explain.ts';
export { PermitCounters, type PermitRecord, type PermitSlot } from './permits.ts';
export { mandatoryPolicies, modelPolicy, type PermittedModel, schemaText } from './policies/default.ts';
export { defaultPolicySet, makePolicySet } from './policy-set.ts';
export {
  type AccessAction,
  type AccessRequest,
  type AccessResource,
  accessActions,
  type DeviceAttributes,
  type Link,
  type Policy,
  type PolicyAnswer,
  type PolicyEngine,
  type PolicyFault,
  type PolicySet,
} from './ports.ts';
export { type DecisionSample, DecisionSamples, joinReplays, replay } from './replay.ts';
export { channelLevel, type LinkSource, sourceOf } from './source.ts';
export type { Answer, Denial, PermissionTable, Permit, TableChannel, TableSubject, Verdict } from './table.ts';
export { type Addressee, addresseeOf, downlinksOf } from './topics.ts';
