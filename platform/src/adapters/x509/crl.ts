import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { type NameParts, seal, toName, toTime } from './certificate.ts';
import { curves, fromHex, type Signer } from './keys.ts';
import { oids } from './profiles.ts';

export interface CrlSpec {
  readonly issuer: NameParts;
  readonly authorityKeyId: Uint8Array;
  readonly number: number;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly revoked: readonly { readonly serial: string; readonly at: Date }[];
}

const buffer = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;
const whole = (date: Date): Date => new Date(Math.floor(date.getTime() / 1_000) * 1_000);

/** A complete CRL, version 2, with CRL number and authority key identifier (RFC 5280 section 5). DER. */
export function buildCrl(spec: CrlSpec, signer: Signer): Promise<Uint8Array> {
  const extensions = [
    { extnID: oids.crlNumber, extnValue: new asn1js.Integer({ value: spec.number }).toBER() },
    {
      extnID: oids.authorityKeyIdentifier,
      extnValue: new pkijs.AuthorityKeyIdentifier({
        keyIdentifier: new asn1js.OctetString({ valueHex: buffer(spec.authorityKeyId) }),
      })
        .toSchema()
        .toBER(),
    },
  ];
  const crl = new pkijs.CertificateRevocationList({
    version: 1,
    signature: new pkijs.AlgorithmIdentifier({ algorithmId: curves[signer.curve].signature }),
    issuer: toName(spec.issuer),
    thisUpdate: toTime(whole(spec.thisUpdate)),
    nextUpdate: toTime(whole(spec.nextUpdate)),
    crlExtensions: new pkijs.Extensions({
      extensions: extensions.map((extension) => new pkijs.Extension({ ...extension, critical: false })),
    }),
  });
  // an empty list must be left out, not encoded empty
  if (spec.revoked.length > 0)
    crl.revokedCertificates = spec.revoked.map(
      ({ serial, at }) =>
        new pkijs.RevokedCertificate({
          userCertificate: new asn1js.Integer({ valueHex: buffer(fromHex(serial)) }),
          revocationDate: toTime(whole(at)),
        }),
    );
  const [tbs] = crl.toSchema(true).valueBlock.value;
  if (!tbs) throw new TypeError('a CRL without content');
  return seal(new Uint8Array(tbs.toBER()), signer);
}
