import { closeSync, fsyncSync, openSync } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** Makes names created, renamed or removed in a directory survive a power cut. */
export function syncDirectory(dir: string): void {
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

export async function syncDirectoryLater(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

let counter = 0;
/** A name no other writer of this process or of an earlier one uses at the same time. */
export const temporaryName = (file: string): string => `${file}.${process.pid}.${++counter}.tmp`;

/** Writes and fsyncs a temporary file beside `file`, then `place` gives it its name; it is gone when that fails. */
async function written<T>(
  file: string,
  bytes: Uint8Array | string,
  { mode, place }: { readonly mode: number; readonly place: (temporary: string) => Promise<T> },
): Promise<T> {
  const temporary = temporaryName(file);
  try {
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    return await place(temporary);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Writes a file so that a crash at any moment leaves the old content or the new one, never a part: temporary file,
 * fsync, rename, fsync of the directory.
 */
export async function writeAtomically(file: string, bytes: Uint8Array | string, mode = 0o600): Promise<void> {
  await written(file, bytes, { mode, place: (temporary) => rename(temporary, file) });
  await syncDirectoryLater(path.dirname(file));
}

/** The same for a file that must not be there yet: of several writers one answers true, the others change nothing. */
export async function createAtomically(file: string, bytes: Uint8Array | string, mode = 0o600): Promise<boolean> {
  const place = async (temporary: string): Promise<boolean> => {
    const first = await link(temporary, file).then(
      () => true,
      (error: unknown) => {
        if (isThere(error)) return false;
        throw error;
      },
    );
    await rm(temporary);
    return first;
  };
  const first = await written(file, bytes, { mode, place });
  // The other writer's file may not be durable yet either.
  await syncDirectoryLater(path.dirname(file));
  return first;
}

/** Whether a failure of the file system is that the file is not there. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

const isThere = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST';
