import type { RecordBody } from '@pactgate/protocol';

/** Largest SBOM, octets. */
export const maxSbomBytes = 8 * 1_024 * 1_024;
const maxNesting = 64;
/** Values of any kind in one document: what 8 MiB of the densest JSON could hold is far above every real SBOM. */
const maxValues = 1_000_000;
const maxComponents = 100_000;
const maxComponentNesting = 16;

/** What is known of an SBOM after reading it: its format with version, and how many components it names. */
export type SbomReading =
  | { readonly ok: true; readonly format: string; readonly components: number }
  | { readonly ok: false; readonly fault: string };

type Members = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= 4_096;
const no = (fault: string): SbomReading => ({ ok: false, fault });

/** Walks without recursion: depth and size are the sender's claim. */
function boundsFault(document: unknown): string | undefined {
  let level: readonly unknown[] = [document];
  let count = 0;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxNesting) return `nested more than ${maxNesting} deep`;
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue;
      const inner: readonly unknown[] = Object.values(value);
      count += inner.length;
      if (count > maxValues) return `more than ${maxValues} values`;
      for (const item of inner) next.push(item);
    }
    level = next;
  }
  return undefined;
}

const cycloneVersions = ['1.2', '1.3', '1.4', '1.5', '1.6', '1.7'];
/** Of all versions together; each added some. */
const componentTypes: ReadonlySet<unknown> = new Set([
  'application',
  'framework',
  'library',
  'container',
  'platform',
  'operating-system',
  'device',
  'device-driver',
  'firmware',
  'file',
  'machine-learning-model',
  'data',
  'cryptographic-asset',
]);
/** Package URL: scheme, type, path; qualifiers and subpath are not looked into. */
const purl = /^pkg:\/{0,2}[A-Za-z][A-Za-z0-9.+-]*\/[^?#\s]+(\?[^#\s]*)?(#\S*)?$/;

interface Tally {
  readonly versioned: boolean;
  readonly refs: Set<string>;
  count: number;
}

function componentFault(component: unknown, tally: Tally): string | undefined {
  if (!isObject(component)) return 'is no object';
  if (!componentTypes.has(component['type'])) return 'has no known type';
  if (!isText(component['name'])) return 'has no name';
  // Optional since 1.4.
  if (tally.versioned && typeof component['version'] !== 'string') return 'has no version';
  const url = component['purl'];
  if (url !== undefined && !(isText(url) && purl.test(url))) return 'has a purl that is none';
  const ref = component['bom-ref'];
  if (ref === undefined) return undefined;
  if (!isText(ref)) return 'has a bom-ref that is no text';
  if (tally.refs.has(ref)) return 'has the bom-ref of another one';
  tally.refs.add(ref);
  return undefined;
}

function componentsFault(list: unknown, tally: Tally, path: string, depth: number): string | undefined {
  if (!Array.isArray(list)) return `${path} is no list`;
  if (depth > maxComponentNesting) return `${path} is nested more than ${maxComponentNesting} deep`;
  const components: readonly unknown[] = list;
  tally.count += components.length;
  if (tally.count > maxComponents) return `more than ${maxComponents} components`;
  for (const [i, component] of components.entries()) {
    const fault = componentFault(component, tally);
    if (fault !== undefined) return `${path}/${i} ${fault}`;
    const inner = isObject(component) ? component['components'] : undefined;
    const below = inner === undefined ? undefined : componentsFault(inner, tally, `${path}/${i}/components`, depth + 1);
    if (below !== undefined) return below;
  }
  return undefined;
}

/** CycloneDX JSON 1.2 to 1.7 (ECMA-424): envelope and components, as far as an inventory needs them. */
function readCyclone(bom: Members): SbomReading {
  const version = bom['specVersion'];
  if (!cycloneVersions.some((known) => known === version)) return no('/specVersion is none of 1.2 to 1.7');
  const revision = bom['version'];
  if (revision !== undefined && !(Number.isSafeInteger(revision) && Number(revision) >= 1))
    return no('/version is no positive integer');
  const serial = bom['serialNumber'];
  if (serial !== undefined && !(isText(serial) && /^urn:uuid:[0-9a-fA-F-]{36}$/.test(serial)))
    return no('/serialNumber is no urn:uuid');
  const tally: Tally = { versioned: version === '1.2' || version === '1.3', refs: new Set(), count: 0 };
  const fault = componentsFault(bom['components'], tally, '/components', 0);
  if (fault !== undefined) return no(fault);
  if (tally.count === 0) return no('/components is empty');
  return { ok: true, format: `CycloneDX ${String(version)}`, components: tally.count };
}

const spdxId = /^SPDXRef-[A-Za-z0-9.-]+$/;

function packageFault(item: unknown, ids: Set<string>): string | undefined {
  if (!isObject(item)) return 'is no object';
  if (!isText(item['name'])) return 'has no name';
  if (!isText(item['downloadLocation'])) return 'has no downloadLocation';
  const id = item['SPDXID'];
  if (!isText(id) || !spdxId.test(id)) return 'has no SPDXID';
  if (ids.has(id)) return 'has the SPDXID of another one';
  ids.add(id);
  return undefined;
}

function spdxEnvelopeFault(bom: Members): string | undefined {
  if (bom['dataLicense'] !== 'CC0-1.0') return '/dataLicense is not CC0-1.0';
  if (bom['SPDXID'] !== 'SPDXRef-DOCUMENT') return '/SPDXID is not SPDXRef-DOCUMENT';
  if (!isText(bom['name'])) return '/name is missing';
  const space = bom['documentNamespace'];
  if (!isText(space) || space.includes('#')) return '/documentNamespace is no address without #';
  const info = bom['creationInfo'];
  if (!isObject(info) || !isText(info['created'])) return '/creationInfo/created is missing';
  if (Number.isNaN(Date.parse(info['created']))) return '/creationInfo/created is no time';
  const creators: unknown = info['creators'];
  if (!Array.isArray(creators) || creators.length === 0 || !creators.every(isText))
    return '/creationInfo/creators is empty';
  return undefined;
}

/** SPDX 2.3 JSON: the mandatory members of document and packages. */
function readSpdx(bom: Members): SbomReading {
  const fault = spdxEnvelopeFault(bom);
  if (fault !== undefined) return no(fault);
  const packages: unknown = bom['packages'];
  if (!Array.isArray(packages) || packages.length === 0) return no('/packages is empty');
  if (packages.length > maxComponents) return no(`more than ${maxComponents} packages`);
  const ids = new Set<string>();
  const list: readonly unknown[] = packages;
  for (const [i, item] of list.entries()) {
    const wrong = packageFault(item, ids);
    if (wrong !== undefined) return no(`/packages/${i} ${wrong}`);
  }
  return { ok: true, format: 'SPDX 2.3', components: list.length };
}

/** Reads an SBOM that was parsed already (B2.1.1): CycloneDX 1.2 to 1.7 or SPDX 2.3, both JSON. */
export function readSbom(document: unknown): SbomReading {
  if (!isObject(document)) return no('not a JSON object');
  const bounds = boundsFault(document);
  if (bounds !== undefined) return no(bounds);
  if (document['bomFormat'] === 'CycloneDX') return readCyclone(document);
  if (document['spdxVersion'] === 'SPDX-2.3') return readSpdx(document);
  return no('neither CycloneDX nor SPDX 2.3');
}

/** Reads the octets of an SBOM; at most {@link maxSbomBytes}. */
export function parseSbom(bytes: Uint8Array): SbomReading {
  if (bytes.length > maxSbomBytes) return no(`larger than ${maxSbomBytes} octets`);
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // Not UTF-8, not JSON, or nested beyond what the parser takes: the answer is the same.
    return no('not JSON');
  }
  return readSbom(document);
}

/** Body of `sbom.ingest`. `digest`: SHA-256 of the octets that were read, lower-case hex. */
export const sbomRecord = (model: string, digest: string, reading: SbomReading): RecordBody<'sbom.ingest'> =>
  reading.ok
    ? { model, format: reading.format, digest, components: reading.components, parsed: true }
    : { model, format: 'unknown', digest, components: 0, parsed: false };
