import {
  canonicalBytes,
  encodeHex,
  formatJws,
  type GeneralJws,
  type JsonObject,
  sha256,
  signJws,
} from '@pactgate/proof';
import type { documentTypes } from '@pactgate/protocol';
import type { PartyKeys } from './party-keys.ts';

/** The JWS as the API's schema has it: the same members, not readonly. */
export interface SentJws {
  payload: string;
  signatures: { protected: string; signature: string }[];
}

const sent = ({ payload, signatures }: GeneralJws): SentJws => ({
  payload,
  signatures: signatures.map((line) => ({ protected: line.protected, signature: line.signature })),
});

/** Signs bytes as a document of one kind: General JSON JWS, ES256. */
export async function signBytes(
  bytes: Uint8Array,
  typ: (typeof documentTypes)[keyof typeof documentTypes],
  keys: PartyKeys,
): Promise<SentJws> {
  const line = await signJws({ sha256 }, { payload: bytes, typ }, keys.jwk, keys.sign);
  return sent(formatJws(bytes, [line]));
}

/** RFC 8785 bytes of a document and their SHA-256 in hexadecimal: what is signed and what is compared. */
export function canonical(document: JsonObject): { readonly bytes: Uint8Array; readonly digest: string } {
  const bytes = canonicalBytes(document);
  return { bytes, digest: encodeHex(sha256(bytes)) };
}
