import type { StoreError } from '../errors.ts';
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
  const writer = new WorkerClient<WriterOperations>({
    name: 'database writer',
    entry: new URL('./writer-worker.ts', import.meta.url),
    data,
    slow: ['catchUp'],
    onDeath,
  });
  await writer.call('query', { sql: 'select 1', parameters: [] });
  const reader = new WorkerClient<ReaderOperations>({
    name: 'database reader',
    entry: new URL('./reader-worker.ts', import.meta.url),
    data,
    slow: ['backup'],
    onDeath,
  });
  try {
    await reader.call('query', { sql: 'select 1', parameters: [] });
  } catch (error) {
    await writer.close();
    throw error;
  }
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
