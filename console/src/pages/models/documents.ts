import { canonicalBytes, encodeHex, isJsonObject, type JsonValue, sha256 } from '@pactgate/proof';
import type { DataManifest, ModelFile } from '@pactgate/protocol';

/** What a page reads of a document it was given: any member may be missing or of another kind. */
export type Loose<T> = T extends readonly (infer U)[]
  ? readonly Loose<U>[]
  : T extends object
    ? { readonly [K in keyof T]?: Loose<T[K]> }
    : T;

/**
 * The platform checked these by their schemas before it kept them. A page that shows them to people believes the shape,
 * member by member, and nothing else.
 */
export const asFile = (value: Readonly<Record<string, unknown>>): Loose<ModelFile> => value;
export const asManifest = (value: Readonly<Record<string, unknown>>): Loose<DataManifest> => value;

/** SHA-256 of the RFC 8785 bytes, lower-case hex: computed here, from what is shown, so that it is what is signed. */
export function documentDigest(value: Readonly<Record<string, unknown>>): string | undefined {
  const json = value as JsonValue;
  return isJsonObject(json) ? encodeHex(sha256(canonicalBytes(json))) : undefined;
}
