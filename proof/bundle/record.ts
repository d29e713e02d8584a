import { decodeBase64Url, encodeBase64Url } from '../bytes.ts';
import { recordSaltSize } from '../commitment.ts';
import { demand, ProofError } from '../error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';

/** What opens a leaf's commitment: the body as committed to, its salt, and the disclosures its reader may see. */
export interface RecordOpening {
  /** Index of the leaf in its log. */
  readonly index: number;
  /** 32 bytes. */
  readonly salt: Uint8Array;
  readonly body: JsonObject;
  readonly disclosures: readonly string[];
}

/** The opening as JSON, as bundles hold it and the API serves it. */
export function recordToJson({ index, salt, body, disclosures }: RecordOpening): JsonObject {
  return { body, disclosures, index, salt: encodeBase64Url(salt) };
}

function readSalt(text: string): Uint8Array {
  try {
    return decodeBase64Url(text);
  } catch (cause) {
    throw new ProofError('bad-commitment', 'salt is not base64url', { cause });
  }
}

/** Reads an opening; exactly its four members (`bad-commitment`). Whether it opens anything is not checked here. */
export function parseRecord(value: JsonValue): RecordOpening {
  demand(isJsonObject(value), 'bad-commitment', 'record is not an object');
  const members = Object.keys(value).toSorted().join(' ');
  demand(members === 'body disclosures index salt', 'bad-commitment', 'record has other members');
  const { index, salt, body, disclosures } = value;
  const indexed = typeof index === 'number' && Number.isSafeInteger(index) && index >= 0;
  demand(indexed, 'bad-commitment', 'index is not a count');
  demand(typeof salt === 'string' && isJsonObject(body), 'bad-commitment', 'salt or body is not of its type');
  demand(Array.isArray(disclosures), 'bad-commitment', 'disclosures is not a list');
  const items: readonly JsonValue[] = disclosures;
  const texts = items.filter((item) => typeof item === 'string');
  demand(texts.length === items.length, 'bad-commitment', 'a disclosure is not text');
  const bytes = readSalt(salt);
  demand(bytes.length === recordSaltSize, 'bad-commitment', 'salt is not of 32 bytes');
  return { index, salt: bytes, body, disclosures: texts };
}
