import type { Instant } from '../../kernel/time.ts';

/** What a number of {@link TelemetryStore.ref} stands for. */
export type RefKind = 'device' | 'channel' | 'field';

/**
 * One telemetry message. The store chooses no identity a seal could name: the AAD of `sealed` names the row by
 * device, channel, `at` and `received`, all of which are here before sealing, and the day by `received`.
 */
export interface Sample {
  /** {@link TelemetryStore.ref} of the device, 1 to 2^32-1. */
  readonly device: number;
  /** The same of the channel. */
  readonly channel: number;
  /** The device's own time, kept as told however far it is off. */
  readonly at: Instant;
  /** Receipt by the platform's clock; its UTC day decides the day file, and retention counts from it. */
  readonly received: Instant;
  /** CBOR of the declared clear fields, at most {@link maxBody} bytes. Copied by `append`: the buffer may be reused. */
  readonly body: Uint8Array;
  /** Sealed group (at most {@link maxBody}); absent if the manifest has no sealed field. */
  readonly sealed?: Uint8Array;
  /** References of the clear numeric fields that get roll-ups, at most 255; `values` holds the value of each. */
  readonly fields?: readonly number[];
  /** Finite numbers, as many as `fields`. */
  readonly values?: readonly number[];
}

export interface StoredSample {
  readonly device: number;
  readonly channel: number;
  readonly at: Instant;
  readonly received: Instant;
  readonly body: Uint8Array;
  readonly sealed?: Uint8Array;
}

export interface SampleQuery {
  readonly device: number;
  readonly channel: number;
  /** By device time, inclusive. */
  readonly from: Instant;
  /** Exclusive. */
  readonly to: Instant;
  /** 1 to {@link maxRange}. */
  readonly limit: number;
  /** By (`at`, `received`). */
  readonly order: 'ascending' | 'descending';
}

export type RollupStep = '5min' | '1h';

export interface RollupQuery {
  readonly device: number;
  readonly channel: number;
  readonly field: number;
  readonly step: RollupStep;
  /** By device time, inclusive; rounded down to the step. */
  readonly from: Instant;
  /** Exclusive. At most {@link maxBuckets} steps after `from`. */
  readonly to: Instant;
}

/** Numbers of one field over one step of device time. */
export interface Bucket {
  readonly start: Instant;
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  /** Value of the latest `at`. */
  readonly last: number;
}

/** UTC day of receipt, `2026-11-22`. */
export type Day = string;

export const maxBody = 65_536;
export const maxRange = 10_000;
export const maxBuckets = 20_000;
/**
 * Telemetry at rest (data protection, section 12): one row per message, one file or partition per UTC day of receipt.
 *
 * - Durability: `append` resolves after fsync of everything it was given. Samples of calls made while a commit runs
 *   share the next commit (group commit) and its fate: they are stored together or rejected together. Nothing is
 *   stored twice by the store itself; a caller that repeats a rejected append may store a sample twice.
 * - Order: rows of one device are stored in the order of the calls.
 * - Bounds: samples wait in at most 64 MiB; `append` then rejects with a `StoreError` of kind `busy` at once, having
 *   taken nothing of the call. Wrong references, lengths or numbers are a `RangeError`, also before anything is taken.
 * - Roll-ups and the index by device are built behind the acknowledgement. Reads are right at any time: what is not
 *   yet indexed is searched row by row, only slower.
 * - Rejections: `StoreError` kinds `busy`, `disk-full`, `timeout`, `connection` may be tried again with a bound.
 */
export interface TelemetryStore {
  /** Calls in one turn of the event loop share one promise: check by `await`, never by counting promises. */
  append(samples: readonly Sample[]): Promise<void>;
  /**
   * Number of a device, channel or field, allocated durably at first use and never given to another. `scope` is the
   * party for devices, the model for channels and fields; both texts at most 256 characters. Cached (bounded).
   */
  ref(kind: RefKind, scope: string, name: string): Promise<number>;
  range(query: SampleQuery): Promise<readonly StoredSample[]>;
  /** Buckets that have values, by start. */
  rollups(query: RollupQuery): Promise<readonly Bucket[]>;
  /** Newest received sample of each channel of the device, within the newest 32 days that have any data. */
  latest(device: number): Promise<readonly StoredSample[]>;
  /** Rows durably stored now. */
  count(): Promise<number>;
  /** Days that have rows, oldest first. */
  days(): Promise<readonly Day[]>;
  /** Removes a day with its roll-ups (retention). A day that does not exist: no effect. Later rows make the day anew. */
  deleteDay(day: Day): Promise<void>;
  /** Resolves when index and roll-ups cover every row stored before the call: for exports, benchmarks, tests. */
  catchUp(): Promise<void>;
}
