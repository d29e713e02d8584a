import { decodeUtf8, encodeUtf8, parseDecimal } from '../bytes.ts';
import type { ProofCrypto } from '../crypto.ts';
import { demand, ProofError } from '../error.ts';
import { canonicalBytes, parseCanonical } from '../jcs.ts';
import type { JsonValue } from '../json.ts';
import { isCount } from '../merkle/range.ts';
import { entriesPath, formatTileIndex, parseLogPath, parseTileIndex, tilePath, tileWidth } from '../tiles/path.ts';
import type { TileReader } from '../tiles/reader.ts';
import { defaultZipLimits, readZip, writeZip, type ZipLimits } from '../zip.ts';
import { checkManifest, formatManifest, manifestName } from './manifest.ts';
import { parseRecord, type RecordOpening, recordToJson } from './record.ts';

/** One log's part of a bundle. */
export interface BundleLog {
  /** Cosigned checkpoint, verbatim. */
  readonly checkpoint: Uint8Array;
  /** By path below the log's prefix: `tile/0/000.p/7`, `tile/entries/000.p/7`; see `gatherLog`. */
  readonly tiles: ReadonlyMap<string, Uint8Array>;
  /** By index, ascending; those that are erased or not for this reader are left out. */
  readonly records: readonly RecordOpening[];
  /** Ready-made `.tlog-proof` texts by index, for other people's tools. */
  readonly proofs: ReadonlyMap<number, string>;
}

/** What an evidence bundle holds. */
export interface Bundle {
  /** `policy.tlog`, byte for byte as agreed. */
  readonly policy: string;
  /** The signed document, canonical JSON. */
  readonly agreement: Uint8Array;
  /** Its signatures, canonical General JSON JWS. */
  readonly signatures: Uint8Array;
  /** The agreement's log first, then others such as the platform log. */
  readonly logs: readonly BundleLog[];
  /** Anything else (reports, exports): covered by the manifest, not looked at. */
  readonly extras?: ReadonlyMap<string, Uint8Array>;
}

/** Most logs of one bundle. */
export const maxBundleLogs = 32;
const names = { policy: 'policy.tlog', agreement: 'agreement.json', signatures: 'signatures.json' };
const fixedNames: ReadonlySet<string> = new Set([...Object.values(names), manifestName]);

/** Records go in files of 256, cut as the entry bundles are: one file per record would run a zip out of names. */
function recordFiles(records: readonly RecordOpening[]): ReadonlyMap<string, Uint8Array> {
  const tiles = new Map<number, JsonValue[]>();
  let last = -1;
  for (const record of records) {
    demand(isCount(record.index) && record.index > last, 'bad-bundle', 'records are not in ascending order');
    last = record.index;
    const tile = Math.floor(record.index / tileWidth);
    const list = tiles.get(tile) ?? [];
    list.push(recordToJson(record));
    tiles.set(tile, list);
  }
  return new Map([...tiles].map(([tile, list]) => [`records/${formatTileIndex(tile)}.json`, canonicalBytes(list)]));
}

function logFiles(log: BundleLog): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>([['checkpoint', log.checkpoint]]);
  for (const [path, bytes] of log.tiles) {
    parseLogPath(path);
    files.set(path, bytes);
  }
  for (const [name, bytes] of recordFiles(log.records)) files.set(name, bytes);
  for (const [index, proof] of log.proofs) {
    demand(isCount(index), 'bad-bundle', 'proof index is not a count');
    files.set(`proofs/${index}.tlog-proof`, encodeUtf8(proof));
  }
  return files;
}

/** Packs a bundle: a canonical zip with a manifest. The same parts always give the same bytes. */
export function buildBundle(
  crypto: Pick<ProofCrypto, 'sha256'>,
  bundle: Bundle,
  limits: ZipLimits = defaultZipLimits,
): Uint8Array<ArrayBuffer> {
  demand(bundle.logs.length >= 1 && bundle.logs.length <= maxBundleLogs, 'bad-bundle', 'a bundle has 1 to 32 logs');
  const files = new Map<string, Uint8Array>([
    [names.policy, encodeUtf8(bundle.policy)],
    [names.agreement, bundle.agreement],
    [names.signatures, bundle.signatures],
  ]);
  for (const [i, log] of bundle.logs.entries()) {
    for (const [name, bytes] of logFiles(log)) files.set(`logs/${i}/${name}`, bytes);
  }
  for (const [name, bytes] of bundle.extras ?? []) {
    demand(!fixedNames.has(name) && !name.startsWith('logs/'), 'bad-bundle', `extra file may not be ${name}`);
    files.set(name, bytes);
  }
  return writeZip(new Map([...files, [manifestName, formatManifest(crypto, files)]]), limits);
}

/** A log's part while its files are read. */
interface Draft {
  checkpoint: Uint8Array | undefined;
  readonly tiles: Map<string, Uint8Array>;
  readonly records: RecordOpening[];
  readonly proofs: Map<number, string>;
}

function readRecords(draft: Draft, path: string, bytes: Uint8Array): void {
  const tile = parseTileIndex(path);
  const list = parseCanonical(bytes);
  demand(Array.isArray(list) && list.length > 0, 'bad-bundle', 'record file is not a list');
  const items: readonly JsonValue[] = list;
  let last = tile * tileWidth - 1;
  for (const item of items) {
    const record = parseRecord(item);
    const fits = record.index > last && record.index < (tile + 1) * tileWidth;
    demand(fits, 'bad-bundle', 'a record is in the wrong place');
    last = record.index;
    draft.records.push(record);
  }
}

function readLogFile(draft: Draft, name: string, bytes: Uint8Array): void {
  const [, records] = /^records\/(.+)\.json$/.exec(name) ?? [];
  const [, proof] = /^proofs\/([0-9]+)\.tlog-proof$/.exec(name) ?? [];
  if (name === 'checkpoint') draft.checkpoint = bytes;
  else if (records !== undefined) readRecords(draft, records, bytes);
  else if (proof !== undefined) {
    const index = parseDecimal(proof);
    demand(index !== undefined, 'bad-bundle', 'proof index is not a plain decimal');
    draft.proofs.set(index, decodeUtf8(bytes));
  } else {
    parseLogPath(name);
    draft.tiles.set(name, bytes);
  }
}

function readLogs(files: ReadonlyMap<string, Uint8Array>): readonly BundleLog[] {
  const drafts = new Map<number, Draft>();
  for (const [name, bytes] of files) {
    const [, digits, rest] = /^logs\/([0-9]+)\/(.+)$/.exec(name) ?? [];
    if (digits === undefined || rest === undefined) continue;
    const number = parseDecimal(digits);
    demand(number !== undefined && number < maxBundleLogs, 'bad-bundle', 'log number is not 0 to 31');
    const draft = drafts.get(number) ?? { checkpoint: undefined, tiles: new Map(), records: [], proofs: new Map() };
    drafts.set(number, draft);
    readLogFile(draft, rest, bytes);
  }
  demand(drafts.size > 0, 'bad-bundle', 'no log');
  return Array.from({ length: drafts.size }, (_, i) => {
    const draft = drafts.get(i);
    demand(draft?.checkpoint !== undefined, 'bad-bundle', `log ${i} is missing or has no checkpoint`);
    const { checkpoint, tiles, proofs } = draft;
    return { checkpoint, tiles, records: draft.records.toSorted((a, b) => a.index - b.index), proofs };
  });
}

/**
 * Unpacks a bundle and checks its manifest; nothing else in it is verified. The bundle comes from the other party:
 * all of its form is checked before anything is believed (`bad-zip`, `bad-bundle`, `too-large`).
 */
export function parseBundle(
  crypto: Pick<ProofCrypto, 'sha256'>,
  bytes: Uint8Array,
  limits: ZipLimits = defaultZipLimits,
): Bundle {
  const files = checkManifest(crypto, readZip(bytes, limits));
  const file = (name: string): Uint8Array => {
    const found = files.get(name);
    demand(found !== undefined, 'bad-bundle', `no ${name}`);
    return found;
  };
  try {
    return {
      policy: decodeUtf8(file(names.policy)),
      agreement: file(names.agreement),
      signatures: file(names.signatures),
      logs: readLogs(files),
      extras: new Map([...files].filter(([name]) => !fixedNames.has(name) && !name.startsWith('logs/'))),
    };
  } catch (cause) {
    if (!(cause instanceof ProofError) || cause.code === 'bad-bundle') throw cause;
    throw new ProofError('bad-bundle', `a file has not its form: ${cause.detail}`, { cause });
  }
}

/** Tiles by path as a reader. */
export function tilesFromMap(tiles: ReadonlyMap<string, Uint8Array>): TileReader {
  return {
    readTile: (tile) => Promise.resolve(tiles.get(tilePath(tile))),
    readEntries: (entries) => Promise.resolve(tiles.get(entriesPath(entries))),
  };
}
