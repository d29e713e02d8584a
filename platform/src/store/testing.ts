import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe } from 'node:test';
import { instant } from '../kernel/time.ts';
import type { DatabaseKind } from './db/columns.ts';
import { openStore, type Store, type StoreConfig } from './open.ts';

/** For live tests: the same body on SQLite files and on a private PostgreSQL. */

const now = instant('2026-03-01T00:00:00Z');

/** Opens stores for one test body; all of them are closed and removed when the file's tests are over. */
export interface TestDatabase {
  readonly kind: DatabaseKind;
  /** A fresh, empty, migrated store: its own directory or its own PostgreSQL schema. */
  readonly open: () => Promise<Store>;
  /** The configuration of a fresh place, for tests that open it more than once. */
  readonly config: () => Promise<StoreConfig>;
}

/**
 * Declares the tests of `body` once for each database, under "name (sqlite)" and "name (postgres)". PostgreSQL is
 * started once per test file. If it is not installed the tests fail and say how to install it: nothing is skipped.
 */
export function eachDatabase(name: string, body: (database: TestDatabase) => void): void {
  describe(`${name} (sqlite)`, () => {
    const cleanup = cleaner();
    const config = async (): Promise<StoreConfig> => ({ kind: 'sqlite', dir: cleanup.directory(), now });
    body({ kind: 'sqlite', config, open: async () => cleanup.store(await openStore(await config())) });
  });
  describe(`${name} (postgres)`, () => {
    const cleanup = cleaner();
    const config = newSchema;
    body({ kind: 'postgres', config, open: async () => cleanup.store(await openStore(await config())) });
  });
}

let schemas = 0;
let shared: Promise<PostgresServer> | undefined;
/** One server for all tests of a file, stopped when they are over. */
function sharedServer(): Promise<PostgresServer> {
  shared ??= startPostgres();
  return shared;
}
async function newSchema(): Promise<StoreConfig> {
  const server = await sharedServer();
  const schema = `t${++schemas}`;
  server.sql(`create schema ${schema}`);
  return { kind: 'postgres', postgres: { url: server.url, schema, connections: 5 }, now };
}
after(async () => {
  if (shared) await (await shared).stop();
});

interface Cleaner {
  readonly directory: () => string;
  readonly store: (store: Store) => Store;
}

/** Closes stores and removes directories after the tests of the current `describe`. */
function cleaner(): Cleaner {
  const stores: Store[] = [];
  const directories: string[] = [];
  after(async () => {
    for (const store of stores) await store.close();
    for (const dir of directories) rmSync(dir, { recursive: true, force: true });
  });
  return {
    directory: () => {
      const dir = mkdtempSync(path.join(tmpdir(), 'pactgate-store-'));
      directories.push(dir);
      return dir;
    },
    store: (store) => {
      stores.push(store);
      return store;
    },
  };
}

export interface PostgresServer {
  /** Connection string over its private socket. */
  readonly url: string;
  /** Runs SQL by `psql` as its superuser; throws what it says on failure. */
  readonly sql: (text: string) => void;
  readonly stop: () => Promise<void>;
}

const installation = `printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d && \
apt-get update && apt-get install -y --no-install-recommends postgresql`;
const oldest = 15;
const startLimit = 20_000;

/** Folder of the newest PostgreSQL server on this machine; throws with the command that installs one. */
function binaries(): string {
  const found = globSync('/usr/lib/postgresql/*/bin/postgres')
    .map((file) => path.dirname(file))
    .toSorted((a, b) => versionOf(a) - versionOf(b))
    .at(-1);
  if (found === undefined || versionOf(found) < oldest)
    throw new Error(`these tests need the PostgreSQL ${oldest} server; as root: ${installation}`);
  return found;
}
const versionOf = (dir: string): number => Number(path.basename(path.dirname(dir)));

/** PostgreSQL refuses to run as root: then it runs as user postgres, and ends with this process. */
function command(
  program: string,
  args: readonly string[],
): { readonly file: string; readonly args: readonly string[] } {
  if (process.getuid?.() !== 0) return { file: program, args };
  const drop = ['--reuid=postgres', '--regid=postgres', '--clear-groups', '--pdeathsig=INT'];
  return { file: 'setpriv', args: [...drop, program, ...args] };
}

function run(program: string, args: readonly string[], input?: string): void {
  const { file, args: all } = command(program, args);
  const done = spawnSync(file, all, {
    encoding: 'utf8',
    cwd: '/',
    timeout: 60_000,
    ...(input === undefined ? {} : { input }),
  });
  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error(`${path.basename(program)} failed: ${done.stderr}`);
}

/** Starts a private server on a socket in a temporary directory, without TCP, with its defaults for durability. */
export async function startPostgres(): Promise<PostgresServer> {
  const bin = binaries();
  const dir = mkdtempSync(path.join(tmpdir(), 'pactgate-pg-'));
  if (process.getuid?.() === 0) {
    const owner = spawnSync('id', ['-u', 'postgres'], { encoding: 'utf8' });
    chownSync(dir, Number(owner.stdout), -1);
  }
  const data = path.join(dir, 'data');
  run(path.join(bin, 'initdb'), ['-D', data, '-U', 'pactgate', '-A', 'trust', '--locale=C', '--encoding=UTF8', '-N']);
  const settings = ['-c', 'listen_addresses=', '-c', 'shared_buffers=64MB', '-c', 'max_connections=40'];
  const { file, args } = command(path.join(bin, 'postgres'), ['-D', data, '-k', dir, ...settings]);
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: '/' });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-4_000);
  });
  await started(child, path.join(dir, '.s.PGSQL.5432'), () => log);
  const psql = ['-h', dir, '-U', 'pactgate', '-d', 'postgres', '-v', 'ON_ERROR_STOP=1', '-q', '-f', '-'];
  return {
    url: `postgres:///postgres?host=${dir}&user=pactgate`,
    sql: (text) => run(path.join(bin, 'psql'), psql, text),
    stop: async () => {
      await ended(child, 'SIGINT');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function started(child: ChildProcess, socket: string, log: () => string): Promise<void> {
  const until = Date.now() + startLimit;
  while (!log().includes('ready to accept connections') || !existsSync(socket)) {
    if (child.exitCode !== null || Date.now() > until) throw new Error(`PostgreSQL did not start: ${log()}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  child.kill(signal);
  await over;
}
