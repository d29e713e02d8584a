import type { Instant } from '../kernel/time.ts';

/** Which of the three kinds of log (design "Logs and pipeline"): one per agreement, A's own, and the one over all. */
export type LogKind = 'agreement' | 'platform' | 'master';

/** One shard of a log. `id` is ours and opaque (36-character UUIDv7); peers name a log by its origin. */
export interface LogEntry {
  readonly id: string;
  /** Prefix without scheme, `<host>/logs/<agreement>/<shard>`; unique. */
  readonly origin: string;
  readonly kind: LogKind;
  /** Present exactly for kind `agreement`. */
  readonly agreement?: string;
  /** Verifier key of the log, one per log and shard (signed-note form). */
  readonly vkey: string;
  readonly created: Instant;
  /** Present once the shard takes no more entries. */
  readonly closed?: Instant;
}

/** What a source wants recorded; the store adds the sequence number. */
export interface OutboxRow {
  /** Record id, UUIDv7; unique over outbox and entries of all logs together with `log`. */
  readonly id: string;
  /** {@link LogEntry.id}. */
  readonly log: string;
  /** Who saw the event, such as `gw-1`; at most 64 characters, no colon. */
  readonly source: string;
  /** Kind of the catalogue, such as `session.reject`. */
  readonly kind: string;
  /** Sub-duties the record is evidence for. */
  readonly duties: readonly string[];
  readonly outcome: string;
  /** Events covered, at least 1. */
  readonly n: number;
  /** Aggregates: base64url root of the archived segment. */
  readonly m?: string;
  /** Event time as the source saw it. */
  readonly time: Instant;
  /** Leaf field `q`; usually empty. */
  readonly flags: readonly string[];
  /** 32 fresh random bytes of the commitment. */
  readonly salt: Uint8Array;
  /** The body, RFC 8785 JSON text. */
  readonly body: string;
  /** SD-JWT disclosures (base64url), apart from the body so that each can be erased. Absent = none. */
  readonly disclosures?: readonly string[];
}

/** An outbox row as the sequencer takes it. */
export interface QueuedRow extends OutboxRow {
  /** Position in the outbox; names the row in {@link Append}. Not part of any record. */
  readonly pos: number;
  /** Gap-free number of (source, log), from 1. */
  readonly seq: number;
}

/** Committed state of a log. `edge` is the sequencer's own encoding (right edge, running maximum of time ...). */
export interface Head {
  readonly size: number;
  /** Empty for a log without entries. At most 16 KiB. */
  readonly edge: Uint8Array;
}

/** One batch of the sequencer: outbox row `pos` becomes entry `expectedSize + position in the list`. */
export interface Append {
  readonly log: string;
  readonly expectedSize: number;
  /** `expectedSize + entries.length`. */
  readonly newSize: number;
  /** In log order, at most {@link maxBatch}. The record (body, salt, disclosures) moves over from the outbox row. */
  readonly entries: readonly { readonly pos: number; readonly leaf: Uint8Array }[];
  /** Hashes this batch completes, per tile: they follow the `from` hashes that the tile has already. */
  readonly tiles: readonly TileGrowth[];
  readonly edge: Uint8Array;
}
export interface TileGrowth {
  readonly level: number;
  readonly index: number;
  /** Hashes the tile has before, 0 to 255. */
  readonly from: number;
  /** Whole hashes of 32 bytes; `from` + their number is at most 256. */
  readonly hashes: Uint8Array;
}

/** A sequenced record as it is kept; `body` and `salt` are absent once retention has removed them. */
export interface LedgerRecord {
  readonly index: number;
  readonly id: string;
  readonly kind: string;
  /** Event time as the source saw it. */
  readonly time: Instant;
  readonly leaf: Uint8Array;
  readonly salt?: Uint8Array;
  readonly body?: string;
  /** Those that are left; erased ones are gone from here while their digest stays in the body. */
  readonly disclosures: readonly string[];
}

export interface StoredCheckpoint {
  readonly size: number;
  /** The signed note, verbatim. */
  readonly note: string;
}

/** One cosignature line over the checkpoint of `size`. */
export interface Cosignature {
  readonly size: number;
  /** Name and key id as in the line, `name+keyid`: one line is kept for each size and cosigner. */
  readonly cosigner: string;
  /** The signature line, verbatim, without newline. */
  readonly line: string;
  /** Time inside the cosignature, seconds since 1970. */
  readonly time: number;
}

/** Largest {@link Append} and largest page of the list methods. */
export const maxBatch = 4_096;

/**
 * Storage of outbox, logs, entries, tiles and checkpoints. Contract, the same on SQLite and PostgreSQL:
 *
 * - A method that writes resolves only after the write is durable (SQLite `synchronous=FULL`, PostgreSQL
 *   `synchronous_commit=on`), except {@link LedgerStore.enqueue}, which is durable when the caller's transaction
 *   commits. It is all or nothing: after a rejection either nothing is there, or (connection lost during commit)
 *   everything; the compare-and-swap methods then answer `conflict` when called again.
 * - Reads see every write that has resolved before they were called.
 * - Methods may be called concurrently. One log should have one sequencer; a second one loses by `conflict`, never forks.
 * - Nothing retries inside. Rejections: `StoreError` of `store/db/errors.ts` (kinds `busy`, `disk-full`, `timeout`,
 *   `connection` may be tried again with a bound; `dead` never), `RangeError` for arguments past the documented bounds.
 * - `Tx` is the store's own transaction handle and opaque to the ledger.
 */
export interface LedgerStore<Tx> {
  /** Registers a shard of size 0. Refuses (kind `duplicate-key`) an id or origin that exists. */
  addLog(log: LogEntry): Promise<void>;
  /** All shards, oldest first; bounded by the number of agreements and years. */
  logs(): Promise<readonly LogEntry[]>;
  /** Ends a shard: `appendEntries` answers `conflict` from then on. Idempotent; the first time given stays. */
  closeLog(log: string, at: Instant): Promise<void>;

  /**
   * Puts rows into the outbox inside the caller's transaction and returns their sequence numbers, in the order of
   * `rows`. Numbers of one (source, log) are gap-free over committed transactions, and their order is the order in
   * which {@link LedgerStore.takeOutbox} gives them back. Concurrent transactions of one (source, log) wait for each
   * other. Unknown log: rejects (foreign key). At most {@link maxBatch} rows.
   */
  enqueue(tx: Tx, rows: readonly OutboxRow[]): Promise<readonly number[]>;
  /**
   * The same in a transaction of its own, for events without a business change. Calls made while a commit runs share
   * the next one (group commit), so one is as cheap as many; they succeed or fail together.
   */
  enqueueAlone(rows: readonly OutboxRow[]): Promise<readonly number[]>;
  /** Oldest rows of the log, at most `limit` (up to {@link maxBatch}), per source in order of `seq`. Removes nothing. */
  takeOutbox(log: string, limit: number): Promise<readonly QueuedRow[]>;
  /** Logs that have rows in the outbox: what a sequencer wakes for after a start. */
  logsWaiting(): Promise<readonly string[]>;
  /** Last number given to (source, log), 0 if none: what `source.start` quotes. */
  lastSequence(source: string, log: string): Promise<number>;

  /**
   * Moves outbox rows into the log in one transaction: entries, tile growth, edge and size together. `conflict`, and
   * nothing changed, if the size is not `expectedSize`, the log is closed, a row is no longer in the outbox (another
   * sequencer took it) or a tile has not `from` hashes.
   */
  appendEntries(append: Append): Promise<'appended' | 'conflict'>;
  /** Undefined for an unknown log. */
  head(log: string): Promise<Head | undefined>;

  /**
   * Stores a signed checkpoint if the newest one has size `previousSize` (undefined: none yet). A checkpoint of the same size
   * replaces it, a smaller one or one past the committed head is a `conflict`. Serve it only after this resolved. Of those without
   * cosignature the newest {@link keptCheckpoints} are kept.
   */
  storeCheckpoint(
    log: string,
    checkpoint: StoredCheckpoint,
    previousSize: number | undefined,
  ): Promise<'stored' | 'conflict'>;
  /** The newest one; undefined if there is none. */
  checkpoint(log: string): Promise<StoredCheckpoint | undefined>;
  /** The one of exactly this size, as long as it is kept. */
  checkpointAt(log: string, size: number): Promise<StoredCheckpoint | undefined>;
  /**
   * Newest checkpoint that carries a cosignature: source of the leaf field `b`. With a {@link Cosignature.cosigner}:
   * the newest that this one has cosigned; with `below`, the newest of those smaller than so many entries.
   */
  newestCosigned(log: string, cosigner?: string, below?: number): Promise<StoredCheckpoint | undefined>;

  /** Leaves `[from, to)` in order, at most {@link maxBatch}; shorter where the log ends. */
  entries(log: string, from: number, to: number): Promise<readonly Uint8Array[]>;
  /**
   * The first `width` (1 to 256) hashes of a tile, `width * 32` bytes; undefined if the tile does not have so many.
   * Covers sequenced entries: whether a checkpoint covers them is for the caller to know.
   */
  tile(log: string, level: number, index: number, width: number): Promise<Uint8Array | undefined>;
  record(log: string, index: number): Promise<LedgerRecord | undefined>;
  /** Records `[from, from + limit)` in order, shorter where the log ends; `limit` up to {@link maxBatch}. */
  records(log: string, from: number, limit: number): Promise<readonly LedgerRecord[]>;
  /** Records of any of `kinds` (1 to 64) with index >= `from`, ascending, at most `limit` (up to {@link maxBatch}). */
  recordsOfKinds(log: string, kinds: readonly string[], from: number, limit: number): Promise<readonly LedgerRecord[]>;
  /** The newest records of a kind with index < `before`, descending, at most `limit` (up to {@link maxBatch}). */
  newestOfKind(log: string, kind: string, before: number, limit: number): Promise<readonly LedgerRecord[]>;

  /**
   * Keeps a cosignature line; the caller has verified it. A line of the same cosigner and size is replaced only by a
   * later `time`. `unknown-size`: no checkpoint of this size is kept.
   */
  addCosignature(log: string, cosignature: Cosignature): Promise<'added' | 'unknown-size'>;
  /** Lines over the checkpoint of `size`, by cosigner name. */
  cosignatures(log: string, size: number): Promise<readonly Cosignature[]>;

  /**
   * Deletes the disclosure whose digest (base64url SHA-256 of its ASCII) is given, with its salt. `absent` if the
   * record has none such (erased before: idempotent). On SQLite its bytes are gone from file and WAL when this
   * resolves with `erased`; with `erased-later` a reader still held the WAL and the next checkpoint removes them. On
   * PostgreSQL always `erased-later`: vacuum and the WAL archive decide.
   */
  eraseDisclosure(log: string, index: number, digest: string): Promise<'erased' | 'erased-later' | 'absent'>;
}

/** Checkpoints without cosignature that are kept: about 17 minutes at one a second, time for a witness to come back. */
export const keptCheckpoints = 1_024;

/** What the platform has served, outside the database and its backups: a database behind it is an old copy. */
export interface HighWater {
  readonly size: number;
  /** Base64 root of that size. */
  readonly root: string;
}

/**
 * One small file per log. `write` resolves after fsync of file and directory: call it before serving the checkpoint.
 * A mark below the recorded one is refused (`RangeError`): recovery opens a new shard instead.
 */
export interface HighWaterFile {
  read(log: string): Promise<HighWater | undefined>;
  write(log: string, mark: HighWater): Promise<void>;
}
