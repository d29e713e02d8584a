import type { Instant } from '../kernel/time.ts';
import type { Transact } from '../kernel/transact.ts';
import type { NewRecord } from '../parties/record.ts';
import type { SessionRow, SessionStore } from './ports.ts';
import type { Recorder } from './recorder.ts';

/** The end of a connection. */
export interface SessionEnd {
  readonly conn: string;
  readonly at: Instant;
  readonly reason: string;
  readonly received: number;
  readonly sent: number;
}

/**
 * Openings and ends of sessions, written in batches: what is opened while a commit runs shares the next one. An
 * opening is durable, record included, before its CONNACK; an end follows when it can.
 */
export interface SessionBook {
  /** Resolves when row and record are durable. */
  open(session: SessionRow, records: readonly NewRecord[]): Promise<void>;
  close(end: SessionEnd, record: NewRecord): void;
  /** Resolves when everything told before the call is durable. */
  flush(): Promise<void>;
}

export interface SessionBookParts<Tx> {
  readonly store: Pick<SessionStore<Tx>, 'open' | 'close'>;
  readonly recorder: Recorder<Tx>;
  readonly transact: Transact<Tx>;
  readonly failed: (error: unknown) => void;
}

interface Batch {
  readonly opened: SessionRow[];
  readonly ended: SessionEnd[];
  readonly records: NewRecord[];
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

function newBatch(): Batch {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  promise.catch(() => undefined); // an end that nobody waits for must not end the process; `failed` is told
  return { opened: [], ended: [], records: [], done: promise, resolve, reject };
}

export function makeSessionBook<Tx>(parts: SessionBookParts<Tx>): SessionBook {
  let batch = newBatch();
  let running: Promise<void> | undefined;

  const write = async ({ opened, ended, records }: Batch): Promise<void> =>
    parts.transact(async (tx) => {
      await parts.store.open(tx, opened);
      await parts.store.close(tx, ended);
      await parts.recorder.recordIn(tx, records);
    });
  const drain = async (): Promise<void> => {
    while (batch.records.length > 0) {
      const current = batch;
      batch = newBatch();
      try {
        await write(current);
        current.resolve();
      } catch (error) {
        current.reject(error);
        parts.failed(error);
      }
    }
    running = undefined;
  };
  const wake = (): Promise<void> => {
    const { done } = batch;
    // What comes in the same turn of the event loop shares the transaction.
    running ??= Promise.resolve().then(drain);
    return done;
  };
  return {
    open: (session, records) => {
      batch.opened.push(session);
      batch.records.push(...records);
      return wake();
    },
    close: (end, record) => {
      batch.ended.push(end);
      batch.records.push(record);
      void wake();
    },
    flush: () => running ?? Promise.resolve(),
  };
}
