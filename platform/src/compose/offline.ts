import { existsSync } from 'node:fs';
import path from 'node:path';
import { Problem } from '@pactgate/protocol';
import type { Configuration } from '../config.ts';
import { adoptServed } from '../ledger/index.ts';
import { BackupError, backup, backupKeys, restore } from '../store/backup.ts';
import { type Base, openBase, systemClock } from './base.ts';
import { openCore } from './platform.ts';

/** Largest blob a backup takes. */
const maxBlob = 64 * 1024 * 1024;

/** What a backup says of itself. */
export interface BackupAnswer {
  readonly files: number;
  readonly bytes: number;
  readonly keys: number;
}

const isInitialised = (dataDirectory: string): boolean => existsSync(path.join(dataDirectory, 'VERSION'));

/** Throws `start/not-initialised` for a directory no platform was started on. */
export function demandInitialised(dataDirectory: string): void {
  if (!isInitialised(dataDirectory))
    throw new Problem('start/not-initialised', `${dataDirectory} holds no platform data`);
}

/** Makes keys, CAs, database and logs without opening a port; answers the root's fingerprint. */
export async function initialise(config: Configuration, dataDirectory: string): Promise<string> {
  const core = await openCore({ ...config, mqtt: { ...config.mqtt, port: 0 }, tripwire: { ports: [] } }, dataDirectory);
  const fingerprint = core.identity.authority.rootSha256();
  await core.gateway.close();
  await core.ledger.close();
  await core.base.store.close();
  core.base.dir.release();
  return fingerprint;
}

/** Backs up an open store; keys go to a directory of their own, which must not lie with the backup. */
export async function backUp(
  base: Pick<Base, 'store' | 'clock'> & { readonly dataDirectory: string },
  to: string,
  keysTo: string | undefined,
): Promise<BackupAnswer> {
  try {
    const made = await backup({ store: base.store, dataDir: base.dataDirectory, to, now: base.clock.now(), maxBlob });
    const keys = keysTo === undefined ? [] : await backupKeys(base.dataDirectory, keysTo);
    return {
      files: made.files.length,
      bytes: made.files.reduce((sum, { size }) => sum + size, 0),
      keys: keys.length,
    };
  } catch (cause) {
    throw backupProblem(cause);
  }
}

/** Backs up a directory no platform runs on. */
export async function backUpOffline(
  config: Configuration,
  dataDirectory: string,
  to: string,
  keysTo: string | undefined,
): Promise<BackupAnswer> {
  demandInitialised(dataDirectory);
  const base = await openBase(config, dataDirectory);
  try {
    return await backUp({ store: base.store, clock: systemClock, dataDirectory }, to, keysTo);
  } finally {
    await base.store.close();
    base.dir.release();
  }
}

/**
 * Somebody answers for a restored copy: nothing was served after it was made, as when a stopped platform moves. Its logs
 * may be signed again. Where more was served all the same, the first witness shows it.
 */
export async function adopt(
  config: Configuration,
  dataDirectory: string,
): Promise<readonly { readonly origin: string; readonly size: number }[]> {
  demandInitialised(dataDirectory);
  const base = await openBase(config, dataDirectory);
  try {
    return await adoptServed(base.store.ledger, base.dir.highWater);
  } finally {
    await base.store.close();
    base.dir.release();
  }
}

/** Lays a backup out as a new data directory. Its ledgers refuse to sign until {@link adopt}: that is intended. */
export async function restoreInto(
  from: string,
  dataDirectory: string,
  keysFrom: string | undefined,
): Promise<BackupAnswer> {
  try {
    const made = await restore({ from, dataDir: dataDirectory, ...(keysFrom === undefined ? {} : { keysFrom }) });
    return { files: made.files.length, bytes: made.files.reduce((sum, { size }) => sum + size, 0), keys: made.keys };
  } catch (cause) {
    throw backupProblem(cause);
  }
}

function backupProblem(cause: unknown): unknown {
  return cause instanceof BackupError ? new Problem('store/backup', cause.message, { cause }) : cause;
}
