import { isDeviceId, isPartyId } from '../../../kernel/ids.ts';
import type { Policy } from '../ports.ts';
import type { LinkSource } from '../source.ts';

/** Entities, attributes and actions that policies may speak of (identity and access, section 10). Cedar 4. */
export const schemaText = `namespace Pactgate {
  entity Party;
  entity Model;
  entity Group;
  entity Device in [Model, Group, Party] {
    party: Party, state: String, isolation: Long, riskBand: Long,
    keyLevel: Long, attestTier: Long, attestFresh: Bool, firmwareOk: Bool
  };
  entity Resource in [Party] { owner: Party, kind: String, dataClass: Long };
  type Link = { channel: Long, pqc: Bool, source: String, ip?: ipaddr, protocol: String };
  action connect, enrol, publish, subscribe, receive, command, read, update, report appliesTo {
    principal: [Device], resource: [Resource], context: Link
  };
}
`;

/**
 * Rules that every set contains and none can leave out: they are laid under whatever is published. Forbids win over
 * permits in Cedar, so nothing a set says weakens them.
 */
export const mandatoryPolicies: readonly Policy[] = [
  {
    id: 'device-active',
    text: 'forbid(principal, action, resource) unless { principal.state == "active" };',
    cause: { zh: '设备未处于启用状态。', en: 'The device is not active.' },
  },
  {
    id: 'isolation-level',
    text: `forbid(principal, action, resource) when { principal.isolation >= 3 }
  unless { principal.isolation == 3 && resource.kind == "lifeline" };`,
    cause: {
      zh: '设备处于隔离状态：三级仅保留生命线操作，更高级别全部禁止。',
      en: 'The device is isolated: level 3 leaves only the lifeline, and any higher level nothing.',
    },
  },
  {
    id: 'own-party',
    text: 'forbid(principal, action, resource) unless { resource.owner == principal.party };',
    cause: { zh: '该资源属于其他当事方。', en: 'The resource belongs to another party.' },
  },
  {
    id: 'channel-deprecated',
    text: 'forbid(principal, action, resource) when { context.channel < 1 };',
    cause: { zh: '连接所用的加密通道已停用。', en: 'The encrypted channel in use is no longer accepted.' },
  },
];

/** A model whose devices are let in, and from where. */
export interface PermittedModel {
  readonly party: string;
  readonly model: string;
  /** Kinds of source its devices may connect from; absent: any that is known. */
  readonly sources?: readonly LinkSource[];
}

const knownSources: readonly LinkSource[] = ['loopback', 'private', 'public'];

/**
 * The permit of one model: type, source and risk are all tested, and there is no permit without them. Ids and model
 * names are checked words, so the text cannot be closed from inside.
 *
 * @throws RangeError for a party or model name outside its alphabet, or a source that is none
 */
export function modelPolicy({ party, model, sources = knownSources }: PermittedModel): Policy {
  if (!isPartyId(party) || !isDeviceId(model)) throw new RangeError('party or model is no word');
  if (sources.length === 0 || !sources.every((source) => knownSources.includes(source)))
    throw new RangeError('no known source');
  return {
    // A party id holds no underscore, so no two models share an id, and none is a mandatory one.
    id: `${party}_${model}`,
    text: `permit(
  principal in Pactgate::Model::"${party}/${model}",
  action in [Pactgate::Action::"connect", Pactgate::Action::"publish", Pactgate::Action::"subscribe", Pactgate::Action::"receive"],
  resource
) when {
  [${sources.map((source) => `"${source}"`).join(', ')}].contains(context.source) &&
  (principal.riskBand < 3 || resource.kind == "lifeline")
};`,
    cause: {
      zh: `型号 ${model} 的设备可从 ${sources.join('、')} 接入，风险过高时仅限生命线操作。`,
      en: `Devices of model ${model} come in from ${sources.join(', ')}; at the highest risk band only the lifeline.`,
    },
  };
}
