import type { ModelFile, RecordBody, VersionMessage } from '@pactgate/protocol';

/** Firmware versions that party B released for a model, with the SBOM of each where the file names one. */
export type KnownVersions = ReadonlyMap<string, string | undefined>;

/** Versions of a model's signed security file: nothing else makes a version known. */
export const knownVersionsOf = (file: Pick<ModelFile, 'firmware'>): KnownVersions =>
  new Map(file.firmware.map(({ version, sbomSha256 }) => [version, sbomSha256]));

/**
 * Judges a reported version (B2.5.3): known when it is in the file, letter for letter, and the SBOM that the device
 * names, if any, is the one the file names. A device cannot make itself known by naming another bill of materials.
 */
export function isKnownVersion(known: KnownVersions, report: Pick<VersionMessage, 'firmware' | 'sbom'>): boolean {
  if (!known.has(report.firmware)) return false;
  const sbom = known.get(report.firmware);
  return report.sbom === undefined || sbom === undefined || report.sbom === sbom;
}

/** The record of a version report. */
export function versionRecord(
  known: KnownVersions,
  device: { readonly pseudonym: string; readonly model: string },
  report: Pick<VersionMessage, 'firmware' | 'sbom'>,
): RecordBody<'version.report'> {
  const body = {
    device: device.pseudonym,
    model: device.model,
    version: report.firmware,
    known: isKnownVersion(known, report),
  };
  return report.sbom === undefined ? body : { ...body, sbom: report.sbom };
}
