import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/**
 * Where a device keeps what must outlive it: its identity, its counters, reports that are not acknowledged yet.
 *
 * `write` and `remove` are atomic (a reader sees the old text or the new one, never half) and durable when they
 * resolve. Names are `[a-z0-9.-]{1,64}`. One process at a time; calls of one process may overlap.
 */
export interface DeviceStore {
  read(name: string): Promise<string | undefined>;
  write(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Names that begin with `prefix`, ascending. */
  list(prefix: string): Promise<readonly string[]>;
}

/** A store that forgets with the process: for simulators and tests. */
export function memoryStore(): DeviceStore {
  const texts = new Map<string, string>();
  return {
    read: (name) => Promise.resolve(texts.get(name)),
    write: (name, text) => {
      texts.set(name, text);
      return Promise.resolve();
    },
    remove: (name) => {
      texts.delete(name);
      return Promise.resolve();
    },
    list: (prefix) => Promise.resolve([...texts.keys()].filter((name) => name.startsWith(prefix)).toSorted()),
  };
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes a file so that it is either the old or the new one, also after a power cut: temporary file of mode 0600 in
 * the same directory, fsync, rename, fsync of the directory.
 */
export async function writeAtomically(file: string, data: string | Uint8Array): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
  await syncDirectory(path.dirname(file));
}

const nameForm = /^[a-z0-9.-]{1,64}$/;
const isMissing = (cause: unknown): boolean => cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';

/** Text of a file; `undefined` when there is none. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw cause;
  }
}

/** A store of files in one directory (mode 0700, files 0600), made when it is not there. */
export async function directoryStore(directory: string): Promise<DeviceStore> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const fileOf = (name: string): string => {
    if (!nameForm.test(name) || name.startsWith('.')) throw new RangeError(`not a name of the store: ${name}`);
    return path.join(directory, name);
  };
  return {
    read: (name) => readIfThere(fileOf(name)),
    write: (name, text) => writeAtomically(fileOf(name), text),
    remove: async (name) => {
      await rm(fileOf(name), { force: true });
      await syncDirectory(directory);
    },
    list: async (prefix) => {
      const found = await readdir(directory);
      return found.filter((name) => name.startsWith(prefix) && !name.endsWith('.tmp')).toSorted();
    },
  };
}
