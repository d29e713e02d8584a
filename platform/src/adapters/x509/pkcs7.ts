import * as asn1js from 'asn1js';
import { tags, wrap } from './der.ts';
import { oids } from './profiles.ts';

const oid = (value: string): Uint8Array => new Uint8Array(new asn1js.ObjectIdentifier({ value }).toBER());

/**
 * Certificates alone as CMS SignedData without signers or content (RFC 8951 section 3.2, RFC 5272 section 4.1). DER.
 * They go in byte for byte; neither library does that without parsing each one, which costs more than all the rest.
 */
export function certsOnly(certificates: readonly Uint8Array[]): Uint8Array {
  const signed = wrap(
    tags.sequence,
    wrap(tags.integer, Uint8Array.of(1)),
    wrap(tags.set),
    wrap(tags.sequence, oid(oids.data)),
    wrap(tags.context0, ...certificates),
    wrap(tags.set),
  );
  return wrap(tags.sequence, oid(oids.signedData), wrap(tags.context0, signed));
}

/** What a request should hold (RFC 8951 section 3.3): proof of the channel, an EC key on P-256, ECDSA with SHA-256. DER. */
export function csrAttributes(): Uint8Array {
  const key = wrap(tags.sequence, oid(oids.ecPublicKey), wrap(tags.set, oid(oids.prime256v1)));
  return wrap(tags.sequence, oid(oids.challengePassword), key, oid(oids.ecdsaWithSha256));
}
