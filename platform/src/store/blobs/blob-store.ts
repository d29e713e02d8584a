import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { isMissing, syncDirectoryLater, temporaryName } from '../files.ts';

/** SHA-256 of the content, 64 lower-case hex digits: the only name a blob has. */
export type BlobHash = string;

/** `too-large`: over the bound, nothing was stored. `corrupt`: the content does not have its name's hash. */
export class BlobError extends Error {
  override readonly name = 'BlobError';
  readonly fault: 'too-large' | 'corrupt' | 'hash';

  constructor(fault: 'too-large' | 'corrupt' | 'hash', detail: string) {
    super(`${fault}: ${detail}`);
    this.fault = fault;
  }
}

/** Content by hash. Trusted for nothing: the hash is checked at every read. */
export interface BlobStore {
  /**
   * Stores content of at most `maxBytes`; resolves with its hash when it is durable. Putting what is there already
   * repairs it if it was damaged.
   */
  put(content: Uint8Array | AsyncIterable<Uint8Array>): Promise<BlobHash>;
  /** Undefined if there is none; rejects (`corrupt`) if its hash is not its name. */
  get(hash: BlobHash): Promise<Uint8Array | undefined>;
  has(hash: BlobHash): Promise<boolean>;
  /** Idempotent. */
  remove(hash: BlobHash): Promise<void>;
  /** Every hash there is, ascending. */
  list(): AsyncGenerator<BlobHash>;
}

const hashPattern = /^[0-9a-f]{64}$/;

/** @param maxBytes largest blob; bounds memory at read and disk at write */
export function openBlobs(dir: string, maxBytes: number): BlobStore {
  const folderOf = (hash: BlobHash): string => path.join(dir, hash.slice(0, 2));
  const fileOf = (hash: BlobHash): string => {
    if (!hashPattern.test(hash)) throw new BlobError('hash', 'not a SHA-256 in lower-case hex');
    return path.join(folderOf(hash), hash);
  };
  const get = async (hash: BlobHash): Promise<Uint8Array | undefined> => {
    const content = await readBounded(fileOf(hash), maxBytes);
    if (content !== undefined && sha256(content) !== hash) throw new BlobError('corrupt', hash);
    return content;
  };
  return {
    get,
    put: async (content) => {
      await mkdir(dir, { recursive: true, mode: 0o700 });
      const temporary = temporaryName(path.join(dir, 'incoming'));
      try {
        const hash = await writeHashed(temporary, content, maxBytes);
        await mkdir(folderOf(hash), { recursive: true, mode: 0o700 });
        await rename(temporary, fileOf(hash));
        await syncDirectoryLater(folderOf(hash));
        await syncDirectoryLater(dir);
        return hash;
      } finally {
        await rm(temporary, { force: true });
      }
    },
    has: (hash) =>
      stat(fileOf(hash)).then(
        () => true,
        (error: unknown) => {
          if (isMissing(error)) return false;
          throw error;
        },
      ),
    remove: async (hash) => {
      await rm(fileOf(hash), { force: true });
      if (await isFolder(folderOf(hash))) await syncDirectoryLater(folderOf(hash));
    },
    async *list() {
      for (const folder of (await namesIn(dir)).filter((name) => /^[0-9a-f]{2}$/.test(name)).toSorted())
        for (const file of (await namesIn(path.join(dir, folder))).toSorted()) if (hashPattern.test(file)) yield file;
    },
  };
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const isFolder = (dir: string): Promise<boolean> =>
  stat(dir).then(
    (found) => found.isDirectory(),
    () => false,
  );

async function namesIn(dir: string): Promise<readonly string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function readBounded(file: string, maxBytes: number): Promise<Uint8Array | undefined> {
  try {
    const { size } = await stat(file);
    if (size > maxBytes) throw new BlobError('too-large', path.basename(file));
    return await readFile(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function writeHashed(
  file: string,
  content: Uint8Array | AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<BlobHash> {
  const hash = createHash('sha256');
  const handle = await open(file, 'wx', 0o600);
  try {
    let size = 0;
    for await (const part of content instanceof Uint8Array ? [content] : content) {
      // The length announced outside is the sender's claim: what counts is what comes.
      size += part.length;
      if (size > maxBytes) throw new BlobError('too-large', `over ${maxBytes} bytes`);
      hash.update(part);
      await handle.writeFile(part);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}
