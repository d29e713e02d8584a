import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Problem, type ProblemCode } from '@pactgate/protocol';
import pino, { type Logger } from 'pino';
import type { Configuration } from '../config.ts';
import type { Bus } from '../kernel/bus.ts';
import type { RandomBytes } from '../kernel/ids.ts';
import { type Clock, instant } from '../kernel/time.ts';
import { memoryBus } from '../store/bus/memory.ts';
import { type DataDir, DataDirError, type DataDirFault, openDataDir } from '../store/datadir.ts';
import { StoreError } from '../store/db/errors.ts';
import { NewerDatabase } from '../store/db/migrate.ts';
import { createKeyStore, type KeyStore, KeyStoreError, openKeyStore } from '../store/keys/key-store.ts';
import { openStore, type Store, type StoreConfig } from '../store/open.ts';
import { demandFirstKeys } from './first-keys.ts';

/** What everything else stands on: data directory, keys, database, bus, clock, log. */
export interface Base {
  readonly config: Configuration;
  readonly dir: DataDir;
  readonly keys: KeyStore;
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Logger;
  /** An error that has no caller: logged, never swallowed. */
  readonly failed: (error: unknown) => void;
}

export const systemClock: Clock = { now: () => instant(Date.now()) };
const random: RandomBytes = (n) => new Uint8Array(randomBytes(n));

/** Start-up errors in the words of `docs/problems.md`; anything else is a bug and passes. */
export function startProblem(error: unknown): unknown {
  if (error instanceof DataDirError) return new Problem(directoryCodes[error.fault], error.message, { cause: error });
  if (error instanceof NewerDatabase) return new Problem('start/data-newer', error.message, { cause: error });
  if (error instanceof KeyStoreError) return new Problem('start/keys-unreadable', error.message, { cause: error });
  if (error instanceof StoreError)
    return new Problem(error.kind === 'disk-full' ? 'store/full' : 'start/database', error.message, { cause: error });
  return error;
}

const directoryCodes: Readonly<Record<DataDirFault, ProblemCode>> = {
  'in-use': 'start/data-locked',
  newer: 'start/data-newer',
  'not-ours': 'start/data-unusable',
  unusable: 'start/data-unusable',
};

function databaseOf(config: Configuration, dir: string): StoreConfig {
  const now = systemClock.now();
  if (config.database.url === '') return { kind: 'sqlite', dir, now };
  try {
    return { kind: 'postgres', postgres: { url: readFileSync(config.database.url, 'utf8').trim() }, now };
  } catch (cause) {
    throw new Problem('start/config-invalid', `database.url: ${config.database.url} cannot be read`, { cause });
  }
}

/** Opens the base in `dataDirectory`, making it at the first start. Throws `Problem` with a `start/*` code. */
export async function openBase(config: Configuration, dataDirectory: string): Promise<Base> {
  const log = pino(
    { level: config.log.level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination(2),
  );
  const failed = (error: unknown): void => log.error({ err: error }, 'failed');
  try {
    const dir = await openDataDir(dataDirectory);
    try {
      const options = { dir: dir.keys, kekFile: dir.kek };
      await createKeyStore(options);
      const keys = await openKeyStore(options);
      const store = await openStore(databaseOf(config, dataDirectory));
      await demandFirstKeys(keys, random, (await store.ledger.logs()).length === 0);
      return { config, dir, keys, store, bus: memoryBus(failed), clock: systemClock, random, log, failed };
    } catch (error) {
      dir.release();
      throw error;
    }
  } catch (error) {
    throw startProblem(error);
  }
}
