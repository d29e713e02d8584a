import type { Bucket, RollupQuery, SampleQuery, StoredSample } from '../../../duties/data/index.ts';
import type { OutboxColumns } from '../outbox-row.ts';
import type { NumberedAppend } from './ledger-bulk.ts';
import type { SqlQuery, SqlReply } from './messages.ts';

/** What the writing worker does. A `type`, so that it is assignable to the index signature of `Operations`. */
export type WriterOperations = {
  readonly query: { readonly request: SqlQuery; readonly reply: SqlReply };
  readonly enqueue: {
    readonly request: { readonly rows: readonly OutboxColumns[] };
    readonly reply: { readonly seqs: readonly number[] };
  };
  readonly appendEntries: {
    readonly request: NumberedAppend;
    readonly reply: { readonly result: 'appended' | 'conflict' };
  };
  /** Empties the WAL into the file, so that deleted bytes are gone. False if a reader was in the way. */
  readonly truncateWal: { readonly request: object; readonly reply: { readonly truncated: boolean } };
  /** The buffer comes back in `transfer` for the next batch. */
  readonly telemetry: {
    readonly request: { readonly buffer: ArrayBuffer; readonly length: number; readonly count: number };
    readonly reply: { readonly transfer: ArrayBuffer };
  };
  readonly removeDay: { readonly request: { readonly day: string }; readonly reply: object };
  readonly catchUp: { readonly request: object; readonly reply: object };
};
export interface WriterData {
  readonly file: string;
  readonly telemetryDir: string;
}

/** What the reading worker does. */
export type ReaderOperations = {
  readonly query: { readonly request: SqlQuery; readonly reply: SqlReply };
  readonly range: { readonly request: SampleQuery; readonly reply: { readonly samples: readonly StoredSample[] } };
  readonly rollups: { readonly request: RollupQuery; readonly reply: { readonly buckets: readonly Bucket[] } };
  readonly latest: {
    readonly request: { readonly device: number };
    readonly reply: { readonly samples: readonly StoredSample[] };
  };
  readonly count: { readonly request: object; readonly reply: { readonly rows: number } };
  readonly days: { readonly request: object; readonly reply: { readonly days: readonly string[] } };
  /** Closes the connection to a day that is being removed. */
  readonly forgetDay: { readonly request: { readonly day: string }; readonly reply: object };
  /** Copies the main file, or a day's, as it is at this moment; resolves when the copy is on disk. */
  readonly backup: { readonly request: { readonly source: string; readonly target: string }; readonly reply: object };
};
export interface ReaderData {
  readonly file: string;
  readonly telemetryDir: string;
}
