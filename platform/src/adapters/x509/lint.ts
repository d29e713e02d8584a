// oxlint-disable-next-line import/no-unassigned-import -- the library below needs its global before it loads
import 'reflect-metadata';
import { X509Certificate as OpenSslCertificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { addressBytes } from './address.ts';
import type { AltName, CertificateSpec, NameParts } from './certificate.ts';
import { tags, wrap } from './der.ts';
import { toHex } from './keys.ts';
import { oids, profiles } from './profiles.ts';

/** Nothing was signed: what was built is not what was ordered. A bug or an attack on the builder, never the device's fault. */
export class LintError extends Error {
  override readonly name = 'LintError';
  readonly findings: readonly string[];

  constructor(findings: readonly string[]) {
    super(`certificate not signed: ${findings.join('; ')}`);
    this.findings = findings;
  }
}

const same = (a: ArrayBuffer, b: Uint8Array): boolean => Buffer.from(a).equals(b);

/** Attributes one by one, as `oid=value`; a set of several in one step of the name shows as `+`. */
function nameOf(name: x509.Name): string[] {
  return name.toJSON().map((step) =>
    Object.entries(step)
      .map(([type, values]) => `${type}=${values.join('|')}`)
      .join('+'),
  );
}
const wantedName = (parts: NameParts): string[] => parts.map(([oid, value]) => `${shortNames[oid] ?? oid}=${value}`);
const shortNames: Readonly<Record<string, string>> = { [oids.commonName]: 'CN', [oids.organization]: 'O' };

function altText(name: AltName): string {
  if ('uri' in name) return `url:${name.uri}`;
  if ('dns' in name) return `dns:${name.dns}`;
  return `ip:${toHex(name.ip)}`;
}
/** The library shows addresses as text: compare their bytes instead. */
function foundAltText(name: x509.JsonGeneralName): string {
  return name.type === 'ip' ? `ip:${toHex(addressBytes(name.value))}` : `${name.type}:${name.value}`;
}

const usageBits = (flags: x509.KeyUsageFlags): number[] =>
  Array.from({ length: 9 }, (_, bit) => bit).filter((bit) => (flags & (1 << bit)) !== 0);

type Check = readonly [finding: string, holds: boolean];

function tbsChecks(certificate: x509.X509Certificate, spec: CertificateSpec): Check[] {
  const serial = spec.serial[0] ?? 0;
  return [
    ['serial is not the ordered one', certificate.serialNumber === toHex(spec.serial)],
    ['serial is not 16 octets with top bits 01', spec.serial.length === 16 && serial >> 6 === 1],
    ['subject is not the ordered one', nameOf(certificate.subjectName).join() === wantedName(spec.subject).join()],
    ['issuer is not the CA', nameOf(certificate.issuerName).join() === wantedName(spec.issuer).join()],
    ['name part out of 1 to 64 characters', spec.subject.every(([, value]) => value.length >= 1 && value.length <= 64)],
    ['notBefore is not the ordered one', certificate.notBefore.getTime() === spec.notBefore.getTime()],
    ['notAfter is not the ordered one', certificate.notAfter.getTime() === spec.notAfter.getTime()],
    ['validity runs backwards', spec.notBefore < spec.notAfter],
    ['fraction of a second', spec.notBefore.getTime() % 1_000 === 0 && spec.notAfter.getTime() % 1_000 === 0],
    ['key is not the requested one', same(certificate.publicKey.rawData, spec.spki)],
  ];
}

function usageChecks(certificate: x509.X509Certificate, spec: CertificateSpec): Check[] {
  const profile = profiles[spec.profile];
  const wanted = 'extendedKeyUsage' in profile ? [profile.extendedKeyUsage] : [];
  const usage = certificate.getExtension(x509.KeyUsagesExtension);
  const extended = certificate.getExtension(x509.ExtendedKeyUsageExtension);
  const basic = certificate.getExtension(x509.BasicConstraintsExtension);
  const ca: { readonly pathLength?: number } | undefined = 'ca' in profile ? profile.ca : undefined;
  return [
    ['key usage', usage?.critical === true && usageBits(usage.usages).join() === profile.keyUsage.join()],
    ['extended key usage', (extended?.usages ?? []).join() === wanted.join()],
    ['basic constraints', basic?.critical === true && basic.ca === (ca !== undefined)],
    ['path length', basic?.pathLength === ca?.pathLength],
  ];
}

function crlUrls(certificate: x509.X509Certificate): string {
  const points = certificate.getExtension(x509.CRLDistributionPointsExtension)?.distributionPoints ?? [];
  const names = points.flatMap(({ distributionPoint }) => distributionPoint?.fullName ?? []);
  return names.map((name) => name.uniformResourceIdentifier ?? '').join();
}

/** The extension's one allowed value, written here without the builder: permitted subtrees [0], one URI [6]. */
function constraintHolds(extension: x509.Extension | null, host: string | undefined): boolean {
  if (host === undefined || extension === null) return host === undefined && extension === null;
  const subtree = wrap(tags.sequence, wrap(0x86, Buffer.from(host, 'latin1')));
  const wanted = wrap(tags.sequence, wrap(tags.context0, subtree));
  return extension.critical && same(extension.value, wanted);
}

function nameChecks(certificate: x509.X509Certificate, spec: CertificateSpec): Check[] {
  const names = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.toJSON() ?? [];
  const authority = certificate.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId;
  const subject = certificate.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId;
  return [
    ['alternative names', names.map(foundAltText).join() === (spec.altNames ?? []).map(altText).join()],
    ['CRL address', crlUrls(certificate) === (spec.crlUrl ?? '')],
    ['authority key id', authority === (spec.authorityKeyId && toHex(spec.authorityKeyId))],
    ['subject key id', subject === toHex(spec.keyId) && spec.keyId.length === 20],
    ['name constraint', constraintHolds(certificate.getExtension(oids.nameConstraints), spec.uriHost)],
  ];
}

function shapeChecks(certificate: x509.X509Certificate, spec: CertificateSpec): Check[] {
  const profile = profiles[spec.profile];
  const found = certificate.extensions.map(({ type }) => type);
  const optional = [
    spec.altNames,
    spec.uriHost,
    spec.crlUrl,
    spec.authorityKeyId,
    'extendedKeyUsage' in profile || undefined,
  ];
  const wanted = 3 + optional.filter((part) => part !== undefined).length;
  return [
    ['an extension twice', new Set(found).size === found.length],
    ['number of extensions', found.length === wanted],
  ];
}

/**
 * Compares an encoded certificate with its order through two parsers that did not build it, and throws
 * {@link LintError} with every difference. Run on a copy signed by a throwaway key, before the real key signs.
 */
export function lint(der: Uint8Array, spec: CertificateSpec): void {
  const certificate = new x509.X509Certificate(Uint8Array.from(der));
  const openssl = new OpenSslCertificate(der);
  const checks: Check[] = [
    ['OpenSSL reads another encoding', Buffer.from(certificate.rawData).equals(openssl.raw)],
    ['OpenSSL sees another CA flag', openssl.ca === 'ca' in profiles[spec.profile]],
    ...tbsChecks(certificate, spec),
    ...usageChecks(certificate, spec),
    ...nameChecks(certificate, spec),
    ...shapeChecks(certificate, spec),
  ];
  const findings = checks.filter(([, holds]) => !holds).map(([finding]) => finding);
  if (findings.length > 0) throw new LintError(findings);
}
