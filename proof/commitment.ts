import { concatBytes, decodeBase64Url, decodeUtf8, encodeBase64Url, encodeUtf8 } from './bytes.ts';
import type { ProofCrypto } from './crypto.ts';
import { demand, ProofError } from './error.ts';
import { canonicalBytes, canonicalText } from './jcs.ts';
import { isJsonObject, type JsonObject, type JsonValue, maxJsonDepth, parseJson } from './json.ts';

type Hash = Pick<ProofCrypto, 'sha256'>;

/** Bytes of a record's salt. Fixed, so that salt and body cannot run into each other. */
export const recordSaltSize = 32;
/** Fewest bytes of a disclosure's salt: 128 bits. Ids and e-mail addresses under a bare hash can be guessed. */
export const minDisclosureSalt = 16;
/** Most disclosures of one record. */
export const maxDisclosures = 256;
/** Longest disclosure in characters. */
const maxDisclosureSize = 65_536;

const prefix = encodeUtf8('pactgate/cm/1\n');

/** `cm` of a leaf: base64url(SHA-256("pactgate/cm/1\n", salt, canonical body)), 43 characters. */
export function commit(crypto: Hash, salt: Uint8Array, body: JsonObject): string {
  return commitCanonical(crypto, salt, canonicalBytes(body));
}

/** As {@link commit}, for a body that is canonical bytes already; the caller made them, they are not checked again. */
export function commitCanonical(crypto: Hash, salt: Uint8Array, body: Uint8Array): string {
  demand(salt.length === recordSaltSize, 'bad-commitment', 'salt is not of 32 bytes');
  return encodeBase64Url(crypto.sha256(concatBytes([prefix, salt, body])));
}

/** Digest of a disclosure as it stands in `_sd` (RFC 9901 section 4.2.3). */
export function disclosureDigest(crypto: Hash, disclosure: string): string {
  return encodeBase64Url(crypto.sha256(encodeUtf8(disclosure)));
}

/** An object whose named members are replaced by digests, and the disclosures that bring them back. */
export interface Concealed {
  readonly body: JsonObject;
  readonly disclosures: readonly string[];
}

const isReserved = (name: string): boolean => name === '_sd' || name === '...' || name === '_sd_alg';

/**
 * Replaces members of an object by digests under `_sd` (the manner of RFC 9901, SHA-256): for personal and sensitive
 * fields, which can then be erased without breaking the commitment. Names that are absent are passed over.
 *
 * @param newSalt fresh random bytes for each member, at least 16; the caller's, as this package has no randomness
 * @throws `bad-disclosure` when the object uses a reserved name itself (a device could else plant digests)
 */
export function concealMembers(
  crypto: Hash,
  body: JsonObject,
  names: readonly string[],
  newSalt: () => Uint8Array,
): Concealed {
  demand(!Object.keys(body).some((name) => isReserved(name)), 'bad-disclosure', 'a member has a reserved name');
  const hide = new Set(names);
  const entries = Object.entries(body);
  const disclosures = entries
    .filter(([name]) => hide.has(name))
    .map(([name, value]) => {
      const salt = newSalt();
      demand(salt.length >= minDisclosureSalt, 'bad-disclosure', 'salt has fewer than 128 bits');
      return encodeBase64Url(encodeUtf8(canonicalText([encodeBase64Url(salt), name, value])));
    });
  demand(disclosures.length <= maxDisclosures, 'bad-disclosure', 'too many disclosures');
  if (disclosures.length === 0) return { body, disclosures };
  // Sorted, so that the place of a digest says nothing about its name.
  const digests = disclosures.map((disclosure) => disclosureDigest(crypto, disclosure)).toSorted();
  const shown = entries.filter(([name]) => !hide.has(name));
  return { body: Object.fromEntries([...shown, ['_sd', digests]]), disclosures };
}

/** A body with what its disclosures reveal. */
export interface Revealed {
  readonly body: JsonObject;
  /** Digests for which there is no disclosure: fields erased, or withheld from this reader. */
  readonly hidden: readonly string[];
}

interface Disclosed {
  readonly name: string;
  readonly value: JsonValue;
}

function parseDisclosure(disclosure: string): Disclosed {
  demand(disclosure.length <= maxDisclosureSize, 'bad-disclosure', 'disclosure is too long');
  let parts: JsonValue;
  try {
    parts = parseJson(decodeUtf8(decodeBase64Url(disclosure)));
  } catch (cause) {
    throw new ProofError('bad-disclosure', 'disclosure is not base64url of JSON', { cause });
  }
  demand(Array.isArray(parts) && parts.length === 3, 'bad-disclosure', 'disclosure is not [salt, name, value]');
  const [salt, name, value]: readonly JsonValue[] = parts;
  demand(typeof salt === 'string' && typeof name === 'string', 'bad-disclosure', 'salt or name is not text');
  demand(value !== undefined && !isReserved(name), 'bad-disclosure', 'disclosure has a reserved name');
  // Two bits of the 22nd character are spare, so 22 characters are 128 bits.
  demand(salt.length >= 22 && /^[A-Za-z0-9_-]+$/.test(salt), 'bad-disclosure', 'salt has fewer than 128 bits');
  return { name, value };
}

interface Reveal {
  readonly byDigest: ReadonlyMap<string, Disclosed>;
  readonly seen: Set<string>;
  readonly hidden: string[];
}

function revealValue(reveal: Reveal, value: JsonValue, depth: number): JsonValue {
  demand(depth <= maxJsonDepth, 'bad-disclosure', 'nested too deep');
  if (Array.isArray(value)) {
    const items: readonly JsonValue[] = value;
    return items.map((item) => revealValue(reveal, item, depth + 1));
  }
  return isJsonObject(value) ? revealObject(reveal, value, depth + 1) : value;
}

function revealObject(reveal: Reveal, object: JsonObject, depth: number): JsonObject {
  const members = new Map<string, JsonValue>();
  for (const [name, value] of Object.entries(object)) {
    if (name !== '_sd') members.set(name, revealValue(reveal, value, depth));
  }
  for (const digest of digestsOf(object)) {
    demand(!reveal.seen.has(digest), 'bad-disclosure', 'a digest stands twice in the body');
    reveal.seen.add(digest);
    const disclosed = reveal.byDigest.get(digest);
    if (disclosed === undefined) {
      reveal.hidden.push(digest);
      continue;
    }
    demand(!members.has(disclosed.name), 'bad-disclosure', `member ${disclosed.name} is given twice`);
    members.set(disclosed.name, revealValue(reveal, disclosed.value, depth));
  }
  // fromEntries defines members, so one named __proto__ stays a member.
  return Object.fromEntries(members);
}

function digestsOf(object: JsonObject): readonly string[] {
  if (!Object.hasOwn(object, '_sd')) return [];
  const list: JsonValue | undefined = object['_sd'];
  demand(Array.isArray(list), 'bad-disclosure', '_sd is not a list');
  const items: readonly JsonValue[] = list;
  return items.map((item) => {
    demand(typeof item === 'string' && /^[A-Za-z0-9_-]{43}$/.test(item), 'bad-disclosure', '_sd holds no digest');
    return item;
  });
}

/**
 * Puts disclosed members back in their places, at any depth. Each disclosure must belong to a digest of the body
 * (`bad-disclosure` otherwise): one that belongs nowhere is an attempt to have a field believed that was never
 * committed to.
 */
export function revealMembers(crypto: Hash, body: JsonObject, disclosures: readonly string[]): Revealed {
  demand(disclosures.length <= maxDisclosures, 'bad-disclosure', 'too many disclosures');
  const byDigest = new Map(
    disclosures.map((disclosure) => [disclosureDigest(crypto, disclosure), parseDisclosure(disclosure)]),
  );
  demand(byDigest.size === disclosures.length, 'bad-disclosure', 'a disclosure is given twice');
  const reveal: Reveal = { byDigest, seen: new Set(), hidden: [] };
  const revealed = revealObject(reveal, body, 0);
  const unused = [...byDigest.keys()].filter((digest) => !reveal.seen.has(digest));
  demand(unused.length === 0, 'bad-disclosure', 'a disclosure belongs to no digest of the body');
  return { body: revealed, hidden: reveal.hidden };
}
