import { canonicalBytes } from '@pactgate/proof';
import { Problem } from '@pactgate/protocol';
import { mandatoryPolicies, modelPolicy, type PermittedModel, schemaText } from './policies/default.ts';
import type { Policy, PolicySet } from './ports.ts';

/** Policies of one set beside the mandatory ones (one per model): with those, what one `policy.publish` record names. */
const maxPolicies = 252;
/** Characters of one policy. */
const maxText = 20_000;
/** Brackets within brackets, member and arithmetic operators, and conditional expressions of one policy. */
const most = { nesting: 32, operators: 256, conditionals: 64 } as const;

/**
 * Why a text nests too deeply. The engine walks expressions by recursion and overflows its stack at about 200 brackets
 * or 400 operators in a row; far below that no real policy is stopped.
 */
function nestingFault(text: string): string | undefined {
  const bare = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  let depth = 0;
  let deepest = 0;
  for (const char of bare) {
    if ('([{'.includes(char)) deepest = Math.max(deepest, ++depth);
    else if (')]}'.includes(char)) depth--;
  }
  if (deepest > most.nesting) return `nests more than ${most.nesting} brackets`;
  if ((bare.match(/[.+*-]/g)?.length ?? 0) > most.operators) return `has more than ${most.operators} operators`;
  const conditionals = bare.match(/\bif\b/g)?.length ?? 0;
  return conditionals > most.conditionals ? `has more than ${most.conditionals} conditionals` : undefined;
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join('');

/** An escape could spell any attribute (`context["\\u{69}p"]`), so a text with one counts as mentioning everything. */
const mentions = (name: RegExp, text: string): boolean => name.test(text) || text.includes('\\');

/**
 * Makes a set: the mandatory rules, then what is given. What a set can see decides what its decisions are shared by,
 * so the three flags err on the side of seeing: any mention counts, in a comment too.
 *
 * @throws Problem `policy/invalid` for an id that is no word or comes twice, or policies that are too many, too long or too deep
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
    const fault = nestingFault(text);
    if (fault !== undefined) throw new Problem('policy/invalid', `${id} ${fault}`);
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
