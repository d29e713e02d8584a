import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { tags, wrap } from './der.ts';
import { curves, type Signer } from './keys.ts';
import { oids, type Profile, type ProfileName, profiles } from './profiles.ts';

/** Attribute type and value, in the order of the encoded name. */
export type NameParts = readonly (readonly [oid: string, value: string])[];
export type AltName = { readonly uri: string } | { readonly dns: string } | { readonly ip: Uint8Array };

/** Everything a certificate says; builder and linter read the same specification independently. */
export interface CertificateSpec {
  readonly profile: ProfileName;
  /** 16 bytes, top bits 01. */
  readonly serial: Uint8Array;
  readonly subject: NameParts;
  readonly issuer: NameParts;
  /** Whole seconds. */
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly keyId: Uint8Array;
  /** Absent in a self-signed root. */
  readonly authorityKeyId?: Uint8Array;
  readonly altNames?: readonly AltName[];
  /** The one host that URI names below this CA may have. */
  readonly uriHost?: string;
  readonly crlUrl?: string;
}

/** Names of CAs are encoded once: their parts are one array for as long as the CA lives. */
const names = new WeakMap<NameParts, pkijs.RelativeDistinguishedNames>();

/** One attribute for each step of the name: the library alone would put all of them into one set. */
export function toName(parts: NameParts): pkijs.RelativeDistinguishedNames {
  const known = names.get(parts);
  if (known) return known;
  const steps = parts.map(([type, value]) => {
    const pair = [new asn1js.ObjectIdentifier({ value: type }), new asn1js.Utf8String({ value })];
    return new asn1js.Set({ value: [new asn1js.Sequence({ value: pair })] });
  });
  const name = pkijs.RelativeDistinguishedNames.fromBER(new asn1js.Sequence({ value: steps }).toBER());
  names.set(parts, name);
  return name;
}

/** Subject of one of our own certificates. */
export function subjectOf(der: Uint8Array): NameParts {
  const { subject } = pkijs.Certificate.fromBER(buffer(der));
  return subject.typesAndValues.map(({ type, value }) => [type, value.valueBlock.value] as const);
}

/** UTCTime to 2049, GeneralizedTime from 2050 (RFC 5280 4.1.2.5); fractions of a second must not be there. */
export const toTime = (date: Date): pkijs.Time =>
  new pkijs.Time({
    type: date.getUTCFullYear() < 2050 ? pkijs.TimeType.UTCTime : pkijs.TimeType.GeneralizedTime,
    value: date,
  });

const buffer = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;
const octets = (bytes: Uint8Array): asn1js.OctetString => new asn1js.OctetString({ valueHex: buffer(bytes) });

function keyUsage(bits: readonly number[]): asn1js.BitString {
  const value = bits.reduce((all, bit) => all | (0x80 >> bit), 0);
  // DER of a named bit list drops trailing zero bits
  const unusedBits = 7 - Math.max(...bits);
  return new asn1js.BitString({ valueHex: Uint8Array.of(value).buffer, unusedBits });
}

function altName(name: AltName): pkijs.GeneralName {
  if ('uri' in name) return new pkijs.GeneralName({ type: 6, value: name.uri });
  if ('dns' in name) return new pkijs.GeneralName({ type: 2, value: name.dns });
  return new pkijs.GeneralName({ type: 7, value: octets(name.ip) });
}

interface Named {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: { toBER(): ArrayBuffer };
}

function nameConstraint(host: string): Named {
  const base = new pkijs.GeneralName({ type: 6, value: host });
  const value = new pkijs.NameConstraints({ permittedSubtrees: [new pkijs.GeneralSubtree({ base })] }).toSchema();
  return { oid: oids.nameConstraints, critical: true, value };
}

function crlPoint(url: string): Named {
  const distributionPoint = [new pkijs.GeneralName({ type: 6, value: url })];
  const point = new pkijs.DistributionPoint({ distributionPoint });
  const value = new pkijs.CRLDistributionPoints({ distributionPoints: [point] }).toSchema();
  return { oid: oids.crlDistributionPoints, critical: false, value };
}

function constraintsOf(profile: Profile): Named[] {
  const length = profile.ca?.pathLength;
  const basic = new pkijs.BasicConstraints({
    cA: profile.ca !== undefined,
    ...(length === undefined ? {} : { pathLenConstraint: length }),
  });
  const list: Named[] = [
    { oid: oids.basicConstraints, critical: true, value: basic.toSchema() },
    { oid: oids.keyUsage, critical: true, value: keyUsage(profile.keyUsage) },
  ];
  if (profile.extendedKeyUsage !== undefined) {
    const value = new pkijs.ExtKeyUsage({ keyPurposes: [profile.extendedKeyUsage] }).toSchema();
    list.push({ oid: oids.extendedKeyUsage, critical: false, value });
  }
  return list;
}

function extensionsOf(spec: CertificateSpec): Named[] {
  const list = constraintsOf(profiles[spec.profile]);
  list.push({ oid: oids.subjectKeyIdentifier, critical: false, value: octets(spec.keyId) });
  if (spec.authorityKeyId) {
    const value = new pkijs.AuthorityKeyIdentifier({ keyIdentifier: octets(spec.authorityKeyId) }).toSchema();
    list.push({ oid: oids.authorityKeyIdentifier, critical: false, value });
  }
  if (spec.altNames) {
    const value = new pkijs.GeneralNames({ names: spec.altNames.map(altName) }).toSchema();
    list.push({ oid: oids.subjectAltName, critical: false, value });
  }
  if (spec.uriHost !== undefined) list.push(nameConstraint(spec.uriHost));
  if (spec.crlUrl !== undefined) list.push(crlPoint(spec.crlUrl));
  return list;
}

/** Encodes what is to be signed, for a signer on `curve`. */
export function build(spec: CertificateSpec, signer: Pick<Signer, 'curve'>): Uint8Array {
  const certificate = new pkijs.Certificate({
    version: 2,
    serialNumber: new asn1js.Integer({ valueHex: buffer(spec.serial) }),
    signature: new pkijs.AlgorithmIdentifier({ algorithmId: curves[signer.curve].signature }),
    issuer: toName(spec.issuer),
    subject: toName(spec.subject),
    notBefore: toTime(spec.notBefore),
    notAfter: toTime(spec.notAfter),
    subjectPublicKeyInfo: pkijs.PublicKeyInfo.fromBER(buffer(spec.spki)),
    extensions: extensionsOf(spec).map(
      ({ oid, critical, value }) => new pkijs.Extension({ extnID: oid, critical, extnValue: value.toBER() }),
    ),
  });
  return new Uint8Array(certificate.encodeTBS().toBER());
}

/** Signs and wraps certificates and CRLs alike: `SEQUENCE { tbs, algorithm, BIT STRING }`. */
export async function seal(tbs: Uint8Array, signer: Signer): Promise<Uint8Array> {
  const signature = await signer.sign(tbs);
  const algorithm = new pkijs.AlgorithmIdentifier({ algorithmId: curves[signer.curve].signature }).toSchema().toBER();
  return wrap(tags.sequence, tbs, new Uint8Array(algorithm), wrap(tags.bitString, Uint8Array.of(0), signature));
}
