import { encodeHex, encodeUtf8, parseDecimal } from './bytes.ts';
import type { ProofCrypto } from './crypto.ts';
import { demand } from './error.ts';
import { formatVkey, keyTypes, type NoteKey, parseVkey } from './note/key.ts';

export interface PolicyLog {
  readonly key: NoteKey;
  readonly url?: string;
}

export interface PolicyWitness {
  /** Name inside the policy; the key has a name of its own. */
  readonly name: string;
  readonly key: NoteKey;
  readonly url?: string;
}

/** Members of which at least `threshold` must have cosigned. */
export interface PolicyGroup {
  readonly name: string;
  readonly threshold: number;
  readonly members: readonly string[];
}

/** Whom to believe about a log (C2SP tlog-policy); annex of the agreement as `policy.tlog`. */
export interface Policy {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  readonly groups: readonly PolicyGroup[];
  /** Name of a witness or group; undefined is `quorum none`. */
  readonly quorum: string | undefined;
}

/** Most logs, witnesses and groups of one policy, each. */
export const maxPolicyNames = 64;
/** Longest policy text. */
export const maxPolicySize = 65_536;

interface Draft {
  readonly crypto: Pick<ProofCrypto, 'sha256'>;
  readonly logs: PolicyLog[];
  readonly witnesses: PolicyWitness[];
  readonly groups: PolicyGroup[];
  /** Defined names, and whether a group has taken each as a member. */
  readonly names: Map<string, { taken: boolean }>;
  quorum: { readonly name: string | undefined } | undefined;
}

function define(draft: Draft, name: string): void {
  demand(name !== 'none', 'bad-policy', 'the name none is taken');
  demand(!draft.names.has(name), 'bad-policy', `name ${name} is defined twice`);
  draft.names.set(name, { taken: false });
}

function demandNewKey(key: NoteKey, others: readonly { readonly key: NoteKey }[]): void {
  const hex = encodeHex(key.publicKey);
  // Same key under another name or type is still the same signer.
  demand(
    others.every((other) => encodeHex(other.key.publicKey) !== hex),
    'bad-policy',
    `key of ${key.name} is given twice`,
  );
}

function readLog(draft: Draft, [vkey, url, ...surplus]: readonly string[]): void {
  demand(vkey !== undefined && surplus.length === 0, 'bad-policy', 'log line is not: log <vkey> [<url>]');
  const key = parseVkey(draft.crypto, vkey);
  demand(key.type === keyTypes.ed25519, 'bad-policy', 'a log signs with a key of type 01');
  demandNewKey(key, draft.logs);
  demand(
    draft.logs.every((log) => log.key.name !== key.name),
    'bad-policy',
    `log ${key.name} is given twice`,
  );
  draft.logs.push(url === undefined ? { key } : { key, url });
}

function readWitness(draft: Draft, [name, vkey, url, ...surplus]: readonly string[]): void {
  const whole = name !== undefined && vkey !== undefined && surplus.length === 0;
  demand(whole, 'bad-policy', 'witness line is not: witness <name> <vkey> [<url>]');
  const key = parseVkey(draft.crypto, vkey);
  demand(key.type === keyTypes.cosignature, 'bad-policy', 'a witness signs with a key of type 04');
  demandNewKey(key, draft.witnesses);
  define(draft, name);
  draft.witnesses.push(url === undefined ? { name, key } : { name, key, url });
}

function readGroup(draft: Draft, [name, rule, ...members]: readonly string[]): void {
  const whole = name !== undefined && rule !== undefined && members.length > 0;
  demand(whole, 'bad-policy', 'group line is not: group <name> all|any|<k> <member>...');
  for (const member of members) {
    const known = draft.names.get(member);
    demand(known !== undefined, 'bad-policy', `group member ${member} is not defined before`);
    demand(!known.taken, 'bad-policy', `${member} is a member twice`);
    known.taken = true;
  }
  const threshold = rule === 'all' ? members.length : rule === 'any' ? 1 : parseDecimal(rule);
  const possible = threshold !== undefined && threshold >= 1 && threshold <= members.length;
  demand(possible, 'bad-policy', `threshold of group ${name} is not 1 to ${members.length}`);
  define(draft, name);
  draft.groups.push({ name, threshold, members });
}

function readQuorum(draft: Draft, [name, ...surplus]: readonly string[]): void {
  demand(name !== undefined && surplus.length === 0, 'bad-policy', 'quorum line is not: quorum <name>');
  demand(draft.quorum === undefined, 'bad-policy', 'more than one quorum');
  demand(name === 'none' || draft.names.has(name), 'bad-policy', `quorum ${name} is not defined before`);
  draft.quorum = { name: name === 'none' ? undefined : name };
}

const readers: ReadonlyMap<string, (draft: Draft, words: readonly string[]) => void> = new Map([
  ['log', readLog],
  ['witness', readWitness],
  ['group', readGroup],
  ['quorum', readQuorum],
]);

/** Reads `policy.tlog`; anything the format does not allow is `bad-policy`, a bad key `bad-vkey`. */
export function parsePolicy(crypto: Pick<ProofCrypto, 'sha256'>, text: string): Policy {
  demand(encodeUtf8(text).length <= maxPolicySize, 'bad-policy', 'policy is larger than 64 KiB');
  demand(text.endsWith('\n'), 'bad-policy', 'the last line does not end in a newline');
  // oxlint-disable-next-line no-control-regex -- the format forbids exactly these
  demand(!/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text), 'bad-policy', 'control character');
  const draft: Draft = { crypto, logs: [], witnesses: [], groups: [], names: new Map(), quorum: undefined };
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line.split(/[ \t]+/).filter((word) => word.length > 0);
    if (keyword === undefined || keyword.startsWith('#')) continue;
    const read = readers.get(keyword);
    demand(read !== undefined, 'bad-policy', `unknown keyword ${keyword}`);
    read(draft, words);
  }
  const { logs, witnesses, groups, quorum } = draft;
  demand(quorum !== undefined, 'bad-policy', 'no quorum');
  const most = Math.max(logs.length, witnesses.length, groups.length);
  demand(most <= maxPolicyNames, 'bad-policy', `more than ${maxPolicyNames} of a kind`);
  return { logs, witnesses, groups, quorum: quorum.name };
}

/** A policy as text, for comparing two. */
const shapeOf = ({ logs, witnesses, groups, quorum }: Policy): string =>
  JSON.stringify([
    logs.map(({ key, url }) => [formatVkey(key), url]),
    witnesses.map(({ name, key, url }) => [name, formatVkey(key), url]),
    groups.map(({ name, threshold, members }) => [name, threshold, members]),
    quorum,
  ]);
const tail = (url: string | undefined): string => (url === undefined ? '' : ` ${url}`);

/** Writes a policy; reading it back gives the same. A policy that could not be read back is `bad-policy`. */
export function formatPolicy(crypto: Pick<ProofCrypto, 'sha256'>, policy: Policy): string {
  const lines = [
    ...policy.logs.map(({ key, url }) => `log ${formatVkey(key)}${tail(url)}`),
    ...policy.witnesses.map(({ name, key, url }) => `witness ${name} ${formatVkey(key)}${tail(url)}`),
    ...policy.groups.map(({ name, threshold, members }) => `group ${name} ${threshold} ${members.join(' ')}`),
    `quorum ${policy.quorum ?? 'none'}`,
  ];
  const text = `${lines.join('\n')}\n`;
  demand(shapeOf(parsePolicy(crypto, text)) === shapeOf(policy), 'bad-policy', 'a name or address cannot be written');
  return text;
}

/** Whether these witnesses (names of the policy) are enough. Unknown names count for nothing. */
export function evaluateQuorum(policy: Policy, cosigned: ReadonlySet<string>): boolean {
  if (policy.quorum === undefined) return true;
  const holds = new Map(policy.witnesses.map(({ name }) => [name, cosigned.has(name)]));
  // Groups name only what stands before them, so one pass in order settles all.
  for (const { name, threshold, members } of policy.groups) {
    holds.set(name, members.filter((member) => holds.get(member) === true).length >= threshold);
  }
  return holds.get(policy.quorum) === true;
}
