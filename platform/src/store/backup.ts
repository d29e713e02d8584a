import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { copyFile, mkdir, open, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { type Instant, iso } from '../kernel/time.ts';
import { openBlobs } from './blobs/blob-store.ts';
import { dataPaths, layoutVersion } from './datadir.ts';
import { syncDirectoryLater, writeAtomically } from './files.ts';
import { mainFile, type Store, telemetryFolder } from './open.ts';

const manifestFile = 'manifest.json';
const keyFile = /^[a-z0-9][a-z0-9._-]{0,126}[a-z0-9]\.key$/;
/** Paths a backup may hold; anything else in a manifest could point out of the directory. */
const pathPattern = '^(main\\.db|telemetry/\\d{4}-\\d{2}-\\d{2}\\.db|blobs/[0-9a-f]{2}/[0-9a-f]{64})$';

const manifestSchema = Type.Object(
  {
    format: Type.Literal('pactgate-backup'),
    layout: Type.Integer({ minimum: 1 }),
    created: Type.String({ maxLength: 30 }),
    files: Type.Array(
      Type.Object(
        {
          path: Type.String({ pattern: pathPattern }),
          size: Type.Integer({ minimum: 0 }),
          sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
const manifest = Compile(manifestSchema);
/** What a backup holds; `layout` is that of the data directory. */
export type BackupManifest = Static<typeof manifestSchema>;

/** Why a backup could not be made or restored; `damaged` and `not-empty` name the file or directory. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
  readonly fault: 'not-empty' | 'not-a-backup' | 'newer' | 'damaged' | 'unsupported';

  constructor(fault: BackupError['fault'], detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.fault = fault;
  }
}

export interface BackupOptions {
  readonly store: Store;
  /** The data directory `store` is open on. */
  readonly dataDir: string;
  /** Where to: an absent or empty directory. */
  readonly to: string;
  readonly now: Instant;
  /** Largest blob, as configured. */
  readonly maxBlob: number;
}

/**
 * Copies the database, the telemetry days and the blobs while the platform runs: each database file as it is at one
 * moment, the main file first (nothing needs a transaction across them). Writers are not held up. Not in it, on
 * purpose: keys (see {@link backupKeys}: keys that are destroyed must be gone from backups soon), the key-encryption
 * key, and the high-water marks. `manifest.json` is written last: without it, it is not a backup.
 */
export async function backup({ store, dataDir, to, now, maxBlob }: BackupOptions): Promise<BackupManifest> {
  const { copyFile: copyDatabase } = store;
  if (!copyDatabase) throw new BackupError('unsupported', 'PostgreSQL is backed up with its own tools (pg_basebackup)');
  await makeEmpty(to);
  const paths = dataPaths(dataDir);
  const files: string[] = [mainFile];
  await copyDatabase(paths.main, path.join(to, mainFile));
  await mkdir(path.join(to, telemetryFolder), { mode: 0o700 });
  for (const day of await store.telemetry.days()) {
    const name = `${telemetryFolder}/${day}.db`;
    await copyDatabase(path.join(dataDir, name), path.join(to, name));
    files.push(name);
  }
  files.push(...(await copyBlobs(dataDir, to, maxBlob)));
  const entries = [];
  for (const file of files) entries.push(await describe(to, file));
  const made: BackupManifest = { format: 'pactgate-backup', layout: layoutVersion, created: iso(now), files: entries };
  await writeAtomically(path.join(to, manifestFile), `${JSON.stringify(made, undefined, 1)}\n`);
  return made;
}

/** Copies the sealed key files into a directory of their own, which must live shorter than other backups. */
export async function backupKeys(dataDir: string, to: string): Promise<readonly string[]> {
  await makeEmpty(to);
  return copyKeys(dataPaths(dataDir).keys, to);
}

/** What was laid out. */
export type Restored = BackupManifest & { readonly keys: number };

export interface RestoreOptions {
  /** A directory that {@link backup} wrote. */
  readonly from: string;
  /** Where to: an absent or empty directory. */
  readonly dataDir: string;
  /** A directory that {@link backupKeys} wrote; absent = keys are put there by hand. */
  readonly keysFrom?: string;
}

/**
 * Lays out a backup as a data directory, after checking every file against the manifest. It becomes a data directory
 * only at the end. It has no high-water marks, so its ledgers refuse to sign until somebody answers for the copy.
 */
export async function restore({ from, dataDir, keysFrom }: RestoreOptions): Promise<Restored> {
  const listed = await readManifest(from);
  await makeEmpty(dataDir);
  for (const entry of listed.files) {
    await mkdir(path.dirname(path.join(dataDir, entry.path)), { recursive: true, mode: 0o700 });
    await copyDurably(path.join(from, entry.path), path.join(dataDir, entry.path));
    const { size, sha256 } = await describe(dataDir, entry.path);
    if (size !== entry.size || sha256 !== entry.sha256)
      throw new BackupError('damaged', `${entry.path} is not what the manifest says`);
  }
  const keys = keysFrom === undefined ? [] : await copyKeys(keysFrom, dataPaths(dataDir).keys);
  await writeAtomically(dataPaths(dataDir).version, `${listed.layout}\n`);
  return { ...listed, keys: keys.length };
}

async function copyKeys(from: string, to: string): Promise<readonly string[]> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  const names = (await readdir(from)).filter((name) => keyFile.test(name));
  for (const name of names) await copyDurably(path.join(from, name), path.join(to, name));
  await syncDirectoryLater(to);
  return names;
}

async function readManifest(from: string): Promise<BackupManifest> {
  let read: BackupManifest;
  try {
    read = manifest.Parse(JSON.parse(await readFile(path.join(from, manifestFile), 'utf8')));
  } catch (error) {
    throw new BackupError('not-a-backup', `${from} has no valid ${manifestFile}`, { cause: error });
  }
  if (read.layout > layoutVersion)
    throw new BackupError('newer', `the backup has layout ${read.layout}; this version knows up to ${layoutVersion}`);
  return read;
}

async function makeEmpty(dir: string): Promise<void> {
  if (existsSync(dir) && (await readdir(dir)).length > 0) throw new BackupError('not-empty', `${dir} is not empty`);
  await mkdir(dir, { recursive: true, mode: 0o700 });
}

/** Copies through the blob store, so that a damaged blob is found now and not at the restore. */
async function copyBlobs(dataDir: string, to: string, maxBlob: number): Promise<readonly string[]> {
  const source = openBlobs(dataPaths(dataDir).blobs, maxBlob);
  const target = openBlobs(dataPaths(to).blobs, maxBlob);
  const copied: string[] = [];
  for await (const hash of source.list()) {
    const content = await source.get(hash);
    // Removed since it was listed.
    if (content === undefined) continue;
    await target.put(content);
    copied.push(`blobs/${hash.slice(0, 2)}/${hash}`);
  }
  return copied;
}

async function describe(dir: string, file: string): Promise<BackupManifest['files'][number]> {
  const hash = createHash('sha256');
  let size = 0;
  await pipeline(createReadStream(path.join(dir, file)), async (parts: AsyncIterable<Buffer>) => {
    for await (const part of parts) {
      size += part.length;
      hash.update(part);
    }
  });
  const handle = await open(path.join(dir, file), 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { path: file, size, sha256: hash.digest('hex') };
}

async function copyDurably(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  const handle = await open(to, 'r+');
  try {
    await handle.chmod(0o600);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
