import { SqliteError, StoreError, storeErrorKind } from '../errors.ts';
import { WorkerClient } from './client.ts';
import type { SqliteAccess } from './driver.ts';
import type { SqlQuery } from './messages.ts';
import type { ReaderData, ReaderOperations, WriterData, WriterOperations } from './operations.ts';
import { Turn } from './turn.ts';

export interface SqliteFiles {
  /** Main database file; created if absent. */
  readonly file: string;
  /** Existing folder of the telemetry day files. */
  readonly telemetryDir: string;
}

/** The two workers of one data directory. */
export interface SqliteWorkers extends SqliteAccess {
  readonly writer: WorkerClient<WriterOperations>;
  readonly reader: WorkerClient<ReaderOperations>;
  /** Ends both after what is under way; the WAL is emptied into the file. */
  readonly close: () => Promise<void>;
}

/**
 * Starts the writing worker, then the reading one (which needs the file to exist).
 *
 * @param onDeath a worker ended by itself: everything that waited has been rejected, the process must end
 */
export async function openWorkers(files: SqliteFiles, onDeath: (error: StoreError) => void): Promise<SqliteWorkers> {
  const data: WriterData & ReaderData = files;
  // Until both are open a failure is the answer to this call, and only that.
  let open = false;
  const onWorkerDeath = (error: StoreError): void => {
    if (open) onDeath(error);
  };
  const writer = new WorkerClient<WriterOperations>({
    name: 'database writer',
    entry: new URL('./writer-worker.ts', import.meta.url),
    data,
    slow: ['catchUp'],
    onDeath: onWorkerDeath,
  });
  await firstAnswer(writer.call('query', touch), files.file);
  const reader = new WorkerClient<ReaderOperations>({
    name: 'database reader',
    entry: new URL('./reader-worker.ts', import.meta.url),
    data,
    slow: ['backup'],
    onDeath: onWorkerDeath,
  });
  try {
    await firstAnswer(reader.call('query', touch), files.file);
  } catch (error) {
    await writer.close();
    throw error;
  }
  open = true;
  const turn = new Turn();
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    // The turn comes when no transaction is open; whoever asks for it later finds the writer closed.
    const done = await turn.take();
    await reader.close();
    await writer.close();
    done();
  };
  return {
    writer,
    reader,
    turn,
    read: (query: SqlQuery) => reader.call('query', query),
    write: (query: SqlQuery) => writer.call('query', query),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** Reads the file, where `select 1` would not. */
const touch: SqlQuery = { sql: 'select count(*) from sqlite_master', parameters: [] };

/** A worker that could not open its files has died of it: the reason is the cause. */
async function firstAnswer(answer: Promise<object>, file: string): Promise<void> {
  try {
    await answer;
  } catch (error) {
    const cause = error instanceof StoreError ? error.cause : undefined;
    const code = cause instanceof Error && 'errcode' in cause ? cause.errcode : undefined;
    const known = typeof code === 'number' ? storeErrorKind(new SqliteError('', code)) : undefined;
    throw new StoreError(known ?? 'dead', `${file} cannot be opened`, { cause: error });
  }
}
