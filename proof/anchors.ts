import { decodeUtf8, encodeUtf8 } from './bytes.ts';
import { type ProofCrypto, type PublicJwk, parsePublicJwk } from './crypto.ts';
import { demand, ProofError } from './error.ts';
import { isJsonObject, type JsonObject, type JsonValue, parseJsonOnce } from './json.ts';
import { maxPolicySize, type Policy, parsePolicy } from './policy.ts';

/**
 * What a verifier believes before it looks at anything: written on B's side when B signed, fingerprints compared out
 * of band, kept apart from everything that A can reach. A file of its own; never read from inside a bundle.
 */
export interface Anchors {
  readonly v: 1;
  /** Id of the agreement, a segment of its log's origin. */
  readonly agreement: string;
  /** SHA-256 of the signed document's canonical bytes, lower-case hexadecimal: the edition as B rendered and hashed it. */
  readonly editionDigest: string;
  /** A's key for signing agreements. */
  readonly platformKey: PublicJwk;
  /** SHA-256 of A's root certificate (DER), lower-case hexadecimal: for live connections. */
  readonly rootSha256: string;
  /** B's own key. */
  readonly partyKey: PublicJwk;
  /** Text of `policy.tlog`: the logs and witnesses agreed on. */
  readonly policy: string;
}

const memberNames = ['agreement', 'editionDigest', 'partyKey', 'platformKey', 'policy', 'rootSha256', 'v'];
const isDigest = (value: JsonValue | undefined): value is string =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
/** Agreement ids are one segment of an origin. */
const isAgreementId = (value: JsonValue | undefined): value is string =>
  typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(value);

/** The anchors as a file: JSON that a person can read. */
export function formatAnchors(crypto: Pick<ProofCrypto, 'sha256'>, anchors: Anchors): string {
  const { v, agreement, editionDigest, platformKey, rootSha256, partyKey, policy } = anchors;
  const text = `${JSON.stringify({ v, agreement, editionDigest, platformKey, rootSha256, partyKey, policy }, null, 2)}\n`;
  parseAnchors(crypto, encodeUtf8(text));
  return text;
}

function readKey(value: JsonValue | undefined, name: string): PublicJwk {
  try {
    return parsePublicJwk(value);
  } catch (cause) {
    throw new ProofError('bad-anchors', `${name} is not a P-256 public key`, { cause });
  }
}

function readPolicy(crypto: Pick<ProofCrypto, 'sha256'>, text: string): Policy {
  try {
    return parsePolicy(crypto, text);
  } catch (cause) {
    throw new ProofError('bad-anchors', 'policy is not a policy.tlog', { cause });
  }
}

function readObject(bytes: Uint8Array): JsonObject {
  demand(bytes.length <= maxPolicySize * 2, 'bad-anchors', 'file is too large');
  let value: JsonValue;
  try {
    value = parseJsonOnce(decodeUtf8(bytes));
  } catch (cause) {
    throw new ProofError('bad-anchors', 'not plain JSON', { cause });
  }
  demand(isJsonObject(value), 'bad-anchors', 'not an object');
  const found = Object.keys(value).toSorted().join(' ');
  demand(found === memberNames.join(' '), 'bad-anchors', `members must be exactly ${memberNames.join(', ')}`);
  return value;
}

/** Reads a trust anchors file: exactly the members of {@link Anchors}, each in its form (`bad-anchors`). */
export function parseAnchors(crypto: Pick<ProofCrypto, 'sha256'>, bytes: Uint8Array): Anchors {
  const { v, agreement, editionDigest, platformKey, rootSha256, partyKey, policy } = readObject(bytes);
  demand(v === 1, 'bad-anchors', 'v is not 1');
  demand(isAgreementId(agreement), 'bad-anchors', 'agreement is not an id');
  demand(isDigest(editionDigest), 'bad-anchors', 'editionDigest is not a SHA-256 in lower-case hexadecimal');
  demand(isDigest(rootSha256), 'bad-anchors', 'rootSha256 is not a SHA-256 in lower-case hexadecimal');
  demand(typeof policy === 'string', 'bad-anchors', 'policy is not text');
  readPolicy(crypto, policy);
  const platform = readKey(platformKey, 'platformKey');
  const party = readKey(partyKey, 'partyKey');
  demand(platform.x !== party.x || platform.y !== party.y, 'bad-anchors', 'both parties have one key');
  return { v, agreement, editionDigest, platformKey: platform, rootSha256, partyKey: party, policy };
}
