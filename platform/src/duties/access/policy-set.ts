import { canonicalBytes } from '@pactgate/proof';
import { Problem } from '@pactgate/protocol';
import { mandatoryPolicies, modelPolicy, type PermittedModel, schemaText } from './policies/default.ts';
import type { Policy, PolicySet } from './ports.ts';

/** Policies of one set beside the mandatory ones: one per model, and an agreement has a set of its own. */
export const maxPolicies = 252;
/** Characters of one policy. */
const maxText = 20_000;

const hex = (bytes: Uint8Array): string => Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join('');

/** An escape could spell any attribute (`context["\\u{69}p"]`), so a text with one counts as mentioning everything. */
const mentions = (name: RegExp, text: string): boolean => name.test(text) || text.includes('\\');

/**
 * Makes a set: the mandatory rules, then what is given. What a set can see decides what its decisions are shared by,
 * so the three flags err on the side of seeing: any mention counts, in a comment too.
 *
 * @throws Problem `policy/invalid` for an id that is no word or comes twice, or too many or too long policies
 */
export function makePolicySet(
  own: readonly Policy[],
  version: number,
  sha256: (bytes: Uint8Array) => Uint8Array,
): PolicySet {
  const policies = [...mandatoryPolicies, ...own];
  if (own.length > maxPolicies) throw new Problem('policy/invalid', `more than ${maxPolicies} policies`);
  const ids = new Set(policies.map(({ id }) => id));
  if (ids.size !== policies.length) throw new Problem('policy/invalid', 'an id comes twice');
  for (const { id, text } of policies) {
    if (!/^[A-Za-z0-9_-]{1,128}$/.test(id)) throw new Problem('policy/invalid', 'an id is no word');
    if (text.length > maxText) throw new Problem('policy/invalid', `${id} is longer than ${maxText} characters`);
  }
  const all = policies.map(({ text }) => text).join('\n');
  const texts = Object.fromEntries(policies.map(({ id, text }) => [id, text]));
  return {
    digest: hex(sha256(canonicalBytes({ schema: schemaText, policies: texts }))),
    version,
    schema: schemaText,
    policies,
    namesDevice: mentions(/\bDevice\b/, all),
    namesResource: mentions(/\bResource\b/, all),
    readsAddress: mentions(/\bip\b/, all),
  };
}

/** The set in force where nobody wrote another: every permitted model, by type, source and risk. */
export const defaultPolicySet = (
  models: readonly PermittedModel[],
  version: number,
  sha256: (bytes: Uint8Array) => Uint8Array,
): PolicySet => makePolicySet(models.map(modelPolicy), version, sha256);
