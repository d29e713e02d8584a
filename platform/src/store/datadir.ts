import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { HighWaterFile } from '../ledger/ports.ts';
import { isMissing, syncDirectory, writeAtomically } from './files.ts';
import { highWaterFiles } from './high-water.ts';
import { mainFile, telemetryFolder } from './open.ts';

/**
 * A data directory:
 *
 *     VERSION          number of this layout
 *     lock, lock.json  held by the running process; who that is
 *     kek              key-encryption key (0600), unless configured elsewhere
 *     keys/            private and wrapped keys, sealed under it
 *     main.db          database (SQLite)
 *     telemetry/       one database a day (SQLite)
 *     blobs/           content by hash
 *     high-water/      one mark for each log, never part of a backup
 */
export interface DataDir {
  readonly path: string;
  /** True if this call made it: the first start. */
  readonly fresh: boolean;
  readonly keys: string;
  readonly kek: string;
  readonly blobs: string;
  readonly highWater: HighWaterFile;
  /** Lets the next process in. The operating system does the same when this one dies. */
  release(): void;
}

export type DataDirFault =
  /** Another process has it open. */
  | 'in-use'
  /** A newer version of the platform wrote it. */
  | 'newer'
  /** It holds something else: nothing is put beside files that are not ours. */
  | 'not-ours'
  /** It cannot be made, read or written. */
  | 'unusable';

/** Why a data directory was not opened; the message can be shown to an operator. */
export class DataDirError extends Error {
  override readonly name = 'DataDirError';
  readonly fault: DataDirFault;

  constructor(fault: DataDirFault, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.fault = fault;
  }
}

/** Raised when the meaning of a file or folder changes. */
export const layoutVersion = 1;

const names = {
  version: 'VERSION',
  lock: 'lock',
  holder: 'lock.json',
  kek: 'kek',
  keys: 'keys',
  blobs: 'blobs',
  highWater: 'high-water',
} as const;
/** What may lie in a directory that has no VERSION yet: the first start was interrupted before writing it. */
const beforeVersion: ReadonlySet<string> = new Set([...Object.values(names), `${names.lock}-journal`]);

/** Paths without opening: for `backup`, `restore` and tests. */
export const dataPaths = (dir: string) =>
  ({
    version: path.join(dir, names.version),
    kek: path.join(dir, names.kek),
    keys: path.join(dir, names.keys),
    blobs: path.join(dir, names.blobs),
    highWater: path.join(dir, names.highWater),
    main: path.join(dir, mainFile),
    telemetry: path.join(dir, telemetryFolder),
  }) as const;

/**
 * Opens a data directory, making it at the first start, and holds it against other processes until `release` or the
 * end of the process, however it ends: the lock is the operating system's, so none is left behind by a crash. For
 * local file systems; locks over NFS are not to be trusted. Rejects with {@link DataDirError}.
 */
export async function openDataDir(dir: string): Promise<DataDir> {
  const paths = dataPaths(dir);
  const found = prepare(dir);
  const release = lock(dir);
  try {
    if (found === undefined) await writeAtomically(paths.version, `${layoutVersion}\n`);
    for (const folder of [paths.keys, paths.blobs, paths.highWater, paths.telemetry])
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    syncDirectory(dir);
  } catch (error) {
    release();
    throw new DataDirError('unusable', `${dir} cannot be written`, { cause: error });
  }
  return {
    path: dir,
    fresh: found === undefined,
    keys: paths.keys,
    kek: paths.kek,
    blobs: paths.blobs,
    highWater: highWaterFiles(paths.highWater),
    release,
  };
}

/** Layout version found; undefined for a new directory. */
function prepare(dir: string): number | undefined {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const version = readVersion(dir);
    if (version === undefined) demandEmpty(dir);
    return version;
  } catch (error) {
    if (error instanceof DataDirError) throw error;
    throw new DataDirError('unusable', `${dir} cannot be used as data directory`, { cause: error });
  }
}

function readVersion(dir: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(dataPaths(dir).version, 'utf8').trim();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  const version = /^[1-9]\d{0,5}$/.test(text) ? Number(text) : undefined;
  if (version === undefined) throw new DataDirError('not-ours', `${dir} has a ${names.version} file that is not ours`);
  if (version > layoutVersion)
    throw new DataDirError('newer', `${dir} has layout ${version}; this version knows up to ${layoutVersion}`);
  return version;
}

function demandEmpty(dir: string): void {
  const stranger = readdirSync(dir).find((file) => !beforeVersion.has(file) && !file.endsWith('.tmp'));
  if (stranger !== undefined)
    throw new DataDirError('not-ours', `${dir} is not empty (${stranger}) and is not a data directory`);
}

/**
 * Takes the lock and returns what gives it back. An exclusive SQLite transaction is a lock of the operating system,
 * which Node itself does not offer.
 */
function lock(dir: string): () => void {
  const holder = path.join(dir, names.holder);
  const db = new DatabaseSync(path.join(dir, names.lock), { timeout: 0 });
  try {
    db.exec('pragma journal_mode = off; begin exclusive;');
  } catch (error) {
    db.close();
    if (!(error instanceof Error && 'errcode' in error && error.errcode === 5))
      throw new DataDirError('unusable', `${dir} cannot be locked`, { cause: error });
    throw new DataDirError('in-use', `${dir} is in use by ${describeHolder(holder)}`);
  }
  writeFileSync(holder, `${JSON.stringify({ pid: process.pid })}\n`, { mode: 0o600 });
  let held = true;
  return () => {
    if (held) db.close();
    held = false;
  };
}

/** For the message only: who wrote the note, perhaps moments ago. */
function describeHolder(file: string): string {
  try {
    const pid = /"pid":(\d{1,10})/.exec(readFileSync(file, 'utf8'))?.[1];
    return pid === undefined ? 'another process' : `process ${pid}`;
  } catch (error) {
    if (isMissing(error)) return 'another process';
    throw error;
  }
}
