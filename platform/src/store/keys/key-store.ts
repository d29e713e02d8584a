import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { createAtomically, isMissing, syncDirectoryLater, writeAtomically } from '../files.ts';

export type KeyStoreFault =
  /** The file is not there. */
  | 'missing'
  /** Others may read or write the file or folder (mode), or it belongs to another user. */
  | 'open-to-others'
  /** The operating system refuses to read it. */
  | 'unreadable'
  /** It does not open under the key-encryption key: altered, of another name, or of another key-encryption key. */
  | 'tampered'
  /** Not a key name, or a key longer than {@link maxKey}. */
  | 'argument';

/** What is wrong with which file. The message names the file, never what it holds. */
export class KeyStoreError extends Error {
  override readonly name = 'KeyStoreError';
  readonly fault: KeyStoreFault;

  constructor(fault: KeyStoreFault, detail: string, options?: ErrorOptions) {
    super(`${fault}: ${detail}`, options);
    this.fault = fault;
  }
}

/** Private keys and wrapped data keys in files, each sealed under the key-encryption key. */
export interface KeyStore {
  /** Stores durably, readable again only by this name; false when a key of this name is there, which stays. */
  add(name: string, bytes: Uint8Array): Promise<boolean>;
  /** The key of this name, made at first use; who asks at the same time gets the same. */
  obtain(name: string, make: () => Uint8Array): Promise<Uint8Array>;
  /** Rejects with `KeyStoreError`: `missing`, `open-to-others`, `unreadable`, `tampered`. */
  get(name: string): Promise<Uint8Array>;
  has(name: string): Promise<boolean>;
  /** Removes a key for good (crypto-shredding); resolves when the removal is durable. Idempotent. */
  remove(name: string): Promise<void>;
  names(): Promise<readonly string[]>;
}

export interface KeyStoreOptions {
  /** Folder of the sealed keys. */
  readonly dir: string;
  /** File of the key-encryption key, 32 bytes, mode 0600; may lie outside the data directory. */
  readonly kekFile: string;
}

/** Largest key, in bytes. */
export const maxKey = 65_536;
const kekSize = 32;
const version = 1;
const ivSize = 12;
const tagSize = 16;
const ending = '.key';
const name = /^[a-z0-9](?:[a-z0-9._-]{0,126}[a-z0-9])?$/;

/** Makes the folder and the key-encryption key where they are missing: at the first start only. */
export async function createKeyStore({ dir, kekFile }: KeyStoreOptions): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const there = await readdir(dir);
  const known = await stat(kekFile).then(
    () => true,
    () => false,
  );
  if (known) return;
  // A new key over old files would make all of them unreadable for good.
  if (there.some((file) => file.endsWith(ending)))
    throw new KeyStoreError('missing', `${kekFile}, while ${dir} holds keys sealed under it`);
  await writeAtomically(kekFile, randomBytes(kekSize), 0o600);
}

/** Opens an existing key store: checks modes, reads the key-encryption key. Rejects with `KeyStoreError`. */
export async function openKeyStore({ dir, kekFile }: KeyStoreOptions): Promise<KeyStore> {
  await demandPrivate(dir);
  const kek = await readPrivate(kekFile);
  if (kek.length !== kekSize) throw new KeyStoreError('tampered', `${kekFile} is not a key of ${kekSize} bytes`);
  const fileOf = (key: string): string => path.join(dir, demandName(key) + ending);
  const add: KeyStore['add'] = async (key, bytes) => {
    const file = fileOf(key);
    if (bytes.length > maxKey) throw new KeyStoreError('argument', `${key} is over ${maxKey} bytes`);
    return createAtomically(file, seal(kek, key, bytes), 0o600);
  };
  const get: KeyStore['get'] = async (key) => {
    const file = fileOf(key);
    return unseal(kek, key, await readPrivate(file));
  };
  return {
    add,
    get,
    obtain: async (key, make) => {
      try {
        return await get(key);
      } catch (error) {
        if (!(error instanceof KeyStoreError) || error.fault !== 'missing') throw error;
      }
      await add(key, make());
      // Not what was made here: somebody else may have been first.
      return get(key);
    },
    has: (key) =>
      stat(fileOf(key)).then(
        () => true,
        (error: unknown) => {
          if (isMissing(error)) return false;
          throw new KeyStoreError('unreadable', key, { cause: error });
        },
      ),
    remove: async (key) => {
      await rm(fileOf(key), { force: true });
      await syncDirectoryLater(dir);
    },
    names: async () => {
      const files = await readdir(dir);
      return files
        .filter((file) => file.endsWith(ending))
        .map((file) => file.slice(0, -ending.length))
        .toSorted();
    },
  };
}

function demandName(key: string): string {
  if (!name.test(key) || key.includes('..')) throw new KeyStoreError('argument', 'not a key name');
  return key;
}

/** Binds the sealed bytes to their name: a file renamed by whoever can write the folder does not open. */
const associated = (key: string): Uint8Array => Buffer.from(`pactgate/key/${version}\0${key}`);

function seal(kek: Uint8Array, key: string, bytes: Uint8Array): Uint8Array {
  const iv = randomBytes(ivSize);
  const cipher = createCipheriv('aes-256-gcm', kek, iv).setAAD(associated(key));
  const sealed = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return Buffer.concat([Uint8Array.of(version), iv, sealed, cipher.getAuthTag()]);
}

function unseal(kek: Uint8Array, key: string, file: Uint8Array): Uint8Array {
  const body = 1 + ivSize;
  if (file.length < body + tagSize || file[0] !== version) throw new KeyStoreError('tampered', key);
  const tag = file.subarray(file.length - tagSize);
  const decipher = createDecipheriv('aes-256-gcm', kek, file.subarray(1, body), { authTagLength: tagSize });
  decipher.setAAD(associated(key)).setAuthTag(tag);
  try {
    const plain = Buffer.concat([decipher.update(file.subarray(body, file.length - tagSize)), decipher.final()]);
    return new Uint8Array(plain);
  } catch (error) {
    throw new KeyStoreError('tampered', key, { cause: error });
  }
}

async function demandPrivate(file: string): Promise<void> {
  const found = await stat(file).catch((error: unknown) => {
    throw new KeyStoreError(isMissing(error) ? 'missing' : 'unreadable', file, { cause: error });
  });
  judgeMode(file, found);
}

function judgeMode(file: string, { mode, uid }: { readonly mode: number; readonly uid: number }): void {
  const bits = mode & 0o777;
  if ((bits & 0o077) !== 0)
    throw new KeyStoreError('open-to-others', `${file} has mode 0${bits.toString(8)}: others may use it`);
  const own = process.getuid?.();
  if (own !== undefined && uid !== own)
    throw new KeyStoreError('open-to-others', `${file} belongs to user ${uid}, not to ${own} who runs this`);
}

/** Reads through one handle, so that what was judged is what is read. */
async function readPrivate(file: string): Promise<Uint8Array> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    throw new KeyStoreError(isMissing(error) ? 'missing' : 'unreadable', file, { cause: error });
  });
  try {
    const found = await handle.stat();
    judgeMode(file, found);
    if (found.size > maxKey + 1 + ivSize + tagSize) throw new KeyStoreError('tampered', `${file} is too large`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
